"""Each family in plain words: what is shared, what innocent thing looks the same, what tells the two
apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphscan.entities import OWN_CLUSTER


@dataclass(frozen=True)
class Family:
    """`shared` completes "accounts that share …"; `check` is what a reviewer can do, `apart` what it would
    show; `related` says what a ring has in common with others, which stand for {}, and what that may mean."""

    title: str
    shared: str
    innocent: str
    check: str
    apart: str
    related: str


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "prompt": Family(
            "Prompts",
            "prompt templates",
            "a public template, an assignment, a text that goes round, one tool's system text",
            "Read three prompts each of two core members side by side, and look for the template in public.",
            "A public template is used by many outside the ring; an assignment ends, and is of one place.",
            "sends the same texts as {}: one operator's work, or one tool's",
        ),
        "network": Family(
            "Addresses",
            "addresses",
            "a household, a campus, a carrier's pool, a company's VPN, a gateway's one exit",
            "Ask who holds the addresses named below: an access provider, a host, a proxy service.",
            "On a carrier's or a campus's addresses there are others who share nothing else with the ring.",
            "is seen at the same addresses as {}: one operator, or several who rent from one network",
        ),
        "payment": Family(
            "Means of payment",
            "means of payment",
            "a family, a company or an agency that pays for its people",
            "Ask payments for the holders of the cards named below and whether they paid for others before.",
            "Who pays for others says so, and pays from one place; many cards, each shared by a few, have no "
            "such reason.",
            "pays with the same means as {}: one operator pays for all of it",
        ),
        "timing": Family(
            "Times",
            "hours of work",
            "one event for all, an outage that ends, a shared schedule or time zone",
            "Lay the timeline beside releases, outages and deadlines.",
            "What an event brings together goes apart again with it.",
            "works in the same hours as {}: one schedule, or one event",
        ),
        "identity": Family(
            "Sign-ups",
            "sign-ups",
            "a day in the news, a course that registers in one sitting",
            "Compare the sign-up hours and mail domains with everybody's on those days.",
            "On a day in the news the others who signed up share no template, address or card.",
            "signed up like {}: in one campaign, or on one busy day",
        ),
        "behaviour": Family(
            "Habits",
            "habits of use",
            "users of one tool, which fixes lengths, hours and models together",
            "Ask which client sends these requests.",
            "A tool's users have their own prompts, places and cards.",
            "has the same habits as {}: one operator's program, or one tool",
        ),
    }
)


def family(name: str) -> Family:
    """A family in words; one that the settings declare by its own name."""
    return FAMILIES.get(name) or Family(
        name.replace("_", " ").capitalize() or "All families",
        name.replace("_", " "),
        "people who have the same reason to touch the same thing",
        "Look at what the accounts touched, and who else did.",
        "Strangers with a common reason share nothing else.",
        f"shares {name.replace('_', ' ')} with {{}}: one operator, or the same reason",
    )


def colour(name: str) -> str:
    """The class of the family's colour on a page."""
    known = list(FAMILIES)
    return f"f{known.index(name)}" if name in known else "f6"


SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "address": "address",
        "subnet": "network",
        "payment": "means of payment",
        "prompt_fragment": "prompt text",
        "prompt_hash": "prompt (hash)",
        "system_fragment": "system text",
        "sign_up_hour": "sign-up hour",
        "sign_up_day": "sign-up day and mail domain",
        "client": "client string",
        OWN_CLUSTER: "a cluster of its own:",
    }
)
"""What an entity of a signal is, for a reader; other signals by their name."""


def signal(name: str) -> str:
    return SIGNALS.get(name, name.replace("_", " "))


MEASURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "requests_per_account": ("Requests of an account", "number"),
        "requests_per_day": ("Requests of an account on a day with any", "number"),
        "active_days_per_account": ("Days with requests of an account", "number"),
        "share_of_all_requests": ("Share of the log's requests", "percent"),
        "span_days": ("Days from the first request to the last", "number"),
        "share_busiest_day": ("Requests on the busiest day", "percent"),
        "evenness_of_work": ("Evenness of the work over accounts (1: all send as much)", "number"),
        "evenness_of_dispatch": ("Evenness of dispatch (1: taking turns, .5: at random)", "number"),
        "share_night_hours": ("Requests in the 8 quietest hours (33%: no night)", "percent"),
        "hours_of_day_used": ("Hours of the day with requests", "number"),
        "addresses_per_account": ("Addresses of an account", "number"),
        "accounts_per_address": ("Accounts on an address", "number"),
        "subnets": ("Networks (/24, /48)", "number"),
        "share_top_address": ("Requests from the busiest address", "percent"),
        "share_in_address_country": (
            "Of those on shared addresses, in the commonest country of their address",
            "percent",
        ),
        "cards_per_account": ("Cards for each account that paid", "number"),
        "share_cards_unique": ("Cards that serve one account alone", "percent"),
        "share_in_payers_country": (
            "Of those on shared cards, in the commonest country of their card",
            "percent",
        ),
        "models": ("Models in use", "number"),
        "share_moved_24h": ("Requests that moved to a new model within 24 hours", "percent"),
        "sign_up_span_days": ("Days that hold the middle 80% of the sign-ups", "number"),
        "countries": ("Countries", "number"),
        "plans": ("Plans", "number"),
        "share_one_country": ("Accounts in the commonest country", "percent"),
        "share_one_organisation": ("Accounts of the commonest declared organisation", "percent"),
        "share_large_organisations": (
            "Accounts of declared organisations of a quarter of them or more",
            "percent",
        ),
        "client_strings": ("Client strings", "number"),
        "share_in_templates": ("Requests that fill a template", "percent"),
        "topics": ("Templates of 1% of the requests or more", "number"),
        "slot_repeats": ("Prompts that another account sent word for word", "percent"),
        "distinct_texts": ("Different texts among the prompts in templates", "percent"),
        "replay_share": ("Responses that come back in another account's prompt", "percent"),
        "canary_hits": ("Prompts with a marked string from another account's response", "number"),
    }
)
"""What a measure of `activity.parquet` is called, and whether it is a number or a share."""
