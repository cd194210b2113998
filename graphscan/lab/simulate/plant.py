"""Makes rings of ordinary records: gives the accounts of each ring its habits, less what evasion takes away.

In: a world, `rings.RINGS`. Out: the accounts' records changed in place, and for each ring an entry in
`World.planted` that says how many accounts it has, what it asks for and in what words.
"""

import numpy as np
from numpy.typing import NDArray

from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import SUBSET
from graphscan.lab.simulate.draws import Integers
from graphscan.lab.simulate.lexicon import choose, words
from graphscan.lab.simulate.rings import FULL, RINGS, STANDARD, Habits
from graphscan.lab.simulate.world import DAY, NONE, Accounts, World

_CARDS_FROM = 1 << 40  # numbers of cards that are no account's own
_SMALLEST = 8


def ring_sizes(scale: float, rings: tuple[str, ...] | None = None) -> dict[str, int]:
    """Accounts of each ring at a scale, of some rings or all; no ring is smaller than eight."""
    sizes = {}
    for habits in RINGS:
        if rings is not None and habits.name not in rings:
            continue
        factor = scale / STANDARD if habits.grows == FULL else max(1.0, (scale / STANDARD) ** 0.25)
        sizes[habits.name] = max(_SMALLEST, round(habits.accounts * factor))
    return sizes


def plant_rings(world: World, sizes: dict[str, int]) -> None:
    """The rings of `sizes`, in the order of `RINGS`, on the accounts after the last customer."""
    shared: dict[str, int] = {}
    first = world.n_customers
    for habits in RINGS:
        if habits.name not in sizes:
            continue
        rows = np.arange(first, first + sizes[habits.name])
        first += len(rows)
        _plant(world, habits, rows, shared)


def _plant(world: World, habits: Habits, rows: Integers, shared: dict[str, int]) -> None:
    ring = world.accounts[rows[0] : rows[-1] + 1]
    dice, name = world.dice, habits.name
    ring["kind"] = world.kinds.number("ring")
    ring["ring"] = world.rings.number(name)
    _volume(world, habits, ring, rows)
    _sign_up(world, habits, ring, rows)
    _network(world, habits, ring, shared)
    _cards(world, habits, ring, rows)
    if habits.language != "en":
        # One desk writes all of it, whatever countries the accounts were opened in.
        ring["language"] = world.lexicon.languages.index(habits.language)
        ring["offset"] = next(c.offset for c in people.COUNTRIES if c.language == habits.language)
    ring["topic"] = dice.pick(f"{name} topic", people.TOPICS, rows)
    ring["relays"] = habits.relays
    agents = np.array([world.agents.number(agent) for agent in people.CLIENTS])
    own = dice.generator(f"{name} agents").choice(agents, size=habits.agents, replace=False)
    ring["agent"] = own[dice.pick(f"{name} agent", habits.agents, rows)]
    ring["second_agent"] = ring["agent"]
    plans = np.array([world.plans.number(plan) for plan in habits.plans])
    ring["plan"] = plans[dice.pick(f"{name} plan", len(plans), rows)]
    ring["system"] = world.systems.number(_system_text(world, habits)) if habits.system else NONE
    ring["adopts"], ring["pace"] = habits.moves, DAY / 12
    wordings = []
    if habits.mix:
        ring["template_set"] = world.templates.add_tasks(
            name, habits.language, habits.mix, habits.templates, world.evasion.restructured > 0
        )
        ring["share_template"] = min(habits.share_template, 1.0 - world.evasion.camouflage)
        wordings = [vars(wording) for wording in world.templates.wordings(int(ring["template_set"][0]))]
    world.planted[name] = {
        "accounts": len(rows),
        "requests": int(ring["n_requests"].sum()),
        "tasks": habits.mix,
        "share_template": round(float(ring["share_template"][0]), 4) if habits.mix else 0.0,
        "relays": habits.relays > 0,
        "banned_after_s": _ban(world) if habits.phases == 2 else None,
        "templates": wordings,
    }


def _volume(world: World, habits: Habits, ring: Accounts, rows: Integers) -> None:
    dice, name = world.dice, habits.name
    span = world.days / 14
    uneven = np.exp(habits.spread * dice.normal(f"{name} volume", rows) - habits.spread**2 / 2)
    ring["n_requests"] = np.maximum(np.rint(habits.requests * span * uneven), 3)
    ring["rhythm"] = habits.rhythm
    ring["bursts"] = max(1, round(habits.requests * span))
    start, end = (round(share * world.ends) for share in habits.active)
    ring["starts"], ring["ends"] = start, end
    if habits.phases == 2:
        half, ban = len(ring) // 2, _ban(world)
        ring["ends"][:half] = ban
        ring["starts"][half:] = ban + 1800
    ring["session"] = 3
    ring["n_days"] = world.days
    ring["share_repeated"] = 0.1


