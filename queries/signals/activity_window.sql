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

used as (
    select distinct
        account,
        day_number,
        hour_of_day
    from placed
),

days as (
    select
        account,
        count(*) as n_days
    from (
        select distinct
            account,
            day_number
        from used
    ) as active
    group by account
),

hours as (
    select
        account,
        hour_of_day,
        count(*) as n_days
    from used
    group by account, hour_of_day
),

seldom as (
    select
        hours.account,
        hours.hour_of_day,
        accounts.first_at + interval 2 day as known_at
    from hours
    inner join days on hours.account = days.account
    inner join accounts on hours.account = accounts.account
    where hours.n_days <= 1 + $seldom * (days.n_days - 1)
)

select
    placed.account,
    placed.entity,
    count(*) as n,
    min(placed.place) as place,
    min(placed.ts) as first_at,
    max(placed.ts) as last_at
from placed
inner join seldom on placed.account = seldom.account and placed.hour_of_day = seldom.hour_of_day
where placed.ts >= seldom.known_at
group by placed.account, placed.entity
