"""Ordinary customers: one record for each, alike in shape and different in everything.

In: the dice, the number of accounts, the constants of `people.py`. Out: records of `ACCOUNT`, every one an
ordinary customer; crowds and rings overwrite theirs.
"""

import numpy as np

from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import DAILY, SESSION, STATIC, AddressSpace
from graphscan.lab.simulate.draws import Dice, Integers
from graphscan.lab.simulate.world import (
    ACCOUNT,
    DAY,
    HUMAN,
    NONE,
    OWN,
    Accounts,
    Names,
    hours_table,
    local_seconds,
)

LANGUAGES = tuple(dict.fromkeys(country.language for country in people.COUNTRIES))


def ordinary_accounts(dice: Dice, n: int, days: int) -> Accounts:
    """`n` records with everything but addresses, mail and clients; those need names and pools."""
    accounts = np.zeros(n, dtype=ACCOUNT)
    who = np.arange(n)
    for column in ("ring", "org", "card", "second", "template_set", "pasted_set", "system", "second_agent"):
        accounts[column] = NONE
    live_in(accounts, dice.weighted("country", [country.share for country in people.COUNTRIES], who))
    abroad = accounts["language"] != LANGUAGES.index("en")
    accounts["language"][abroad & (dice.share("abroad", who) < people.SHARE_ENGLISH_ABROAD)] = 0
    accounts["created"] = _sign_ups(dice, accounts, days)
    accounts["plan"] = dice.weighted("plan", [share for _, share in people.PLANS], who)
    paying = np.isin(accounts["plan"], [p for p, (name, _) in enumerate(people.PLANS) if name != "free"])
    paying |= dice.share("has paid once", who) < 0.12
    accounts["card"] = np.where(paying, who, NONE)

    activity = np.exp(people.REQUESTS_MU + people.REQUESTS_SIGMA * dice.normal("activity", who)) * days / 14
    accounts["n_requests"] = np.clip(np.ceil(activity), 1, people.MOST_REQUESTS)
    accounts["rhythm"] = HUMAN
    accounts["starts"] = np.clip(accounts["created"], 0, (days - 1) * DAY)
    accounts["ends"] = days * DAY
    accounts["shift"] = np.rint(dice.normal("chronotype", who) * 80)
    accounts["session"] = 1 + np.floor(7 * dice.share("session", who) ** 2)
    accounts["gap"] = 25 + np.floor(150 * dice.share("gap", who))
    spread = accounts["n_requests"] ** 0.65 * (0.4 + dice.share("n_days", who))
    accounts["n_days"] = np.clip(np.ceil(spread), 1, days)
    accounts["share_repeated"] = 0.35 * dice.share("repeats", who) ** 2
    accounts["topic"] = dice.pick("topic", people.TOPICS, who)
    api = accounts["plan"] == [name for name, _ in people.PLANS].index("api")
    accounts["system"][api & (dice.share("own system text", who) < people.SHARE_SYSTEM)] = OWN
    accounts["model"] = dice.weighted("model", [share for _, share in people.MODELS], who)
    accounts["adopts"] = np.clip(dice.share("adopts", who) * 1.4 - 0.5, 0, 1)
    accounts["pace"] = DAY * (1 + 8 * dice.share("pace", who))
    return accounts


def live_in(accounts: Accounts, countries: Integers) -> None:
    """The country, and the language and offset that come with it."""
    languages = np.array([LANGUAGES.index(country.language) for country in people.COUNTRIES])
    offsets = np.array([country.offset for country in people.COUNTRIES])
    accounts["country"] = countries
    accounts["language"] = languages[countries]
    accounts["offset"] = offsets[countries]


def _sign_ups(dice: Dice, accounts: Accounts, days: int) -> Integers:
    who = np.arange(len(accounts))
    before = people.SIGN_UP_DAYS * dice.share("sign-up day", who) ** 1.4
    news_days = np.array([day for day, _ in people.NEWS])
    weights = [1.0, *(times / 100 for _, times in people.NEWS)]
    event = dice.weighted("sign-up news", weights, who)
    lag = -np.log1p(-dice.share("sign-up lag", who)) * 0.8
    before = np.where(event > 0, np.maximum(news_days[event - 1] - lag, 0.0), before)
    day = np.maximum(np.floor(before), 1 / DAY)
    hour = local_seconds(hours_table(people.HUMAN_HOURS), dice.share("sign-up hour", who))
    created = (days - 1 - day) * DAY + hour - accounts["offset"] * 60
    return np.asarray(np.minimum(created, (days - 1) * DAY), dtype=np.int64)


