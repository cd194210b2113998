"""Exactly the files that an input names are read, and each footer before any row."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphscan.errors import GraphscanError, LogsError
from graphscan.logs.files import list_files
from graphscan.logs.sql import places_of
from tests.logs.conftest import NOON


@pytest.mark.parametrize(
    "name", ["x[1].parquet", "x*.parquet", "x?.parquet", "it's.parquet", "a\nb.parquet", "-x.parquet"]
)
def test_a_path_that_exists_is_that_file(write, opened, name):
    """IN-34: to DuckDB alone x[1].parquet is a pattern, and x1.parquet is what it reads."""
    write("x1.parquet", account_id=["wrong"], ts=[NOON])
    log = opened(requests=write(name, account_id=["right"], ts=[NOON]))
    assert log.column("account_id") == ["right"]


def test_files_with_such_names_are_read_through_a_glob_too(write, opened):
    write("x1.parquet", account_id=["a"], ts=[NOON])
    folder = write("x[1].parquet", account_id=["b"], ts=[NOON]).parent
    assert opened(requests=folder / "*.parquet").column("account_id") == ["a", "b"]


def test_a_folder_stands_for_the_parquet_below_it(write, opened):
    write("log/day=1/a.parquet", account_id=["a"], ts=[NOON])
    write("log/b.parquet", account_id=["b"], ts=[NOON])
    for aside in ("log/_temporary/c.parquet", "log/.hidden/c.parquet", "log/.c.parquet"):
        write(aside, account_id=["half written"], ts=[NOON])
    folder = write("log/whole.parquet/part-0.parquet", account_id=["c"], ts=[NOON]).parent.parent
    (folder / "_SUCCESS").touch()
    assert opened(requests=folder).column("account_id") == ["a", "b", "c"]
    assert opened(requests=folder / "*.parquet").column("account_id") == ["b", "c"]


def test_a_file_listed_twice_is_read_once(write, opened, tmp_path: Path):
    """IN-19."""
    path = write("r/a.parquet", account_id=["a"], ts=[NOON])
    os.link(path, tmp_path / "r/hard.parquet")
    (tmp_path / "r/soft.parquet").symlink_to(path)
    log = opened(requests=tmp_path / "r")
    assert log.log.n_requests == 1
    assert [i.path for i in log.log.inputs] == [str(path)]
    assert (None, f"listed twice: {tmp_path}/r/hard.parquet", None) in log.set_aside()


def test_links_to_elsewhere_are_followed(write, opened, tmp_path: Path):
    """A log that is mounted elsewhere is read, though what lies beside it stays out of reach."""
    elsewhere = write("elsewhere/a.parquet", account_id=["a"], ts=[NOON])
    (tmp_path / "log").mkdir()
    (tmp_path / "log/file.parquet").symlink_to(elsewhere)
    (tmp_path / "linked").symlink_to(elsewhere.parent)
    for text in ("log", "log/*.parquet", "log/file.parquet", "linked", "linked/*.parquet"):
        assert opened(requests=tmp_path / text).column("account_id") == ["a"]


def test_unreadable_files_among_good_ones_are_set_aside(write, opened, tmp_path: Path):
    """IN-10: one of them fails DuckDB's whole glob."""
    good = write("r/good.parquet", account_id=["a"], ts=[NOON])
    whole = good.read_bytes()
    bad = {"empty": b"", "noise": os.urandom(500), "cut": whole[:-20], "footer": whole[-60:]}
    for name, content in bad.items():
        (tmp_path / f"r/{name}.parquet").write_bytes(content)
    log = opened(requests=tmp_path / "r")
    assert log.column("account_id") == ["a"]
    assert {reason for _, reason, _ in log.set_aside()} == {
        f"unreadable: {tmp_path}/r/{name}.parquet" for name in bad
    }
    assert sum("left out" in w for w in log.log.warnings) == len(bad)


def test_pages_that_are_broken_are_the_logs_fault(write, opened):
    """A footer may be whole where the rows are not."""
    path = write("r.parquet", account_id=[f"a{i}" for i in range(5000)], ts=[NOON] * 5000)
    broken = bytearray(path.read_bytes())
    broken[4:40] = b"\xff" * 36
    path.write_bytes(broken)
    with pytest.raises(LogsError, match=r"inputs\.requests: DuckDB refused it"):
        opened(requests=path)


def test_hive_partitions_give_columns_as_text(write, opened):
    """IN-33: '00123' in a folder's name stays text; the default partition is null."""
    write("h/tenant=00123/a.parquet", ts=[NOON])
    write("h/tenant=%2F..%2F/a.parquet", ts=[NOON])
    write("h/tenant=__HIVE_DEFAULT_PARTITION__/a.parquet", ts=[NOON])
    folder = write("h/tenant=7/a.parquet", ts=[NOON]).parent.parent
    log = opened(requests=folder, columns={"requests": {"account_id": "tenant"}})
    assert log.column("account_id") == ["/../", "00123", "7"]
    assert ("account_id", "no account", 1) in log.set_aside()


def test_a_folders_name_changes_no_column_that_is_in_the_files(write, opened):
    """IN-33: DuckDB alone puts the folder's value over the file's."""
    folder = write("h/plan=free/a.parquet", account_id=["a"], ts=[NOON], plan=["pro"]).parent.parent
    assert opened(requests=folder).column("account_id") == ["a"]
    write("h/account_id=other/b.parquet", account_id=["b"], ts=[NOON])
    with pytest.raises(LogsError, match="in the files and in folders' names: got account_id twice"):
        opened(requests=folder)


