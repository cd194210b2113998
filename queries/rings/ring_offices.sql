-- Whether those who share an address live in one country, as the people of an office or a school do.
--
-- reads:   accounts, log_accounts, requests, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, share_in_address_country DOUBLE
-- needs:   ip, accounts.country      without these columns the query is off
--
-- Of the accounts on shared addresses the share in the country that most at their address are of; who is at two
-- addresses counts at each. Addresses of one account say nothing.
with seen as (
    select distinct
        portrait_groups.group_id,
        portrait_groups.account,
        requests.ip,
        log_accounts.country
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    inner join accounts on portrait_groups.account = accounts.account
    inner join log_accounts on accounts.account_id = log_accounts.account_id
    where
        requests.ip is not null
        and log_accounts.country is not null
),

homes as (
    select
        group_id,
        ip,
        country,
        count(*) as n_accounts
    from seen
    group by group_id, ip, country
),

addresses as (
    select
        group_id,
        ip,
        sum(n_accounts) as n_accounts,
        max(n_accounts) as n_at_home
    from homes
    group by group_id, ip
    having sum(n_accounts) > 1
)

select
    group_id,
    (sum(n_at_home) / sum(n_accounts))::DOUBLE as share_in_address_country
from addresses
group by group_id
order by group_id
