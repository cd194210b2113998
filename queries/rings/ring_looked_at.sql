-- The requests of every ring's accounts in which templates are looked for: of a heavy account a part, in the
-- random order of places.
--
-- reads:   accounts, requests, portrait_groups
-- grain:
-- columns: account INTEGER, ts TIMESTAMP, place BIGINT, weight DOUBLE, fragments BIGINT[]
-- params:  n_looked_at BIGINT = 64   requests of an account, on average
--
-- Each stands for `weight` requests, itself among them.
select
    requests.account,
    requests.ts,
    requests.place,
    greatest(1.0, accounts.n_requests / $n_looked_at)::DOUBLE as weight,
    requests.fragments
from requests
inner join accounts on requests.account = accounts.account
where
    requests.place < pow(2, 62) * $n_looked_at / accounts.n_requests
    and requests.fragments is not null
    and requests.account in (
        select portrait_groups.account from portrait_groups
        where portrait_groups.kind = 'ring'
    )
