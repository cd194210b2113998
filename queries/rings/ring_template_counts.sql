-- How many requests and accounts of each ring fill each of its templates.
--
-- reads:   accounts, requests, portrait_groups, portrait_patterns
-- grain:   group_id, template_id
-- columns: group_id INTEGER, template_id INTEGER, n_requests DOUBLE, n_accounts BIGINT
-- params:  n_looked_at BIGINT = 64   requests of an account that are looked at, on average, each
--                                    standing for as many as there are
--
-- A request fills the template with which it shares most fragments, and at least the template's `n_needed`.
-- Counts of requests are exact for accounts with no more than `n_looked_at`, accounts are at least so many.
with looked_at as (
    select
        portrait_groups.group_id,
        requests.account,
        requests.ts,
        requests.place,
        greatest(1.0, accounts.n_requests / $n_looked_at)::DOUBLE as weight,
        requests.fragments
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    inner join requests on portrait_groups.account = requests.account
    where
        portrait_groups.kind = 'ring'
        and requests.place < pow(2, 62) * $n_looked_at / accounts.n_requests
),

pieces as (
    select
        group_id,
        account,
        ts,
        place,
        weight,
        unnest(fragments) as fragment
    from looked_at
),

matches as (
    select
        pieces.group_id,
        pieces.account,
        pieces.ts,
        pieces.place,
        portrait_patterns.template_id,
        max(pieces.weight) as weight,
        count(distinct pieces.fragment) as n_shared
    from pieces
    inner join portrait_patterns
        on
            pieces.group_id = portrait_patterns.group_id
            and pieces.fragment = portrait_patterns.fragment
    group by pieces.group_id, pieces.account, pieces.ts, pieces.place, portrait_patterns.template_id
    having count(distinct pieces.fragment) >= max(portrait_patterns.n_needed)
),

filled as (
    select *
    from matches
    qualify
        row_number() over (partition by group_id, account, ts, place order by n_shared desc, template_id asc)
        = 1
)

select
    group_id,
    template_id,
    sum(weight)::DOUBLE as n_requests,
    count(distinct account) as n_accounts
from filled
group by group_id, template_id
order by group_id, template_id
