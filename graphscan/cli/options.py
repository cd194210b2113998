"""Options that several commands have, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphscan.errors import SettingsError

if TYPE_CHECKING:
    from graphscan.settings import Settings

_LOG = "The log"
_RUN = "The run"

Text = str | None

Requests = Annotated[
    Text, typer.Option(help="Parquet file, glob, folder, or a SELECT.", rich_help_panel=_LOG)
]
Accounts = Annotated[Text, typer.Option(help="The accounts' table, likewise.", rich_help_panel=_LOG)]
Payments = Annotated[Text, typer.Option(help="The payments' table, likewise.", rich_help_panel=_LOG)]
Canaries = Annotated[Text, typer.Option(help="Marked strings planted in responses.", rich_help_panel=_LOG)]
Config = Annotated[
    Path | None,
    typer.Option(help="graphscan.toml; options go before it.", rich_help_panel=_LOG),
]
Preset = Annotated[
    Text, typer.Option(help="Where the log comes from: litellm, otel-genai, langfuse.", rich_help_panel=_LOG)
]
Account = Annotated[
    Text,
    typer.Option(help="Who is studied, with a preset: user, end_user, key, team.", rich_help_panel=_LOG),
]
From = Annotated[
    Text, typer.Option("--from", help="First time of the window, UTC: 2026-11-01.", rich_help_panel=_LOG)
]
To = Annotated[Text, typer.Option("--to", help="End of the window, not in it.", rich_help_panel=_LOG)]
Threads = Annotated[
    int | None,
    typer.Option(help="Never changes what comes out.", rich_help_panel=_RUN),
]
MemoryLimit = Annotated[Text, typer.Option(help="Of DuckDB: 4GB.", rich_help_panel=_RUN)]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="Say nothing on stderr meanwhile.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else there.")]
Run = Annotated[Path, typer.Argument(help="A run's folder.", show_default=False)]
Decisions = Annotated[
    Path | None,
    typer.Option(
        help="The file of decisions; the one of the run's settings if not given.", show_default=False
    ),
]


def settings_of(config: Path | None, **given: object) -> Settings:
    """The settings of a command: its options over its file. Raises SettingsError where no log is named."""
    from graphscan.settings import Settings

    settings = Settings.load(config, **given)
    if settings.inputs.requests is None:
        raise SettingsError(
            "inputs.requests: is missing: got nothing; expected a Parquet file, a folder, a glob or a SELECT",
            "give --requests, or requests under [inputs] of a file given by --config",
        )
    return settings
