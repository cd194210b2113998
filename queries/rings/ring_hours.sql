-- Requests an hour of every account that is looked at: members of rings and the customers beside them.
--
-- reads:   requests, portrait_groups
-- grain:   account, hour_at
-- columns: account INTEGER, hour_at TIMESTAMP, n_requests BIGINT
with looked_at as (select distinct account from portrait_groups)

select
    requests.account,
    date_trunc('hour', requests.ts) as hour_at,
    count(*) as n_requests
from requests
inner join looked_at on requests.account = looked_at.account
group by requests.account, date_trunc('hour', requests.ts)
