-- Which clients a group's requests name, as shares of its requests that name any.
--
-- reads:   requests, portrait_groups
-- grain:   group_id, entry
-- columns: group_id INTEGER, entry VARCHAR, share_of_group DOUBLE
-- params:  n_labels BIGINT = 12      the most frequent ones of each ring that are kept, of customers all
-- needs:   user_agent                without this column the query is off
with counted as (
    select
        portrait_groups.group_id,
        portrait_groups.kind,
        requests.user_agent as entry,
        count(*) as n_requests
    from portrait_groups
    inner join requests on portrait_groups.account = requests.account
    where
        portrait_groups.kind in ('ring', 'ordinary')
        and requests.user_agent is not null
    group by portrait_groups.group_id, portrait_groups.kind, requests.user_agent
)

select
    group_id,
    entry,
    (n_requests / sum(n_requests) over (partition by group_id))::DOUBLE as share_of_group
from counted
qualify
    kind = 'ordinary'
    or row_number() over (partition by group_id order by n_requests desc, entry asc) <= $n_labels
order by group_id asc, share_of_group desc, entry asc
