"""What the nights tell: complete, true, and without a word of the log or a secret."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from shell import Shell

from graphscan.nightly.pages import index_page, metrics
from graphscan.nightly.plan import plan_of
from graphscan.nightly.shelf import read_catalog
from graphscan.nightly.tell import Watch, slack_message
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
    assert "secret-path" not in told.replace('["/secret-path"', "")


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
        ("http://127.0.0.1:1/secret", "was not reached"),
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


def test_an_address_in_the_settings_is_refused(tmp_path: Path, shell: Shell) -> None:
    config = tmp_path / "graphscan.toml"
    config.write_text('[nightly]\nslack = "https://hooks.example/T0/B0/secret"\n')
    code, _, err = shell("nightly", "--date", FIRST, "--requests", "x", "--config", config)
    assert code == 2
    assert "reference to the environment" in err


def test_purge_takes_the_lines_of_its_nights_out_of_the_log(place, shell: Shell) -> None:
    shell("purge", "--nights", place.nights, "--before", SECOND)
    assert (place.nights / "log.jsonl").read_text() == ""
    assert FIRST not in (place.nights / "index.html").read_text()


def test_slack_and_the_index_escape_and_cut() -> None:
    said = {
        "outcome": "published",
        "n_rings": {"review": 1},
        "breaches": ["<!channel> & co"],
        "late": [],
        "events": [f"quiet-otter {i}" for i in range(50)],
    }
    section = slack_message(FIRST, said)["blocks"][1]["text"]["text"]
    assert "&lt;!channel&gt; &amp; co" in section
    assert section.endswith("and 30 more")
    night = {"date": FIRST, "generation": "ab", "n_rings": {}, "breaches": ["<script>"], "events": []}
    assert "<script>" not in index_page([night])


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
