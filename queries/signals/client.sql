-- Which account named which client: the program and version of a request's user agent.
--
-- reads:   requests
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  context
-- needs:   user_agent                without this column the query is off
--
-- A gateway or a tool fixes the client with the address or the system text, so it is no family that could agree with theirs: it is told beside the evidence and certifies nobody.
--
-- Looks like coordination but is not: users of one tool, customers of one gateway, whoever has not updated yet.
-- Source: Laperdrix et al., "Browser fingerprinting: a survey", ACM Transactions on the Web 14 (2020).
select
    account,
    user_agent as entity,
    count(*) as n,
    min(place) as place,
    min(ts) as first_at,
    max(ts) as last_at
from requests
where user_agent is not null
group by account, user_agent
