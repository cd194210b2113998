-- How much each group asks, and how evenly its accounts share the work.
--
-- reads:   ring_hours, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, requests_per_account DOUBLE, requests_per_day DOUBLE,
--          active_days_per_account DOUBLE, evenness_of_work DOUBLE, share_of_all_requests DOUBLE,
--          span_days DOUBLE, share_busiest_day DOUBLE
-- params:  n_log_requests BIGINT     requests of the whole log
--
-- Medians over the accounts, except for the last four. Evenness is one less Gini's coefficient: 1 where
-- every account sends as much. `requests_per_day` counts only days on which the account sent anything.
-- Source: Gini, "Variabilità e mutabilità", 1912.
with days as (
    select
        portrait_groups.group_id,
        portrait_groups.account,
        date_trunc('day', ring_hours.hour_at) as day_at,
        sum(ring_hours.n_requests) as n_requests,
        min(ring_hours.hour_at) as first_hour,
        max(ring_hours.hour_at) as last_hour
    from portrait_groups
    inner join ring_hours on portrait_groups.account = ring_hours.account
    group by portrait_groups.group_id, portrait_groups.account, date_trunc('day', ring_hours.hour_at)
),

volumes as (
    select
        group_id,
        account,
        sum(n_requests) as n_requests,
        count(*) as n_days,
        min(first_hour) as first_hour,
        max(last_hour) as last_hour
    from days
    group by group_id, account
),

ranked as (
    select
        *,
        row_number() over (partition by group_id order by n_requests, account) as rank
    from volumes
),

busiest as (
    select
        group_id,
        max(n_requests) as n_requests
    from
        (select
            group_id,
            day_at,
            sum(n_requests) as n_requests
        from days
        group by group_id, day_at) as by_day
    group by group_id
)

select
    ranked.group_id,
    median(ranked.n_requests)::DOUBLE as requests_per_account,
    median(ranked.n_requests / ranked.n_days)::DOUBLE as requests_per_day,
    median(ranked.n_days)::DOUBLE as active_days_per_account,
    1
    - (
        2 * sum(ranked.rank * ranked.n_requests)::DOUBLE / (count(*) * sum(ranked.n_requests))
        - (count(*) + 1)::DOUBLE / count(*)
    )
        as evenness_of_work,
    sum(ranked.n_requests)::DOUBLE / $n_log_requests as share_of_all_requests,
    (epoch(max(ranked.last_hour)) - epoch(min(ranked.first_hour)) + 3600)::DOUBLE / 86400 as span_days,
    max(busiest.n_requests)::DOUBLE / sum(ranked.n_requests) as share_busiest_day
from ranked
inner join busiest on ranked.group_id = busiest.group_id
group by ranked.group_id
order by ranked.group_id
