"""Presets: where logs that people already have keep the columns of the contract.

Each gives, for every column, the places to look in; where several exist, the first value that is not null
counts. Field names: LiteLLM's schema.prisma (spend logs hold the request body in `proxy_server_request`, and
`messages` only for realtime calls); OpenTelemetry semantic conventions for generative AI, under old and new
names, flat or in an attribute map; Langfuse's blob storage export, `observations_v2/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graphscan.settings import AccountChoice, Preset


@dataclass(frozen=True)
class Tag:
    """The longest tag in a JSON list column that begins so."""

    column: str
    beginning: str


@dataclass(frozen=True)
class Either:
    """The first of several places that holds anything, as one."""

    places: tuple[str, ...]


Place = str | Tag | Either


@dataclass(frozen=True)
class Source:
    """A preset: places by column, the accounts one can choose among, and which rows are requests to a
    model."""

    places: Mapping[str, tuple[Place, ...]]
    accounts: Mapping[AccountChoice, tuple[str, ...]]
    only: tuple[tuple[Place, ...], tuple[str, ...]] | None = None
    """Places of what a row is, and which of that are requests; where it says nothing, a model's name
    decides."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Places whose numbers are times in a unit known beforehand."""


def _attributes(*names: str) -> tuple[str, ...]:
    """An OpenTelemetry attribute as a column of its own, or inside the usual maps of attributes."""
    maps = ("SpanAttributes", "span_attributes", "attributes", "ResourceAttributes", "resource_attributes")
    return tuple(place for name in names for place in (name, *(f"{m}.{name}" for m in maps)))


PRESETS: Mapping[Preset, Source] = MappingProxyType(
    {
        "litellm": Source(
            places={
                "ts": ("startTime",),
                "prompt": ("messages", "proxy_server_request"),
                "ip": ("requester_ip_address", "metadata.requester_ip_address"),
                "user_agent": ("metadata.user_agent", Tag("request_tags", "User-Agent: ")),
                "model": ("model_group", "model"),
                "response": ("response",),
            },
            accounts={
                "user": ("user",),
                "end_user": ("end_user",),
                "key": ("api_key",),
                "team": ("team_id",),
            },
        ),
        "otel-genai": Source(
            places={
                "ts": (
                    *("Timestamp", "timestamp", "start_time", "startTime"),
                    *("startTimeUnixNano", "start_time_unix_nano"),
                ),
                "prompt": _attributes("gen_ai.input.messages", "gen_ai.prompt"),
                "system": (
                    Either(_attributes("gen_ai.system_instructions")),
                    Either(_attributes("gen_ai.tool.definitions")),
                ),
                "ip": _attributes("client.address", "http.client_ip", "net.sock.peer.addr"),
                "user_agent": _attributes("user_agent.original", "http.user_agent"),
                "model": _attributes("gen_ai.request.model", "gen_ai.response.model"),
                "response": _attributes("gen_ai.output.messages", "gen_ai.completion"),
            },
            accounts={
                "user": _attributes("user.id"),
                "end_user": _attributes("enduser.id", "user.pseudo.id"),
                "team": _attributes("user.org_id", "organization.id"),
            },
            only=(_attributes("gen_ai.operation.name"), ("chat", "text_completion", "generate_content")),
            units={"startTimeUnixNano": "ns", "start_time_unix_nano": "ns"},
        ),
        "langfuse": Source(
            places={
                "ts": ("start_time",),
                "prompt": ("input",),
                "system": ("tool_definitions",),
                "ip": ("metadata.ip", "metadata.ip_address", "metadata.client.address"),
                "user_agent": ("metadata.user_agent", "metadata.user_agent.original"),
                "model": ("provided_model_name",),
                "response": ("output",),
            },
            accounts={"user": ("user_id",), "end_user": ("user_id",)},
            only=(("type",), ("GENERATION",)),
        ),
    }
)
