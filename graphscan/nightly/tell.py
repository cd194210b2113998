"""What the nights tell those who watch them: a log, metrics, OpenLineage events, an index, and messages.

Takes in a night as it passes and as it ends; gives out files beside the nights, and POSTs where the settings name a
webhook. Names and numbers of rings go out, never a value of the log; addresses of webhooks are secrets that only the
environment has. What cannot be told is given back in words, and ends no night.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import graphscan
from graphscan.errors import RunError
from graphscan.logs.files import is_select
from graphscan.nightly.pages import index_page, metrics
from graphscan.nightly.plan import Plan
from graphscan.nightly.sentences import first
from graphscan.nightly.shelf import read_catalog, read_night, replace_text
from graphscan.settings import TABLES

LOG = "log.jsonl"
EVENTS = "openlineage.jsonl"
METRICS = "graphscan.prom"
INDEX = "index.html"

PATIENCE_S, LAST_PATIENCE_S = 10.0, 1.5
"""How long a webhook may take, and how long when the night was asked to end at once."""

SLACK_MOST = 3000
"""Characters of a section that Slack takes."""

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_NOMINAL = "https://openlineage.io/spec/facets/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet"


class Watch:
    """One night as it is told. The clock is read for the times in the log, the events and the metrics, and by nothing
    that decides: it may be wrong, and may be set while a night runs."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._patience_s = PATIENCE_S
        self._began = time.monotonic()
        self._run = str(uuid.uuid4())
        self._problems: list[str] = []
        self._log("begin", {})
        self._lineage("START")

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._log("stage", {"stage": name})

    def ended(self, outcome: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """The night is published, or nothing was to do; what could not be told."""
        told = {k: facts[k] for k in ("generation", "n_requests", "n_rings", "n_accounts_in_rings")}
        said = {**told, "breaches": facts["breaches"], "late": facts["late"], "events": facts["events"]}
        self._log(outcome, said)
        self._lineage("COMPLETE")
        self._metrics({**told, "degraded": int(bool(facts["breaches"]))}, succeeded=True)
        self._index()
        if outcome != "nothing":
            self._send({"outcome": outcome, **said, "changes": facts["changes"]})
        return tuple(self._problems)

    def failed(self, how: str, *, stopped: bool = False) -> None:
        """The night failed, or was stopped; why in words."""
        outcome = "stopped" if stopped else "failed"
        if stopped:
            self._patience_s = LAST_PATIENCE_S
        self._log(outcome, {"why": how})
        self._lineage("ABORT" if stopped else "FAIL")
        self._metrics({}, succeeded=False)
        self._send({"outcome": outcome, "why": how, "breaches": [], "late": [], "events": []})

    def _log(self, event: str, more: Mapping[str, Any]) -> None:
        seconds = round(time.monotonic() - self._began, 3)
        line = {"at": _now(), "night": self._plan.day, "event": event, "seconds": seconds, **more}
        self._append(LOG, line)

    def _lineage(self, kind: str) -> None:
        producer = f"urn:graphscan:{graphscan.__version__}"
        day = dt.datetime.combine(self._plan.date, dt.time(), dt.UTC)
        nominal = {
            "_producer": producer,
            "_schemaURL": _NOMINAL,
            "nominalStartTime": day.isoformat(),
            "nominalEndTime": (day + dt.timedelta(days=1)).isoformat(),
        }
        output = self._plan.root.absolute() / "nights" / self._plan.day
        event = {
            "eventType": kind,
            "eventTime": _now(),
            "producer": producer,
            "schemaURL": _SCHEMA,
            "run": {"runId": self._run, "facets": {"nominalTime": nominal}},
            "job": {"namespace": "graphscan", "name": "nightly"},
            "inputs": self._inputs(),
            "outputs": [{"namespace": "file", "name": str(output)}] if kind == "COMPLETE" else [],
        }
        self._append(EVENTS, event)

    def _inputs(self) -> list[dict[str, str]]:
        """Paths; of a SELECT, which may hold values of the log, the table that it is."""
        named = {t: text for t in TABLES if (text := getattr(self._plan.settings.inputs, t))}
        return [
            {"namespace": "graphscan", "name": table}
            if is_select(text)
            else {"namespace": "file", "name": str(Path(text).absolute())}
            for table, text in named.items()
        ]

    def _append(self, name: str, line: Mapping[str, Any]) -> None:
        try:
            with (self._plan.root / name).open("ab+") as f:
                # A full disk may have cut the last line short: this one is not to be lost with it.
                begun = f.seek(0, os.SEEK_END) and f.seek(-1, os.SEEK_END) and f.read(1) != b"\n"
                f.write(b"\n" * bool(begun) + json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n")
        except OSError as e:
            self._problems.append(f"{name}: cannot be written: {e.strerror}")

    def _metrics(self, told: Mapping[str, Any], *, succeeded: bool) -> None:
        path = self._plan.root / METRICS
        seconds = time.monotonic() - self._began
        try:
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            replace_text(path, metrics(before, told, time.time() if succeeded else None, seconds))
        except OSError as e:
            self._problems.append(f"{METRICS}: cannot be written: {e.strerror}")

    def _index(self) -> None:
        try:
            write_index(self._plan.root)
        except OSError as e:
            self._problems.append(f"{INDEX}: cannot be written: {e.strerror}")
        except RunError as e:
            self._problems.append(f"{INDEX}: {e.message}")

    def _send(self, said: Mapping[str, Any]) -> None:
        own, day = self._plan.settings.nightly, self._plan.day
        if own.webhook:
            self._post("webhook", own.webhook, {"night": day, **said})
        if own.slack:
            self._post("slack", own.slack, slack_message(day, said))

    def _post(self, what: str, reference: str, payload: Mapping[str, Any]) -> None:
        name = reference.removeprefix("env:")
        address = os.environ.get(name, "")
        if not address.startswith(("https://", "http://")):
            self._problems.append(f"{what}: the variable {name} has no address")
            return
        told: list[str] = []
        post = threading.Thread(target=_post, args=(address, payload, self._patience_s, told), daemon=True)
        post.start()
        # A socket's own limit holds for each of its steps, and not for finding the host.
        post.join(self._patience_s)
        for said in told or ([f"took more than {self._patience_s:g} s"] if post.is_alive() else []):
            self._problems.append(f"{what}: {said}")


def _post(address: str, payload: Mapping[str, Any], patience_s: float, told: list[str]) -> None:
    """Sends the payload; what went wrong is added to `told`, without the address, which an error's text may hold."""
    body = json.dumps(payload, ensure_ascii=True).encode("ascii")
    try:
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=patience_s):
            pass
    except urllib.error.HTTPError as e:
        told.append(f"was answered with {e.code}")
        e.close()
    except (OSError, ValueError, http.client.HTTPException) as e:
        told.append(f"was not reached ({type(e).__name__})")


def slack_message(day: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A night as Slack's blocks, with a plain text for notifications."""
    head = f"graphscan, night {day}: {said['outcome']}"
    rings = said.get("n_rings")
    counts = ", ".join(f"{n:,} {triage}" for triage, n in rings.items()) if rings else said.get("why", "")
    degraded = [f":warning: {b}" for b in said["breaches"]]
    stale = [f"night {d} is stale: run it again" for d in said["late"]]
    lines = [counts, *degraded, *stale, *(f"• {e}" for e in first(said["events"]))]
    text = ""
    for line in (_slack_text(line) for line in lines if line):
        if len(text) + len(line) < SLACK_MOST:  # whole lines: an escape that is cut would be shown as it is
            text += f"{line}\n"
    return {
        "text": _slack_text(head),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": head[:150]}},
            {"type": "section", "text": {"type": "mrkdwn", "text": text or "-"}},
        ],
    }


def write_index(root: Path) -> None:
    """The page of all nights, the newest first."""
    catalog = read_catalog(root)
    nights = [read_night(root, day, catalog.nights[day]) for day in sorted(catalog.nights, reverse=True)]
    replace_text(root / INDEX, index_page(nights))


def forget(root: Path, before: dt.date) -> None:
    """Takes the lines of nights before a date out of the log and the events, whenever they were written."""
    first = before.isoformat()
    _keep(root / LOG, lambda line: line["night"] >= first)
    _keep(root / EVENTS, lambda line: line["run"]["facets"]["nominalTime"]["nominalStartTime"][:10] >= first)
    write_index(root)


def _keep(path: Path, wanted: Any) -> None:
    if path.exists():
        lines = path.read_text(encoding="ascii").splitlines()
        replace_text(path, "".join(f"{line}\n" for line in lines if _wanted(line, wanted)))


def _wanted(line: str, wanted: Any) -> bool:
    """Whether a line is kept; one that a kill cut short is not."""
    try:
        return bool(wanted(json.loads(line)))
    except (ValueError, KeyError):
        return False


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
