"""The planted rings: what is reported in public, in proportion, and shapes that a detector could miss.

Constants only; `plant.py` reads them. The first three are the case of February 2026 as the article behind
this project tells it (the split of accounts over the three has no other source); the next five follow shapes
reported later that year; the small ones each have another combination of habits.
"""

from dataclasses import dataclass, field

from graphscan.lab.simulate.world import CLOCK, EVEN, HUMAN, OFFICE, SYNCHRONOUS

FULL, GENTLY = "full", "gently"  # grows in proportion to the scale, or with its fourth root
STANDARD = 0.02  # the scale at which `accounts` and `requests` below hold

CODING, REASONING, GRADING = "agentic coding", "reasoning elicitation", "rubric grading"
REWRITING, TOOLS, ANALYSIS = "censorship-safe rewriting", "tool use", "data analysis"


@dataclass(frozen=True)
class Habits:
    """One ring. Shares are of its accounts or requests; hours and days are of the log.

    mix           tasks and their shares; empty: no template at all
    share_template  requests that fill a template; the others are camouflage or other people's
    spread        how unlike in volume the accounts are (sigma of a log-normal)
    active        first and last moment, as shares of the log
    relays        real people behind each account, whose requests it passes on
    pool          "hosting", "residential", "mixed", "single", "homes" (none of its own) or the name of a
                  shared pool
    addresses     size of the pool for each account
    subset        addresses that one account uses
    per_card      accounts on one card; 0: no card, 1: each its own
    sign_up       "aged", "burst" or "waves", within `sign_up_hours` each
    mails         disposable domains it signs up with; 0: the big providers
    moves         share of its traffic on the new model within a day of its release
    """

    name: str
    accounts: int
    requests: float
    grows: str = GENTLY
    language: str = "en"
    mix: dict[str, float] = field(default_factory=dict)
    templates: int = 0
    share_template: float = 0.0
    spread: float = 0.3
    rhythm: int = CLOCK
    active: tuple[float, float] = (0.0, 1.0)
    phases: int = 1
    relays: int = 0
    pool: str = "homes"
    addresses: float = 0.3
    subset: int = 4
    per_card: float = 1.0
    paying: float = 0.9
    sign_up: str = "aged"
    sign_up_hours: float = 6.0
    mails: int = 0
    agents: int = 2
    plans: tuple[str, ...] = ("api",)
    system: bool = False
    moves: float = 0.1
    replays: bool = False


