"""The door to DuckDB: what a connection may do, what it cannot, and how names get into SQL."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphscan.errors import LogsError, QueryError, RunError
from graphscan.logs.files import is_select
from graphscan.logs.sql import (
    AT_REST,
    STAGED,
    connect,
    engine,
    frame,
    places_of,
    quote_ident,
    quote_text,
    read_statement,
    rest,
    said_by,
)
from graphscan.settings import Settings


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """inside/ may be read; outside/ holds a secret, to which links inside lead."""
    for name in ("inside", "inside_evil", "outside"):
        (tmp_path / name).mkdir()
        duckdb.sql("select 1 as x").write_parquet(str(tmp_path / name / "a.parquet"))
        (tmp_path / name / "a.csv").write_text("x\n1\n")
    (tmp_path / "inside/link.parquet").symlink_to(tmp_path / "outside/a.parquet")
    (tmp_path / "inside/door").symlink_to(tmp_path / "outside")
    return tmp_path


PROBES = [
    "from '{outside}/a.parquet'",
    "from read_parquet('{outside}/a.parquet')",
    "from read_parquet(['{inside}/a.parquet', '{outside}/a.parquet'])",
    "from '{inside}/../outside/a.parquet'",
    "from '{inside}/link.parquet'",
    "from '{inside}/door/a.parquet'",
    "from '{inside}_evil/a.parquet'",
    "from '{outside}/*.parquet'",
    "from read_csv('{outside}/a.csv')",
    "from sniff_csv('{outside}/a.csv')",
    "from read_text('{outside}/a.csv')",
    "from read_blob('{outside}/a.csv')",
    "from read_json('{outside}/a.csv')",
    "from glob('{outside}/*')",
    "from parquet_schema('{outside}/a.parquet')",
    "from read_text('/etc/passwd')",
    "from read_text('/proc/self/environ')",
    "from read_csv('/dev/stdin')",
    "from 'https://example.invalid/a.parquet'",
    "from 's3://bucket/a.parquet'",
    "copy (select 1) to '{outside}/b.parquet'",
    "copy (select 1) to '/dev/stdout'",
    "attach '{outside}/b.db'",
    "export database '{outside}'",
    "import database '{outside}'",
    "install httpfs",
    "load httpfs",
    "install spatial from community",
    "load '{outside}/x.duckdb_extension'",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "set allowed_paths = ['/etc/passwd']",
    "set lock_configuration = false",
    "set temp_directory = '/etc'",
    "set home_directory = '/root'",
    "set max_temp_directory_size = '1TB'",
    "set allowed_configs = ['temp_directory']",
    "set threads = 64",
    "set TimeZone = 'America/New_York'",
    "set custom_extension_repository = 'http://example.invalid'",
    "set python_enable_replacements = true",
    "reset enable_external_access",
    "pragma enable_profiling",
    "set profiling_output = '{outside}/p.json'",
    "create secret s (type s3)",
    "create persistent secret s (type http)",
    "from frame_of_the_caller",
]


@pytest.mark.parametrize("probe", PROBES)
def test_nothing_outside_can_be_reached(house: Path, probe: str):
    """HO-13: each of these was let through by some release, or by a default."""
    frame_of_the_caller = pl.DataFrame({"x": [1]})
    sql = probe.format(inside=house / "inside", outside=house / "outside")
    with connect(Settings.load(None), read=[house / "inside"]) as con, pytest.raises(duckdb.Error):
        con.execute(sql).fetchall()
    assert frame_of_the_caller.height == 1
    assert sorted(p.name for p in (house / "outside").iterdir()) == ["a.csv", "a.parquet"]


def test_what_is_named_can_be_read(house: Path):
    link = house / "inside/link.parquet"
    for text in (house / "inside/a.parquet", house / "inside/*.parquet", house / "inside", link):
        settings = Settings.load(None, requests=str(text))
        read = link if text == link else house / "inside/a.parquet"
        with engine(settings) as con:
            assert frame(con, f"select x from read_parquet({quote_text(str(read))})")["x"].to_list() == [1]
    settings = Settings.load(None, requests=f"select * from read_csv('{house}/inside/*.csv')")
    with engine(settings) as con:
        assert frame(con, settings.inputs.requests)["x"].to_list() == [1]


def test_functions_and_frames_can_be_registered_behind_the_lock():
    with engine(Settings.load(None)) as con:
        con.create_function("one_more", lambda x: x + 1, ["BIGINT"], "BIGINT")
        con.register("given", pl.DataFrame({"x": [1]}))
        assert frame(con, "select one_more(x) as y from given")["y"].to_list() == [2]


def test_settings_reach_the_engine():
    with engine(Settings.load(None, threads=3, memory_limit="1GB")) as con:
        names = ("threads", "memory_limit", "TimeZone", "preserve_insertion_order")
        row = frame(con, "select " + ", ".join(f"current_setting('{n}')::VARCHAR as {n}" for n in names)).row(
            0
        )
    assert row == ("3", "953.6 MiB", "UTC", "false")


@contextlib.contextmanager
def rested(spill: Path, rows: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[Path]]]:
    """A connection that rests with a table t of these rows, and the files in its spill folder."""
    with engine(Settings.load(None, spill_folder=str(spill), memory_limit="1000MB")) as con:
        con.execute(f"create table t as {rows}")
        rest(con, Settings.load(None, memory_limit="1000MB"))
        (folder,) = spill.iterdir()
        yield con, [f for f in folder.iterdir() if not f.name.startswith(STAGED)]


def test_what_rests_is_in_the_spill_folder_until_it_is_read(tmp_path: Path):
    rows = "select hash(range) as a, hash(range + 1) as b from range(30000000)"
    with rested(tmp_path, rows) as (con, files):
        assert _held(con) < 2 * AT_REST
        assert sum(f.stat().st_size for f in files) > AT_REST / 4
        assert frame(con, "select current_setting('memory_limit') as m").item() == "953.6 MiB"
        assert frame(con, "select count(*) as n from t where a <> hash(0)").item() == 29_999_999


def test_little_does_not_rest(tmp_path: Path):
    with rested(tmp_path, "select range as a from range(1000000)") as (_, files):
        assert files == []


def test_what_is_staged_is_a_compressed_file_in_the_spill_folder(tmp_path: Path):
    alike = "select 'a client that everybody has' as client, range as n from range(2000000)"
    with engine(Settings.load(None, spill_folder=str(tmp_path))) as con:
        con.execute(f"create table {STAGED}.t as {alike}; create table t as {alike}")
        held = _held(con)
        con.execute("drop table t")
        assert sum(f.stat().st_size for f in tmp_path.rglob(f"{STAGED}*")) < (held - _held(con)) / 4
        assert frame(con, f"select count(distinct n) as n from {STAGED}.t").item() == 2_000_000


def _held(con: duckdb.DuckDBPyConnection) -> int:
    return int(frame(con, "select sum(memory_usage_bytes)::BIGINT as n from duckdb_memory()").item())


@pytest.mark.parametrize("fails", [False, True])
def test_the_spill_folder_is_private_and_gone_afterwards(tmp_path: Path, fails: bool):
    """FA-11: what is spilled is prompts in plain text."""
    settings = Settings.load(None, spill_folder=str(tmp_path), memory_limit="60MB")
    with pytest.raises(ZeroDivisionError) if fails else contextlib.nullcontext(), engine(settings) as con:
        con.execute(
            "create table t as select range as a, repeat('secret', 20) || range as b from range(1000000)"
        )
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert any(folder.iterdir())
        if fails:
            raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_and_a_living_ones_is_not(tmp_path: Path):
    dead = tmp_path / "graphscan-spill-dead"
    dead.mkdir()
    (dead / "block.tmp").write_text("secret")
    settings = Settings.load(None, spill_folder=str(tmp_path))
    with engine(settings), engine(settings):
        assert len(list(tmp_path.iterdir())) == 2
        assert not dead.exists()


def test_a_spill_folder_that_cannot_be_made_is_said(tmp_path: Path):
    settings = Settings.load(None, spill_folder=str(tmp_path / "missing"))
    with (
        pytest.raises(RunError, match="no spill folder can be made: got No such file") as caught,
        engine(settings),
    ):
        pass
    assert caught.value.hint == "set [run] spill_folder"


def test_out_of_memory_is_an_error_for_who_runs_it(tmp_path: Path):
    settings = Settings.load(None, memory_limit="20MB", spill_folder=str(tmp_path))
    with (
        pytest.raises(RunError, match="duckdb: out of memory or disk: got memory_limit 20MB"),
        engine(settings) as con,
    ):
        con.execute("select list(range || repeat('x', 1000)) from range(1000000)").fetchall()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if os.getuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_spill_folder_without_room_is_said(small_disk: Path):
    with (
        pytest.raises(
            RunError, match=f"{small_disk}: has no room for what is staged: got a full disk"
        ) as caught,
        engine(Settings.load(None, spill_folder=str(small_disk))) as con,
        said_by("staging the requests"),
    ):
        con.execute(f"create table {STAGED}.t as select hash(range) as a from range(1000000)")
    assert caught.value.hint == "point [run] spill_folder at a disk with room"


@given(st.text(min_size=1))
def test_any_name_is_one_column(name: str):
    """HO-12: whatever is in a name, DuckDB gives back that column."""
    with duckdb.connect() as con:
        if _sayable(name):
            assert con.sql(f"select 1 as {quote_ident(name)}").columns == [name]


@given(st.text())
def test_any_text_is_one_literal(text: str):
    with duckdb.connect() as con:
        if _sayable(text):
            assert con.sql(f"select {quote_text(text)} as x").fetchall() == [(text,)]


def _sayable(text: str) -> bool:
    """A lone surrogate is no text to DuckDB, and never leaves a log."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def test_a_statement_tells_its_tables_files_and_parameters():
    statement = read_statement(
        "with near as (select * from far where x > $low) select a.y, count(*) from near as a "
        "join read_parquet(['b*.parquet', 'c.parquet']) as c on a.x = c.x, "
        "'d.parquet', (select md5(z) from e)",
        "here",
    )
    assert statement.tables == {"far", "e", "d.parquet"}
    assert statement.files == ("b*.parquet", "c.parquet", "d.parquet")
    assert statement.params == {"low"}
    assert {"count_star", "md5"} <= statement.functions
    assert {"x", "y", "z"} <= statement.columns


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", 'here: is no SELECT: got syntax error at or near "selec"; expected one SELECT'),
        (
            "create table t as select 1",
            "here: is no SELECT: got another kind of statement; expected one SELECT",
        ),
        ("select 1; select 2", "here: holds too much: got 2 statements; expected one SELECT"),
    ],
)
def test_what_is_no_single_select_is_refused(sql: str, said: str):
    with pytest.raises(QueryError) as caught:
        read_statement(sql, "here")
    assert caught.value.message.startswith(said)


