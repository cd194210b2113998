-- Which account was seen on which address.
--
-- reads:   requests
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  network
-- needs:   ip                        without this column the query is off
--
-- Looks like coordination but is not: households, campus and carrier NAT, company VPN, a gateway's one exit.
-- Source: Stringhini et al., "EvilCohort: detecting communities of malicious accounts", USENIX Security 2015.
select
    account,
    ip as entity,
    count(*) as n,
    min(place) as place,
    min(ts) as first_at,
    max(ts) as last_at
from requests
where ip is not null
group by account, ip
