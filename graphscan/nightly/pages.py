"""The index of nights as HTML, and the nights' metrics as Prometheus' text."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphscan.nightly.sentences import first
from graphscan.report.shown import visible

_METRICS = {
    "last_success_timestamp_seconds": "When a night last ended well, in seconds since 1970.",
    "last_run_succeeded": "Whether the last run ended well.",
    "duration_seconds": "How long the last run took.",
    "requests": "Requests in the window of the last night.",
    "rings": "Rings of the last night by triage.",
    "accounts_in_rings": "Accounts in rings of the last night.",
    "degraded": "Whether the last night was published as degraded.",
}

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #8884;vertical-align:top}.n{text-align:right}:root{color-scheme:light dark}"
)


def metrics(before: str, told: Mapping[str, Any], now: float | None, seconds: float) -> str:
    """The metrics' file; of a run that failed (`now` is None) with what `before` said of the last good one."""
    kept = dict(re.findall(r"^graphscan_(\S+) (\S+)$", before, re.MULTILINE))
    values = {k: v for k, v in kept.items() if now is None and k.partition("{")[0] in _METRICS}
    values |= {"last_run_succeeded": str(int(now is not None)), "duration_seconds": f"{seconds:.3f}"}
    if now is not None:
        values["last_success_timestamp_seconds"] = f"{now:.3f}"
        values["requests"] = str(told["n_requests"])
        values["accounts_in_rings"] = str(told["n_accounts_in_rings"])
        values["degraded"] = str(told["degraded"])
        values |= {f'rings{{triage="{t}"}}': str(n) for t, n in told["n_rings"].items()}
    lines = []
    for name, text in _METRICS.items():
        own = {k: v for k, v in values.items() if k.partition("{")[0] == name}
        if own:
            lines += [f"# HELP graphscan_{name} {text}", f"# TYPE graphscan_{name} gauge"]
            lines += [f"graphscan_{k} {v}" for k, v in own.items()]
    return "\n".join(lines) + "\n"


def index_page(nights: Sequence[Mapping[str, Any]]) -> str:
    """A page with a row a night, with what happened to the rings, and a link to its report.

    A breach names columns and files of the log: hostile text.
    """
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    rows = "".join(_row(night) for night in nights)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Nights</title><style>{_STYLE}</style></head><body><main><h1>Nights</h1><table><thead><tr>"
        '<th scope="col">Night</th><th scope="col" class="n">Review</th><th scope="col" class="n">Watch</th>'
        '<th scope="col" class="n">Explained</th><th scope="col">What happened</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></main></body></html>\n"
    )


def _row(night: Mapping[str, Any]) -> str:
    link = f"nights/{night['date']}/{night['generation']}/report/index.html"
    said = [*(f"degraded: {b}" for b in night["breaches"]), *first(night["events"])]
    counts = "".join(f'<td class="n">{n}</td>' for n in night["n_rings"].values())
    happened = "<br>".join(html.escape(visible(s)) for s in said)
    date = f'<a href="{html.escape(link)}">{html.escape(night["date"])}</a>'
    return f"<tr><td>{date}</td>{counts}<td>{happened}</td></tr>"