def carriers_pools(space: AddressSpace, n_accounts: int) -> tuple[list[list[Integers]], list[list[Integers]]]:
    """Pools of each country's carriers: fixed lines by region, and phones behind carrier-grade NAT."""
    fixed: list[list[Integers]] = []
    phones: list[list[Integers]] = []
    for country in people.COUNTRIES:
        subscribers = [n_accounts * country.share / 100 * share for share in country.carriers]
        fixed.append(
            [
                np.array(
                    [
                        space.block(f"{country.code} fixed {carrier}", people.REGION_SIZE)
                        for _ in range(max(1, round(people.ACCESS[0] * number / people.ACCOUNTS_A_REGION)))
                    ]
                )
                for carrier, number in enumerate(subscribers)
            ]
        )
        phones.append(
            [
                np.array(
                    [
                        space.block(f"{country.code} phones {carrier}", people.PHONE_POOL_SIZE)
                        for _ in range(max(1, round(0.5 * number / people.ACCOUNTS_A_PHONE_POOL)))
                    ]
                )
                for carrier, number in enumerate(subscribers)
            ]
        )
    return fixed, phones


def connect(dice: Dice, accounts: Accounts, space: AddressSpace) -> tuple[Integers, Integers]:
    """Gives every account its ways on line; returns the carriers' fixed-line pools and the hosting firms'."""
    fixed, phones = carriers_pools(space, len(accounts))
    sixes = [[space.six(1 << 20) for _ in country.carriers] for country in people.COUNTRIES]
    vpns = np.array([space.block("vpn", people.VPN_SIZE) for _ in range(people.VPNS)])
    clouds = np.array([space.block(f"cloud {cloud}", people.HOSTING_SIZE) for cloud in range(people.CLOUDS)])
    hosts = np.array([space.block(f"host {host}", people.HOSTING_SIZE) for host in range(people.HOSTS)])
    who = np.arange(len(accounts))
    access = dice.weighted("access", people.ACCESS, who)
    for number, country in enumerate(people.COUNTRIES):
        local = np.nonzero(accounts["country"] == number)[0]
        carrier = dice.weighted("carrier", country.carriers, local)
        phone_carrier = dice.weighted("phone carrier", country.carriers, local)
        for place in range(len(country.carriers)):
            of_carrier = local[carrier == place]
            pools = fixed[number][place]
            accounts["home"][of_carrier] = pools[dice.pick("region", len(pools), of_carrier)]
            accounts["home"][of_carrier[access[of_carrier] == 2]] = sixes[number][place]
            pools = phones[number][place]
            on_phone = local[phone_carrier == place]
            pool = pools[dice.pick("phone pool", len(pools), on_phone)]
            accounts["second"][on_phone] = pool
            accounts["home"][on_phone] = np.where(access[on_phone] == 3, pool, accounts["home"][on_phone])
    server = access == 4
    accounts["home"][server] = clouds[dice.pick("cloud", people.CLOUDS, who[server])]
    hosted = server & (dice.share("hosted", who) < people.SHARE_HOSTED)
    accounts["home"][hosted] = hosts[dice.pick("host", people.HOSTS, who[hosted])]
    accounts["home_turn"] = np.array([DAILY, STATIC, STATIC, SESSION, STATIC])[access]
    accounts["second_turn"] = SESSION
    has_phone = dice.share("has a phone", who) < people.SHARE_SECOND_PHONE
    accounts["share_second"] = np.where(has_phone & ~server, 0.5 * dice.share("phone use", who), 0.0)
    on_vpn = dice.share("has a VPN", who) < people.SHARE_VPN
    accounts["second"][on_vpn] = vpns[dice.pick("VPN", people.VPNS, who[on_vpn])]
    accounts["share_second"][on_vpn] = dice.share("VPN use", who[on_vpn])
    return np.concatenate([pools for country in fixed for pools in country]), hosts


def equip(dice: Dice, accounts: Accounts, mails: Names, agents: Names) -> None:
    """Mail domains and clients."""
    who = np.arange(len(accounts))
    for domain, _ in people.GLOBAL_MAIL:
        mails.number(domain)
    local = np.array([mails.number(country.mail) for country in people.COUNTRIES])
    accounts["mail"] = dice.weighted("mail", [share for _, share in people.GLOBAL_MAIL], who)
    foreign = accounts["language"] != LANGUAGES.index("en")
    at_home = (dice.share("local mail", who) < people.SHARE_LOCAL_MAIL) & foreign
    accounts["mail"][at_home] = local[accounts["country"][at_home]]
    for account in np.nonzero(dice.share("own domain", who) < people.SHARE_OWN_DOMAIN)[0]:
        accounts["mail"][account] = mails.number(
            f"d{int(dice.pick('domain', 1 << 30, account)[0]):x}.example"
        )
    browsers = np.array([agents.number(agent) for agent in people.BROWSERS])
    clients = np.array([agents.number(agent) for agent in people.CLIENTS])
    browser = browsers[(len(browsers) * dice.share("browser", who) ** 1.5).astype(np.int64)]
    client = clients[(len(clients) * dice.share("client", who) ** 1.5).astype(np.int64)]
    by_program = np.isin(
        accounts["plan"], [1 + i for i, (name, _) in enumerate(people.PLANS[1:]) if name == "api"]
    )
    by_program |= dice.share("by program", who) < 0.1
    accounts["agent"] = np.where(by_program, client, browser)
    accounts["second_agent"] = np.where(dice.share("two clients", who) < 0.4, client, accounts["agent"])
