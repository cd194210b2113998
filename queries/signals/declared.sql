-- Which account did what a signal declared in the settings names: a column's values, a time window, or both together.
--
-- reads:   declared_values
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- params:  window_s BIGINT = 0       length of the time window in seconds; 0: none
-- family:  declared
--
-- Looks like coordination but is not: whatever is popular, and whatever one event makes many people do at once.
-- Source: Giglietto et al., "It takes a village to manipulate the media", Information, Communication & Society 2020.
with touched as (
    select
        account,
        place,
        ts,
        case
            when $window_s = 0 then value
            else
                concat_ws(
                    ' @', value,
                    strftime(
                        make_timestamp(floor(epoch(ts) / $window_s)::BIGINT * $window_s * 1000000), '%Y-%m-%d %H:%M:%S'
                    )
                )
        end as entity
    from declared_values
)

select
    account,
    entity,
    count(*) as n,
    min(place) as place,
    min(ts) as first_at,
    max(ts) as last_at
from touched
where entity is not null
group by account, entity
