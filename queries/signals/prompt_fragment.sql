-- Which account sent which run of words: a template's fragments are shared by all who fill it.
--
-- reads:   requests
-- grain:   account, entity
-- columns: account INTEGER, entity BIGINT, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  prompt
-- needs:   prompt                    without this column the query is off
--
-- Looks like coordination but is not: public templates, popular openings, an assignment of a class, a viral text.
-- Source: Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
with pieces as (
    select
        account,
        place,
        ts,
        unnest(fragments) as entity
    from requests
)

select
    account,
    entity,
    count(*) as n,
    min(place) as place,
    min(ts) as first_at,
    max(ts) as last_at
from pieces
group by account, entity
