-- How many requests and accounts of each ring fill each of its templates.
--
-- reads:   ring_looked_at, portrait_groups, portrait_patterns
-- grain:   group_id, template_id
-- columns: group_id INTEGER, template_id INTEGER, n_requests DOUBLE, n_accounts BIGINT
--
-- A request fills the template with which it shares most fragments, and at least the template's `n_needed`.
-- Counts of requests are exact where all are looked at, accounts are at least so many.
-- Lists are taken apart before anything is joined: DuckDB 2.0 fails now and then where a joined column passes
-- through UNNEST into another join.
with pieces as (
    select
        account,
        ts,
        place,
        weight,
        unnest(fragments) as fragment
    from ring_looked_at
),

matches as (
    select
        portrait_patterns.group_id,
        portrait_patterns.template_id,
        pieces.account,
        pieces.ts,
        pieces.place,
        max(pieces.weight) as weight,
        count(distinct pieces.fragment) as n_shared
    from pieces
    inner join portrait_patterns on pieces.fragment = portrait_patterns.fragment
    inner join portrait_groups
        on
            portrait_patterns.group_id = portrait_groups.group_id
            and pieces.account = portrait_groups.account
    group by
        portrait_patterns.group_id, portrait_patterns.template_id, pieces.account, pieces.ts, pieces.place
    having count(distinct pieces.fragment) >= max(portrait_patterns.n_needed)
),

filled as (
    select *
    from matches
    qualify
        row_number() over (
            partition by group_id, account, ts, place
            order by n_shared desc, template_id asc
        ) = 1
)

select
    group_id,
    template_id,
    sum(weight)::DOUBLE as n_requests,
    count(distinct account) as n_accounts
from filled
group by group_id, template_id
order by group_id, template_id
