-- One prompt for each wanted fragment, to tell the fragment in words.
--
-- reads:   accounts, log_requests, requests, wanted_accounts, wanted_fragments
-- grain:
-- columns: prompt VARCHAR
-- needs:   prompt                    without this column the query is off
with held as (
    select
        account,
        ts,
        place,
        unnest(fragments) as fragment
    from requests
    where account in (select account from wanted_accounts)
),

first_places as (
    select
        held.fragment,
        min(held.place) as place
    from held
    where held.fragment in (select fragment from wanted_fragments)
    group by held.fragment
),

chosen as (
    select distinct
        accounts.account_id,
        requests.ts
    from requests
    inner join first_places on requests.place = first_places.place
    inner join accounts on requests.account = accounts.account
)

select distinct log_requests.prompt
from log_requests
inner join chosen
    on
        log_requests.account_id = chosen.account_id
        and log_requests.ts = chosen.ts
where log_requests.prompt is not null
order by log_requests.prompt
