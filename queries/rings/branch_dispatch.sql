-- How the work of a group is dealt out to each of its branches, among the requests of all of them.
--
-- reads:   requests, group_branches
-- grain:   group_id, branch
-- columns: group_id INTEGER, branch INTEGER, evenness_of_dispatch DOUBLE, share_in_step DOUBLE, share_by_chance DOUBLE
-- params:  n_accounts BIGINT = 12    accounts of each branch that are followed: some stand for all
--          n_gaps BIGINT = 5         gaps between an account's requests below which its evenness is left out
--
-- Evenness is as in `ring_dispatch`: 1 where an account takes turns with all others, a half where requests go to accounts
-- at random, less where it works in bursts of its own. In step are requests in whose minute another branch asks too. By
-- chance the others' requests of an hour lie at each minute of it as often as all requests do at that minute of any
-- other, since schedules that know nothing of one another start on the hour.
with followed as (
    select
        group_id,
        branch,
        account
    from group_branches
    qualify row_number() over (partition by group_id, branch order by md5(account::VARCHAR)) <= $n_accounts
),

numbered as (
    select
        followed.group_id,
        followed.branch,
        requests.account,
        floor(epoch(requests.ts) / 60)::BIGINT as minute,
        floor(epoch(requests.ts) / 3600)::BIGINT as hour,
        row_number()
            over (partition by followed.group_id order by requests.ts, requests.place, requests.account)
            as turn
    from followed
    inner join requests on followed.account = requests.account
),

beside as (
    select
        group_id,
        branch,
        account,
        turn - lag(turn) over (partition by group_id, account order by turn) as gap,
        count(*) over (partition by group_id, minute)
        - count(*) over (partition by group_id, branch, minute) as n_in_minute,
        count(*) over (partition by group_id, hour)
        - count(*) over (partition by group_id, branch, hour) as n_in_hour,
        count(*) over (partition by group_id, minute % 60) as n_at_minute,
        count(*) over (partition by group_id) as n_in_group
    from numbered
),

accounts_told as (
    select
        group_id,
        branch,
        account,
        -- Mean² / (mean² + variance), of whole numbers: fractions would hang on the order of rows.
        pow(sum(gap), 2) / (count(gap) * sum(gap * gap)) as evenness,
        count(gap) as n_gaps
    from beside
    group by group_id, branch, account
),

dealt as (
    select
        group_id,
        branch,
        median(evenness)::DOUBLE as evenness_of_dispatch
    from accounts_told
    where n_gaps >= $n_gaps
    group by group_id, branch
),

stepped as (
    select
        group_id,
        branch,
        avg((n_in_minute > 0)::INTEGER)::DOUBLE as share_in_step,
        -- 1 - 1 / e^n, where n are expected, in whole millionths.
        avg(floor(1e6 * (1 - pow(2.718281828459045, -n_in_hour * n_at_minute / n_in_group)))::BIGINT)::DOUBLE / 1e6
            as share_by_chance
    from beside
    group by group_id, branch
)

select
    stepped.group_id,
    stepped.branch,
    dealt.evenness_of_dispatch,
    stepped.share_in_step,
    stepped.share_by_chance
from stepped
left join dealt on stepped.group_id = dealt.group_id and stepped.branch = dealt.branch
order by stepped.group_id, stepped.branch
