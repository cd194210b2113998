"""Triage: which certified rings need a look, which explain themselves, and why.

Takes in a ring's measures beside ordinary customers and gives out `review`, `watch` or `explained`, with reasons in
words. Coordination is not abuse: a class, a company, an agency are coordinated. What is asked is whether an honest
crowd has a reason to look like this. Two kinds of signs are told apart (`graphscan.rings.triage.signs`): of *hiding*
(scattered addresses, varied cards) and of *work* (round the clock, evenly dispatched, from a queue, heavy).

- one declared organisation, or a few of which each has a good part of the accounts: `explained`; but not several that
  take turns as one, nor one that a machine runs from no country, and from no place or with nobody who pays for it;
- a sign of hiding and two of work, or two of hiding and one of work in more than a household, or three of work
  that are no single day's burst, if one is a machine's, use is heavier than a class's, or every sign of work is there:
  `review`, unless one customer openly pays, or several do for accounts of one country each, and no sign is a machine's
  (a customer in one place may run a job of its own: `is_machine`); who came one by one and shows that he asks much, and
  nothing else, is not at work for another;
- that nothing shows what accounts have in common (no payer, no place, no event, no country) counts as hiding where
  they come from more networks than people do, or do more than a class does; so does work that is evenly dispatched
  where no address and no payer shows who dispatches it;
- so does that one customer pays for accounts of many countries, and that accounts which live in many countries ask
  much from one address;
- accounts that are emptied one after another, each to the same end and from a queue, are a machine's, whoever pays and
  wherever they are, unless one customer's came in their own time;
- that accounts send alike, and at even times, is no sign where all are given the same few texts, as in a study;
- accounts from nowhere that have their texts to themselves, and their addresses, the cards they share, or what they
  signed up with: `review`; likewise those of many countries in hardly any network, though one of it shows;
- accounts that nobody is seen to pay for, that did not come one by one and send alike, from a queue of their own, out
  of a network or two of their own in which no place shows: `review`;
- accounts of many countries that signed up at once, share a few networks of their own and do not each pay for
  themselves: `review` as well, but for a school in summer; likewise those that did not come one by one and share cards
  by a few, each card for several countries;
- one event in one place without a machine, and accounts that all send the same few texts again and again: `watch`;
- an office of one country that has days off hides nobody by the cards of its clients, nor does a service in one cloud
  by its addresses, unless its place or its cards are mostly others' too, as on a campus;
- the customers of one tool each came in their own time and pay for themselves, and are where it runs: `watch` at most
  whatever its timer does, unless they do what no customer does;
- staff of one place who are at home in places of their own may work much, on their days, and do other things besides;
- who pays alone and has a habit (once a day, by daylight), or came one by one and sends what others send too, is for
  `watch` at most; so is who asks in bursts and has days off, among people of one country who came one by one, or who
  pays alone and asks for no more than people at work; so are those who are set the same tasks, those who came one by
  one and ask for little, each as much as he likes, and those who sit in one place and each pay for themselves, if they
  ask in bursts; and people of one country who ask by day for hardly more than customers do; a few places, each with
  people of its own country, are offices;
- accounts that all families but one know by what is mostly others' too are of one kind, such as programs
  on one cloud: `watch` at most;
- no sign of hiding, where the log could show one: `explained`, named for what it looks like
  (`graphscan.rings.triage.open_crowds`); but two of work under several cards of a few accounts each, of which no one
  customer is seen to pay: `watch`, or `review` where they work harder than an agency does; `review` as well where
  accounts in one place signed up at once and work harder than a class; and `watch` where nothing shows what accounts
  that ask much have in common;
- a sign of hiding without two of work, or with them where one customer pays, or fewer bits than `THIN_BITS`: `watch`;
- anything that the log cannot explain: `review`, or `watch` where most of it is in declared organisations;
- a ring that is certified only where language is no stratum: `watch`, unless it explains itself.

The rules know what they were told. Where the measures of a ring, all together, are clearly like those of honest crowds
it is for `watch` at most, and where work is clearly like that of rings, no one card pays for it and it is not as people
work, it is for `review` (`graphscan.rings.triage.likeness`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphscan.rings.triage.answers import EXPLAINED, REVIEW, WATCH
from graphscan.rings.triage.causes import (
    COUNTRY,
    EVENT,
    PAYER,
    as_people_do,
    cause_of,
    is_run_from_nowhere,
    nothing_new,
    of_a_kind,
    run_as_one,
)
from graphscan.rings.triage.crowd import Crowd
from graphscan.rings.triage.likeness import Likeness, likeness
from graphscan.rings.triage.measured import HOUSEHOLD
from graphscan.rings.triage.open_crowds import ALL_WORK, MOST_WORKED, WORKED, answer_of
from graphscan.rings.triage.secrets import MORE_THAN_STUDY, in_secret, unseen
from graphscan.rings.triage.signs import (
    is_machine,
    is_more_than_much,
    never_off,
    signs_of_hiding,
    signs_of_work,
)

THIN_BITS = 20.0
"""Bits below which a ring without a sign of work is for `watch`."""

HARDLY = 0.25
"""Bits an account that all families but one must save: of 795 rings for review in some forty worlds none has less than
.5."""

DECLARED = 0.9
"""Share of the accounts in one declared organisation, or in large ones, from which the ring is what they declare."""

MOST_DECLARED = 0.6
"""Share of the accounts in large declared organisations from which a ring is for `watch` at most."""

UNLIKE, ALIKE = -2.0, 4.0
"""Bits by which measures are like those of honest crowds, up to which nothing is for review, and like those of rings,
from which work is, unless one card pays for it or people do it."""


@dataclass(frozen=True)
class Triage:
    """What to do with a ring: `triage`, reasons, `scale`, and the signs of intent that speak for a look."""

    triage: str
    reasons: tuple[str, ...]
    scale: str
    intent_signs: tuple[str, ...]


def triage_of(crowd: Crowd, bits: float, saved: Sequence[float]) -> Triage:
    """The triage of one ring from what is known of its accounts, its bits, and what each family saves: by the rules,
    unless all measures together speak clearly against their answer, or one family alone tells of it."""
    told = weighed(by_rules(crowd, bits), crowd, likeness(crowd.measures))
    return by_one_family(told, (sum(saved) - max(saved, default=0.0)) / crowd.n_accounts)


def weighed(told: Triage, crowd: Crowd, alike: Likeness | None) -> Triage:
    """What the rules told, or the answer that measures which are clearly `alike` speak for."""
    if alike is None:
        return told
    if told.triage == REVIEW and alike.bits <= UNLIKE:
        reason = f"its measures are like those of honest crowds, by {-alike.bits:.1f} bits: {alike.told()}"
        return replace(told, triage=WATCH, reasons=(reason, *told.reasons))
    is_alike = alike.bits >= ALIKE and len(signs_of_work(crowd)) >= WORKED
    if told.triage == REVIEW or not is_alike:
        return told
    if crowd.cards.are_one or as_people_do(crowd):
        return told
    reason = f"its measures are like those of rings, by {alike.bits:.1f} bits: {alike.told()}"
    return replace(told, triage=REVIEW, reasons=(reason, *told.reasons))


def by_rules(crowd: Crowd, bits: float) -> Triage:
    """What the rules say, whatever the measures are like."""
    work = signs_of_work(crowd)
    cause = cause_of(crowd)
    signs = (*work, *signs_of_hiding(crowd))
    secret = in_secret(crowd, work, cause)
    reasons = (*(reason for _, reason in signs), *unseen(crowd, work, cause), *secret)
    machine = is_machine(crowd, work, cause == PAYER)
    # Cards that are those of an agency's clients hide nobody, if it serves them all from one place of its own.
    is_office = crowd.places.is_in_offices and not crowd.pace.has_no_day_off
    in_office = is_office and not machine and not crowd.is_among_others
    n_hiding = 0 if in_office else len(reasons) - len(work)
    kind = (*of_a_kind(crowd), *nothing_new(crowd), *as_people_do(crowd))

    def told(triage: str, *first: str) -> Triage:
        names = tuple(name for name, _ in signs)
        # Of people of one country it is a sign, and said already.
        more = (reason for reason in never_off(crowd) if reason not in reasons)
        scale = scale_of(crowd.n_accounts, crowd.n_requests)
        return Triage(triage, (*first, *reasons, *more), scale, names)

    is_one_firm = crowd.value("share_one_organisation", 0.0) >= DECLARED
    is_no_firm = is_run_from_nowhere(crowd, work) if is_one_firm else run_as_one(crowd, work)
    declared = 0.0 if is_no_firm else crowd.value("share_large_organisations", 0.0)

    def looked_at(*first: str) -> Triage:
        if declared >= MOST_DECLARED:
            return told(WATCH, "most of it is in declared organisations")
        if kind:
            return told(WATCH, *kind)
        return told(REVIEW, *first)

    if is_one_firm and not is_no_firm:
        return told(EXPLAINED, "one declared organisation")
    if declared >= DECLARED:
        return told(EXPLAINED, "a few declared organisations, each a good part of it")
    paid_openly = (cause == PAYER or crowd.is_paid_at_home or crowd.is_of_one_tool) and not machine
    no_assignment = machine or (crowd.pace.is_heavy(MORE_THAN_STUDY) and not in_office and not crowd.is_staff)
    # People of one country may well ask much, move about and share cards; so may who came one by one.
    is_people = cause == COUNTRY or crowd.pace.signed_up_over_time
    is_at_work = is_more_than_much(work) or (work and not is_people)
    organised = (
        (len(work) >= WORKED and n_hiding)
        or (is_at_work and n_hiding >= 2 and crowd.n_accounts > HOUSEHOLD)
        or (len(work) >= MOST_WORKED and cause != EVENT and (no_assignment or len(work) >= ALL_WORK))
    )
    at_one_event = cause == EVENT and crowd.places.is_in_one_place and not machine
    if secret or (organised and not paid_openly and not at_one_event):
        return looked_at()
    can_tell = "addresses_per_account" in crowd.measures and "share_night_hours" in crowd.measures
    if can_tell and not n_hiding:
        answer, reason = answer_of(crowd, len(work), cause)
        return looked_at(reason) if answer == REVIEW else told(answer, reason)
    if can_tell and len(work) < WORKED:
        return told(WATCH, "one sign of organised work only" if work else "no sign of organised work")
    if can_tell and at_one_event:
        return told(WATCH, "one event in one place, and nothing shows a machine")
    if can_tell and paid_openly:
        return told(WATCH, f"{_who_pays(crowd, cause)}, and nothing shows a machine")
    if bits < THIN_BITS and not work:
        return told(WATCH, f"certified, but with {bits:.0f} bits only")
    return looked_at("nothing in this log explains it")


def by_one_family(told: Triage, others: float) -> Triage:
    """The triage of a ring, of which all families but the one that saves most save so many bits an account.

    Who takes up one topic, or comes to one place, does so in the hours in which it is talked about: of many accounts
    that is enough for two families, and of each of them next to nothing.
    """
    if told.triage != REVIEW or others >= HARDLY:
        return told
    reason = f"one family tells of these accounts, and the others hardly: {others:.2f} bits for each"
    return replace(told, triage=WATCH, reasons=(reason, *told.reasons))


def in_own_language(told: Triage, crowd: Crowd) -> Triage:
    """The triage of a ring that is certified only where language is no stratum: to watch, unless it explains itself.

    In scripts without spaces what everybody says fits templates: people who hide nothing are a people.
    """
    share = crowd.texts.in_templates
    reason = f"certified only if their language is evidence; {share:.0%} of their requests fit templates"
    triage = EXPLAINED if told.triage == EXPLAINED else WATCH
    return replace(told, triage=triage, reasons=(reason, *told.reasons))


def scale_of(n_accounts: int, n_requests: int) -> str:
    """`personal`, `team`, `organisation` or `industrial`, by whichever of accounts and requests is larger."""
    if n_accounts >= 1000 or n_requests >= 1_000_000:
        return "industrial"
    if n_accounts >= 100 or n_requests >= 100_000:
        return "organisation"
    return "team" if n_accounts >= 10 or n_requests >= 5_000 else "personal"


def _who_pays(crowd: Crowd, cause: str) -> str:
    """Who openly pays, in words."""
    if cause == PAYER:
        return "one customer pays for all"
    if crowd.is_paid_at_home:
        return "each card pays for accounts of one country"
    return "each came in its own time and pays for itself"
