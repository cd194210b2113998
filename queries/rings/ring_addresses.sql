-- From how many addresses a group works, and how they are shared and scattered.
--
-- reads:   requests, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, addresses_per_account DOUBLE, accounts_per_address DOUBLE, subnets DOUBLE,
--          share_top_address DOUBLE
-- needs:   ip                        without this column the query is off
--
-- Addresses an account: the median. Accounts an address: the mean, over the group's own accounts. A subnet
-- is the /24 of an IPv4 address, the /48 of an IPv6 one.
with seen as (
    select
        portrait_groups.group_id,
        requests.account,
        requests.ip,
        count(*) as n_requests
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where requests.ip is not null
    group by portrait_groups.group_id, requests.account, requests.ip
),

by_account as (
    select
        group_id,
        median(n_addresses)::DOUBLE as addresses_per_account
    from (select
        group_id,
        account,
        count(*) as n_addresses
    from seen
    group by group_id, account) as counted
    group by group_id
),

by_address as (
    select
        group_id,
        ip,
        case
            when ip like '%:%'
                then concat_ws(
                    ':', split_part(ip, ':', 1),
                    coalesce(nullif(split_part(replace(ip, '::/64', ''), ':', 2), ''), '0'),
                    coalesce(nullif(split_part(replace(ip, '::/64', ''), ':', 3), ''), '0')
                )
            else concat_ws('.', split_part(ip, '.', 1), split_part(ip, '.', 2), split_part(ip, '.', 3))
        end as subnet,
        count(*) as n_accounts,
        sum(n_requests) as n_requests
    from seen
    group by group_id, ip
)

select
    by_address.group_id,
    max(by_account.addresses_per_account) as addresses_per_account,
    avg(by_address.n_accounts)::DOUBLE as accounts_per_address,
    count(distinct by_address.subnet)::DOUBLE as subnets,
    (max(by_address.n_requests) / sum(by_address.n_requests))::DOUBLE as share_top_address
from by_address
inner join by_account on by_address.group_id = by_account.group_id
group by by_address.group_id
order by by_address.group_id
