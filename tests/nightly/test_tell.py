"""What the nights tell: complete, true, and without a word of the log or a secret."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import http.server
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from payloads import MARKUP, UNSEEN
from reading import name as tag_of
from reading import text_of, walk
from shell import Shell

from graphscan.nightly.pages import index_page, metrics
from graphscan.nightly.plan import plan_of
from graphscan.nightly.shelf import read_catalog
from graphscan.nightly.tell import Watch, slack_message
from graphscan.report.shown import visible
from graphscan.settings import Settings

FIRST, SECOND = "2026-03-04", "2026-03-05"


class _Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing."""


@pytest.fixture
def hook() -> Iterator[http.server.HTTPServer]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Hook)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_night_is_told_to_all_who_watch(place, shell: Shell, hook, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{hook.server_port}"
    monkeypatch.setenv("HOOK", f"{address}/secret-path")
    monkeypatch.setenv("SLACK", f"{address}/broken")
    config = place.home / "graphscan.toml"
    config.write_text('[nightly]\nwebhook = "env:HOOK"\nslack = "env:SLACK"\n')
    code, out, _ = shell(*place.arguments(SECOND), "--config", config)
    assert code == 3
    assert "degraded: slack: was answered with 500" in out
    (path, payload), (_, slack) = hook.got
    assert path == "/secret-path"
    assert (payload["night"], payload["outcome"]) == (SECOND, "published")
    assert sum(payload["n_rings"].values()) == 1
    assert slack["text"] == f"graphscan, night {SECOND}: published"
    lines = [json.loads(line) for line in (place.nights / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines if line["event"] != "stage"] == [
        "begin",
        "published",
        "begin",
        "published",
    ]
    assert "propose" in {line.get("stage") for line in lines}
    events = [json.loads(line) for line in (place.nights / "openlineage.jsonl").read_text().splitlines()]
    assert [e["eventType"] for e in events] == ["START", "COMPLETE"] * 2
    assert len({e["run"]["runId"] for e in events}) == 2
    for event in events:
        _is_a_run_event(event)
    assert [e["run"]["facets"]["nominalTime"]["nominalStartTime"][:10] for e in events] == [FIRST] * 2 + [
        SECOND
    ] * 2
    prom = (place.nights / "graphscan.prom").read_text()
    for triage, n in payload["n_rings"].items():
        assert f'graphscan_rings{{triage="{triage}"}} {n}\n' in prom
    assert "graphscan_last_run_succeeded 1\n" in prom
    index = (place.nights / "index.html").read_text()
    for night, entry in read_catalog(place.nights).nights.items():
        link = f"nights/{night}/{entry.generation}/report/index.html"
        assert f'href="{link}"' in index
        assert (place.nights / link).is_file()
    told = "".join(p.read_text() for p in place.nights.iterdir() if p.is_file()) + json.dumps(hook.got)
    members = pl.read_parquet(place.nights / "current" / "members.parquet")["account_id"].to_list()
    assert not any(account in told for account in members)
    assert "secret-path" not in told.replace('["/secret-path"', "") + out
    there = [p for p in place.nights.rglob("*") if p.is_file() and not p.is_symlink()]
    assert [p for p in there if b"secret-path" in p.read_bytes()] == []


def _is_a_run_event(event: dict[str, Any]) -> None:
    """What OpenLineage's JSON schema 2-0-2 asks of a RunEvent, and 1-0-1 of the facet of nominal time."""
    assert {"eventTime", "producer", "schemaURL", "run", "job"} <= event.keys()
    assert event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
    assert event["eventType"] in ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
    nominal = event["run"]["facets"]["nominalTime"]
    for at in (event["eventTime"], nominal["nominalStartTime"], nominal["nominalEndTime"]):
        assert dt.datetime.fromisoformat(at).utcoffset() == dt.timedelta(0)
    for uri in (event["producer"], event["schemaURL"], nominal["_producer"], nominal["_schemaURL"]):
        assert re.fullmatch(r"[a-z]+:\S+", uri)
    assert str(uuid.UUID(event["run"]["runId"])) == event["run"]["runId"]
    for named in (event["job"], *event["inputs"], *event["outputs"]):
        assert named.keys() == {"namespace", "name"}
        assert named["namespace"] != "file" or Path(named["name"]).is_absolute()


def test_no_value_in_a_select_is_told(tmp_path: Path) -> None:
    select = "SELECT * FROM read_parquet('log/*.parquet') WHERE account_id <> 'the-boss'"
    settings = Settings.load(None, requests=select, nightly={"folder": str(tmp_path)})
    Watch(plan_of(settings, dt.date(2026, 3, 4)))
    event = json.loads((tmp_path / "openlineage.jsonl").read_text())
    _is_a_run_event(event)
    assert event["inputs"] == [{"namespace": "graphscan", "name": "requests"}]
    assert "the-boss" not in "".join(p.read_text() for p in tmp_path.iterdir())


def test_a_line_that_a_full_disk_cut_short_takes_no_other_with_it(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"night": "2026-03-0')
    settings = Settings.load(None, requests="log", nightly={"folder": str(tmp_path)})
    Watch(plan_of(settings, dt.date(2026, 3, 4))).stage("propose")
    assert [json.loads(x)["event"] for x in (tmp_path / "log.jsonl").read_text().splitlines()[1:]] == [
        "begin",
        "stage",
    ]


def test_a_night_that_fails_is_told_and_the_last_success_stays(place, shell: Shell) -> None:
    good = (place.nights / "graphscan.prom").read_text()
    (place.log / "requests" / f"{SECOND}.parquet").write_bytes(b"no parquet")
    for day in (FIRST, "2026-03-03"):
        (place.log / "requests" / f"{day}.parquet").unlink()
    assert shell(*place.arguments(SECOND))[0] == 1
    last = json.loads((place.nights / "log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["night"]) == ("failed", SECOND)
    assert "holds no readable Parquet file" in last["why"]
    prom = (place.nights / "graphscan.prom").read_text()
    assert "graphscan_last_run_succeeded 0\n" in prom
    success = next(line for line in good.splitlines() if line.startswith("graphscan_last_success"))
    assert success in prom
    assert list(read_catalog(place.nights).nights) == [FIRST]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file:///etc/secret", "the variable HOOK has no address"),
        ("http://127.0.0.1:1/secret", "was not reached (URLError)"),
        ("http://127.0.0.1:secret/", "was not reached (InvalidURL)"),
        ("http://127.0.0.1/my secret", "was not reached (InvalidURL)"),
        ("http://[secret", "was not reached (ValueError)"),
    ],
)
def test_a_message_that_cannot_be_sent_is_a_problem_that_names_no_address(
    address: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", address)
    settings = Settings.load(None, requests="log", nightly={"folder": str(tmp_path), "webhook": "env:HOOK"})
    facts = dict.fromkeys(("breaches", "late", "events"), ()) | {"changes": None, "generation": "ab"}
    counts = {"n_requests": 1, "n_rings": {}, "n_accounts_in_rings": 0}
    problems = Watch(plan_of(settings, dt.date(2026, 3, 4))).ended("published", facts | counts)
    assert len(problems) == 1
    assert said in problems[0]
    assert "secret" not in problems[0]


def test_a_webhook_that_never_answers_holds_up_no_night_that_is_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{silent.getsockname()[1]}/secret")
        both = {"webhook": "env:HOOK", "slack": "env:HOOK"}
        settings = Settings.load(None, requests="log", nightly={"folder": str(tmp_path), **both})
        watch = Watch(plan_of(settings, dt.date(2026, 3, 4)))
        began = time.monotonic()
        watch.failed("SIGTERM", stopped=True)
        assert time.monotonic() - began < 4.0
    assert "secret" not in "".join(p.read_text() for p in tmp_path.iterdir())


def test_an_address_in_the_settings_is_refused(tmp_path: Path, shell: Shell) -> None:
    config = tmp_path / "graphscan.toml"
    config.write_text('[nightly]\nslack = "https://hooks.example/T0/B0/secret"\n')
    code, _, err = shell("nightly", "--date", FIRST, "--requests", "x", "--config", config)
    assert code == 2
    assert "reference to the environment" in err


def test_purge_takes_the_lines_of_its_nights_out_whenever_they_were_written(place, shell: Shell) -> None:
    for name in ("log.jsonl", "openlineage.jsonl"):
        path = place.nights / name
        path.write_text(re.sub(r"20\d\d(?=-\d\d-\d\dT\d\d:\d\d:\d\d\.\d)", "2051", path.read_text()))
        assert "2051-" in path.read_text()
    shell("purge", "--nights", place.nights, "--before", SECOND)
    assert (place.nights / "log.jsonl").read_text() == ""
    assert (place.nights / "openlineage.jsonl").read_text() == ""
    assert FIRST not in (place.nights / "index.html").read_text()


def test_slack_escapes_and_cuts() -> None:
    said = {
        "outcome": "published",
        "n_rings": {"review": 1},
        "breaches": ["<!channel> & co"],
        "late": [],
        "events": [f"quiet-otter {i}" for i in range(50)],
    }
    section = slack_message(FIRST, said)["blocks"][1]["text"]["text"]
    assert "&lt;!channel&gt; &amp; co" in section
    assert section.rstrip().endswith("and 30 more")


def test_slack_gets_whole_lines() -> None:
    """An escape that is cut in two would be shown as it is."""
    said = {
        "outcome": "published",
        "n_rings": {"review": 1},
        "breaches": ["<" * 100] * 40,
        "late": [],
        "events": [],
    }
    section = slack_message(FIRST, said)["blocks"][1]["text"]["text"]
    assert 2000 < len(section) <= 3000
    assert section.endswith("&lt;\n") and "<" not in section.replace("&lt;", "")


def test_the_index_of_nights_has_hostile_text_as_text() -> None:
    said = [*MARKUP, *UNSEEN]
    night = {"date": FIRST, "generation": "ab", "n_rings": {"review": 1}, "breaches": said, "events": said}
    page = index_page([night])
    elements = [e for e in walk(page) if isinstance(e.tag, str)]
    assert {tag_of(e) for e in elements} <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
        ),
        *("td", "a", "br"),
    }
    assert not [a for e in elements for a in e.attrib if a.startswith("on") or a in ("src", "style")]
    assert [e.get("href") for e in elements if e.get("href")] == [f"nights/{FIRST}/ab/report/index.html"]
    assert visible(page) == page and all(
        " ".join(visible(s).split()) in " ".join(text_of(page).split()) for s in said
    )
    (style,) = (str(e.text) for e in elements if tag_of(e) == "style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (e.get("content") for e in elements if e.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_metrics_are_prometheus_text() -> None:
    told = {"n_requests": 7, "n_accounts_in_rings": 3, "degraded": 0, "n_rings": {"review": 1, "watch": 0}}
    text = metrics("", told, 5.0, 1.25)
    assert text.startswith(
        "# HELP graphscan_last_success_timestamp_seconds When a night last ended well, in seconds since 1970.\n"
        "# TYPE graphscan_last_success_timestamp_seconds gauge\ngraphscan_last_success_timestamp_seconds 5.000\n"
    )
    failed = metrics(text, {}, None, 2.0)
    assert "graphscan_last_success_timestamp_seconds 5.000\n" in failed
    assert 'graphscan_rings{triage="review"} 1\n' in failed
    assert "graphscan_duration_seconds 2.000\n" in failed
