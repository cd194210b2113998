-- Every account that made a request, numbered in the order of its id.
--
-- reads:   log_activity
-- grain:   account
-- columns: account INTEGER, account_id VARCHAR, n_requests BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
select
    (row_number() over (order by account_id) - 1)::INTEGER as account,
    account_id,
    n_requests,
    first_at,
    last_at
from log_activity
