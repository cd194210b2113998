-- Which account was active in which five minutes, in an hour in which it seldom is.
--
-- reads:   accounts, requests
-- grain:   account, entity
-- columns: account INTEGER, entity BIGINT, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- params:  window_s BIGINT = 300     length of a window in seconds
--          seldom DOUBLE = 0.34      share of its active days on which an account may use that hour of the day
-- family:  prompt
--
-- An account's first days are left out: who signed up on one day also began on one. One event fixes text and time together, so a window is no family of its own: it says what the prompts say, again.
--
-- Looks like coordination but is not: an exam, an outage that ends, the hour after a link went round.
-- Source: Cao et al., "Uncovering large groups of active malicious accounts", CCS 2014 (SynchroTrap).
with placed as (
    select
        account,
        place,
        ts,
        floor(epoch(ts) / $window_s)::BIGINT as entity,
        floor(epoch(ts) / 86400)::BIGINT as day_number,
        extract(hour from ts) as hour_of_day
    from requests
),

days as (
    select
        account,
        count(distinct day_number) as n_days
    from placed
    group by account
),

hours as (
    select
        account,
        hour_of_day,
        count(distinct day_number) as n_days
    from placed
    group by account, hour_of_day
)

select
    placed.account,
    placed.entity,
    count(*) as n,
    min(placed.place) as place,
    min(placed.ts) as first_at,
    max(placed.ts) as last_at
from placed
inner join accounts on placed.account = accounts.account
inner join days on placed.account = days.account
inner join hours on placed.account = hours.account and placed.hour_of_day = hours.hour_of_day
where
    placed.ts >= accounts.first_at + interval 2 day
    and hours.n_days <= 1 + $seldom * (days.n_days - 1)
group by placed.account, placed.entity
