-- The responses of the sampled requests, cut at so many characters.
--
-- reads:   log_requests, ring_sample
-- grain:
-- columns: group_id INTEGER, account_id VARCHAR, ts TIMESTAMP, response VARCHAR
-- params:  n_characters BIGINT = 4000  of each response
-- needs:   response                  without this column the query is off
select
    ring_sample.group_id,
    ring_sample.account_id,
    ring_sample.ts,
    substring(log_requests.response, 1, $n_characters) as response
from log_requests
inner join ring_sample
    on
        log_requests.account_id = ring_sample.account_id
        and log_requests.ts = ring_sample.ts
where log_requests.response is not null
qualify
    row_number() over (
        partition by ring_sample.group_id, ring_sample.account_id, ring_sample.ts
        order by log_requests.response
    ) <= ring_sample.n_requests
order by ring_sample.group_id, ring_sample.account_id, ring_sample.ts, response
