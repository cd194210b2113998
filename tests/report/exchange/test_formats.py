"""Every format: valid by its own library or schema, and the same findings when read back."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
import uuid
from dataclasses import dataclass, replace
from typing import Any

import igraph
import jsonschema
import networkx as nx
import polars as pl
import pymisp
import pytest
import stix2
from exchange.shorthand import Render
from markdown_it import MarkdownIt

from graphscan.errors import RunError
from graphscan.report.exchange.coop import APART
from graphscan.report.exchange.csvfile import read_csv
from graphscan.report.exchange.findings import Findings
from graphscan.report.exchange.lines import id_lists
from graphscan.report.exchange.release import FORMATS
from graphscan.strict_json import encoded


def accounts(told: Findings) -> list[tuple[str, str]]:
    return [(ring.ring_id, m.account) for ring in told.rings for m in ring.members]


def test_the_sample_has_something_to_tell(told: Findings) -> None:
    assert len(told.rings) + told.n_rings_withheld == 8
    assert all(ring.members and ring.indicators for ring in told.rings)


@pytest.mark.parametrize("form", FORMATS)
def test_same_findings_same_bytes(form: str, told: Findings, render: Render) -> None:
    assert FORMATS[form](told) == render(form)


def test_json_keeps_to_the_published_schema(told: Findings, render: Render) -> None:
    files = render("json")
    schema = json.loads(files["findings.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(files["findings.json"])
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [(r["ring_id"], m["account"]) for r in document["rings"] for m in r["members"]] == accounts(told)
    document["rings"][0]["verdict"] = "fraud"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document)


def test_csv_reads_back(told: Findings, render: Render) -> None:
    files = render("csv")
    rows = read_csv(files["members.csv"])
    assert [(r["ring_id"], r["account"]) for r in rows] == accounts(told)
    indicators = read_csv(files["indicators.csv"])
    assert [float(r["bits"]) for r in indicators] == [i.bits for ring in told.rings for i in ring.indicators]
    assert [r["n_accounts"] for r in read_csv(files["rings.csv"])] == [str(r.n_accounts) for r in told.rings]
    assert pl.read_csv(files["members.csv"]).height == len(rows)


def test_graphml_reads_back_in_networkx_and_igraph(
    told: Findings, render: Render, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = render("graphml")["rings.graphml"]
    graph = nx.read_graphml(io.BytesIO(content))
    assert [(d["ring_id"], d["account"]) for _, d in graph.nodes(data=True)] == accounts(told)
    ties = [t for ring in told.rings for t in ring.ties]
    assert graph.number_of_edges() == len(ties)
    assert sorted(w for _, _, w in graph.edges(data="weight")) == sorted(t.weight for t in ties)
    path = tmp_path_factory.mktemp("graphml") / "rings.graphml"
    path.write_bytes(content)
    read = igraph.Graph.Read_GraphML(str(path))
    assert read.vs["account"] == [account for _, account in accounts(told)]


def test_parquet_reads_back(told: Findings, render: Render) -> None:
    frames = {name: pl.read_parquet(content) for name, content in render("parquet").items()}
    assert frames["members.parquet"].select("ring_id", "account").rows() == accounts(told)
    assert frames["rings.parquet"]["bits"].to_list() == [ring.bits for ring in told.rings]
    assert frames["ties.parquet"].height == sum(len(ring.ties) for ring in told.rings)


def test_stix_parses_and_every_reference_leads_somewhere(told: Findings, render: Render) -> None:
    bundle = stix2.parse(render("stix")["bundle.stix.json"].decode(), allow_custom=False)
    by_id = {o["id"]: o for o in bundle.objects}
    assert len(by_id) == len(bundle.objects)
    for o in bundle.objects:
        mark = {"internal": "red", "partner": "amber", "public": "white"}[told.level]
        marks = o.get("object_marking_refs", [o["id"]])
        assert [by_id[m]["definition"]["tlp"] for m in marks] == [mark]
        assert all(ref in by_id for ref in o.get("object_refs", []))
        if o["type"] != "marking-definition":
            assert uuid.UUID(o["id"].partition("--")[2]).version == 5
    groups = [o for o in bundle.objects if o["type"] == "grouping"]
    assert [g["name"].partition(":")[0] for g in groups] == [ring.ring_id for ring in told.rings]
    users = {o["user_id"] for o in bundle.objects if o["type"] == "user-account"}
    assert users == {account for _, account in accounts(told)}
    addresses = {o["value"] for o in bundle.objects if o["type"] in ("ipv4-addr", "ipv6-addr")}
    kinds = {i.entity for ring in told.rings for i in ring.indicators if i.kind in ("address", "network")}
    assert addresses == kinds and bool(addresses) == (told.level == "internal")


def test_misp_loads_and_objects_keep_to_their_template(told: Findings, render: Render) -> None:
    files = render("misp")
    assert len(files) == len(told.rings)
    for content, ring in zip(files.values(), told.rings, strict=True):
        event = pymisp.MISPEvent()
        event.load(content.decode())
        assert event.info == ring.title
        assert [o.get_attributes_by_relation("user-id")[0].value for o in event.objects] == [
            m.account for m in ring.members
        ]
        assert not any(a.to_ids for a in event.attributes)
        for made in event.objects:
            template = pymisp.MISPObject("user-account", strict=True)
            assert made.template_uuid == template.template_uuid
            for attribute in made.attributes:
                template.add_attribute(attribute.object_relation, value=attribute.value)


@pytest.mark.parametrize(("form", "library"), [("stix", "stix2"), ("misp", "pymisp")])
def test_without_its_library_a_format_says_what_to_install(
    form: str, library: str, told: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(RunError, match=f"format {form}: needs a library: got no {library}") as e:
        FORMATS[form](told)
    assert e.value.hint == "pip install 'graphscan[share]'"


_TEXT, _OBJECT = {"type": "string"}, {"type": "object"}
_VARIANT = {"type": "string", "enum": ["original", "partial"]}
COOP_ITEM = {
    "oneOf": [
        {
            "type": "object",
            "required": ["id", "data", "typeId"],
            "properties": {
                "id": _TEXT,
                "data": _OBJECT,
                "typeId": _TEXT,
                "typeVersion": _TEXT,
                "typeSchemaVariant": _VARIANT,
            },
        },
        {
            "type": "object",
            "required": ["id", "data", "type"],
            "properties": {
                "id": _TEXT,
                "data": _OBJECT,
                "type": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": _TEXT, "version": _TEXT, "schemaVariant": _VARIANT},
                },
            },
        },
    ]
}
COOP = {
    "type": "object",
    "required": ["reporter", "reportedAt", "reportedItem"],
    "properties": {
        "reporter": {
            "type": "object",
            "required": ["kind", "typeId", "id"],
            "properties": {"kind": {"type": "string", "enum": ["user"]}, "typeId": _TEXT, "id": _TEXT},
        },
        "reportedAt": _TEXT,
        "reportedForReason": {
            "type": "object",
            "properties": {
                "policyId": {"type": ["string", "null"]},
                "reason": {"type": ["string", "null"]},
                "csam": {"type": ["boolean", "null"]},
            },
        },
        "reportedItem": COOP_ITEM,
        "reportedItemThread": {"type": "array", "items": COOP_ITEM},
        "reportedItemsInThread": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "typeId"],
                "properties": {"id": _TEXT, "typeId": _TEXT},
            },
        },
        "additionalItems": {"type": "array", "items": COOP_ITEM},
    },
}
"""What the route POST /api/v1/report asks of a body, in our words (draft 4; Coop 1.0.2, commit 1c1f54d,
ReportingRoutes.ts and itemProcessingService/types.ts). It takes further names in silence and drops them: below none
may be there."""
COOP_BODY = 50 * 2**20
"""Bytes of a body that its server reads at most (server/api.ts)."""


def names_unknown_to(schema: dict[str, Any], value: Any) -> set[str]:
    """Names in a value of which its schema says nothing, but for what an item's own type says of its data."""
    if isinstance(value, list):
        return set().union(*(names_unknown_to(schema["items"], v) for v in value))
    known = (schema["oneOf"][0] if "oneOf" in schema else schema).get("properties")
    if known is None or not isinstance(value, dict):
        return set()
    inside = (names_unknown_to(known[k], v) for k, v in value.items() if k in known)
    return (set(value) - set(known)).union(*inside)


