-- Which countries a group's accounts have, as shares of its accounts that have one.
--
-- reads:   accounts, log_accounts, portrait_groups
-- grain:   group_id, entry
-- columns: group_id INTEGER, entry VARCHAR, share_of_group DOUBLE
-- params:  n_labels BIGINT = 12      the most frequent ones of each ring that are kept, of customers all
-- needs:   accounts.country          without this column the query is off
with counted as (
    select
        portrait_groups.group_id,
        portrait_groups.kind,
        log_accounts.country as entry,
        count(*) as n_accounts
    from portrait_groups
    inner join accounts on portrait_groups.account = accounts.account
    inner join log_accounts on accounts.account_id = log_accounts.account_id
    where
        portrait_groups.kind in ('ring', 'ordinary')
        and log_accounts.country is not null
    group by portrait_groups.group_id, portrait_groups.kind, log_accounts.country
)

select
    group_id,
    entry,
    (n_accounts / sum(n_accounts) over (partition by group_id))::DOUBLE as share_of_group
from counted
qualify
    kind = 'ordinary'
    or row_number() over (partition by group_id order by n_accounts desc, entry asc) <= $n_labels
order by group_id asc, share_of_group desc, entry asc
