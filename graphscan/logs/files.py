"""The Parquet files that an input names: which they are, and what their footers say.

Takes in a path, a glob or a folder; gives out `LogFile`s in the order of their paths. Every footer is read
before any row: DuckDB takes types from the first file of a list and casts the others to them without a word.
"""

from __future__ import annotations

import datetime as dt
import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from graphscan.errors import LogsError
from graphscan.faults import nearest


@dataclass(frozen=True)
class LogFile:
    """One Parquet file. `leaves` are its columns as stored: dotted path, then the Parquet types."""

    path: str
    n_bytes: int
    mtime_ns: int
    n_rows: int | None
    names: tuple[str, ...]
    leaves: tuple[tuple[str, str], ...]

    def hive(self) -> dict[str, str]:
        """The `key=value` folders of the path."""
        parts = [part.partition("=") for part in Path(self.path).parent.parts]
        return {key: value for key, sign, value in parts if sign and key}


@dataclass(frozen=True)
class Listing:
    """The files that can be read, and those that cannot, with why; `twice` are paths of a file listed
    before."""

    files: tuple[LogFile, ...]
    unreadable: tuple[tuple[str, str], ...]
    twice: tuple[str, ...]


def list_files(text: str, place: str, n_threads: int = 2) -> Listing:
    """The Parquet files that `text` names, footers read.

    A path that exists is that file, whatever characters it has; a folder stands for all `*.parquet` below
    it, without hidden and `_` ones. Raises LogsError where nothing is there, where something is no file, or
    nothing is readable.
    """
    paths = [str(Path(p).absolute()) for p in paths_named(text)]
    if not paths:
        raise _nothing_there(text, place)
    seen: dict[tuple[int, int], str] = {}
    stats: dict[str, os.stat_result] = {}
    twice = []
    for path in paths:
        status = _regular(path, place)
        if seen.setdefault((status.st_dev, status.st_ino), path) != path:
            twice.append(path)
        else:
            stats[path] = status
    with ThreadPoolExecutor(n_threads) as pool:
        read = list(pool.map(lambda p: _footer(p, stats[p]), stats))
    files = tuple(f for f in read if isinstance(f, LogFile))
    bad = tuple((p, f) for p, f in zip(stats, read, strict=True) if isinstance(f, str))
    if not files:
        raise LogsError(
            f"{place}: holds no readable Parquet file: got {bad[0][0]}, {bad[0][1]}; expected Parquet",
            "other formats are read by a SELECT, such as SELECT * FROM read_csv('requests.csv')",
        )
    return Listing(files, bad, tuple(twice))


def is_select(text: str) -> bool:
    """Whether an input is written as SQL, and not as a path."""
    return re.match(r"(\s|--[^\n]*\n|\()*(select|with|from)\s", text, re.IGNORECASE) is not None


_DAYS = re.compile(r"\{(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)\}")


def paths_named(text: str) -> list[str]:
    """The paths that a path, folder or glob names, as written, sorted; none where nothing is there.

    `{2026-11-01..2026-11-28}` in it stands for each of the days.
    """
    path = Path(text)
    if (days := _DAYS.search(text)) and not os.path.lexists(path):
        before, after = text[: days.start()], text[days.end() :]
        return sorted({p for day in _days(days[1], days[2]) for p in paths_named(before + day + after)})
    if path.is_dir():
        return sorted(_inside(path))
    if os.path.lexists(path):
        return [text]
    # Path.glob takes no absolute pattern.
    found = sorted(glob.glob(text, recursive=True))  # noqa: PTH207
    return [f for p in found for f in (paths_named(p) if Path(p).is_dir() else [p])]


def _inside(folder: Path) -> Iterator[str]:
    """What is called a Parquet file anywhere in a folder, whatever it is: it is looked at when it is read. What begins
    with a dot or an underscore is left out, and links to folders are followed once.

    Raises LogsError where a folder cannot be looked into: what it holds would be missing without a word.
    """
    followed = set()
    for at, folders, names in os.walk(folder, onerror=_unseen, followlinks=True):
        status = Path(at).stat()
        if (status.st_dev, status.st_ino) in followed:
            folders.clear()
            continue
        followed.add((status.st_dev, status.st_ino))
        folders[:] = sorted(f for f in folders if f[0] not in "._")
        yield from (str(Path(at, n)) for n in names if n.endswith(".parquet") and n[0] not in "._")


