-- Which account sent which prompt, where the log keeps only its hash.
--
-- reads:   requests
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  prompt
-- needs:   prompt_hash               without this column the query is off
--
-- Looks like coordination but is not: greetings, test messages, exercises that many people copy.
-- Source: Pacheco et al., "Uncovering coordinated networks on social media", ICWSM 2021.
select
    account,
    prompt_hash as entity,
    count(*) as n,
    min(place) as place,
    min(ts) as first_at,
    max(ts) as last_at
from requests
where prompt_hash is not null
group by account, prompt_hash
