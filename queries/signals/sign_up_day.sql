-- Which account signed up on which day with which e-mail provider.
--
-- reads:   accounts, log_accounts
-- grain:   account, entity
-- columns: account INTEGER, entity VARCHAR, n BIGINT, place BIGINT, first_at TIMESTAMP, last_at TIMESTAMP
-- family:  identity
-- needs:   accounts.created_at, accounts.email_domain  without these columns the query is off
--
-- Looks like coordination but is not: a course or company that registers in one sitting, a day in the news.
-- Source: Xiao, Freeman, Hwa, "Detecting clusters of fake accounts in online social networks", AISec 2015.
select
    accounts.account,
    concat(strftime(log_accounts.created_at, '%Y-%m-%d'), ' @', log_accounts.email_domain) as entity,
    1::BIGINT as n,
    null::BIGINT as place,
    log_accounts.created_at as first_at,
    log_accounts.created_at as last_at
from log_accounts
inner join accounts on log_accounts.account_id = accounts.account_id
where log_accounts.created_at is not null and log_accounts.email_domain is not null
