"""A page as a browser's parser reads it, and what the templates may have written into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

ELEMENTS = set(
    """html body head title meta style script main nav header footer section article h1 h2 h3 h4 p a span
    strong em sup bdi code pre blockquote ul ol li dl div dt dd table caption thead tbody tr th td details
    summary form label input select option button svg g rect circle line polyline text desc""".split()  # noqa: SIM905
)
ATTRIBUTES = set(
    """lang charset content name http-equiv class id href aria-label aria-labelledby aria-hidden aria-live
    role scope data-label tabindex hidden for type autocomplete spellcheck value data-key viewBox preserveAspectRatio
    focusable x y x1 y1 x2 y2 cx cy r width height points text-anchor stroke-width""".split()  # noqa: SIM905
)
"""The elements and attributes that the templates write: nothing else may come out of any text."""


def walk(html: str) -> Iterator[Element]:
    yield from html5lib.parse(html, namespaceHTMLElements=False).iter()


def name(element: Element) -> str:
    return re.sub(r"\{.*\}", "", str(element.tag))


def text_of(html: str) -> str:
    """All text of a page but that of its style and script."""
    root = html5lib.parse(html, namespaceHTMLElements=False)
    for parent in list(root.iter()):
        for child in list(parent):
            if name(child) in ("style", "script") and child.get("type") != "application/json":
                parent.remove(child)
    return "".join(root.itertext())


def assert_nothing_came_out(html: str) -> None:
    """No element and no attribute of a page is from any text, and nothing in it is unseen."""
    for element in walk(html):
        if isinstance(element.tag, str):
            assert name(element) in ELEMENTS, f"<{name(element)}>"
            assert {re.sub(r"\{.*\}", "", a) for a in element.attrib} <= ATTRIBUTES, element.attrib
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]", html)
