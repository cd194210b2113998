-- Whether those for whom one card pays live in one country, as the people of a company or an office do.
--
-- reads:   accounts, log_accounts, log_payments, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, share_in_payers_country DOUBLE
-- needs:   accounts.country, payments.payment_fingerprint  without these columns the query is off
--
-- Of the accounts on shared cards the share in the country that most on their card are of; who pays with two cards
-- counts on each. Cards of one account say nothing.
with paid as (
    select distinct
        portrait_groups.group_id,
        portrait_groups.account,
        log_payments.payment_fingerprint,
        log_accounts.country
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    inner join log_accounts on accounts.account_id = log_accounts.account_id
    inner join log_payments on accounts.account_id = log_payments.account_id
    where
        log_payments.payment_fingerprint is not null
        and log_accounts.country is not null
),

homes as (
    select
        group_id,
        payment_fingerprint,
        country,
        count(*) as n_accounts
    from paid
    group by group_id, payment_fingerprint, country
),

cards as (
    select
        group_id,
        payment_fingerprint,
        sum(n_accounts) as n_accounts,
        max(n_accounts) as n_at_home
    from homes
    group by group_id, payment_fingerprint
    having sum(n_accounts) > 1
)

select
    group_id,
    (sum(n_at_home) / sum(n_accounts))::DOUBLE as share_in_payers_country
from cards
group by group_id
order by group_id
