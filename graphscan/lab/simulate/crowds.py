"""Crowds that look coordinated and are not, and bystanders that somebody framed. No ring of the truth holds
any.

In: a world whose customers are ordinary. Out: some of their records changed in place. `SIZES` are for 40,000
customers; larger worlds have more crowds of the same size, except those that are one by nature.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import SESSION, STATIC, SUBSET
from graphscan.lab.simulate.customers import live_in
from graphscan.lab.simulate.draws import Integers
from graphscan.lab.simulate.lexicon import text_file, words
from graphscan.lab.simulate.plant import made_up_word
from graphscan.lab.simulate.world import CLOCK, DAY, HUMAN, NONE, OFFICE, World

STANDARD = 40_000
_CARDS_FROM = 1 << 50

# kind: (accounts of one crowd, crowds at 40,000 customers, what grows with the world: their size, their
# number, or their number with the root, since rings grow slower than the world)
SIZES: dict[str, tuple[int, int, str]] = {
    "tool": (2000, 1, "size"),
    "gateway": (300, 1, "size"),
    "viral": (1000, 1, "size"),
    "popular_template": (1600, 1, "size"),
    "campus": (260, 1, "number"),
    "company_declared": (45, 3, "number"),
    "company_undeclared": (20, 2, "number"),
    "class": (35, 2, "number"),
    "hackathon": (60, 1, "number"),
    "family": (3, 90, "number"),
    "agency": (12, 2, "number"),
    "batch": (1, 12, "number"),
    "framed": (1, 36, "root"),
    "framed_two": (1, 8, "root"),
}
_SMALLEST = {
    "campus": 30,
    "class": 12,
    "hackathon": 15,
    "company_declared": 8,
    "company_undeclared": 6,
    "agency": 5,
}


@dataclass(frozen=True)
class Crowd:
    """Accounts of one crowd: positions in the world's records, and a name for its dice."""

    world: World
    kind: str
    serial: int
    rows: Integers

    @property
    def name(self) -> str:
        return f"{self.kind} {self.serial}"

    def set(self, column: str, value: object) -> None:
        """One column of every account of the crowd."""
        self.world.accounts[column][self.rows] = value

    def share(self, purpose: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A draw in [0, 1) for each account."""
        return self.world.dice.share(f"{self.name} {purpose}", self.rows)

    def ask(self, least: int, more: int, skew: float = 1.0) -> None:
        """Requests in two weeks: `least` and up to `more`; the more `skew`, the more accounts ask little."""
        n_requests = (least + more * self.share("volume") ** skew) * self.world.days / 14
        self.set("n_requests", np.maximum(np.floor(n_requests), 3))

    def once(self, purpose: str) -> float:
        """A draw in [0, 1) for the crowd as a whole."""
        return float(self.world.dice.share(f"{self.name} {purpose}")[0])


def plant_crowds(world: World) -> None:
    """Every crowd of `SIZES`, on customers taken at random; no customer is in two."""
    free = world.dice.generator("crowds").permutation(world.n_customers)
    factor = world.n_customers / STANDARD
    taken = 0
    for kind, (size, number, grows) in SIZES.items():
        if grows == "size":
            sizes = [max(5, round(size * factor))]
        elif size <= 3:
            sizes = [size] * max(2, round(number * (factor**0.5 if grows == "root" else factor)))
        else:
            least = min(size, max(_SMALLEST[kind], round(size * factor)))
            sizes = [least] * max(number if factor >= 1 else 1, round(number * factor))
        for serial, wanted in enumerate(sizes):
            rows = np.sort(free[taken : taken + wanted])
            taken += wanted
            world.accounts["kind"][rows] = world.kinds.number(kind)
            PLANTERS[kind](Crowd(world, kind, serial, rows))


def _settle(crowd: Crowd) -> None:
    """All in one country, on its big mail providers."""
    country = crowd.world.dice.weighted(f"{crowd.name} country", [c.share for c in people.COUNTRIES])
    records = crowd.world.accounts[crowd.rows]
    live_in(records, np.repeat(country, len(crowd.rows)))
    crowd.world.accounts[crowd.rows] = records


def _office(crowd: Crowd, size: int, share_elsewhere: float) -> None:
    """All behind the few addresses of one place."""
    crowd.set("second", crowd.world.accounts["home"][crowd.rows])
    crowd.set("second_turn", crowd.world.accounts["home_turn"][crowd.rows])
    crowd.set("home", crowd.world.space.block("institutions", size))
    crowd.set("home_turn", SESSION if size > 1 else STATIC)
    crowd.set("share_second", share_elsewhere * crowd.share("elsewhere"))


def _campus(crowd: Crowd) -> None:
    _settle(crowd)
    _office(crowd, 2, 0.6)
    domain = crowd.world.mails.number(f"uni-{made_up_word(crowd.world, crowd.name)}.example")
    crowd.set("mail", np.where(crowd.share("mail") < 0.7, domain, crowd.world.accounts["mail"][crowd.rows]))


def _company(crowd: Crowd) -> None:
    _settle(crowd)
    _office(crowd, 4, 0.3)
    word = made_up_word(crowd.world, crowd.name)
    crowd.set("mail", crowd.world.mails.number(f"{word}.example"))
    crowd.set("plan", crowd.world.plans.number("team"))
    crowd.set("rhythm", OFFICE)
    crowd.set("card", _CARDS_FROM + int(crowd.rows[0]))
    crowd.ask(5, 60, 2.0)
    crowd.set("n_days", crowd.world.days)
    texts = words("public")["office"]
    crowd.set("template_set", crowd.world.templates.add_texts(crowd.name, "en", "office work", texts))
    crowd.set("share_template", 0.4)
    _hired(crowd)


def _hired(crowd: Crowd) -> None:
    """Sign-ups in a few onboarding mornings."""
    mornings = 10 + 200 * crowd.world.dice.share(f"{crowd.name} mornings", np.arange(3))
    morning = (3 * crowd.share("morning")).astype(np.int64)
    crowd.set("created", -mornings[morning] * DAY + 7200 * crowd.share("form"))
    crowd.set("starts", 0)


def _company_declared(crowd: Crowd) -> None:
    _company(crowd)
    word = made_up_word(crowd.world, crowd.name)
    crowd.set("org", crowd.world.orgs.number(f"org-{word}"))
    crowd.set("plan", crowd.world.plans.number("enterprise"))


def _class(crowd: Crowd) -> None:
    _settle(crowd)
    _office(crowd, 2, 1.0)
    world = crowd.world
    text = words("public")["assignment"]
    crowd.set("pasted_set", world.templates.add_texts(crowd.name, "en", "assignment", [text]))
    crowd.set("n_pasted", 1 + np.floor(3 * crowd.share("pastes")))
    due = round((0.3 + 0.6 * crowd.once("due")) * world.ends)
    crowd.set("pasted_at", max(due - 4 * DAY, 0))
    crowd.set("pasted_for", min(4 * DAY, due))
    crowd.ask(4, 20, 2.0)
    signed_up = crowd.share("with the class") < 0.6
    lesson = max(due - 6 * DAY, -DAY)
    created = np.where(signed_up, lesson + 3600 * crowd.share("form"), world.accounts["created"][crowd.rows])
    crowd.set("created", created)
    crowd.set("starts", np.clip(created, 0, max(due - 4 * DAY, 0)))


def _hackathon(crowd: Crowd) -> None:
    _settle(crowd)
    _office(crowd, 1, 0.2)
    world = crowd.world
    start = round((0.25 + 0.5 * crowd.once("start")) * world.ends)
    crowd.set(
        "pasted_set", world.templates.add_texts(crowd.name, "en", "starter", [words("public")["starter"]])
    )
    crowd.set("n_pasted", 1 + np.floor(2 * crowd.share("pastes")))
    crowd.set("pasted_at", start)
    crowd.set("pasted_for", 4 * 3600)
    crowd.set("created", start - 7200 + 5400 * crowd.share("desk"))
    crowd.set("starts", start)
    crowd.set("ends", min(start + 36 * 3600, world.ends))
    crowd.ask(10, 80)


def _family(crowd: Crowd) -> None:
    crowd.set("card", _CARDS_FROM + int(crowd.rows[0]))
    first = crowd.rows[0]
    if crowd.once("one home") < 0.6:
        for column in ("country", "language", "offset", "mail"):
            crowd.set(column, crowd.world.accounts[column][first])
        crowd.set("home", crowd.world.space.block("households", 1))
        crowd.set("home_turn", STATIC)


def _agency(crowd: Crowd) -> None:
    _settle(crowd)
    _office(crowd, 2, 0.8)
    crowd.set("card", _CARDS_FROM + int(crowd.rows[0]))
    crowd.set("rhythm", OFFICE)
    texts = words("public")["office"][:2]
    crowd.set("template_set", crowd.world.templates.add_texts(crowd.name, "en", "office work", texts))
    crowd.set("share_template", 0.3)
    crowd.ask(10, 60)


def _tool(crowd: Crowd) -> None:
    crowd.set(
        "system", crowd.world.systems.number(" ".join(text_file("tool_system.txt").split("\n")).strip())
    )
    crowd.set("agent", crowd.world.agents.number("plover-editor/2.14.1 (meridian-node/0.33.2)"))
    crowd.set("second_agent", crowd.world.accounts["agent"][crowd.rows])


def _gateway(crowd: Crowd) -> None:
    crowd.set("home", crowd.world.space.block("gateway", 1))
    crowd.set("home_turn", STATIC)
    crowd.set("share_second", 0.0)
    crowd.set("agent", crowd.world.agents.number("switchyard-proxy/1.81.0"))
    crowd.set("second_agent", crowd.world.accounts["agent"][crowd.rows])


def _batch(crowd: Crowd) -> None:
    mix = {"extraction": 1.0} if crowd.once("task") < 0.5 else {"classification": 1.0}
    crowd.set("template_set", crowd.world.templates.add_tasks(crowd.name, "en", mix, 1, False))
    crowd.set("share_template", 0.97)
    crowd.set("rhythm", CLOCK)
    crowd.ask(1200, 4000)
    crowd.set("n_days", crowd.world.days)
    crowd.set("home_turn", STATIC)


def _popular(crowd: Crowd) -> None:
    texts = words("public")["popular"]
    crowd.set("template_set", crowd.world.templates.add_texts(crowd.name, "en", "popular", texts))
    crowd.set("share_template", 0.1 + 0.5 * crowd.share("fondness"))


def _viral(crowd: Crowd) -> None:
    world = crowd.world
    crowd.set("pasted_set", world.templates.add_texts(crowd.name, "en", "viral", [words("public")["viral"]]))
    crowd.set("n_pasted", 1)
    crowd.set("pasted_at", round(0.5 * world.ends))
    crowd.set("pasted_for", DAY)
    crowd.set("starts", np.minimum(world.accounts["starts"][crowd.rows], round(0.5 * world.ends)))
    crowd.set("created", np.minimum(world.accounts["created"][crowd.rows], round(0.5 * world.ends)))


def _framed(crowd: Crowd) -> None:
    _frame(crowd, [("template", "address", "card")[crowd.serial % 3]])


def _framed_two(crowd: Crowd) -> None:
    _frame(crowd, [["template", "address"], ["address", "card"], ["template", "card"]][crowd.serial % 3])


def _frame(crowd: Crowd, attributes: list[str]) -> None:
    """Things of a ring in the hands of somebody who has nothing to do with it."""
    world = crowd.world
    has = {
        "template": world.accounts["template_set"] != NONE,
        "card": world.accounts["card"] != NONE,
        "address": world.accounts["home_turn"] == SUBSET,
    }
    able = (world.accounts["ring"] != NONE) & np.logical_and.reduce([has[each] for each in attributes])
    rings = np.unique(world.accounts["ring"][able])
    ring = rings[(crowd.serial // len(attributes)) % len(rings)]
    members = np.nonzero(able & (world.accounts["ring"] == ring))[0]
    culprit = members[int(crowd.once("culprit") * len(members))]
    crowd.ask(10, 30)
    for attribute in attributes:
        if attribute == "template":
            crowd.set("pasted_set", world.accounts["template_set"][culprit])
            crowd.set("n_pasted", 1 + (crowd.serial // 3) % 2)
            starts = np.maximum(world.accounts["starts"][crowd.rows], world.accounts["starts"][culprit])
            crowd.set("pasted_at", starts)
            crowd.set("pasted_for", np.maximum(world.accounts["ends"][culprit] - starts, 3600))
        elif attribute == "card":
            crowd.set("card", world.accounts["card"][culprit])
        else:
            crowd.set("second", world.accounts["home"][culprit])
            crowd.set("second_turn", STATIC)
            crowd.set("share_second", 0.35)
            crowd.set("session", 1)
    crowd.set("rhythm", HUMAN)


PLANTERS: dict[str, Callable[[Crowd], None]] = {
    "tool": _tool,
    "gateway": _gateway,
    "viral": _viral,
    "popular_template": _popular,
    "campus": _campus,
    "company_declared": _company_declared,
    "company_undeclared": _company,
    "class": _class,
    "hackathon": _hackathon,
    "family": _family,
    "agency": _agency,
    "batch": _batch,
    "framed": _framed,
    "framed_two": _framed_two,
}
