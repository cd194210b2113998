-- How many of the sampled responses of a ring come back in the prompts of another of its accounts.
--
-- reads:   accounts, requests, portrait_groups, portrait_responses
-- grain:   group_id
-- columns: group_id INTEGER, n_replayed BIGINT, share_read DOUBLE
-- params:  n_needed BIGINT = 3       fragments of a response that a prompt must hold
--
-- `share_read` is the share of the ring's requests of which the prompt was read and left fragments.
-- `portrait_responses` holds only fragments that no other sampled response has. Lists are taken apart before
-- anything is joined, as in `ring_template_counts`.
with pieces as (
    select
        account,
        ts,
        place,
        unnest(fragments) as fragment
    from requests
    where account in (
        select portrait_groups.account from portrait_groups
        where portrait_groups.kind = 'ring'
    )
),

found as (
    select
        portrait_responses.group_id,
        portrait_responses.response_id
    from pieces
    inner join portrait_responses on pieces.fragment = portrait_responses.fragment
    inner join portrait_groups
        on
            portrait_responses.group_id = portrait_groups.group_id
            and pieces.account = portrait_groups.account
    inner join accounts on pieces.account = accounts.account
    where accounts.account_id <> portrait_responses.account_id
    group by
        portrait_responses.group_id, portrait_responses.response_id, pieces.account, pieces.ts, pieces.place
    having count(distinct pieces.fragment) >= $n_needed
),

reads as (
    select
        portrait_groups.group_id,
        avg(case when requests.fragments is null then 0.0 else 1.0 end) as share_read
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where portrait_groups.kind = 'ring'
    group by portrait_groups.group_id
)

select
    found.group_id,
    count(distinct found.response_id) as n_replayed,
    max(reads.share_read)::DOUBLE as share_read
from found
inner join reads on found.group_id = reads.group_id
group by found.group_id
order by found.group_id
