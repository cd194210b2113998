-- How many client strings a group shows.
--
-- reads:   requests, portrait_groups
-- grain:   group_id
-- columns: group_id INTEGER, client_strings DOUBLE
-- needs:   user_agent                without this column the query is off
select
    portrait_groups.group_id,
    count(distinct requests.user_agent)::DOUBLE as client_strings
from portrait_groups
inner join requests on portrait_groups.account = requests.account
where requests.user_agent is not null
group by portrait_groups.group_id
order by portrait_groups.group_id