def test_coop_reports_keep_to_its_schema_and_lists_to_its_limit(told: Findings, render: Render) -> None:
    files = render("coop")
    reports = [json.loads(c) for n, c in files.items() if n.endswith(".json")]
    for report, ring in zip(reports, told.rings, strict=True):
        jsonschema.Draft4Validator(COOP).validate(report)
        assert names_unknown_to(COOP, report) == set()
        # JavaScript's own form of a time, which its Date reads in every engine.
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", report["reportedAt"])
        assert len(json.dumps(report)) < COOP_BODY
        core = {m.account for m in ring.members if m.tier != "linked"}
        assert {i["id"] for i in report["additionalItems"]} == core
    lists = [c.decode().splitlines() for n, c in files.items() if n.endswith(".txt")]
    assert sorted(i for ids in lists for i in ids) == sorted(a for _, a in accounts(told))
    assert all(len(ids) <= 1000 for ids in lists)


def test_a_console_reads_each_id_of_a_list_as_it_stands() -> None:
    """Coop's parts ids at commas and white space, Osprey's readers at the ends of lines alone."""
    ids = ["a-1", "a 2", "a,3", "a\n4", " a5", "", "a\u00a06"]
    lists = id_lists("x", ids, 3, APART)
    assert lists.pop("x_not_listed.json") == encoded(["", " a5", "a\n4", "a 2", "a,3", "a\u00a06"])
    assert {n: re.split(r"[\s,]+", c.decode().strip()) for n, c in lists.items()} == {"x_0001.txt": ["a-1"]}
    lists = id_lists("x", ids, 3)
    assert lists["x_0001.txt"].decode().splitlines() == ["a-1", "a 2", "a,3"]
    assert json.loads(lists["x_not_listed.json"]) == ["", " a5", "a\n4"]


