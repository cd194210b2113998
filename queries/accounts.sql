-- Every account that made a request, numbered in the order of its id.
--
-- reads:   log_requests
-- grain:   account
-- columns: account INTEGER, account_id VARCHAR, n_requests BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
with seen as (
    select
        account_id,
        count(*) as n_requests,
        min(ts) as first_at,
        max(ts) as last_at
    from log_requests
    group by account_id
)

select
    (row_number() over (order by account_id) - 1)::INTEGER as account,
    account_id,
    n_requests,
    first_at,
    last_at
from seen