def _ban(world: World) -> int:
    """When the first half of a ring in two phases is banned, to be replaced within the hour."""
    return round(0.45 * world.ends)


def _sign_up(world: World, habits: Habits, ring: Accounts, rows: Integers) -> None:
    if habits.sign_up != "aged":
        dice, name = world.dice, habits.name
        n_waves = 1 if habits.sign_up == "burst" else max(2, round(len(ring) / 25))
        wave = dice.pick(f"{name} wave", n_waves, rows)
        days_ago = 2 + 40 * dice.share(f"{name} wave day", np.arange(n_waves))
        at = -days_ago[wave] * DAY + dice.share(f"{name} within wave", rows) * habits.sign_up_hours * 3600
        ring["created"] = at
        if habits.phases == 2:
            half, ban = len(ring) // 2, _ban(world)
            at = dice.share(f"{name} replaced", rows[half:]) * habits.sign_up_hours * 3600
            ring["created"][half:] = ban - 10 * 3600 + at
    else:
        ring["created"] = np.minimum(ring["created"], -DAY)
    if habits.mails:
        mails = np.array(
            [
                world.mails.number(f"{made_up_word(world, f'{habits.name} mail {n}')}.example")
                for n in range(habits.mails)
            ]
        )
        ring["mail"] = mails[world.dice.pick(f"{habits.name} mail", habits.mails, rows)]


def _network(world: World, habits: Habits, ring: Accounts, shared: dict[str, int]) -> None:
    if habits.pool == "homes":
        ring["fresh_daily"] = world.evasion.address_per_day
        return
    factor = world.evasion.address_factor
    size = 1 if habits.pool == "single" else max(3, round(habits.addresses * len(ring) * factor))
    if habits.pool in shared:
        pool = shared[habits.pool]
    else:
        pool = world.space.listing(_addresses(world, habits, size))
        shared[habits.pool if habits.pool == "tenants" else habits.name] = pool
    ring["home"] = pool
    ring["home_turn"] = SUBSET
    ring["subset"] = max(1, round(habits.subset * factor))
    ring["share_second"] = 0.0
    ring["fresh_daily"] = world.evasion.address_per_day


def _addresses(world: World, habits: Habits, size: int) -> NDArray[np.uint64]:
    """Addresses rented in a few networks of a hosting firm, borrowed from people's homes, or half each."""
    dice, name = world.dice, habits.name
    n_homes = {"residential": size, "tenants": size // 2, "mixed": size // 2}.get(habits.pool, 0)
    serial = np.arange(size)
    regions = world.regions[dice.pick(f"{name} region", len(world.regions), serial[:n_homes])]
    homes = np.array([world.space.base_of(int(region)) for region in regions], dtype=np.uint64)
    homes += dice.pick(f"{name} home", people.REGION_SIZE, serial[:n_homes]).astype(np.uint64)
    n_rented = size - n_homes
    networks = np.arange(max(1, round(n_rented / 12)))
    firm = world.hosts[dice.pick(f"{name} firm", len(world.hosts), networks)]
    blocks = np.array([world.space.base_of(int(pool)) for pool in firm], dtype=np.uint64)
    blocks += dice.pick(f"{name} network", people.HOSTING_SIZE >> 8, networks).astype(np.uint64) << np.uint64(
        8
    )
    host = 1 + dice.pick(f"{name} host", 253, serial[:n_rented]).astype(np.uint64)
    rented = blocks[serial[:n_rented] % len(networks)] + host
    return np.unique(np.concatenate([homes, rented]))


def _cards(world: World, habits: Habits, ring: Accounts, rows: Integers) -> None:
    dice, name = world.dice, habits.name
    own = rows.astype(np.int64)
    if habits.per_card == 0:
        ring["card"] = NONE
        return
    if habits.per_card == 1:
        ring["card"] = np.where(dice.share(f"{name} pays", rows) < habits.paying, own, NONE)
        return
    n_cards = max(1, round(len(rows) * habits.paying / habits.per_card))
    first = _CARDS_FROM + int(rows[0]) * 4
    card = first + dice.pick(f"{name} card", n_cards, rows)
    card = np.where(dice.share(f"{name} unique card", rows) < world.evasion.unique_cards, own, card)
    ring["card"] = np.where(dice.share(f"{name} pays", rows) < habits.paying, card, NONE)


def _system_text(world: World, habits: Habits) -> str:
    bank = words("tasks")["tasks"][next(iter(habits.mix))]
    return choose(f"{bank['openers'][0]} {bank['rules'][0]}", world.dice, f"{habits.name} system")


def made_up_word(world: World, purpose: str) -> str:
    """A name for a firm, a domain, a school."""
    syllables = words("en")["syllables"]
    generator = world.dice.generator(purpose)
    return "".join(syllables[int(place)] for place in generator.integers(len(syllables), size=4))
