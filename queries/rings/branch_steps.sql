-- How often each branch of a group asks in one minute with another branch, and how often it would by chance.
--
-- reads:   requests, group_branches
-- grain:   group_id, branch
-- columns: group_id INTEGER, branch INTEGER, share_in_step DOUBLE, share_by_chance DOUBLE
-- params:  n_accounts BIGINT = 12    accounts of each branch that are followed: some stand for all
--
-- By chance the others' requests of an hour lie at each minute of it as often as all requests do at that minute of any
-- other, since schedules that know nothing of one another start on the hour.
with followed as (
    select
        group_id,
        branch,
        account
    from group_branches
    qualify row_number() over (partition by group_id, branch order by md5(account::VARCHAR)) <= $n_accounts
),

timed as (
    select
        followed.group_id,
        followed.branch,
        floor(epoch(requests.ts) / 60)::BIGINT as minute,
        floor(epoch(requests.ts) / 3600)::BIGINT as hour
    from followed
    inner join requests on followed.account = requests.account
),

beside as (
    select
        group_id,
        branch,
        count(*) over (partition by group_id, minute)
        - count(*) over (partition by group_id, branch, minute) as n_in_minute,
        count(*) over (partition by group_id, hour)
        - count(*) over (partition by group_id, branch, hour) as n_in_hour,
        count(*) over (partition by group_id, minute % 60) as n_at_minute,
        count(*) over (partition by group_id) as n_in_group
    from timed
)

select
    group_id,
    branch,
    avg((n_in_minute > 0)::INTEGER)::DOUBLE as share_in_step,
    -- 1 - 1 / e^n, where n are expected, in whole millionths.
    avg(floor(1e6 * (1 - pow(2.718281828459045, -n_in_hour * n_at_minute / n_in_group)))::BIGINT)::DOUBLE / 1e6
        as share_by_chance
from beside
group by group_id, branch
order by group_id, branch
