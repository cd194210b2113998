"""Triage: which certified rings need a look, which explain themselves, and why.

Takes in a ring's measures beside ordinary customers (`graphscan.rings.portrait`) and gives out `review`, `watch` or
`explained`, with reasons in words. Coordination is not abuse: a class, a company, an agency are coordinated. What is
asked is whether an honest crowd has a reason to look like this. Two kinds of signs are told apart: of *hiding*
(scattered addresses, varied cards) and of *work* (round the clock, evenly dispatched, from a queue, heavy).

- one declared organisation, or a few of which each has a good part of the accounts: `explained`;
- a sign of hiding and two of work, or two of hiding and one of work in more than a household, or three of work
  that are no single day's burst, if one is a machine's or use is heavier than a class's: `review`, unless one card
  pays for all and no sign is a machine's;
- work that is evenly dispatched, where no address and no payer shows who dispatches it, counts as hiding;
- no sign of hiding, where the log could show one: `explained`, named for what it looks like; but two of work under
  several cards of a few accounts each, of which no one customer is seen to pay: `watch`;
- a sign of hiding without two of work, or with them under one card, or fewer bits than `THIN_BITS`: `watch`;
- anything that the log cannot explain: `review`;
- a ring that is certified only where language is no stratum: `watch`, unless it explains itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

REVIEW, WATCH, EXPLAINED = "review", "watch", "explained"

Measures = Mapping[str, tuple[float, float | None]]
"""Value of each measure, and the same of ordinary customers where there is one."""

THIN_BITS = 20.0
"""Bits below which a ring without a sign of work is for `watch`."""

DECLARED = 0.9
"""Share of the accounts in one declared organisation, or in large ones, from which the ring is what they declare."""

NIGHT = 0.25
"""Share of the requests in the quietest eight hours from which work goes round the clock: people leave .05 to .15."""

FEW_COUNTRIES = 0.8
"""Share of accounts in one country below which people's nights do not coincide, and a flat day says nothing."""

DISPATCH = 0.45
"""Evenness of dispatch from which requests look handed out (.5 is at random): people come in bursts, .1 to .4."""

EVEN = 0.6
"""Evenness of work from which accounts send too much alike: ordinary customers leave .2 to .4."""

HOUSEHOLD = 6
"""Accounts up to which a family that moves about and pays in turn looks like a ring that hides."""

ENOUGH_REQUESTS = 300
"""Requests of a ring below which evenness is chance."""

QUEUE = 0.5
"""Share of requests in templates from which work is systematic, if hardly any filling is used twice."""

REPEATS = 0.1
"""Share of fillings that another account sent too, from which nobody hands out the work."""

TIMES_ORDINARY = 4.0
"""A measure so many times that of ordinary customers is out of the ordinary."""

MORE_THAN_STUDY = 6.0
"""Requests an account, in those of ordinary customers, from which work that shows no machine is more than an
assignment: a class left three signs of work at four times."""

SCATTERED = 6.0
"""Addresses of the median account from which they scatter."""

CARDS = 3
"""Shared cards from which they are varied: a company has one or two."""

SHARED = 0.6
"""Cards an account up to which accounts share them."""

FEW_ON_A_CARD = 15.0
"""Accounts on a shared card, on average, above which it is a company's: rings spread theirs."""

HANDFUL = 6.0
"""Accounts on a shared card, on average, up to which several cards are no agency's, which pays for a dozen with one."""

WORKED = 2
"""Signs of work that are asked beside one of hiding: one alone is left by families and agencies that use much."""

ONE_PAYER = 2.0
"""Shared cards up to which one customer openly pays: a team at work, if no machine is."""

ON_THEIR_OWN = 0.1
"""Share of the accounts up to which some pay alone beside the one payer."""

PLACE = 0.1
"""Share of the requests from one address from which the place is seen: a campus, an office, a gateway."""

EVENLY = "evenly dispatched work"

MACHINE = ("round-the-clock work", EVENLY, "move to a new model", "replay")
"""Signs that people at work do not leave: a team that shares templates and asks much leaves the others."""

BURST = 0.4
"""Share of the requests on the busiest day from which it is one event."""

MOVED = 0.3
"""Share of the requests in a new model's first 24 hours from which a ring moved to it."""


@dataclass(frozen=True)
class Triage:
    """What to do with a ring: `triage`, reasons, `scale`, and the signs of intent that speak for a look."""

    triage: str
    reasons: tuple[str, ...]
    scale: str
    intent_signs: tuple[str, ...]


