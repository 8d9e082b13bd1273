"""reStructuredText through docutils, without its includes and raw parts; nothing outside the file is read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]  # ships no types
from docutils.core import publish_doctree  # type: ignore[import-untyped]

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.headings import opening_title
from ingest.parsers.page import BREAK_IN_CHINESE
from ingest.parsers.plain import text_elements
from ingest.tables import markdown_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_TEXT = 2_000_000
"""Characters; docutils takes a minute for more, which is read as plain text."""

_ERROR = 3
_SETTINGS = {
    "_disable_config": True, "file_insertion_enabled": False, "raw_enabled": False, "syntax_highlight": "none",
    "report_level": _ERROR, "halt_level": 5, "doctitle_xform": False, "docinfo_xform": False,
    "line_length_limit": MAX_TEXT,
}  # fmt: skip
_UNSEEN = (nodes.comment, nodes.substitution_definition, nodes.target, nodes.pending, nodes.raw, nodes.meta)


def read_rst(data: bytes) -> ParsedDocument:
    """Read reStructuredText: headings, text, tables and code; what a foreign directive holds is text."""
    text = decode(data)
    elements = _elements(text) if len(text) <= MAX_TEXT else text_elements(text)
    return ParsedDocument(tuple(elements), title=opening_title(elements))


def _elements(text: str) -> list[Element]:
    try:
        tree = publish_doctree(text, settings_overrides={**_SETTINGS, "warning_stream": io.StringIO()})
        return [element for element in _walk(tree, 0) if element.text]
    except Exception:  # noqa: BLE001 - nobody knows what it raises
        # docutils stumbles over some broken markup; its words are there all the same.
        return text_elements(text)


def _walk(node: Any, depth: int) -> Iterator[Element]:
    if isinstance(node, _UNSEEN):
        return
    for kinds, read in _BLOCKS:
        if isinstance(node, kinds):
            yield from read(node, depth)
            return
    for child in node.children:
        yield from _walk(child, depth + isinstance(node, nodes.section))


def _code(node: Any, _: int) -> Iterator[Element]:
    yield Element("code", node.astext().strip("\n"))


def _title(node: Any, depth: int) -> Iterator[Element]:
    is_heading = isinstance(node.parent, nodes.section)
    yield Element("heading", _flow(node), level=depth) if is_heading else Element("text", _flow(node))


def _foreign(message: Any, _: int) -> Iterator[Element]:
    """What stands in markup that docutils does not know, as in Sphinx's own."""
    for literal in message.findall(nodes.literal_block) if message["level"] >= _ERROR else ():
        yield Element("text", literal.astext().strip())


def _verse(block: Any, _: int) -> Iterator[Element]:
    yield Element("text", "\n".join(line.astext() for line in block.findall(nodes.line)).strip())


def _enumerated(items: Any, depth: int) -> Iterator[Element]:
    for number, item in enumerate(items.children, start=int(items.get("start", 1))):
        yield from _numbered(item, number, depth)


def _field(node: Any, _: int) -> Iterator[Element]:
    yield Element("text", ": ".join(filter(None, map(_flow, node.children))))


def _text(node: Any, _: int) -> Iterator[Element]:
    yield Element("text", _flow(node))


def _numbered(item: Any, number: int, depth: int) -> Iterator[Element]:
    for i, element in enumerate(_walk(item, depth)):
        first = i == 0 and element.kind == "text"
        yield Element("text", f"{number}. {element.text}") if first else element


def _table(table: Any, _: int) -> Iterator[Element]:
    for title in table.findall(nodes.title):
        yield Element("text", _flow(title))
    if text := markdown_table(_rows(table)):
        yield Element("table", text)


def _rows(table: Any) -> list[list[str]]:
    """The cells of the rows, merged ones repeated."""
    grid: dict[tuple[int, int], str] = {}
    rows = list(table.findall(nodes.row))
    for y, row in enumerate(rows):
        x = 0
        for entry in row.children:
            while (y, x) in grid:
                x += 1
            down, right = int(entry.get("morerows", 0)), int(entry.get("morecols", 0))
            text = _flow(entry)
            grid |= {(y + j, x + i): text for j in range(down + 1) for i in range(right + 1)}
            x += right + 1
    width = max((x for _, x in grid), default=-1) + 1
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def _flow(node: Any) -> str:
    """A node's text on one line; a line break within Chinese is no space."""
    return " ".join(BREAK_IN_CHINESE.sub("", node.astext()).split())


_BLOCKS: tuple[tuple[tuple[type, ...], Callable[[Any, int], Iterator[Element]]], ...] = (
    ((nodes.literal_block, nodes.doctest_block), _code),
    ((nodes.title,), _title),
    ((nodes.table,), _table),
    ((nodes.system_message,), _foreign),
    ((nodes.line_block,), _verse),
    ((nodes.enumerated_list,), _enumerated),
    ((nodes.field,), _field),
    ((nodes.TextElement,), _text),
)
