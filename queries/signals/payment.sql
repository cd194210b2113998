-- Which account paid with which card or other means.
--
-- reads:   accounts, log_payments
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  payment
-- needs:   payments.payment_fingerprint  without this column the query is off
--
-- Looks like coordination but is not: a family, a company or an agency that pays for its people with one card.
-- Source: Splink, "Term frequency adjustments", for the weight of a rare value.
select
    accounts.account,
    log_payments.payment_fingerprint as entity,
    count(*) as n,
    null::BIGINT as place,
    min(log_payments.ts) as first_at,
    max(log_payments.ts) as last_at
from log_payments
inner join accounts on log_payments.account_id = accounts.account_id
where log_payments.payment_fingerprint is not null
group by accounts.account, log_payments.payment_fingerprint
