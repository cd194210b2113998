"""What the sampled prompts of rings say: templates, tasks, terms, repeats, replays, marked strings.

Takes in the groups and the staged log; reads the text of at most `SAMPLE` requests of each ring and of one
request of each of the customers beside them. Gives out one `Sampled`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from graphscan.logs.queries import query_frame, run_query
from graphscan.logs.sql import Connection, frame
from graphscan.rings.portrait.given import Queries, has_needs
from graphscan.rings.portrait.groups import Groups
from graphscan.rings.portrait.marks import Texts, canary_hits, counts, replays
from graphscan.rings.portrait.takes import counted_terms, own_terms, shares_of_tasks, task_of
from graphscan.rings.portrait.templates import Template, find_templates
from graphscan.rings.portrait.words import public_runs, words_of

SAMPLE = 1_000
"""Prompts of a ring that are read, 2,000 at most: up, and rarer templates are seen, at the cost of time."""

CHARACTERS = 4_000
"""Characters of a prompt that are looked at."""

EXAMPLE = 400
"""Characters of an example that are kept."""

TRUSTED = 0.8
"""Share of what the sample says below which a count by fragments is not taken: where words are replaced, few
fragments of a template are left."""

MOST_TEMPLATES = 40
"""Templates of a ring that are kept."""

TEMPLATES: pl.Schema = pl.Schema(
    {
        "ring_id": pl.String(),
        "template_id": pl.Int32(),
        "template": pl.String(),
        "n_requests": pl.Int64(),
        "n_accounts": pl.Int64(),
        "share": pl.Float64(),
        "examples": pl.List(pl.String()),
        "task": pl.String(),
    }
)
SHARES: pl.Schema = pl.Schema(
    {
        "ring_id": pl.String(),
        "what": pl.String(),
        "label": pl.String(),
        "share": pl.Float64(),
        "ordinary": pl.Float64(),
    }
)
_VALUES: pl.Schema = pl.Schema({"group_id": pl.Int32(), "measure": pl.String(), "value": pl.Float64()})


@dataclass(frozen=True)
class Sampled:
    """What the texts say: templates and shares of tasks and terms of every ring; values (group_id, measure,
    value) for `activity`, and the same measures of the customers."""

    templates: pl.DataFrame
    shares: pl.DataFrame
    values: pl.DataFrame
    ordinary: dict[str, float]


def read_sample(con: Connection, queries: Queries, groups: Groups) -> Sampled:
    """The sampled texts of all rings, told; empty where the log has no prompts."""
    if not has_needs(con, queries["ring_prompts"]):
        empty = [pl.DataFrame(schema=s) for s in (TEMPLATES, SHARES, _VALUES)]
        return Sampled(empty[0], empty[1], empty[2], {})
    run_query(con, queries["ring_sample"], "ring_sample", {"n_sample": SAMPLE})
    rows = query_frame(con, queries["ring_prompts"], {"n_characters": CHARACTERS})
    texts = {
        int(group): Texts(tuple(part["account_id"]), tuple(map(words_of, part["prompt"])))
        for (group,), part in rows.group_by("group_id", maintain_order=True)
    }
    customers = texts.pop(groups.ordinary, Texts((), ()))
    # Half of the customers tell which runs are public, the other half is what rings are compared with.
    public = public_runs(customers.words[0::2])
    compared = Texts(customers.accounts[1::2], customers.words[1::2])
    found = {g: find_templates(t.words, t.accounts, public)[:MOST_TEMPLATES] for g, t in texts.items()}
    templates = _templates(con, queries, groups, texts, found)
    values = _values(groups, texts, found, templates)
    values += [(g, "replay_share", v) for g, v in replays(con, queries, groups).items()]
    values += [(g, "canary_hits", n) for g, n in canary_hits(con, queries, rows, list(texts)).items()]
    theirs = find_templates(compared.words, compared.accounts, public)
    folded = _folded(compared)
    everything = range(len(folded))
    ordinary = {
        "share_in_templates": _share_in(theirs, compared),
        "topics": float(len(theirs)),
        "slot_repeats": _repeats(compared.accounts, folded, everything),
        "distinct_texts": _distinct(folded, everything),
    }
    shares = _shares(groups, texts, found, compared)
    con.execute("drop table ring_sample")
    return Sampled(templates, shares, pl.DataFrame(values, schema=_VALUES, orient="row"), ordinary)


def _templates(
    con: Connection,
    queries: Queries,
    groups: Groups,
    texts: dict[int, Texts],
    found: dict[int, list[Template]],
) -> pl.DataFrame:
    """The rows of `templates`: counted over the ring's requests where the fragments tell, else over the
    sample."""
    counted = counts(con, queries, found, texts)
    sizes = dict(
        frame(
            con,
            "select group_id, sum(n_requests)::BIGINT as n from portrait_groups "
            "inner join accounts on portrait_groups.account = accounts.account "
            "where kind = 'ring' group by group_id order by group_id",
        ).iter_rows()
    )
    rows = []
    for group, templates in found.items():
        total, sampled = sizes[group], len(texts[group].words)
        own = []
        for i, template in enumerate(templates):
            accounts = {texts[group].accounts[p] for p in template.prompts}
            n_requests, n_accounts = counted.get((group, i), (0.0, 0))
            estimate = template.prompts.size / sampled * total
            if n_requests < TRUSTED * estimate:
                n_requests = estimate
            own.append((template, min(round(n_requests), total), max(n_accounts, len(accounts))))
        own.sort(key=lambda t: (-t[1], t[0].text))
        for number, (template, n_requests, n_accounts) in enumerate(own):
            rows.append(
                (
                    groups.rings[group],
                    number,
                    template.text,
                    n_requests,
                    n_accounts,
                    n_requests / total,
                    _examples(template, texts[group]),
                    task_of(template.text),
                )
            )
    return pl.DataFrame(rows, schema=TEMPLATES, orient="row").sort("ring_id", "template_id")


def _examples(template: Template, texts: Texts) -> list[str]:
    """Up to three prompts that fill a template, of different accounts, cut."""
    chosen: dict[str, str] = {}
    for i in template.prompts:
        chosen.setdefault(texts.accounts[i], texts.words[i].text)
        if len(chosen) == 3:
            break
    return [t if len(t) <= EXAMPLE else t[: EXAMPLE - 1] + "…" for t in chosen.values()]


def _values(
    groups: Groups, texts: dict[int, Texts], found: dict[int, list[Template]], templates: pl.DataFrame
) -> list[tuple[int, str, float]]:
    """What the sample says of each ring as one number each."""
    filled = templates.group_by("ring_id").agg(pl.col("share").sum(), pl.len())
    told = {ring_id: (min(share, 1.0), n) for ring_id, share, n in filled.iter_rows()}
    rows = []
    for group, own in texts.items():
        share, n = told.get(groups.rings[group], (0.0, 0))
        inside = [int(i) for t in found[group] for i in t.prompts]
        rows += [(group, "share_in_templates", share), (group, "topics", float(n))]
        if inside:
            folded = _folded(own)
            rows.append((group, "slot_repeats", _repeats(own.accounts, folded, inside)))
            rows.append((group, "distinct_texts", _distinct(folded, inside)))
    return rows


def _share_in(templates: list[Template], texts: Texts) -> float:
    return sum(t.prompts.size for t in templates) / max(1, len(texts.words))


def _repeats(accounts: Sequence[str], folded: Sequence[str], prompts: Iterable[int]) -> float:
    """The share of these prompts that another account sent word for word."""
    senders: dict[str, set[str]] = defaultdict(set)
    for account, text in zip(accounts, folded, strict=True):
        senders[text].add(account)
    repeated = [len(senders[folded[i]]) > 1 for i in prompts]
    return sum(repeated) / max(1, len(repeated))


def _distinct(folded: Sequence[str], prompts: Iterable[int]) -> float:
    """Different texts among these prompts, as a share of them."""
    texts = [folded[i] for i in prompts]
    return len(set(texts)) / max(1, len(texts))


def _folded(texts: Texts) -> list[str]:
    """Each prompt as it is compared with others: case and blanks make no difference."""
    return [" ".join(words.text.casefold().split()) for words in texts.words]


def _shares(
    groups: Groups, texts: dict[int, Texts], found: dict[int, list[Template]], ordinary: Texts
) -> pl.DataFrame:
    """Tasks and terms of every ring as shares of its sampled prompts, beside the customers'."""
    theirs = shares_of_tasks([task_of(w.text) for w in ordinary.words])
    their_terms = counted_terms(ordinary.words)
    rows: list[tuple[str, str, str, float, float]] = []
    for group, own in texts.items():
        # A template's own words tell its task better than whatever one prompt put into its slots.
        set_by = [(task_of(t.text), t.prompts) for t in found[group]]
        by_template = {int(i): task for task, prompts in set_by for i in prompts}
        tasks = [by_template.get(i) or task_of(w.text) for i, w in enumerate(own.words)]
        ring_id = groups.rings[group]
        rows += [(ring_id, "task", t, s, theirs.get(t, 0.0)) for t, s in shares_of_tasks(tasks).items()]
        rows += [
            (ring_id, "term", t, s, o) for t, s, o in own_terms(own.words, their_terms, len(ordinary.words))
        ]
    return pl.DataFrame(rows, schema=SHARES, orient="row")