@pytest.mark.parametrize(
    "text", ["SELECT 1", "  -- why\nwith a as (select 1) from a", "from 'x.parquet'", "(select 1)"]
)
def test_a_select_is_told_from_a_path(text: str):
    assert is_select(text)


@pytest.mark.parametrize("text", ["select.parquet", "from_here/*.parquet", "./with/a", "x"])
def test_a_path_is_told_from_a_select(text: str):
    assert not is_select(text)


def test_a_broken_select_is_the_logs_fault():
    with pytest.raises(LogsError, match=r"inputs\.requests: is no SELECT"):
        places_of("select from from", "inputs.requests")


@pytest.mark.parametrize(
    "value",
    ["4111-1111", "4111-1111\nand 4111-1111", "it''s 4111-1111\nso", 'say "4111-1111', "\n\n4111-1111'' x"],
)
@pytest.mark.parametrize("asked", ["{}::INTEGER", "{}::DATE", "strptime({}, '%Y-%m')"])
def test_no_value_of_the_log_is_in_an_error(value: str, asked: str):
    """HO-35: the card's number must not reach a terminal or a ticket, whatever is around it."""
    with engine(Settings.load(None)) as con, pytest.raises(QueryError) as caught:
        frame(con, f"select {asked.format('x')} from (values ('{value}')) t(x)", place="the query")
    assert "1111" not in str(caught.value)
    assert caught.value.message.startswith("the query: DuckDB refused it: got ")


def test_names_stay_in_an_error_about_the_statement():
    with engine(Settings.load(None)) as con, pytest.raises(QueryError, match='"nowhere" not found'):
        frame(con, "select nowhere from (values (1)) t(x)")


def test_every_engine_has_its_own_folder_below_the_systems_temporary_one():
    with engine(Settings.load(None)) as con:
        (folder,) = frame(con, "select current_setting('temp_directory') as f")["f"].to_list()
        assert Path(folder).is_dir()
    assert not Path(folder).exists()