def _unseen(error: OSError) -> NoReturn:
    raise LogsError(
        f"{error.filename}: cannot be looked into: got {error.strerror}; expected a folder that can be read",
        "let it be read, or name the files",
    ) from None


def _days(first: str, last: str) -> list[str]:
    """The days from first to last, both in it; none where one is no date."""
    try:
        begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError:
        return []
    return [(begin + dt.timedelta(days=i)).isoformat() for i in range((end - begin).days + 1)]


def folders_named(text: str) -> list[Path]:
    """The folders that hold what a path, folder or glob names, links followed, and where a glob looks."""
    path = Path(text)
    parts = text.split("/")
    n_fixed = next((i for i, part in enumerate(parts) if re.search(r"[*?\[{]", part)), len(parts) - 1)
    above = Path("/".join(parts[:n_fixed]) or ("/" if text.startswith("/") else "."))
    inside = [Path(p).resolve().parent for p in paths_named(text)]
    return list(dict.fromkeys([path if path.is_dir() else path.parent if path.is_file() else above, *inside]))


def _nothing_there(text: str, place: str) -> LogsError:
    path = Path(text)
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = nearest(path.name, beside)
    return LogsError(
        f"{place}: names no file: got {text}; expected a Parquet file, a folder, a glob or a SELECT",
        f"did you mean {path.parent / close}?" if close and close != path.name else "",
    )


def _regular(path: str, place: str) -> os.stat_result:
    """What the system says of a file; a pipe would block for ever, so it is asked before anything is
    opened."""
    try:
        status = Path(path).stat()
    except OSError as e:
        what = "is a link that leads nowhere" if Path(path).is_symlink() else "cannot be reached"
        raise LogsError(f"{place}: {path} {what}: got {e.strerror}; expected a file") from None
    if not stat.S_ISREG(status.st_mode):
        raise LogsError(f"{place}: {path} is no file: got {_sort(status.st_mode)}; expected a Parquet file")
    if not os.access(path, os.R_OK):
        raise LogsError(
            f"{place}: {path} cannot be read: got no permission; expected a file that can be read"
        )
    return status


def _sort(mode: int) -> str:
    sorts = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISDIR, "a folder"))
    return next((name for test, name in sorts if test(mode)), "a device")


def _footer(path: str, status: os.stat_result) -> LogFile | str:
    """The file with its footer, or what is wrong with it."""
    import pyarrow
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
        columns = [footer.schema.column(i) for i in range(len(footer.schema))]
        names = tuple(footer.schema.to_arrow_schema().names)
    except (pyarrow.ArrowException, OSError) as e:
        return "empty" if status.st_size == 0 else f"no Parquet ({type(e).__name__})"
    return LogFile(
        path=path,
        n_bytes=status.st_size,
        mtime_ns=status.st_mtime_ns,
        n_rows=footer.num_rows,
        names=names,
        leaves=tuple(
            (c.path, f"{c.physical_type} {c.logical_type} {c.max_repetition_level}") for c in columns
        ),
    )


def plain_files(pattern: str) -> tuple[LogFile, ...]:
    """Files of other formats, with nothing known of their rows; none where the pattern names none."""
    found = [Path(pattern)] if Path(pattern).is_file() else map(Path, sorted(glob.glob(pattern)))  # noqa: PTH207
    return tuple(
        LogFile(str(p.absolute()), p.stat().st_size, p.stat().st_mtime_ns, None, (), ())
        for p in found
        if p.is_file()
    )


def changed(files: Sequence[LogFile]) -> tuple[str, ...]:
    """Paths whose size or time of change is no longer what it was when the log was opened."""
    gone = []
    for file in files:
        try:
            status = Path(file.path).stat()
        except OSError:
            gone.append(file.path)
            continue
        if (status.st_size, status.st_mtime_ns) != (file.n_bytes, file.mtime_ns):
            gone.append(file.path)
    return tuple(gone)