@dataclass(frozen=True)
class Action:
    """What Osprey makes of a line."""

    action_id: int
    action_name: str
    data: dict[str, Any]
    timestamp: dt.datetime | None = None


def read_by_topic(line: bytes) -> Action:
    """A message of `osprey.actions_input`, as its consumer takes it apart (Osprey 1.1.0, commit 699ff64,
    KafkaInputStream): all four are needed, and the time is RFC 3339 in UTC."""
    message = json.loads(line)
    data = message["data"]
    assert set(message) == {"send_time", "data"} and set(data) == {"action_id", "action_name", "data"}
    return Action(
        int(data["action_id"]),
        data["action_name"],
        data["data"],
        dt.datetime.fromisoformat(message["send_time"]),
    )


def read_by_file(line: bytes) -> Action:
    """A line of `osprey-async-cli run --input-file` (AsyncFileInputStream): what it misses it takes for 0,
    "unknown" and nothing, in silence, and the time is the reader's own."""
    action = json.loads(line)
    assert set(action) == {"id", "name", "data"}
    return Action(action.get("id", 0), action.get("name", "unknown"), action.get("data", {}))


def test_osprey_reads_every_member_from_its_topic_and_from_a_file(told: Findings, render: Render) -> None:
    files = render("osprey")
    sent = [read_by_topic(line) for line in files["osprey/actions.jsonl"].splitlines()]
    filed = [read_by_file(line) for line in files["osprey/file_actions.jsonl"].splitlines()]
    assert [(a.data["ring_id"], a.data["account_id"]) for a in sent] == accounts(told)
    assert [replace(a, timestamp=None) for a in sent] == filed
    ids = [a.action_id for a in sent]
    assert len(set(ids)) == len(ids) and all(0 <= i < 2**53 for i in ids)
    assert {a.action_name for a in sent} == {"graphscan_ring_member"}
    assert {a.timestamp for a in sent} == {told.as_of.replace(microsecond=0, tzinfo=dt.UTC)}
    labels = [c.decode().splitlines() for n, c in files.items() if n.startswith("osprey/labels/")]
    assert sorted(i for ids in labels for i in ids) == sorted(a for _, a in accounts(told))
    assert all(len(ids) <= 100_000 for ids in labels)


def test_markdown_is_headings_tables_and_text_alone(told: Findings, render: Render) -> None:
    text = render("markdown")["findings.md"].decode()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "softbreak", "text_special"}
    assert sum(t.type == "table_open" for t in tokens) == 2 * len(told.rings)
    assert sum(t.type == "fence" for t in tokens) == sum(len(ring.templates) for ring in told.rings)
    assert "http" not in text
