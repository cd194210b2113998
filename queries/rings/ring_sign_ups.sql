-- Within how many days a group signed up, and over how many countries, plans and organisations it is spread.
--
-- reads:   accounts, log_accounts, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, sign_up_span_days DOUBLE, n_countries DOUBLE, n_plans DOUBLE,
--          share_one_country DOUBLE, share_one_organisation DOUBLE,
--          share_large_organisations DOUBLE
-- needs:   accounts.account_id       without this column the query is off
--
-- The days that hold the middle eight tenths of the sign-ups. The share of one country is of the accounts whose
-- country is known, null where those are fewer than half; those of organisations are of all accounts of the group
-- that the table of accounts holds: an account without an organisation belongs to none. A large one has a quarter
-- of them or more.
with known as (
    select
        portrait_groups.group_id,
        log_accounts.created_at,
        log_accounts.country,
        log_accounts.plan,
        log_accounts.org_id,
        row_number() over (
            partition by portrait_groups.group_id, log_accounts.created_at is null
            order by log_accounts.created_at, portrait_groups.account
        ) as rank
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    inner join log_accounts on accounts.account_id = log_accounts.account_id
),

sizes as (
    select
        group_id,
        count(*) as n_accounts,
        count(created_at) as n_dated,
        count(distinct country) as n_countries,
        count(country) as n_placed,
        count(distinct plan) as n_plans
    from known
    group by group_id
),

spans as (
    select
        known.group_id,
        (epoch(max(known.created_at)) - epoch(min(known.created_at)))::DOUBLE / 86400 as sign_up_span_days
    from known
    inner join sizes on known.group_id = sizes.group_id
    where
        known.created_at is not null
        and known.rank > 0.1 * sizes.n_dated
        and known.rank <= ceil(0.9 * sizes.n_dated)
    group by known.group_id
),

largest_country as (
    select
        group_id,
        max(n_accounts) as n_accounts
    from (
        select
            group_id,
            country,
            count(*) as n_accounts
        from known
        where country is not null
        group by group_id, country
    ) as by_country
    group by group_id
),

organisations as (
    select
        group_id,
        org_id,
        count(*) as n_accounts
    from known
    where org_id is not null
    group by group_id, org_id
),

declared as (
    select
        organisations.group_id,
        max(organisations.n_accounts) as n_largest,
        sum(
            case when organisations.n_accounts >= 0.25 * sizes.n_accounts then organisations.n_accounts else 0 end
        ) as n_large
    from organisations
    inner join sizes on organisations.group_id = sizes.group_id
    group by organisations.group_id
)

select
    sizes.group_id,
    spans.sign_up_span_days,
    nullif(sizes.n_countries, 0)::DOUBLE as n_countries,
    nullif(sizes.n_plans, 0)::DOUBLE as n_plans,
    (case when 2 * sizes.n_placed >= sizes.n_accounts then largest_country.n_accounts / sizes.n_placed end)::DOUBLE
        as share_one_country,
    (declared.n_largest / sizes.n_accounts)::DOUBLE as share_one_organisation,
    (declared.n_large / sizes.n_accounts)::DOUBLE as share_large_organisations
from sizes
left join spans on sizes.group_id = spans.group_id
left join largest_country on sizes.group_id = largest_country.group_id
left join declared on sizes.group_id = declared.group_id
order by sizes.group_id
