-- The prompts of the sampled requests, cut at so many characters, and whole every prompt of a ring that may
-- hold a marked string.
--
-- reads:   accounts, log_requests, portrait_groups, ring_sample
-- grain:
-- columns: group_id INTEGER, account_id VARCHAR, ts TIMESTAMP, is_sampled BOOLEAN, is_marked BOOLEAN,
--          prompt VARCHAR
-- params:  n_characters BIGINT = 4000  of each prompt
--          mark VARCHAR = ''           what all marked strings begin with; empty: there are none
-- needs:   prompt                    without this column the query is off
--
-- This is the one time that prompts are read after the first.
with watched as (
    select
        portrait_groups.group_id,
        portrait_groups.kind,
        accounts.account_id
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    where portrait_groups.kind in ('ring', 'ordinary')
),

numbered as (
    select
        watched.group_id,
        log_requests.account_id,
        log_requests.ts,
        log_requests.prompt,
        watched.kind = 'ring' and $mark <> '' and contains(log_requests.prompt, $mark) as is_marked,
        coalesce(ring_sample.n_requests, 0) as n_sampled,
        row_number() over (
            partition by watched.group_id, log_requests.account_id, log_requests.ts
            order by log_requests.prompt
        ) as place
    from log_requests
    inner join watched on log_requests.account_id = watched.account_id
    left join ring_sample
        on
            watched.group_id = ring_sample.group_id
            and log_requests.account_id = ring_sample.account_id
            and log_requests.ts = ring_sample.ts
    where
        log_requests.prompt is not null
        and (
            ring_sample.n_requests is not null
            or (watched.kind = 'ring' and $mark <> '' and contains(log_requests.prompt, $mark))
        )
)

select
    group_id,
    account_id,
    ts,
    place <= n_sampled as is_sampled,
    is_marked,
    case when is_marked then prompt else substring(prompt, 1, $n_characters) end as prompt
from numbered
where place <= n_sampled or is_marked
order by group_id, account_id, ts, prompt
