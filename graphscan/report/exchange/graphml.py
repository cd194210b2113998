"""GraphML: accounts of all rings and their ties. Node ids are our own numbers; what the log wrote is data.

Source: Brandes et al., "GraphML progress report" (2002), DOI 10.1007/3-540-45848-4_59.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from graphscan.report.exchange.findings import Findings
from graphscan.report.shown import visible

NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
NODE = {"account": "string", "ring_id": "string", "tier": "string"}
EDGE = {"weight": "double", "signals": "string"}


def render(findings: Findings) -> dict[str, bytes]:
    """`rings.graphml`: a node a member of a ring, so that an account in two rings is two nodes."""
    root = ET.Element("graphml", xmlns=NAMESPACE)
    for of, keys in (("node", NODE), ("edge", EDGE)):
        for name, kind in keys.items():
            ET.SubElement(root, "key", {"id": name, "for": of, "attr.name": name, "attr.type": kind})
    graph = ET.SubElement(root, "graph", edgedefault="undirected")
    n = 0
    for ring in findings.rings:
        ids: dict[str, str] = {}
        for member in ring.members:
            ids[member.account] = f"n{n}"
            n += 1
            node = ET.SubElement(graph, "node", id=ids[member.account])
            _data(node, {"account": member.account, "ring_id": ring.ring_id, "tier": member.tier})
        for tie in ring.ties:
            if tie.account_l in ids and tie.account_r in ids:
                edge = ET.SubElement(graph, "edge", source=ids[tie.account_l], target=ids[tie.account_r])
                _data(edge, {"weight": repr(tie.weight), "signals": ", ".join(tie.signals)})
    ET.indent(root)
    return {"rings.graphml": ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _data(parent: ET.Element, values: dict[str, str]) -> None:
    for key, value in values.items():
        ET.SubElement(parent, "data", key=key).text = visible(value)
