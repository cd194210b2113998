-- The prompts of the sampled requests, cut at so many characters.
--
-- reads:   log_requests, ring_sample
-- grain:
-- columns: group_id INTEGER, account_id VARCHAR, ts TIMESTAMP, prompt VARCHAR
-- params:  n_characters BIGINT = 4000  of each prompt
-- needs:   prompt                    without this column the query is off
select
    ring_sample.group_id,
    ring_sample.account_id,
    ring_sample.ts,
    substring(log_requests.prompt, 1, $n_characters) as prompt
from log_requests
inner join ring_sample
    on
        log_requests.account_id = ring_sample.account_id
        and log_requests.ts = ring_sample.ts
where log_requests.prompt is not null
qualify
    row_number() over (
        partition by ring_sample.group_id, ring_sample.account_id, ring_sample.ts
        order by log_requests.prompt
    ) <= ring_sample.n_requests
order by ring_sample.group_id, ring_sample.account_id, ring_sample.ts, prompt