RINGS = (
    Habits(
        "minimax",
        accounts=280,
        requests=930,
        grows=FULL,
        mix={CODING: 0.65, TOOLS: 0.25, ANALYSIS: 0.1},
        templates=9,
        share_template=0.85,
        rhythm=CLOCK,
        pool="residential",
        addresses=0.35,
        subset=8,
        per_card=4,
        sign_up="waves",
        sign_up_hours=9,
        mails=6,
        agents=3,
        plans=("api", "pro", "plus"),
        moves=0.55,
        replays=True,
    ),
    Habits(
        "moonshot",
        accounts=140,
        requests=486,
        grows=FULL,
        mix={TOOLS: 0.35, CODING: 0.3, ANALYSIS: 0.25, REASONING: 0.1},
        templates=8,
        share_template=0.75,
        rhythm=EVEN,
        pool="mixed",
        addresses=0.8,
        subset=6,
        per_card=3,
        paying=0.6,
        sign_up="waves",
        sign_up_hours=24,
        mails=0,
        agents=9,
        plans=("free", "plus", "api", "team", "education", "startup"),
        moves=0.25,
    ),
    Habits(
        "deepseek",
        accounts=60,
        requests=50,
        grows=FULL,
        mix={REASONING: 0.5, GRADING: 0.3, REWRITING: 0.2},
        templates=5,
        share_template=0.9,
        spread=0.05,
        rhythm=SYNCHRONOUS,
        pool="hosting",
        addresses=0.3,
        subset=3,
        per_card=6,
        sign_up="burst",
        mails=2,
        agents=1,
    ),
    Habits(
        "hot",
        accounts=10,
        requests=4400,
        mix={CODING: 0.7, REASONING: 0.3},
        templates=4,
        share_template=0.9,
        spread=0.1,
        rhythm=EVEN,
        active=(0.3, 0.73),
        pool="hosting",
        addresses=1.5,
        subset=5,
        per_card=2,
        sign_up="burst",
        plans=("pro", "team"),
        system=True,
        replays=True,
    ),
    Habits(
        "trickle",
        accounts=110,
        requests=78,
        spread=0.15,
        rhythm=CLOCK,
        relays=6,
        pool="residential",
        addresses=0.4,
        subset=5,
        per_card=3,
        sign_up="waves",
        sign_up_hours=5,
        mails=3,
        agents=4,
        plans=("plus",),
    ),
    Habits(
        "reseller",
        accounts=50,
        requests=150,
        mix={ANALYSIS: 0.5, CODING: 0.5},
        templates=4,
        share_template=0.35,
        relays=8,
        rhythm=HUMAN,
        pool="hosting",
        addresses=0.3,
        subset=4,
        per_card=3,
        sign_up="waves",
        sign_up_hours=8,
        mails=2,
        agents=2,
        plans=("plus", "pro"),
    ),
    Habits(
        "phoenix",
        accounts=40,
        requests=120,
        mix={CODING: 1.0},
        templates=3,
        share_template=0.85,
        phases=2,
        rhythm=CLOCK,
        pool="residential",
        addresses=0.6,
        subset=5,
        per_card=4,
        sign_up="burst",
        sign_up_hours=4,
        mails=2,
        moves=0.3,
    ),
    Habits(
        "hanzi",
        accounts=40,
        requests=60,
        language="zh",
        mix={REASONING: 0.5, GRADING: 0.25, REWRITING: 0.25},
        templates=5,
        share_template=0.8,
        rhythm=OFFICE,
        pool="hosting",
        addresses=0.25,
        subset=3,
        per_card=4,
        sign_up="waves",
        sign_up_hours=4,
        mails=0,
    ),
    Habits(
        "eight",
        accounts=8,
        requests=90,
        mix={GRADING: 1.0},
        templates=1,
        share_template=0.9,
        pool="hosting",
        addresses=0.5,
        subset=3,
        per_card=1,
        sign_up="aged",
    ),
    Habits(
        "ten",
        accounts=10,
        requests=80,
        mix={REASONING: 1.0},
        templates=2,
        share_template=0.85,
        per_card=5,
        sign_up="aged",
        rhythm=CLOCK,
    ),
    Habits(
        "twelve",
        accounts=12,
        requests=70,
        relays=3,
        pool="hosting",
        addresses=0.4,
        subset=4,
        per_card=4,
        sign_up="waves",
        sign_up_hours=3,
        rhythm=HUMAN,
    ),
    Habits(
        "fifteen",
        accounts=15,
        requests=60,
        mix={CODING: 0.5, TOOLS: 0.5},
        templates=2,
        share_template=0.8,
        per_card=0,
        sign_up="burst",
        sign_up_hours=1,
        mails=1,
        plans=("free",),
        rhythm=HUMAN,
    ),
    Habits(
        "twenty",
        accounts=20,
        requests=50,
        mix={ANALYSIS: 1.0},
        templates=2,
        share_template=0.6,
        pool="residential",
        addresses=0.5,
        subset=4,
        per_card=0,
        sign_up="burst",
        sign_up_hours=2,
        mails=1,
        plans=("free",),
        rhythm=OFFICE,
    ),
    Habits(
        "forty",
        accounts=40,
        requests=70,
        mix={REWRITING: 0.6, GRADING: 0.4},
        templates=3,
        share_template=0.8,
        pool="residential",
        addresses=0.5,
        subset=4,
        per_card=4,
        sign_up="aged",
        rhythm=EVEN,
    ),
    Habits(
        "tenant-a",
        accounts=26,
        requests=80,
        mix={TOOLS: 1.0},
        templates=3,
        share_template=0.8,
        pool="tenants",
        addresses=0.6,
        subset=5,
        per_card=4,
        sign_up="burst",
        sign_up_hours=3,
    ),
    Habits(
        "tenant-b",
        accounts=22,
        requests=80,
        mix={REASONING: 0.6, ANALYSIS: 0.4},
        templates=3,
        share_template=0.8,
        pool="tenants",
        addresses=0.6,
        subset=5,
        per_card=3,
        sign_up="burst",
        sign_up_hours=3,
    ),
    Habits(
        "front-company",
        accounts=30,
        requests=140,
        mix={CODING: 0.6, ANALYSIS: 0.4},
        templates=4,
        share_template=0.7,
        rhythm=CLOCK,
        pool="hosting",
        addresses=0.15,
        subset=3,
        per_card=2,
        sign_up="waves",
        sign_up_hours=8,
        mails=1,
        plans=("team",),
        system=True,
    ),
    Habits(
        "one-door",
        accounts=30,
        requests=80,
        mix={CODING: 0.5, REASONING: 0.5},
        templates=3,
        share_template=0.85,
        rhythm=CLOCK,
        pool="single",
        subset=1,
        per_card=2,
        sign_up="waves",
        sign_up_hours=12,
    ),
)
