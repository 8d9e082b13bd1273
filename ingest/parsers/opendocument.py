"""OpenDocument: text, slides and sheets, read from their XML.

unstructured needs the program pandoc for texts, and reads neither slides nor sheets.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.document import Element, ParsedDocument
from ingest.emphasis import mark_all_headings
from ingest.headings import below_cover, opening_title
from ingest.parsers.odf_table import OdfTable, sheet_blocks, table_rows
from ingest.parsers.odf_text import TextReader
from ingest.parsers.package import Package, attribute, local, marked, metadata, sensible_title, with_margins
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
_LENGTH = re.compile(r"(-?[0-9.]{1,12})(cm|mm|in|pt|pc|px)")
_MOVED = re.compile(r"translate ?\((\S+) (\S+)\)")
_SAME_ROW = 0.4
"""Centimetres by which the upper edges of shapes that stand side by side may differ."""

_FURNITURE = frozenset({"page-number", "date-time", "footer", "header", "page"})


def read_odt(data: bytes) -> ParsedDocument:
    """Read a text document: headings by outline level, by numbering, by their look."""
    package, body, reader = _opened(data, "text")
    found = list(reader.blocks(body))
    found = with_margins(found, list(_margins(package, reader)))
    titled = any(element.kind == "heading" and element.level == 0 for element in found)
    shifted = [replace(e, level=e.level + titled) if e.kind == "heading" else e for e in found]
    elements = mark_all_headings(shifted)
    title, fields = _about(package)
    return ParsedDocument(tuple(elements), title or opening_title(elements), metadata=fields)


def read_odp(data: bytes) -> ParsedDocument:
    """Read slides: the title as heading, then the shapes from top to bottom, then the speaker's notes."""
    package, body, reader = _opened(data, "presentation")
    pages = [node for node in body if local(node) == "page"]
    elements: list[Element] = []
    for number, page in enumerate(pages, start=1):
        elements += _slide(page, number, reader)
        pulse.beat(number, len(pages))
    elements = below_cover(elements)
    title, fields = _about(package)
    return ParsedDocument(tuple(elements), title or opening_title(elements), pages=len(pages), metadata=fields)


def read_ods(data: bytes) -> ParsedDocument:
    """Read a workbook: each sheet's name as a heading, its blocks of cells as they are shown."""
    package, body, reader = _opened(data, "spreadsheet")
    sheets = [node for node in body if local(node) == "table"]
    elements: list[Element] = []
    for page, sheet in enumerate(sheets, start=1):
        table = OdfTable(lambda cell: reader.cell(cell) or _value(cell))
        for row in table_rows(sheet):
            table.add(row)
        shapes = [node for node in sheet if local(node) == "shapes"]
        blocks = [*sheet_blocks(table.rows, page), *(e for e in reader.blocks(shapes, page) if e.kind == "text")]
        if blocks:
            name = attribute(sheet, "name").strip() or f"Sheet{page}"
            elements += [Element("heading", name, level=1, page=page), *blocks]
        pulse.beat(page, len(sheets))
    title, fields = _about(package)
    return ParsedDocument(tuple(elements), title, pages=len(sheets), metadata=fields)


def _opened(data: bytes, kind: str) -> tuple[Package, Any, TextReader]:
    """The package, the body of its document and a reader of its texts.

    Raises:
        DocumentError: It is protected, or there is no such document in it.
    """
    package = Package(data)
    if b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise DocumentError("protected by a password; save a copy without one")
    content = package.xml("content.xml")
    body = content.find(f"{{*}}body/{{*}}{kind}") if content is not None else None
    if body is None:
        raise DocumentError(f"broken: no {kind} in its content.xml; open it in its program and save it anew")
    styles = package.xml("styles.xml")
    return package, body, TextReader(package, [content, *([styles] if styles is not None else [])])


def _about(package: Package) -> tuple[str, dict[str, str]]:
    """Title and metadata."""
    root = package.xml("meta.xml")
    nodes = root.iter() if root is not None else ()
    fields = {local(node): (node.text or "").strip() for node in nodes}
    author = fields.get("initial-creator") or fields.get("creator", "")
    return sensible_title(fields.get("title", "")), metadata(
        author, fields.get("date") or fields.get("creation-date", "")
    )


def _margins(package: Package, reader: TextReader) -> Iterator[Element]:
    """Headers and footers, each distinct text once."""
    root = package.xml("styles.xml")
    seen: dict[str, str] = {}
    for node in root.iter("{*}header", "{*}footer", "{*}header-first", "{*}footer-first") if root is not None else ():
        text = reader.plain(node)
        if re.search(r"[^\W\d_]{2}", text):
            seen.setdefault(text, local(node).partition("-")[0])
    for text, kind in seen.items():
        yield Element("text", marked(kind, text))


def _value(cell: Any) -> str:
    """The value of a cell that some writer gave no text."""
    for name in ("string-value", "date-value", "time-value", "boolean-value", "value"):
        if text := attribute(cell, name):
            return text
    return ""


# Slides


def _slide(page: Any, number: int, reader: TextReader) -> Iterator[Element]:
    shapes = [node for node in page if attribute(node, "class") not in _FURNITURE and local(node) != "notes"]
    title = next((node for node in shapes if attribute(node, "class") == "title" and reader.plain([node])), None)
    if title is not None:
        yield Element("heading", " ".join(reader.plain([title]).split()), level=1, page=number)
    for shape in _in_order([node for node in shapes if node is not title]):
        yield from reader.blocks([shape], number)
    for notes in page.iterfind("{*}notes"):
        frames = [node for node in notes if attribute(node, "class") not in _FURNITURE]
        if text := reader.plain(frames):
            yield Element("text", marked("notes", text), page=number)


def _in_order(shapes: list[Any]) -> Iterator[Any]:
    """The shapes row by row, from left to right."""
    rows: list[list[tuple[float, float, Any]]] = []
    for top, left, shape in sorted(((*_place(shape), shape) for shape in shapes), key=lambda one: one[0]):
        if rows and top - rows[-1][0][0] < _SAME_ROW:
            rows[-1].append((top, left, shape))
        else:
            rows.append([(top, left, shape)])
    for row in rows:
        yield from (shape for _, _, shape in sorted(row, key=lambda one: one[1]))


def _place(shape: Any) -> tuple[float, float]:
    """Upper and left edge in centimetres; of a group those of its first shape."""
    if local(shape) == "g" and len(shape):
        return min(_place(child) for child in shape)
    moved = _MOVED.search(attribute(shape, "transform"))
    left, top = moved.groups() if moved else (attribute(shape, "x"), attribute(shape, "y"))
    return _centimetres(top), _centimetres(left)


def _centimetres(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    return float(match.group(1)) * _UNITS[match.group(2)] if match and match.group(1).count(".") < 2 else 0.0
