-- Every prompt of a ring that may hold a marked string: where all of these begin alike, the prompts with that
-- beginning in them.
--
-- reads:   accounts, log_requests, portrait_groups
-- grain:
-- columns: group_id INTEGER, account_id VARCHAR, prompt VARCHAR
-- params:  mark VARCHAR              what all marked strings begin with
-- needs:   prompt                    without this column the query is off
--
-- It reads the prompts of the whole log once more, and runs only where the log has a table of marked strings:
-- in a sample the few that come back would not be seen.
select
    portrait_groups.group_id,
    log_requests.account_id,
    log_requests.prompt
from log_requests
inner join accounts on log_requests.account_id = accounts.account_id
inner join portrait_groups on accounts.account = portrait_groups.account
where
    portrait_groups.kind = 'ring'
    and contains(log_requests.prompt, $mark)
order by portrait_groups.group_id, log_requests.account_id, log_requests.prompt
