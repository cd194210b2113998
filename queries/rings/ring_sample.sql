-- The requests of which the text is read: of each ring the first in the random order of places, of each
-- customer beside them one.
--
-- reads:   accounts, requests, portrait_groups
-- grain:   group_id, account_id, ts
-- columns: group_id INTEGER, account_id VARCHAR, ts TIMESTAMP, n_requests BIGINT
-- params:  n_sample BIGINT = 2000    requests of each ring
--
-- `n_requests` are those of the account at that very moment that belong to the sample.
with sizes as (
    select
        portrait_groups.group_id,
        sum(accounts.n_requests) as n_requests
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    where portrait_groups.kind = 'ring'
    group by portrait_groups.group_id
),

-- Places are even in 0 … 2^62: twice as many as wanted are taken before any are sorted.
near as (
    select
        portrait_groups.group_id,
        requests.account,
        requests.ts,
        requests.place
    from portrait_groups
    inner join sizes on portrait_groups.group_id = sizes.group_id
    inner join requests on portrait_groups.account = requests.account
    where
        portrait_groups.kind = 'ring'
        and requests.place < pow(2, 62) * (2 * $n_sample) / sizes.n_requests
),

first_of_rings as (
    select
        group_id,
        account,
        ts
    from near
    qualify row_number() over (partition by group_id order by place, account, ts) <= $n_sample
),

first_of_customers as (
    select
        portrait_groups.group_id,
        requests.account,
        requests.ts
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where portrait_groups.kind = 'ordinary'
    qualify row_number() over (partition by requests.account order by requests.place, requests.ts) = 1
),

chosen as (
    select * from first_of_rings
    union all
    select * from first_of_customers
)

select
    chosen.group_id,
    accounts.account_id,
    chosen.ts,
    count(*) as n_requests
from chosen
inner join accounts on chosen.account = accounts.account
group by chosen.group_id, accounts.account_id, chosen.ts