def triage_of(measures: Measures, n_accounts: int, n_requests: int, bits: float) -> Triage:
    """The triage of one ring from its measures and bits."""
    work = signs_of_work(measures, n_accounts, n_requests)
    hiding = signs_of_hiding(measures, n_accounts)
    signs = (*work, *hiding)
    scale = scale_of(n_accounts, n_requests)
    reasons = tuple(reason for _, reason in signs)
    names = tuple(name for name, _ in signs)
    if _value(measures, "share_one_organisation", 0.0) >= DECLARED:
        return Triage(EXPLAINED, ("one declared organisation", *reasons), scale, names)
    if _value(measures, "share_large_organisations", 0.0) >= DECLARED:
        return Triage(
            EXPLAINED, ("a few declared organisations, each a good part of it", *reasons), scale, names
        )
    burst = _value(measures, "share_busiest_day", 0.0) >= BURST
    cards = _cards_of(measures, n_accounts)
    machine = any(name in MACHINE for name, _ in work)
    paid_openly = cards.is_one_payer and not machine
    unseen = () if cards.is_one_payer else _unseen_hand(measures, work)
    reasons = (*reasons, *unseen)
    n_hiding = len(hiding) + len(unseen)
    organised = (
        (len(work) >= WORKED and n_hiding)
        or (work and n_hiding >= 2 and n_accounts > HOUSEHOLD)
        or (len(work) >= 3 and not burst and (machine or _heavy(measures, MORE_THAN_STUDY)))
    )
    if organised and not paid_openly:
        return Triage(REVIEW, reasons, scale, names)
    can_tell = "addresses_per_account" in measures and "share_night_hours" in measures
    if can_tell and not n_hiding:
        if len(work) >= WORKED and cards.n >= CARDS and cards.are_shared_by(HANDFUL):
            paid = f"organised work, and {cards.n:.0f} cards pay for {n_accounts} accounts: no one customer is seen"
            return Triage(WATCH, (paid, *reasons), scale, names)
        return Triage(EXPLAINED, (_looks_like(measures, cards, burst), *reasons), scale, names)
    if can_tell and len(work) < WORKED:
        few = "one sign of organised work only" if work else "no sign of organised work"
        return Triage(WATCH, (few, *reasons), scale, names)
    if can_tell and paid_openly:
        return Triage(WATCH, ("one card pays for all, and nothing shows a machine", *reasons), scale, names)
    if bits < THIN_BITS and not work:
        return Triage(WATCH, (f"certified, but with {bits:.0f} bits only", *reasons), scale, names)
    return Triage(REVIEW, ("nothing in this log explains it", *reasons), scale, names)


def in_own_language(told: Triage, measures: Measures) -> Triage:
    """The triage of a ring that is certified only where language is no stratum: to watch, unless it explains itself.

    In scripts without spaces what everybody says fits templates: people who hide nothing are a people.
    """
    share = _value(measures, "share_in_templates", 0.0)
    reason = f"certified only if their language is evidence; {share:.0%} of their requests fit templates"
    triage = EXPLAINED if told.triage == EXPLAINED else WATCH
    return replace(told, triage=triage, reasons=(reason, *told.reasons))


def signs_of_work(measures: Measures, n_accounts: int, n_requests: int) -> tuple[tuple[str, str], ...]:
    """Signs that somebody runs the accounts, each with the numbers that say so."""
    signs = []
    night = _value(measures, "share_night_hours", 0.0)
    one_zone = _value(measures, "share_one_country", 1.0) >= FEW_COUNTRIES
    enough = n_requests >= ENOUGH_REQUESTS and n_accounts >= HOUSEHOLD
    if enough and one_zone and night >= NIGHT:
        signs.append(("round-the-clock work", f"{night:.0%} of the requests in the quietest eight hours"))
    dispatch = _value(measures, "evenness_of_dispatch", 0.0)
    if enough and dispatch >= DISPATCH:
        signs.append((EVENLY, f"not in bursts as people do: evenness of dispatch {dispatch:.2f}"))
    even = _value(measures, "evenness_of_work", 0.0)
    if enough and even >= EVEN:
        signs.append(("even work", f"accounts send nearly alike: evenness {even:.2f}"))
    templates = _value(measures, "share_in_templates", 0.0)
    if (
        enough
        and templates >= QUEUE
        and _value(measures, "slot_repeats", 0.0) <= REPEATS
        and _heavy(measures, 2.0)
    ):
        signs.append(
            (
                "systematic coverage of topics",
                f"{templates:.0%} of the requests fill templates, hardly one twice",
            )
        )
    if _heavy(measures, TIMES_ORDINARY):
        value, ordinary = measures["requests_per_account"]
        signs.append(
            ("heavy use", f"{value:,.0f} requests an account, where ordinary customers have {ordinary:,.0f}")
        )
    moved = _value(measures, "share_moved_24h", 0.0)
    if moved >= MOVED:
        signs.append(("move to a new model", f"{moved:.0%} of the traffic on a new model within 24 hours"))
    replay = _value(measures, "replay_share", 0.0)
    canaries = _value(measures, "canary_hits", 0.0)
    if replay >= 0.02 or canaries >= 1:
        signs.append(
            ("replay", f"{replay:.0%} of its responses come back in prompts, {canaries:.0f} marked strings")
        )
    return tuple(signs)


