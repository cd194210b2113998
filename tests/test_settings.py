"""Settings: every key of the example, every fault at once, and word for word what the user reads."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.errors import SettingsError
from graphscan.settings import Settings, example

GOLDEN = Path(__file__).parent / "settings_errors"
CASES = sorted(GOLDEN.glob("*.toml"))


def test_the_example_has_every_key_and_is_allowed(tmp_path: Path):
    path = tmp_path / "graphscan.toml"
    path.write_text(example())
    settings = Settings.load(path)
    assert settings.inputs.to_at == dt.datetime(2026, 11, 29)  # noqa: DTZ001 - naive UTC
    assert settings.columns.requests.names()["repo"] == "repository"
    assert [d.window_s for d in settings.declared] == [None, 300]
    written = tomllib.loads(example().replace("# preset", "preset").replace("# account =", "account ="))
    for section in ("inputs", "rings", "run"):
        fields = type(getattr(settings, section)).model_fields
        assert set(written[section]) == {f.alias or name for name, f in fields.items()}
    assert set(written) == set(Settings.model_fields)


def test_the_example_shows_the_defaults(tmp_path: Path):
    written = tomllib.loads(example())
    defaults = Settings.load()
    assert written["rings"] == defaults.rings.model_dump()
    assert {k: v for k, v in written["run"].items() if k != "spill_folder"} == defaults.run.model_dump(
        exclude={"spill_folder"}
    )


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_faults_are_told_all_at_once(case: Path):
    """IN-43."""
    with pytest.raises(SettingsError) as caught:
        Settings.load(case)
    assert str(caught.value).replace(str(case), "graphscan.toml") == case.with_suffix(
        ".txt"
    ).read_text().rstrip("\n")


def test_there_are_cases():
    assert len(CASES) >= 8


def test_overrides_go_before_the_file(tmp_path: Path):
    path = tmp_path / "graphscan.toml"
    path.write_text("[inputs]\nrequests = 'a'\naccounts = 'b'\n[rings]\nmin_bits = 12.0\n[run]\nseed = 1\n")
    settings = Settings.load(path, requests=Path("c"), seed=2, threads=None, rings={"min_accounts": 6})
    assert (settings.inputs.requests, settings.inputs.accounts) == ("c", "b")
    assert (settings.run.seed, settings.run.threads) == (2, 2)
    assert (settings.rings.min_bits, settings.rings.min_accounts) == (12.0, 6)


@pytest.mark.parametrize(
    ("section", "override"),
    [("run", {"seed": 1}), ("inputs", {"requests": "log"}), ("nightly", {"nightly": {"window": "7d"}})],
)
def test_a_section_that_is_none_is_told_whatever_is_laid_over_it(
    tmp_path: Path, section: str, override: dict[str, object]
):
    path = tmp_path / "graphscan.toml"
    path.write_text(f"{section} = 5\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load(path, **override)
    assert caught.value.message == f"{path}: {section}: is not allowed: got 5; expected a table, [{section}]"


@pytest.mark.parametrize("key", ["webhook", "slack"])
@pytest.mark.parametrize("given", ["https://hooks.example/T0/s3cr3t", ["https://hooks.example/T0/s3cr3t"], 5])
def test_an_address_in_place_of_its_variable_is_not_repeated(key: str, given: object):
    """Who knows it can post there."""
    with pytest.raises(SettingsError) as caught:
        Settings.load(nightly={key: given})
    assert caught.value.message == (
        f"settings: nightly.{key}: is not a reference to the environment: got an address; "
        "expected env: and the name of a variable, such as env:SLACK_URL"
    )


@pytest.mark.parametrize("key", ["from", "from_at"])
def test_a_window_can_be_given_under_both_names(key: str):
    settings = Settings.load(**{key: "2026-11-01T02:00:00+02:00"})
    assert settings.inputs.from_at == dt.datetime(2026, 11, 1)  # noqa: DTZ001 - naive UTC


def test_an_override_without_a_place_is_told():
    with pytest.raises(SettingsError, match="settings: unknown override: got seeed"):
        Settings.load(seeed=1)


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path / "no.toml")
    assert str(caught.value) == (
        f"{tmp_path}/no.toml: cannot be read: got No such file or directory; expected a TOML file\n"
        "hint: check the path given by --config"
    )


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().run.seed = 5  # type: ignore[misc]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9, 0.0, -1.0, True, "10"])
def test_thresholds_are_finite_numbers_in_their_range(value: object):
    """IN-43: no default is silently used."""
    with pytest.raises(SettingsError, match=r"rings\.min_bits: is not allowed"):
        Settings.load(rings={"min_bits": value})


@given(st.text(min_size=1, max_size=30))
def test_any_unknown_key_is_a_fault_that_names_it(key: str):
    if key not in type(Settings.load().run).model_fields:
        with pytest.raises(SettingsError, match="unknown key"):
            Settings.load(run={key: 1})
