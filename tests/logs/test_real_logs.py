"""Other people's logs, in their own columns, through the settings alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"

LOGS: dict[str, tuple[dict[str, Any], set[str], int]] = {
    "glasswally_synthetic/events_nolabel.parquet": (
        {
            "columns": {"requests": {"prompt": "text", "system": "system_prompt"}},
            "declared": [{"name": "client_settings", "family": "behaviour", "column": "h2_settings_fp"}],
        },
        {"prompt", "system", "ip", "user_agent", "model", "h2_settings_fp"},
        5_000,
    ),
    "hop_airdrop/events.parquet": (
        {"declared": [{"name": "to", "family": "transfer", "column": "counterparty"}]},
        {"counterparty"},
        363_727,
    ),
    "ira_vs_ordinary/events_dev.parquet": (
        {
            "columns": {"requests": {"prompt": "text"}},
            "declared": [
                {"name": "tag", "family": "prompt", "column": "hashtags"},
                {"name": "link_at_once", "family": "prompt", "column": "urls", "window": "5m"},
            ],
        },
        {"prompt", "hashtags", "urls"},
        16_163,
    ),
    "coortweet_german/events.parquet": (
        {"declared": [{"name": "link", "family": "content", "column": "url_id"}]},
        {"url_id"},
        218_971,
    ),
    "starscout/events.parquet": (
        {"declared": [{"name": "star", "family": "content", "column": "repo"}]},
        {"repo"},
        34_284,
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_of_others_is_read(opened, name: str):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not here: real data is not part of the project")
    settings, columns, n_rows = LOGS[name]
    log = opened(requests=path, **settings).log
    assert {"account_id", "ts", *columns} == set(log.columns["requests"])
    assert log.n_requests == n_rows
    assert [w for w in log.warnings if "no column" in w] == []
