-- A few lines of what each account wrote, for its language.
--
-- reads:   requests
-- grain:   account
-- columns: account INTEGER, excerpt VARCHAR
-- params:  n_excerpts BIGINT = 8     requests an account that are looked at
--
-- Which requests these are is the account's random order, so that no hour and no template decides.
with ranked as (
    select
        account,
        excerpt,
        row_number() over (partition by account order by place) as rank
    from requests
    where excerpt is not null
)

select
    account,
    string_agg(excerpt, ' ' order by rank) as excerpt
from ranked
where rank <= $n_excerpts
group by account
order by account
