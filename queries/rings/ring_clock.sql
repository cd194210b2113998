-- Whether a group sleeps: the share of its requests in its eight quietest hours on end, and the hours it
-- uses at all.
--
-- reads:   ring_hours, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, share_night_hours DOUBLE, hours_of_day_used DOUBLE
--
-- A third is a clock without a night; people of one place keep a few percent. Hours are those of UTC, but
-- the quietest eight are sought around the clock, so the group's time zone does not matter.
with by_hour as (
    select
        portrait_groups.group_id,
        extract(hour from ring_hours.hour_at) as hour_of_day,
        sum(ring_hours.n_requests)::BIGINT as n_requests
    from portrait_groups
    inner join ring_hours on portrait_groups.account = ring_hours.account
    group by portrait_groups.group_id, extract(hour from ring_hours.hour_at)
),

nights as (
    select
        by_hour.group_id,
        openings.start_hour,
        sum(
            case
                when (by_hour.hour_of_day - openings.start_hour + 24) % 24 < 8 then by_hour.n_requests
                else 0
            end
        ) as n_night,
        sum(by_hour.n_requests) as n_requests,
        count(*) as n_hours
    from by_hour
    cross join range(24) as openings (start_hour)
    group by by_hour.group_id, openings.start_hour
)

select
    group_id,
    (min(n_night) / max(n_requests))::DOUBLE as share_night_hours,
    max(n_hours)::DOUBLE as hours_of_day_used
from nights
group by group_id
order by group_id
