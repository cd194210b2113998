-- How many cards a group pays with, and how many of them serve one account alone.
--
-- reads:   accounts, log_payments, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, cards_per_account DOUBLE, share_cards_unique DOUBLE
-- needs:   payments.payment_fingerprint  without this column the query is off
--
-- Cards an account: the group's cards for each of its accounts that paid; below one where they share.
with paid as (
    select distinct
        portrait_groups.group_id,
        portrait_groups.account,
        log_payments.payment_fingerprint
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    inner join log_payments on accounts.account_id = log_payments.account_id
    where log_payments.payment_fingerprint is not null
),

cards as (
    select
        group_id,
        payment_fingerprint,
        count(*) as n_accounts
    from paid
    group by group_id, payment_fingerprint
),

payers as (
    select
        group_id,
        count(distinct account) as n_payers
    from paid
    group by group_id
)

select
    cards.group_id,
    (count(*) / max(payers.n_payers))::DOUBLE as cards_per_account,
    avg(case when cards.n_accounts = 1 then 1.0 else 0.0 end)::DOUBLE as share_cards_unique
from cards
inner join payers on cards.group_id = payers.group_id
group by cards.group_id
order by cards.group_id
