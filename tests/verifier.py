"""Recomputes every row of a run's evidence from counts that the run publishes, knowing nothing of the program.

The rows say family, cap, class and step; certificates.parquet who stands on which level of which stratum before and
after each step; signals.parquet how many entities a class of a view holds, and the kinds of strata. Formulas: the
certificate's, each name's bits being what it shortens of names + law of the levels + Σ log2 N!/(N−n)!.
"""

from math import lgamma, log, log2
from pathlib import Path

import numpy as np
import polars as pl

ALPHA, LEVELS, LED_TO = 0.3, 6, "led to by the names"


def orders(*counts):
    return (lgamma(sum(counts) + 1) - sum(lgamma(c + 1) for c in counts)) / log(2)


def integer(k):
    bits, part = 1.52, log2(k + 1)
    while part > 0:
        bits, part = bits + part, log2(part)
    return bits


def draws(counts, weights):
    """Length of a sequence of draws with these counts (Dirichlet-multinomial)."""
    terms = sum(lgamma(w + c) - lgamma(w) for c, w in zip(counts, weights, strict=True))
    return (lgamma(sum(weights) + sum(counts)) - lgamma(sum(weights)) - terms) / log(2)


def length(cells):
    """Levels of the members, and who of each level they are; shape (strata, LEVELS, 2): members, accounts."""
    members, accounts = cells.sum(0).T
    held = np.flatnonzero(accounts)
    who = sum(lgamma(big + 1) - lgamma(big - n + 1) for n, big in cells.reshape(-1, 2)) / log(2)
    return draws(members[held].tolist(), [ALPHA] * held.size) + who


def named_bits(named, counts, sizes):
    """Bits of each named entity of a family, in order of naming."""
    cells = np.zeros((counts["stratum"].max() + 1, LEVELS, 2))
    chosen, lengths = dict.fromkeys(sizes, 0), []
    for step, name in enumerate([LED_TO, *named["class"]]):
        part = counts.filter(step=step)
        cells[part["stratum"], part["level"]] = part.select("n_members", "n_accounts").to_numpy()
        chosen |= {name: chosen[name] + 1} if name != LED_TO else {}
        k = list(chosen.values())
        names = integer(sum(k)) + draws(k, [ALPHA] * len(k)) - orders(*k)
        names += sum(orders(c, m - c) for c, m in zip(k, sizes.values(), strict=True))
        lengths.append(names + length(cells))
    return (-np.diff(lengths)).tolist()


def mean(*lengths):
    return min(lengths) - log2(sum(2 ** (min(lengths) - bits) for bits in lengths) / len(lengths))


def fall(inside, accounts):
    """Length of the counts in strata, given their sum, by six weights of the shares of all accounts."""
    shares = np.array(accounts) / sum(accounts)
    return mean(*(draws(inside, (w * shares).tolist()) - orders(*inside) for w in (0.5, 2, 8, 32, 128, 512)))


def list_prices(listed, n_kinds):
    """What saying the set plainly costs, from the counts in the strata of the list."""
    inside, accounts = listed["n_members"].to_list(), listed["n_accounts"].to_list()
    sides = [listed.group_by(side).agg(pl.sum("n_members", "n_accounts")) for side in ("level", "stratum")]
    rows, columns = ([side["n_members"].to_list(), side["n_accounts"].to_list()] for side in sides)
    crossed = fall(*rows) + fall(*columns) + orders(*rows[0]) + orders(*columns[0]) - orders(*inside)
    return {
        "list of the accounts": -sum(orders(n, big - n) for n, big in zip(inside, accounts, strict=True)),
        "spread over strata": -mean(fall(inside, accounts), crossed),
        "size of the ring": -integer(sum(inside)),
        "choice of strata": -log2(n_kinds),
    }


def ring_bits(rows, counts, signals):
    """(family, step or what is paid for) → bits of each row of one ring."""
    known, saved = {}, [0.0]
    for (family,), views in signals.filter(pl.col("family") != "").group_by("family"):
        mine = {"choice of view": -log2(views["cap"].n_unique() + 1)}
        named = rows.filter(family=family).drop_nulls("step")
        if named.height:
            sizes = views.filter(pl.col("cap").eq_missing(named["cap"][0])).select("class", "n_entities")
            again = named_bits(named, counts.filter(family=family), dict(sizes.iter_rows()))
            followed = log2(1 / 64 if LED_TO in named["class"] else 7 / 8)
            mine |= {"end of the names": -integer(0), "whether names are followed": followed}
            mine |= dict(zip(named["step"].cast(str), again, strict=True))
        known |= {(family, what): bits for what, bits in mine.items()}
        saved.append(sum(mine.values()))
    prices = list_prices(counts.filter(family=""), signals.filter(family="").height)
    alone = max(saved) + sum(prices.values()) - prices["size of the ring"]
    prices["one family alone is none"] = -max(0.0, alone)
    return known | {("", what): bits for what, bits in prices.items()}


def verified(run):
    """ring_id, family, step (or what is paid for), bits, recomputed: every row of the run's evidence."""
    paths = [Path(run) / f"{name}.parquet" for name in ("evidence", "certificates", "signals")]
    evidence, certificates, signals = map(pl.read_parquet, paths)
    evidence = evidence.with_columns(pl.coalesce(pl.col("step").cast(pl.String), "entity").alias("what"))
    again = []
    for (ring,), rows in evidence.group_by("ring_id", maintain_order=True):
        known = ring_bits(rows, certificates.filter(ring_id=ring), signals)
        again += [known.get(key) for key in rows.select("family", "what").iter_rows()]
    told = evidence.select("ring_id", "family", "what", "bits")
    return told.with_columns(pl.Series("recomputed", again, pl.Float64))
