-- How many models a group uses, and how much of its traffic goes to a new model within a day of its first
-- use.
--
-- reads:   requests, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, models DOUBLE, share_moved_24h DOUBLE
-- params:  min_share DOUBLE = 0.01   of the log's requests since its first use: less is no release
--          min_requests BIGINT = 100  requests of a group in that day below which nothing is said
-- needs:   model                     without this column the query is off
--
-- A model is new where its first use lies a day or more after the log's first request. Models of less than a
-- hundredth of the group's own requests are not counted. Of several new models the one that drew most.
-- Looks like coordination but is not: everyone tries a new model on its first day.
with log_span as (
    select
        min(ts) as first_at,
        max(ts) as last_at
    from requests
),

first_uses as (
    select
        model,
        min(ts) as first_at,
        count(*) as n_requests
    from requests
    where model is not null
    group by model
),

released as (
    select
        first_uses.model,
        first_uses.first_at
    from first_uses
    cross join log_span
    inner join requests on first_uses.first_at <= requests.ts
    where
        first_uses.first_at >= log_span.first_at + interval 1 day
        and first_uses.first_at + interval 1 day <= log_span.last_at
    group by first_uses.model, first_uses.first_at, first_uses.n_requests
    having first_uses.n_requests >= $min_share * count(*)
),

mix as (
    select
        portrait_groups.group_id,
        requests.model,
        count(*) as n_requests
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where requests.model is not null
    group by portrait_groups.group_id, requests.model
),

used as (
    select
        group_id,
        count(*)::DOUBLE as models
    from (
        select
            group_id,
            n_requests >= 0.01 * sum(n_requests) over (partition by group_id) as is_used
        from mix
    ) as marked
    where is_used
    group by group_id
),

moves as (
    select
        portrait_groups.group_id,
        released.model,
        avg(case when requests.model = released.model then 1.0 else 0.0 end) as share_moved
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    inner join released
        on
            requests.ts >= released.first_at
            and requests.ts < released.first_at + interval 1 day
    group by portrait_groups.group_id, released.model
    having count(*) >= $min_requests
),

most as (
    select
        group_id,
        max(share_moved)::DOUBLE as share_moved_24h
    from moves
    group by group_id
)

select
    used.group_id,
    used.models,
    most.share_moved_24h
from used
left join most on used.group_id = most.group_id
order by used.group_id
