-- A few lines of what each account wrote, for its language.
--
-- reads:   requests
-- grain:   account
-- columns: account INTEGER, excerpt VARCHAR
-- params:  n_excerpts BIGINT = 8     requests an account that are looked at
--
-- Which requests these are is the account's random order, so that no hour and no template decides. Ranks are found
-- without the texts: to sort those of a heavy account takes more memory than all that is looked at.
with ranked as (
    select
        account,
        place,
        row_number() over (partition by account order by place) as rank
    from requests
    where excerpt is not null
),

shown as (
    select
        account,
        max(place) as place
    from ranked
    where rank <= $n_excerpts
    group by account
)

select
    requests.account,
    string_agg(requests.excerpt, ' ' order by requests.place, requests.excerpt) as excerpt
from requests
inner join shown on requests.account = shown.account
where
    requests.excerpt is not null
    and requests.place <= shown.place
group by requests.account
order by requests.account
