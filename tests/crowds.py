"""Crowds by their measures beside as many ordinary customers', made by hand, and what triage says of them."""

from __future__ import annotations

from collections.abc import Mapping

from graphscan.rings.triage import Triage, by_rules
from graphscan.rings.triage.crowd import Crowd, Held
from graphscan.rings.triage.measured import Measures


def told(
    measures: Measures, n_accounts: int, n_requests: int, bits: float, held: Mapping[str, float] | None = None
) -> Triage:
    """What the rules say of a crowd with these measures."""
    of_40_000 = {family: Held(share, share * 40_000 / n_accounts) for family, share in (held or {}).items()}
    return by_rules(Crowd(measures, n_accounts, n_requests, of_40_000), bits)


COMPANY = {
    "requests_per_account": (21.0, 5.0),
    "addresses_per_account": (3.0, 1.0),
    "cards_per_account": (3 / 45, 1.0),
    "share_cards_unique": (2 / 3, 1.0),
    "share_night_hours": (0.01, 0.07),
    "share_top_address": (0.4, 0.0),
    "share_in_templates": (0.62, 0.0),
    "slot_repeats": (0.0, 0.0),
    "evenness_of_work": (0.64, 0.4),
    "evenness_of_dispatch": (0.11, 0.3),
    "share_one_country": (1.0, 0.4),
}
"""45 people of an undeclared company who ask much from templates: two of them pay with a card of their own."""

STRANGERS = {
    "requests_per_account": (7.0, 5.0),
    "addresses_per_account": (5.0, 1.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.2, 0.07),
    "share_top_address": (0.01, 0.0),
    "evenness_of_work": (0.86, 0.4),
    "evenness_of_dispatch": (0.83, 0.3),
    "share_one_country": (0.3, 0.4),
}
"""164 accounts that look like as many customers, each with a card and addresses of its own, and take turns."""

NOWHERE = {
    "requests_per_account": (20.0, 4.0),
    "addresses_per_account": (3.0, 1.0),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "share_night_hours": (0.17, 0.26),
    "share_busiest_day": (0.16, 0.15),
    "share_top_address": (0.01, 0.09),
    "subnets": (880.0, 610.0),
    "share_in_templates": (0.84, 0.01),
    "slot_repeats": (0.0, 0.05),
    "evenness_of_work": (0.47, 0.27),
    "evenness_of_dispatch": (0.15, 0.18),
    "share_one_country": (0.2, 0.3),
}
"""575 accounts of many countries on as many cards, which fill templates five times as much as customers ask."""

EVERY_DAY = {"active_days_per_account": (27.0, 4.0), "span_days": (27.9, 27.5)}

AT_ONCE = {"sign_up_span_days": (0.4, 404.0)}

LAUNCHED = {
    "requests_per_account": (7.0, 8.0),
    "addresses_per_account": (3.0, 3.0),
    "share_night_hours": (0.27, 0.28),
    "share_top_address": (0.01, 0.01),
    "subnets": (3_630.0, 4_070.0),
    "share_in_templates": (0.35, 0.0),
    "evenness_of_work": (0.56, 0.37),
    "evenness_of_dispatch": (0.23, 0.2),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (0.97, 1.0),
    "share_moved_24h": (0.43, 0.05),
    "sign_up_span_days": (0.97, 483.0),
    "share_one_country": (0.22, 0.21),
}
"""1,765 people who signed up on the day of a launch, for what was launched, and wrote what its announcement wrote."""

WARD = {
    "requests_per_account": (42.0, 5.0),
    "addresses_per_account": (3.0, 1.0),
    "share_night_hours": (0.3, 0.22),
    "share_top_address": (0.72, 0.12),
    "subnets": (73.0, 72.0),
    "share_in_templates": (0.52, 0.0),
    "slot_repeats": (0.0, 0.08),
    "evenness_of_work": (0.78, 0.43),
    "evenness_of_dispatch": (0.26, 0.19),
    "cards_per_account": (1.0, 1.0),
    "share_cards_unique": (1.0, 1.0),
    "sign_up_span_days": (3.7, 477.0),
    "share_one_country": (1.0, 0.2),
}
"""41 people of one ward, day and night, who fill one form and are at home in places of their own."""
