-- How many of the sampled responses of a ring come back in the prompts of another of its accounts.
--
-- reads:   accounts, requests, portrait_groups, portrait_responses
-- grain:   group_id
-- columns: group_id INTEGER, n_replayed BIGINT
-- params:  n_needed BIGINT = 3       fragments of a response that a prompt must hold
--
-- `portrait_responses` holds only fragments that no other sampled response has, and no template.
with pieces as (
    select
        portrait_groups.group_id,
        requests.account,
        requests.ts,
        requests.place,
        unnest(requests.fragments) as fragment
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where portrait_groups.kind = 'ring'
),

found as (
    select
        pieces.group_id,
        portrait_responses.response_id
    from pieces
    inner join accounts on pieces.account = accounts.account
    inner join portrait_responses
        on
            pieces.group_id = portrait_responses.group_id
            and pieces.fragment = portrait_responses.fragment
    where accounts.account_id <> portrait_responses.account_id
    group by pieces.group_id, portrait_responses.response_id, pieces.account, pieces.ts, pieces.place
    having count(distinct pieces.fragment) >= $n_needed
)

select
    group_id,
    count(distinct response_id) as n_replayed
from found
group by group_id
order by group_id
