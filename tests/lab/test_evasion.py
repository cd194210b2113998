"""Evasion changes what its name says, by as much as it says, and nothing in ordinary customers."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from written import Log, write

from graphscan.errors import SettingsError
from graphscan.lab.simulate import PRESETS, Evasion

Make = Callable[..., Log]
OPENING = 8  # words of a template that no slot is among


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Worlds of three rings, one for each setting of evasion; written once."""
    made: dict[str | Evasion, Log] = {}

    def one(evasion: str | Evasion) -> Log:
        if evasion not in made:
            made[evasion] = write(
                tmp_path_factory.mktemp("evasion"),
                accounts=1000,
                scale=0.01,
                days=5,
                rings=("deepseek", "forty", "ten"),
                evasion=evasion,
            )
        return made[evasion]

    return one


def openings(log: Log) -> pl.Series:
    """The first words of what the ring writes, camouflage aside."""
    long = log.of("deepseek").filter(pl.col("prompt").str.len_chars() > 220)
    return long["prompt"].str.split(" ").list.head(OPENING).list.join(" ")


def share_templated(log: Log, plain: Log) -> float:
    known = openings(plain).value_counts().filter(pl.col("count") > 5).to_series()
    first = log.of("deepseek")["prompt"].str.split(" ").list.head(OPENING).list.join(" ")
    return float(first.is_in(known.implode()).mean())  # type: ignore[arg-type]


def test_customers_stay_as_they_are(make: Make) -> None:
    plain, hard = make("none"), make("hard")
    for kind in ("ordinary", "campus", "tool"):
        assert plain.of(kind).sort("account_id", "ts").equals(hard.of(kind).sort("account_id", "ts"))


def test_replaced_words(make: Make) -> None:
    plain, replaced = make("none"), make(Evasion(replaced_words=0.5))
    before, after = (
        log.of("deepseek").sort("account_id", "ts")["prompt"].to_list() for log in (plain, replaced)
    )
    same, all_words = 0, 0
    for old, new in zip(before, after, strict=True):
        if len(old) > 220:
            # A word gives way to a phrase of one word or more: count the old words that are still there.
            left = set(new.split())
            same += sum(word in left for word in old.split())
            all_words += len(old.split())
    # Slots (a third of the words) stay; half of the others go.
    assert 0.5 < same / all_words < 0.8
    assert share_templated(replaced, plain) < 0.02


def test_restructured_prompts(make: Make) -> None:
    plain, reworded = make("none"), make(Evasion(restructured=1.0))
    assert share_templated(plain, plain) > 0.8
    assert share_templated(reworded, plain) < 0.02
    assert openings(reworded).n_unique() > 3 * openings(plain).n_unique()


def test_camouflage(make: Make) -> None:
    plain, hidden = make("none"), make(Evasion(camouflage=0.8))
    assert share_templated(hidden, plain) == pytest.approx(0.2, abs=0.05)


def test_unique_cards(make: Make) -> None:
    def per_card(log: Log) -> float:
        cards = log.cards("forty")
        return cards.height / cards["payment_fingerprint"].n_unique()

    assert per_card(make("none")) > 3
    assert per_card(make(Evasion(unique_cards=1.0))) == 1
    assert 1 < per_card(make("evasive")) < 2


def test_more_addresses(make: Make) -> None:
    def addresses(log: Log) -> int:
        return log.of("forty")["ip"].n_unique()

    assert addresses(make("evasive")) > 1.6 * addresses(make("none"))


def test_a_fresh_address_for_each_account_and_day(make: Make) -> None:
    hard = make("hard").of("forty").with_columns(day=pl.col("ts").dt.date())
    pool = set(make("none").of("forty")["ip"])
    fresh = hard.filter(~pl.col("ip").is_in(pool))
    assert fresh.height / hard.height == pytest.approx(0.95, abs=0.03)
    users = fresh.group_by("ip").agg(pl.col("account_id").n_unique(), pl.col("day").n_unique())
    # Days are local, so that one address may be seen on two days of UTC.
    assert users["account_id"].max() == 1 and users["day"].max() <= 2


def test_jitter(make: Make) -> None:
    def together(log: Log) -> float:
        minutes = log.of("deepseek").with_columns(minute=pl.col("ts").dt.truncate("1m"))
        crowded = minutes.group_by("minute").agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") >= 5)
        return float(crowded["n"].sum()) / minutes.height

    assert together(make("none")) > 0.8
    assert together(make(Evasion(jitter_hours=6))) < 0.1


def test_presets_are_those_of_the_design() -> None:
    assert (PRESETS["evasive"].replaced_words, PRESETS["evasive"].camouflage) == (0.25, 0.4)
    assert (PRESETS["hard"].replaced_words, PRESETS["hard"].camouflage) == (0.5, 0.5)
    assert PRESETS["hard"].address_per_day and PRESETS["hard"].pool_share == 0.05
    assert PRESETS["none"] == Evasion()


def test_knobs_out_of_range() -> None:
    with pytest.raises(SettingsError) as caught:
        Evasion(replaced_words=1.5, jitter_hours=-1.0, address_factor=0.5)
    assert caught.value.message == (
        "evasion.replaced_words: not a share: got 1.5; expected a number from 0 to 1\n"
        "evasion.address_factor: out of range: got 0.5; expected 1 to 1000\n"
        "evasion.jitter_hours: out of range: got -1.0; expected 0 to 168"
    )


def test_a_world_written_into_a_fresh_folder_only_adds(tmp_path: Path) -> None:
    log = write(tmp_path / "a" / "b", accounts=1000, scale=0.001, days=3, rings=("eight",))
    names = sorted(path.name for path in log.folder.iterdir())
    assert names == ["accounts.parquet", "payments.parquet", "requests", "simulated.json", "truth.parquet"]
