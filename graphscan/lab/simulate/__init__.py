"""A request log with planted rings, crowds that look like rings, and the truth about every account.

In: a few numbers and a seed. Out: the files of a log. Nothing here is known to the part of the program that
detects.
"""

import difflib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from graphscan.errors import SettingsError
from graphscan.lab.simulate import people
from graphscan.lab.simulate.addresses import AddressSpace, AddressText
from graphscan.lab.simulate.crowds import plant_crowds
from graphscan.lab.simulate.customers import LANGUAGES, connect, equip, ordinary_accounts
from graphscan.lab.simulate.draws import Dice
from graphscan.lab.simulate.evasion import PRESETS, Evasion, evasion_of
from graphscan.lab.simulate.lexicon import LexiconBuilder
from graphscan.lab.simulate.plant import plant_rings, ring_sizes
from graphscan.lab.simulate.prompts import Pen
from graphscan.lab.simulate.requests import Traffic
from graphscan.lab.simulate.rings import RINGS
from graphscan.lab.simulate.templates import TemplateBuilder
from graphscan.lab.simulate.world import Names, World
from graphscan.lab.simulate.writing import (
    LOG_START,
    Progress,
    Writer,
    account_ids,
    write_record,
    write_tables,
)

__all__ = ["PRESETS", "Evasion", "Simulated", "simulate"]


@dataclass(frozen=True)
class Simulated:
    """What was written: the folder, and how much of everything."""

    out: Path
    n_accounts: int
    n_requests: int
    kinds: dict[str, int]
    rings: dict[str, int]


def simulate(
    out: Path,
    *,
    scale: float = 0.02,
    accounts: int = 40_000,
    days: int = 14,
    seed: int = 0,
    evasion: str | Evasion = "none",
    prompts: Path | None = None,
    responses: bool = False,
    rings: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Simulated:
    """The files of a log with planted rings, in `out`: the same bytes for the same arguments.

    `scale` is the size of the reported rings, 1.0 as published; `accounts` the number of ordinary customers,
    crowds among them; `prompts` a Parquet file whose column `text` they write; `responses` adds what the
    model answered; `rings` plants only the rings of these names. `progress` is told the share done.
    Raises SettingsError for arguments out of range.
    """
    _check(scale, accounts, days, rings)
    dice = Dice(seed)
    knobs = evasion_of(evasion)
    sizes = ring_sizes(scale, None if rings is None else tuple(rings))
    space = AddressSpace(dice)
    records = ordinary_accounts(dice, accounts + sum(sizes.values()), days)
    regions, hosts = connect(dice, records, space)
    lexicon = LexiconBuilder(LANGUAGES, _read_prompts(prompts, dice))
    world = World(
        dice=dice,
        days=days,
        scale=scale,
        evasion=knobs,
        n_customers=accounts,
        accounts=records,
        space=space,
        lexicon=lexicon,
        templates=TemplateBuilder(lexicon, dice),
        regions=regions,
        hosts=hosts,
        plans=Names(tuple(name for name, _ in people.PLANS)),
    )
    equip(dice, records, world.mails, world.agents)
    plant_rings(world, sizes)
    plant_crowds(world)
    traffic = Traffic(
        dice=dice,
        days=days,
        evasion=knobs,
        accounts=records,
        pools=space.pools(),
        regions=regions,
        agents=tuple(world.agents.all),
        address_text=AddressText(),
    )
    timeline = traffic.timeline()
    pen = Pen(
        dice=dice,
        evasion=knobs,
        accounts=records,
        lexicon=lexicon.build(),
        templates=world.templates.build(),
        systems=tuple(world.systems.all),
        timeline=timeline,
        replaying=np.array([habits.replays for habits in RINGS if habits.name in sizes] or [False]),
    )
    ids = account_ids(dice, np.arange(len(records)))
    out.mkdir(parents=True, exist_ok=True)
    n_requests = Writer(dice, days, traffic, pen, timeline, ids, responses).write(out, progress)
    write_tables(world, ids, out)
    numbers, counts = np.unique(records["kind"], return_counts=True)
    kinds = {world.kinds.all[number]: int(count) for number, count in zip(numbers, counts, strict=True)}
    write_record(
        out,
        {
            "settings": {
                "scale": scale,
                "accounts": accounts,
                "days": days,
                "seed": seed,
                "evasion": asdict(knobs),
                "prompts": prompts.name if prompts else None,
                "responses": responses,
                "rings": None if rings is None else list(rings),
            },
            "starts_at": str(LOG_START),
            "marks": _marks(days),
            "n_accounts": len(records),
            "n_requests": n_requests,
            "kinds": kinds,
            "rings": world.planted,
        },
    )
    return Simulated(out, len(records), n_requests, kinds, sizes)


def _marks(days: int) -> list[dict[str, str]]:
    released = LOG_START + np.timedelta64(round(people.RELEASED_AT * days * 86_400), "s")
    return [{"at": str(released), "label": f"{people.NEW_MODEL} released"}]


def _check(scale: float, accounts: int, days: int, rings: Sequence[str] | None) -> None:
    faults = []
    names = [habits.name for habits in RINGS]
    for ring in rings or ():
        if ring not in names:
            near = difflib.get_close_matches(ring, names, 1)
            allowed = f"{near[0]}, perhaps" if near else ", ".join(names)
            faults.append(f"simulate: rings: unknown name: got {ring!r}; expected {allowed}")
    if not 0.0 < scale <= 10.0:
        faults.append(f"simulate: scale: got {scale}; expected more than 0, at most 10")
    if not 1_000 <= accounts <= 10_000_000:
        faults.append(f"simulate: accounts: got {accounts}; expected 1,000 to 10,000,000")
    if not 3 <= days <= 92:
        faults.append(f"simulate: days: got {days}; expected 3 to 92")
    if faults:
        raise SettingsError("\n".join(faults), "the defaults make a world that scans in a minute")


def _read_prompts(path: Path | None, dice: Dice) -> list[str] | None:
    """Distinct texts of the column `text`, at most 100,000 of 2,000 characters; None without a file."""
    if path is None:
        return None
    import pyarrow.parquet as pq

    if not path.is_file():
        raise SettingsError(
            f"simulate: prompts: no such file: got {path.name}; expected a Parquet file with a column text",
            "the path is taken from the folder in which the command runs",
        )
    schema = pq.read_schema(path)
    if "text" not in schema.names:
        raise SettingsError(
            f"simulate: prompts: no column text: got {', '.join(schema.names)}; expected text among them",
            "write the file with a column named text",
        )
    column = pq.read_table(path, columns=["text"])["text"].to_pylist()
    texts = sorted({text.strip()[:2000] for text in column if text and text.strip()})
    order = dice.generator("prompts").permutation(len(texts))[:100_000]
    return [texts[place] for place in order]
