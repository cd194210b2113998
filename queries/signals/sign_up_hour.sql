-- Which account signed up in which hour.
--
-- reads:   accounts, log_accounts
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  identity
-- needs:   accounts.created_at  without this column the query is off
--
-- Looks like coordination but is not: the busy hours of a day in the news, a course that registers in one sitting.
-- Source: Xiao, Freeman, Hwa, "Detecting clusters of fake accounts in online social networks", AISec 2015.
select
    accounts.account,
    strftime(log_accounts.created_at, '%Y-%m-%d %H:00') as entity,
    1::BIGINT as n,
    null::BIGINT as place,
    log_accounts.created_at as first_at,
    log_accounts.created_at as last_at
from log_accounts
inner join accounts on log_accounts.account_id = accounts.account_id
where log_accounts.created_at is not null
