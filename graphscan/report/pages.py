"""Pages: facts in, HTML out.

The one place where text becomes HTML. Every value passes `visible` and then autoescape; styles and the
script are the package's own, named by hash in the page's content-security policy, so that nothing else runs
or loads.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

import graphscan
from graphscan.logs.header import Query
from graphscan.logs.queries import load_queries
from graphscan.report import shown, terms
from graphscan.report.facts import (
    ENTITIES,
    MORE_ENTITIES,
    headline,
    related,
    ring_facts,
    scan_command,
    told_decisions,
)
from graphscan.report.families import FAMILIES, colour, family, signal
from graphscan.report.later import Later
from graphscan.runs.folder import RunFolder

TEMPLATES = Path(__file__).with_name("templates")

GENERATOR = b'<meta name="generator" content="graphscan">'
"""What tells a page of a report from others."""

_HEAD = 1024
"""Bytes that hold the head of a page up to its title, which is the log's."""


def ring_page(run: RunFolder, ring_id: str, later: Later) -> str:
    """The page of one ring. Raises RunError where the run has no such ring."""
    facts = ring_facts(run, ring_id, _queries(), later.decisions)
    return _render("ring.html", run=run, facts=facts, ring=facts.ring)


def index_page(run: RunFolder, later: Later) -> str:
    """The page of the run: all rings in order, and what could not be seen."""
    rings = [
        {
            **ring,
            "headline": headline(ring),
            "decisions": told_decisions(run, ring["ring_id"], later.decisions),
            "related": related(run, ring["ring_id"]),
        }
        for ring in run.rings.to_dicts()
    ]
    png = base64.b64encode(later.map_png).decode("ascii") if later.map_png else ""
    command = scan_command(run.manifest)
    return _render("index.html", run=run, rings=rings, command=command, map_png=png, null=later.null)


def page_name(ring_id: str) -> str:
    """The file of a ring's page: its id where that is a plain name, else a name made of its hash."""
    if re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", ring_id) and ring_id != "index":
        return f"{ring_id}.html"
    return f"r-{hashlib.sha256(ring_id.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}.html"


def is_page(path: Path) -> bool:
    """Whether a file is a page that was written here: its head says so."""
    if path.suffix != ".html" or not path.is_file():
        return False
    with path.open("rb") as file:
        return GENERATOR in file.read(_HEAD)


def _render(template: str, **values: Any) -> str:
    style, script = _asset("style.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    # Both are the package's own files; anything else in a page is escaped.
    return (
        _environment()
        .get_template(template)
        .render(
            policy=policy, style=Markup(style), script=Markup(script), version=graphscan.__version__, **values
        )
    )


@functools.cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


@functools.cache
def _queries() -> Mapping[str, Query]:
    return load_queries()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        count=shown.count,
        number=shown.number,
        percent=shown.percent,
        bits=shown.bits,
        signed=shown.signed,
        day=shown.day,
        minute=shown.minute,
        cut=shown.cut,
        time_of=shown.time_of,
        plural=shown.plural,
        pretty=_pretty,
    )
    environment.globals.update(
        page_name=page_name,
        family=family,
        colour=colour,
        signal=signal,
        confidence_word=terms.confidence_word,
        confidence_terms=terms.CONFIDENCE,
        families=FAMILIES,
        data=Markup,
        entities=ENTITIES,
        more_entities=MORE_ENTITIES,
    )
    return environment


def _finalize(value: Any) -> Any:
    """What every value passes on its way into a page: what cannot be seen is made visible, nothing is
    `None`."""
    if value is None:
        return "–"
    if isinstance(value, str) and not isinstance(value, Markup):
        return shown.visible(value)
    return value


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True, default=str)
