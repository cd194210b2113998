-- How evenly a group's requests are dealt out: 1 where accounts take turns like round robin, a half where
-- each request goes to an account at random, less where an account works in bursts.
--
-- reads:   requests, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, evenness_of_dispatch DOUBLE
-- params:  n_accounts BIGINT = 300   accounts of each group that are followed: some stand for all
--          n_gaps BIGINT = 5         gaps between an account's requests below which it is left out
--
-- Between two requests of an account lie so many of the others': 1 / (1 + variance / mean²) of that gap, the
-- median over the accounts. Gaps at random have a variance of their mean squared.
with followed as (
    select
        group_id,
        account
    from portrait_groups
    qualify row_number() over (partition by group_id order by md5(account::VARCHAR)) <= $n_accounts
),

numbered as (
    select
        followed.group_id,
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
        account,
        turn - lag(turn) over (partition by group_id, account order by turn) as gap
    from numbered
),

evenness as (
    select
        group_id,
        account,
        avg(gap) * avg(gap) / (avg(gap) * avg(gap) + var_pop(gap)) as evenness
    from gaps
    where gap is not null
    group by group_id, account
    having count(*) >= $n_gaps
)

select
    group_id,
    median(evenness)::DOUBLE as evenness_of_dispatch
from evenness
group by group_id
order by group_id
