"""What simulate writes: whole, repeatable, in proportion, and as its rings and crowds are described."""

import ast
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from written import Log, write

import graphscan.lab.simulate as package
from graphscan.errors import SettingsError
from graphscan.lab.simulate import Evasion, simulate
from graphscan.lab.simulate.plant import ring_sizes

SMALL = {"accounts": 1000, "scale": 0.001, "days": 3, "rings": ("deepseek", "eight", "fifteen")}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        simulate(tmp_path / name, seed=seed, responses=True, evasion="hard", **SMALL)
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert set(one) == set(other)
    assert not set(one.values()) & set(other.values())


def test_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write(tmp_path / "whole", responses=True, **SMALL)
    monkeypatch.setattr("graphscan.lab.simulate.writing._CHUNK", 997)
    monkeypatch.setattr("graphscan.lab.simulate.requests._BLOCK", 1013)
    pieces = write(tmp_path / "pieces", responses=True, **SMALL)
    assert whole.requests.equals(pieces.requests)


def test_the_sample_is_what_simulate_writes(tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "data" / "sample"
    settings = json.loads((sample / "simulated.json").read_text(encoding="utf-8"))["settings"]
    settings["evasion"] = Evasion(**settings["evasion"])
    again = write(tmp_path, **settings)
    assert again.requests.equals(pl.read_parquet(sample / "requests" / "*.parquet"))
    assert again.truth.equals(pl.read_parquet(sample / "truth.parquet"))
    assert sum(path.stat().st_size for path in sample.rglob("*") if path.is_file()) <= 1_000_000


def test_tables_have_their_columns(world: Log) -> None:
    moment = pl.Datetime("us")
    assert dict(world.requests.schema) == {
        "account_id": pl.String,
        "ts": moment,
        "prompt": pl.String,
        "system": pl.String,
        "ip": pl.String,
        "user_agent": pl.String,
        "model": pl.String,
    }
    assert dict(world.accounts.schema) == {
        "account_id": pl.String,
        "created_at": moment,
        "plan": pl.String,
        "country": pl.String,
        "email_domain": pl.String,
        "org_id": pl.String,
    }
    assert dict(world.payments.schema) == {
        "account_id": pl.String,
        "payment_fingerprint": pl.String,
        "ts": moment,
    }
    assert world.requests.drop("system").null_count().sum_horizontal().item() == 0


def test_truth_names_every_account_once(world: Log) -> None:
    named = set(world.truth["account_id"])
    assert len(named) == world.truth.height
    assert named == set(world.accounts["account_id"]) == set(world.requests["account_id"])
    assert set(world.payments["account_id"]) <= named
    assert world.truth.filter(pl.col("ring").is_not_null() != (pl.col("kind") == "ring")).is_empty()
    assert world.truth.filter(pl.col("ring").is_null()).height == 6000


def test_requests_lie_in_their_day_in_order_and_after_sign_up(world: Log) -> None:
    files = sorted((world.folder / "requests").glob("*.parquet"))
    assert len(files) == 14
    for path in files:
        ts = pl.read_parquet(path, columns=["ts"])["ts"]
        assert ts.dt.truncate("1s").is_sorted()
        assert ts.dt.strftime("%Y-%m-%d").unique().to_list() == [path.stem]
    created = world.requests.join(world.accounts, on="account_id")
    assert created.filter(pl.col("ts") < pl.col("created_at")).is_empty()


def test_rings_are_in_proportion() -> None:
    small, published = ring_sizes(0.02), ring_sizes(1.0)
    assert [published[name] for name in ("minimax", "moonshot", "deepseek")] == [14_000, 7_000, 3_000]
    assert [small[name] for name in ("minimax", "moonshot", "deepseek")] == [280, 140, 60]
    assert {
        "eight": 8,
        "ten": 10,
        "twelve": 12,
        "fifteen": 15,
        "twenty": 20,
        "forty": 40,
    }.items() <= small.items()
    assert all(2 < published[name] / small[name] < 3 for name in ("eight", "hot", "trickle", "hanzi"))


def test_exchanges_are_in_proportion(world: Log) -> None:
    published = {"minimax": 13_000_000, "moonshot": 3_400_000, "deepseek": 150_000}
    for name, exchanges in published.items():
        assert world.of(name).height == pytest.approx(exchanges * 0.01, rel=0.15), name


def test_minimax_moves_to_the_new_model_within_a_day(world: Log) -> None:
    record = json.loads((world.folder / "simulated.json").read_text(encoding="utf-8"))
    released = pl.lit(record["marks"][0]["at"]).str.to_datetime()
    day = (pl.col("ts") >= released) & (pl.col("ts") < released + pl.duration(hours=24))
    new = (pl.col("model") == "meridian-5-large").mean()
    assert 0.4 < world.of("minimax").filter(day).select(new).item() < 0.6
    assert world.of("ordinary").filter(day).select(new).item() < 0.1
    assert world.requests.filter(pl.col("ts") < released).select(new).item() == 0


def test_reported_shapes(world: Log) -> None:
    record = json.loads((world.folder / "simulated.json").read_text(encoding="utf-8"))
    per_day = pl.len() / pl.col("ts").dt.date().n_unique()
    hot = world.of("hot").group_by("account_id").agg(per_day)["len"]
    assert 500 < hot.mean() < 900
    trickle = world.of("trickle").group_by("account_id").agg(pl.len() / 14)["len"]
    assert 5 < trickle.mean() < 7 and trickle.min() > 3 and trickle.max() < 10
    deepseek = world.of("deepseek").with_columns(minute=pl.col("ts").dt.truncate("1m"))
    together = deepseek.group_by("minute").agg(n=pl.col("account_id").n_unique())
    assert together.filter(pl.col("n") >= 5)["n"].sum() > 0.75 * deepseek.height
    lives = world.of("phoenix").group_by("account_id").agg(first=pl.min("ts"), last=pl.max("ts"))
    banned_after = timedelta(seconds=record["rings"]["phoenix"]["banned_after_s"])
    ban = datetime.fromisoformat(record["starts_at"]) + banned_after
    assert ((lives["last"] < ban) | (lives["first"] > ban)).all()
    assert 0.3 < (lives["first"] > ban).mean() < 0.7


def test_pools_of_the_small_rings(world: Log) -> None:
    assert world.of("one-door")["ip"].n_unique() == 1
    both = set(world.of("tenant-a")["ip"]) & set(world.of("tenant-b")["ip"])
    assert len(both) > 10
    assert not set(world.cards("tenant-a")["payment_fingerprint"]) & set(
        world.cards("tenant-b")["payment_fingerprint"]
    )
    hours = world.of("front-company").group_by(pl.col("ts").dt.hour()).len()
    assert hours.height == 24
    assert world.cards("front-company")["payment_fingerprint"].n_unique() > 8


def test_the_record_tells_the_hidden_task_mix(world: Log) -> None:
    rings = json.loads((world.folder / "simulated.json").read_text(encoding="utf-8"))["rings"]
    assert set(rings) == set(world.truth["ring"].drop_nulls())
    assert not rings["trickle"]["templates"] and rings["trickle"]["relays"]
    for name, ring in rings.items():
        if ring["tasks"]:
            shares: dict[str, float] = {}
            for template in ring["templates"]:
                shares[template["task"]] = shares.get(template["task"], 0.0) + template["share"]
            assert shares == pytest.approx(ring["tasks"], abs=0.01), name
    # A template's words before its first slot are in the prompts, in the share that the record gives.
    template = rings["one-door"]["templates"][0]
    opening = template["text"].split("⟨…⟩")[0].strip()
    found = world.of("one-door")["prompt"].str.starts_with(opening).mean()
    assert found == pytest.approx(template["share"] * rings["one-door"]["share_template"], abs=0.05)


def test_work_queues_seldom_repeat_a_slot(world: Log) -> None:
    minimax = world.of("minimax").filter(pl.col("prompt").str.len_chars() > 250)
    assert minimax["prompt"].n_unique() > 0.95 * minimax.height


def test_customers_are_heavy_tailed_and_repeat_themselves(world: Log) -> None:
    n = world.of("ordinary").group_by("account_id").len()["len"]
    assert 8 < n.mean() < 13
    assert n.median() <= 5 and n.max() > 300
    assert (n <= 2).mean() > 0.25
    own = world.of("ordinary").filter(pl.col("prompt").str.len_chars() > 60)
    repeated = own.group_by("account_id", "prompt").len().filter(pl.col("len") > 1)
    assert repeated.height > 100
    lengths = world.of("ordinary")["prompt"].str.len_chars()
    assert lengths.quantile(0.1) < 30 and lengths.quantile(0.999) > 400 and lengths.max() < 1000


def test_one_address_seldom_means_one_person(world: Log) -> None:
    users = world.of("ordinary").group_by("ip").agg(pl.col("account_id").n_unique())["account_id"]
    assert (users > 5).sum() > 50
    per_account = world.of("ordinary").group_by("account_id").agg(pl.col("ip").n_unique())["ip"]
    assert per_account.max() > 8
    assert world.of("ordinary")["ip"].str.contains(":").mean() > 0.05


def test_each_country_has_its_own_language_carriers_and_hours(world: Log) -> None:
    people = world.of("ordinary").join(world.accounts, on="account_id")
    shares = people.group_by("country").agg(pl.col("account_id").n_unique())
    assert shares.height >= 25
    japan, germany = (people.filter(pl.col("country") == country) for country in ("JP", "DE"))
    network = pl.col("ip").str.extract(r"^(\d+\.\d+)\.")
    abroad = japan.select(network).drop_nulls().join(germany.select(network), on="ip", how="semi")
    assert abroad.height < 0.2 * japan.height
    assert japan["prompt"].str.contains("[ぁ-んァ-ン一-龥]").mean() > 0.8
    night = pl.col("ts").dt.hour().is_between(17, 21).mean()
    assert japan.select(night).item() < 0.5 * germany.select(night).item()


def test_crowds_share_what_their_names_say(world: Log) -> None:
    gateway = world.of("gateway")
    assert gateway["ip"].n_unique() == gateway["user_agent"].n_unique() == 1
    tool = world.of("tool")
    assert tool["system"].n_unique() == tool["user_agent"].n_unique() == 1
    assert tool["system"][0].count(".") >= 38
    assert 0.03 < tool["account_id"].n_unique() / 6000 < 0.08
    assert world.of("campus").group_by("ip").agg(pl.col("account_id").n_unique())["account_id"].max() > 15
    declared = world.accounts.join(world.truth.filter(pl.col("kind") == "company_declared"), on="account_id")
    assert declared["org_id"].n_unique() < declared.height / 5 and declared["org_id"].null_count() == 0
    assert world.accounts["org_id"].drop_nulls().len() == declared.height
    assert world.cards("family").group_by("payment_fingerprint").len()["len"].unique().to_list() == [3]
    assert world.cards("agency")["payment_fingerprint"].n_unique() == 1
    viral = world.of("viral").filter(pl.col("prompt").str.starts_with("Everyone is trying this today"))
    assert viral["account_id"].n_unique() == world.of("viral")["account_id"].n_unique()
    assert viral["ts"].max() - viral["ts"].min() <= timedelta(days=1)
    hackathon = world.of("hackathon").join(world.accounts, on="account_id")
    assert (hackathon["created_at"].max() - hackathon["created_at"].min()).total_seconds() < 7200
    batch = world.of("batch").group_by("account_id").len()["len"]
    assert batch.min() > 1000


def test_framed_accounts_have_one_thing_of_a_ring_or_two(world: Log) -> None:
    addresses, cards = set(world.of("ring")["ip"]), set(world.cards("ring")["payment_fingerprint"])
    record = json.loads((world.folder / "simulated.json").read_text(encoding="utf-8"))
    templates = [template["text"] for ring in record["rings"].values() for template in ring["templates"]]
    openings = tuple(text.split("⟨…⟩")[0].strip() for text in templates)
    assert all(len(opening) > 8 for opening in openings)
    for kind, wanted in (("framed", 1), ("framed_two", 2)):
        things = []
        for (account,), requests in world.of(kind).group_by("account_id"):
            paid = set(world.payments.filter(pl.col("account_id") == account)["payment_fingerprint"])
            filled = sum(prompt.startswith(openings) for prompt in requests["prompt"])
            assert filled <= 2
            things.append(bool(paid & cards) + requests["ip"].is_in(addresses).any() + bool(filled))
        # A ring's addresses may be a customer's by chance, and a framed one may not come from his in a week.
        assert sum(n == wanted for n in things) >= 0.8 * len(things), kind


def test_prompts_from_a_file(tmp_path: Path) -> None:
    texts = [f"question number {n} about something in particular" for n in range(500)]
    pl.DataFrame({"text": texts}).write_parquet(tmp_path / "texts.parquet")
    log = write(tmp_path / "log", prompts=tmp_path / "texts.parquet", **SMALL)
    english = log.of("ordinary").join(log.accounts.filter(pl.col("country") == "US"), on="account_id")
    assert 0.6 < english["prompt"].is_in(texts).mean() < 0.95
    assert log.of("deepseek")["prompt"].is_in(texts).mean() < 0.2


def test_answers_are_replayed_with_their_canaries(tmp_path: Path) -> None:
    log = write(
        tmp_path, accounts=1000, scale=0.002, days=7, rings=("minimax", "eight"), responses=True, seed=1
    )
    assert log.requests["response"].null_count() == 0
    canaries = pl.read_parquet(tmp_path / "canaries.parquet")
    issued = log.requests.join(canaries, left_on=["account_id", "ts"], right_on=["account_id", "issued_at"])
    assert issued.height == canaries.height
    assert all(token in response for token, response in zip(issued["token"], issued["response"], strict=True))
    leaked = log.of("minimax", "eight").with_columns(token=pl.col("prompt").str.extract("(cny-[0-9a-f]+)"))
    leaked = leaked.drop_nulls("token").join(canaries, on="token", suffix="_of_token")
    assert leaked.height >= 3 and set(leaked["ring"]) == {"minimax"}
    assert (leaked["account_id"] != leaked["account_id_of_token"]).all()
    assert (leaked["issued_at"] < leaked["ts"]).all()
    assert log.of("ordinary")["prompt"].str.contains("cny-").sum() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 0.0}, "simulate: scale: got 0.0; expected more than 0, at most 10"),
        ({"accounts": 12}, "simulate: accounts: got 12; expected 1,000 to 10,000,000"),
        ({"days": 1}, "simulate: days: got 1; expected 3 to 92"),
        ({"rings": ["minimaks"]}, "simulate: rings: unknown name: got 'minimaks'; expected minimax, perhaps"),
        ({"evasion": "total"}, "evasion: unknown name: got 'total'; expected none, evasive, hard"),
    ],
)
def test_wrong_arguments_say_what_is_right(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        simulate(tmp_path / "log", **arguments)  # type: ignore[arg-type]
    assert caught.value.message == message
    assert caught.value.hint
    assert not (tmp_path / "log").exists()


def test_a_file_without_texts_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"prompt": ["a"]}).write_parquet(tmp_path / "texts.parquet")
    with pytest.raises(SettingsError, match="no column text: got prompt; expected text among them"):
        simulate(tmp_path / "log", prompts=tmp_path / "texts.parquet")
    with pytest.raises(SettingsError, match="no such file: got nothing"):
        simulate(tmp_path / "log", prompts=tmp_path / "nothing.parquet")


def test_the_simulator_knows_nothing_of_the_detector() -> None:
    allowed = ("graphscan.lab.simulate", "graphscan.errors")
    for path in Path(package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = [name for name in names if name.startswith("graphscan")]
            assert all(name.startswith(allowed) for name in ours), path.name
