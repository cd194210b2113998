-- Which account was seen in which subnet: the /24 of an IPv4 address, the /48 of an IPv6 one.
--
-- reads:   requests
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  network
-- needs:   ip                        without this column the query is off
--
-- Looks like coordination but is not: a carrier's pool of changing addresses, one town's provider, a data centre.
-- Source: Stringhini et al., "EvilCohort: detecting communities of malicious accounts", USENIX Security 2015.
with seen as (
    select
        account,
        ip,
        count(*) as n,
        min(place) as place,
        min(ts) as first_at,
        max(ts) as last_at
    from requests
    where ip is not null
    group by account, ip
),

-- An account has far fewer addresses than requests: text is taken apart once for each.
placed as (
    select
        account,
        n,
        place,
        first_at,
        last_at,
        case
            when ip like '%:%'
                then concat(
                    split_part(ip, ':', 1), ':',
                    coalesce(nullif(split_part(replace(ip, '::/64', ''), ':', 2), ''), '0'), ':',
                    coalesce(nullif(split_part(replace(ip, '::/64', ''), ':', 3), ''), '0'), '::/48'
                )
            else concat(split_part(ip, '.', 1), '.', split_part(ip, '.', 2), '.', split_part(ip, '.', 3), '.0/24')
        end as entity
    from seen
)

select
    account,
    entity,
    sum(n)::BIGINT as n,
    min(place) as place,
    min(first_at) as first_at,
    max(last_at) as last_at
from placed
group by account, entity