@pytest.mark.parametrize("kind", ["pipe", "socket", "dangling", "loop", "missing", "empty folder"])
def test_what_is_no_file_is_named_and_nothing_hangs(tmp_path: Path, kind: str):
    """IN-44: opening a pipe would block for ever."""
    path = tmp_path / "x.parquet"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.path.relpath(path))
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "empty folder":
        path.mkdir()
    for text in (str(path), str(tmp_path / "*.parquet")):
        with pytest.raises(LogsError) as caught:
            list_files(text, "inputs.requests")
        assert str(path.parent) in caught.value.message
        assert "expected" in caught.value.message


def test_many_files_are_read_as_one(write, opened):
    """IN-35: 20,000 files took DuckDB 3 s; this is the same path with 300."""
    for i in range(300):
        write(f"r/{i:05}.parquet", account_id=[f"a{i}"], ts=[NOON])
    folder = write("r/last.parquet", account_id=["z"], ts=[NOON]).parent
    assert opened(requests=folder).log.n_accounts == 301


def test_the_footer_tells_rows_and_types(write):
    path = write("r.parquet", a=[1, 2], b=[{"c": "x"}, {"c": "y"}])
    (file,) = list_files(str(path), "here").files
    assert (file.n_rows, file.names) == (2, ("a", "b"))
    assert [leaf[0] for leaf in file.leaves] == ["a", "b.c"]
    assert file.n_bytes == path.stat().st_size


def test_what_may_be_read_is_no_more_than_what_is_named(write, tmp_path: Path):
    path = write("log/day=1/a.parquet", a=[1])
    log = tmp_path / "log"
    assert places_of(str(path), "here") == (path.parent,)
    assert places_of(f"{log}/*/*.parquet", "here") == (log, path.parent)
    assert places_of(f"select * from read_parquet('{log}/day=1/*')", "here") == (path.parent,)
    assert places_of("select 1 as account_id", "here") == ()


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path, opened):
    """IN-03: DuckDB alone renames the second without a word."""
    for second in ("account_id", "Account_ID"):
        names = ["account_id", second, "ts"]
        table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([NOON])], names=names)
        pq.write_table(table, tmp_path / "r.parquet")
        with pytest.raises(LogsError, match=f"column is there twice: got account_id and {second}"):
            opened(requests=tmp_path / "r.parquet")


def test_columns_that_duckdb_could_add_itself_are_the_logs(write, opened):
    """IN-05: asked for, DuckDB's own `filename` collides with a column of that name."""
    columns = {"filename": ["a"], "file_row_number": ["1.2.3.4"], "ts": [NOON]}
    names = {"account_id": "filename", "ip": "file_row_number"}
    log = opened(requests=write("r.parquet", **columns), columns={"requests": names})
    assert log.rows() == [{"account_id": "a", "ts": NOON, "ip": "1.2.3.4"}]


@pytest.mark.slow
def test_broken_files_end_in_an_error_of_ours(write, opened):
    """IN-11: some bytes flipped anywhere; no crash, no traceback of DuckDB's own."""
    n = 3_000
    columns = {"ip": ["1.2.3.4"] * n, "prompt": [f"prompt {i % 7}" for i in range(n)]}
    path = write("r.parquet", account_id=[f"a{i}" for i in range(n)], ts=[NOON] * n, **columns)
    whole = path.read_bytes()
    dice = random.Random(7)
    n_refused = 0
    for _ in range(200):
        broken = bytearray(whole)
        for _ in range(dice.choice((1, 8, 64))):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        path.write_bytes(broken)
        try:
            opened(requests=path).rows()
        except GraphscanError:
            n_refused += 1
    assert n_refused > 50


@pytest.mark.parametrize("kind", ["pipe", "dangling"])
@pytest.mark.parametrize("text", ["log", "*"])
def test_what_is_no_file_in_a_folder_is_named_as_well(write, tmp_path: Path, kind: str, text: str):
    """IN-44: a folder that is named loses nothing of what is in it without a word."""
    write("log/day=1/a.parquet", account_id=["a"], ts=[NOON])
    path = tmp_path / "log/day=2/b.parquet"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LogsError, match=f"{path} is"):
        list_files(str(tmp_path / text), "inputs.requests")


def test_a_linked_folder_in_a_folder_is_read_once(write, opened, tmp_path: Path):
    elsewhere = write("elsewhere/a.parquet", account_id=["a"], ts=[NOON])
    write("log/b.parquet", account_id=["b"], ts=[NOON])
    (tmp_path / "log/linked").symlink_to(elsewhere.parent)
    (tmp_path / "log/again").symlink_to(tmp_path / "log")
    assert opened(requests=tmp_path / "log").column("account_id") == ["a", "b"]


def test_a_folder_that_cannot_be_looked_into_is_named(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Root may look everywhere, so the system's answer is put in its place."""
    write("log/a.parquet", account_id=["a"], ts=[NOON])
    closed = tmp_path / "log/day=2"
    closed.mkdir()
    seen = os.scandir

    def scandir(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return seen(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(LogsError, match=f"{closed}: cannot be looked into: got Permission denied"):
        list_files(str(tmp_path / "log"), "inputs.requests")
