-- Which account sent a system text or tool schema with which run of words.
--
-- reads:   requests, systems
-- grain:   account, entity
-- columns: account INTEGER, entity BIGINT, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  prompt
-- needs:   system                    without this column the query is off
--
-- Looks like coordination but is not: users of one tool, whose client sends its system text with every request.
-- Source: Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
with sent as (
    select
        account,
        system_key,
        count(*) as n,
        min(place) as place,
        min(ts) as first_at,
        max(ts) as last_at
    from requests
    where system_key is not null
    group by account, system_key
),

pieces as (
    select distinct
        system_key,
        unnest(fragments) as entity
    from systems
)

select
    sent.account,
    pieces.entity,
    sum(sent.n)::BIGINT as n,
    min(sent.place) as place,
    min(sent.first_at) as first_at,
    max(sent.last_at) as last_at
from sent
inner join pieces on sent.system_key = pieces.system_key
group by sent.account, pieces.entity
