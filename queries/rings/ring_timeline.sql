-- Requests and accounts of each ring in each hour in which there was any.
--
-- reads:   ring_hours, portrait_groups
-- grain:   group_id, hour_at
-- columns: group_id INTEGER, hour_at TIMESTAMP, n_requests BIGINT, n_accounts BIGINT
select
    portrait_groups.group_id,
    ring_hours.hour_at,
    sum(ring_hours.n_requests)::BIGINT as n_requests,
    count(*) as n_accounts
from portrait_groups
inner join ring_hours on portrait_groups.account = ring_hours.account
where portrait_groups.kind = 'ring'
group by portrait_groups.group_id, ring_hours.hour_at
order by portrait_groups.group_id, ring_hours.hour_at