def signs_of_hiding(measures: Measures, n_accounts: int) -> tuple[tuple[str, str], ...]:
    """Signs that the accounts are kept from looking like one customer."""
    signs = []
    addresses = measures.get("addresses_per_account")
    if addresses is not None and addresses[0] >= max(SCATTERED, TIMES_ORDINARY * (addresses[1] or 1.0)):
        signs.append(
            (
                "scattered addresses",
                f"{addresses[0]:,.0f} addresses an account, where ordinary customers have {addresses[1] or 1.0:,.0f}",
            )
        )
    cards = _cards_of(measures, n_accounts)
    if cards.n_shared >= CARDS and cards.are_shared_by(FEW_ON_A_CARD):
        signs.append(("varied cards", f"about {cards.n_shared:.0f} cards, each shared by a few accounts"))
    return tuple(signs)


def scale_of(n_accounts: int, n_requests: int) -> str:
    """`personal`, `team`, `organisation` or `industrial`, by whichever of accounts and requests is larger."""
    if n_accounts >= 1000 or n_requests >= 1_000_000:
        return "industrial"
    if n_accounts >= 100 or n_requests >= 100_000:
        return "organisation"
    return "team" if n_accounts >= 10 or n_requests >= 5_000 else "personal"


def _value(measures: Measures, name: str, otherwise: float) -> float:
    return measures[name][0] if name in measures else otherwise


@dataclass(frozen=True)
class _Cards:
    """Who pays for a ring: its accounts and cards, and how many of the cards serve one account alone."""

    n_accounts: int
    n: float
    n_alone: float

    @property
    def n_shared(self) -> float:
        """Cards that several accounts share."""
        return self.n - self.n_alone

    @property
    def is_one_payer(self) -> bool:
        """Whether nearly all accounts are on one card or two."""
        few_alone = self.n_alone <= ON_THEIR_OWN * self.n_accounts
        return self.n <= ONE_PAYER or (few_alone and self.n_shared <= ONE_PAYER)

    @property
    def are_shared(self) -> bool:
        """Whether there are clearly fewer cards than accounts."""
        return self.n <= SHARED * self.n_accounts

    def are_shared_by(self, most: float) -> bool:
        """Whether accounts share cards, on average at most so many a shared one."""
        return self.are_shared and self.n_accounts - self.n_alone <= most * self.n_shared


def _cards_of(measures: Measures, n_accounts: int) -> _Cards:
    n = _value(measures, "cards_per_account", 1.0) * n_accounts
    return _Cards(n_accounts, n, n * _value(measures, "share_cards_unique", 1.0))


def _unseen_hand(measures: Measures, work: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The reason, if somebody hands out the work and the log shows no place that it comes from."""
    top = _value(measures, "share_top_address", 1.0)
    if top >= PLACE or not any(name == EVENLY for name, _ in work):
        return ()
    return (
        f"somebody hands out the work, but no payer is seen and no place: {top:.0%} from the busiest address",
    )


def _heavy(measures: Measures, times: float) -> bool:
    value, ordinary = measures.get("requests_per_account", (0.0, None))
    return ordinary is not None and value >= times * max(ordinary, 1.0)


def _looks_like(measures: Measures, cards: _Cards, burst: bool) -> str:
    """What a crowd that hides nothing looks like, with the numbers that say so."""
    top = _value(measures, "share_top_address", 0.0)
    subnets = _value(measures, "subnets", 0.0)
    n_accounts = cards.n_accounts
    span = _value(measures, "sign_up_span_days", 1e9)
    where = f"{top:.0%} of its requests from one address, {subnets:,.0f} network{'s' * (round(subnets) != 1)} in all"
    if n_accounts <= HOUSEHOLD and cards.are_shared:
        return f"looks like a family or household: {n_accounts} accounts, few cards; {where}"
    if burst:
        return f"looks like one event, such as a hackathon or course: most of it on one day; {where}"
    if cards.are_shared:
        return f"looks like a company or agency: {cards.n:.0f} cards pay for {n_accounts} accounts; {where}"
    if span <= 1.0:
        return f"looks like a class or course: signed up within {span * 24:.0f} hours, everybody pays alone; {where}"
    if top >= 0.1:
        return f"looks like a campus or the customers of one gateway: {where}"
    return f"looks like a crowd with something in common: {where}"
