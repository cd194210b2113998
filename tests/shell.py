"""The command line, run in this process: what it prints and how it ends."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from graphscan.cli import main


class Shell:
    """Runs commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *args: object) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self._monkeypatch.setattr(sys, "argv", ["graphscan", *map(str, args)])
        self._capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 0
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *args: object) -> Any:
        """What `--json` printed; nothing else may be on stdout."""
        code, out, err = self(*args, "--json")
        assert code == 0, err
        assert out.isascii()
        return json.loads(out)
