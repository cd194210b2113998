-- Up to which place in its own random order each account's requests are seen under each cap.
--
-- reads:   requests
-- grain:   account, cap
-- columns: account INTEGER, cap TINYINT, place BIGINT
-- params:  max_cap BIGINT = 8      the largest cap, as a power of two; more requests of an account are not told apart
--
-- An account with m requests shows 2^cap of them under a cap, or the largest power of two in m where that is fewer:
-- accounts under one cap are then alike in how often they were looked at, so that heavy use says nothing.
with powers as (
    select
        r.power::TINYINT as cap,
        (1 << r.power::INTEGER)::BIGINT as n_shown
    from range(0, $max_cap + 1) as r (power)
),

ranked as (
    select
        account,
        place,
        row_number() over (partition by account order by place) as rank
    from requests
    where is_read
)

select
    ranked.account,
    powers.cap,
    ranked.place
from ranked
inner join powers on ranked.rank = powers.n_shown
