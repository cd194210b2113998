-- How evenly a group's requests are dealt out to each of its branches: 1 where accounts take turns like round robin, a
-- half where each request goes to an account at random, less where an account works in bursts of its own.
--
-- reads:   requests, group_branches
-- grain:   group_id, branch
-- columns: group_id INTEGER, branch INTEGER, evenness_of_dispatch DOUBLE
-- params:  n_accounts BIGINT = 12    accounts of each branch that are followed: some stand for all
--          n_gaps BIGINT = 5         gaps between an account's requests below which it is left out
--
-- Between two requests of an account lie so many of the group's others': mean² / (mean² + variance) of that gap, the
-- median over the branch's accounts. Gaps at random have a variance of their mean squared.
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
        row_number()
            over (partition by followed.group_id order by requests.ts, requests.place, requests.account)
            as turn
    from followed
    inner join requests on followed.account = requests.account
),

gaps as (
    select
        group_id,
        branch,
        account,
        turn - lag(turn) over (partition by group_id, account order by turn) as gap
    from numbered
),

accounts_told as (
    select
        group_id,
        branch,
        account,
        -- In whole numbers: fractions would hang on the order of rows.
        pow(sum(gap), 2) / (count(gap) * sum(gap * gap)) as evenness
    from gaps
    where gap is not null
    group by group_id, branch, account
    having count(*) >= $n_gaps
)

select
    group_id,
    branch,
    median(evenness)::DOUBLE as evenness_of_dispatch
from accounts_told
group by group_id, branch
order by group_id, branch
