"""The text of OpenDocument: paragraphs, headings, lists, tables, and what hangs on them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.document import Element
from ingest.parsers.drawing import Pictures
from ingest.parsers.grid import table_elements
from ingest.parsers.odf_lists import OUTLINE, Counts, Lists
from ingest.parsers.odf_look import Looks
from ingest.parsers.odf_table import OdfTable, table_rows
from ingest.parsers.package import attribute, integer, local, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.package import Package

_SPACE = re.compile(r"[ \t\r\n]+")
_MAX_SPACES = 200
# Tables of contents, deleted text, declarations, what a picture is called, reading aids.
_SKIPPED = frozenset(
    {"table-of-content", "tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "forms", "title"}
    | {"desc", "ruby-text", "event-listeners", "notes", "list-style", "image-map", "annotation-end", "number"}
)
_BLOCKS = frozenset({"p", "h", "list", "table"})
_SHAPES = frozenset(
    {"frame", "g", "custom-shape", "rect", "ellipse", "line", "path", "polygon", "connector", "caption"}
)
_TITLES = frozenset({"title", "标题", "標題"})
_BEAT_EVERY = 500


@dataclass(slots=True)
class _Inline:
    """A paragraph's text, and the notes and shapes in it."""

    parts: list[str] = field(default_factory=list)
    hanging: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts).strip()


@dataclass(frozen=True, slots=True)
class _List:
    """The list that a paragraph stands in.

    Attributes:
        style: Name of its style.
        level: How deep the paragraph is in it, 1 the outermost.
        counts: How far it is counted.
    """

    style: str
    level: int
    counts: Counts


class TextReader:
    """Reads the body of a document, a text box or a cell; its lists go on counting from one to the next."""

    def __init__(self, package: Package, roots: list[Any]) -> None:
        self._package = package
        self._pictures = Pictures(package)
        self._lists = Lists(roots)
        self._looks = Looks(roots)
        self._parents = {
            attribute(node, "name"): attribute(node, "parent-style-name")
            for root in roots
            for node in root.iter("{*}style")
        }
        self._notes = 0
        self._done = 0

    def blocks(self, parent: Any, page: int | None = None) -> Iterator[Element]:
        """The elements below a node."""
        for node in parent:
            name = local(node)
            if name in _SKIPPED:
                continue
            if name in ("p", "h"):
                yield from self._paragraph(node, "", page)
            elif name == "list":
                yield from self._list(node, None, page)
            elif name == "table":
                yield from self._table(node, page)
            elif name == "frame":
                yield from self._frame(node, page)
            elif name == "annotation":
                yield from self._hanging(node, page)
            else:
                yield from self.blocks(node, page)

    def plain(self, parent: Any) -> str:
        """The text below a node, a block a line."""
        return "\n".join(element.text for element in self.blocks(parent))

    def cell(self, cell: Any) -> str:
        """A cell's text, a table within it row by row."""
        texts = []
        for node in cell:
            if local(node) == "table":
                texts += [" ".join(filter(None, row)) for row in self._rows(node)]
            else:
                texts += [element.text for element in self.blocks([node])]
        return "\n".join(filter(None, texts))

    # Paragraphs

    def _paragraph(self, node: Any, label: str, page: int | None) -> Iterator[Element]:
        inline = _Inline()
        self._collect(node, inline)
        self._done += 1
        if not self._done % _BEAT_EVERY:
            pulse.beat(self._done, self._done)
        heading = local(node) == "h"
        if heading and not label and attribute(node, "is-list-header") != "true":
            label = self._lists.label(OUTLINE, _outline(node), self._lists.outline(), attribute(node, "start-value"))
        if inline.text and heading:
            flat = label + " ".join(inline.text.split("\n"))
            yield Element("heading", flat, _outline(node), page, look=self._looks.look_of(node))
        elif inline.text:
            title = self._is_title(attribute(node, "style-name"))
            look = self._looks.look_of(node)
            yield Element("heading" if title else "text", label + inline.text, 0, page, look=look)
        for hanging in inline.hanging:
            yield from self._hanging(hanging, page)

    def _collect(self, node: Any, out: _Inline) -> None:
        out.parts.append(_SPACE.sub(" ", node.text or ""))
        for child in node:
            self._piece(child, local(child), out)
            out.parts.append(_SPACE.sub(" ", child.tail or ""))

    def _piece(self, child: Any, name: str, out: _Inline) -> None:
        if name == "s":
            out.parts.append(" " * min(max(integer(attribute(child, "c"), 1), 1), _MAX_SPACES))
        elif name in ("tab", "line-break"):
            out.parts.append("\t" if name == "tab" else "\n")
        elif name in ("note", "annotation") or name in _SHAPES:
            formula = self._formula(child) if name == "frame" else ""
            if formula:
                out.parts.append(formula)
            else:
                out.hanging.append(child)
        elif name and name not in _SKIPPED:
            self._collect(child, out)

    def _is_title(self, style: str) -> bool:
        for _ in range(_MAX_SPACES):
            if style.lower() in _TITLES or not style:
                return bool(style)
            style = self._parents.get(style, "")
        return False

    def _hanging(self, node: Any, page: int | None) -> Iterator[Element]:
        """What stands behind a paragraph: a note, a comment, a shape."""
        name = local(node)
        if name not in ("note", "annotation"):
            yield from self.blocks([node], page)
            return
        body = next((child for child in node if local(child) == "note-body"), node)
        text = "\n".join(self.plain([child]) for child in body if local(child) in _BLOCKS)
        self._notes += name == "note"
        if text and name == "note":
            kind = "endnote" if attribute(node, "note-class") == "endnote" else "footnote"
            yield Element("text", marked(kind, text, str(self._notes)), page=page)
        elif text:
            by = next((child.text or "" for child in node if local(child) == "creator"), "")
            yield Element("text", marked("comment", text, by), page=page)

    # Lists

    def _list(self, node: Any, around: _List | None, page: int | None) -> Iterator[Element]:
        style = attribute(node, "style-name") or (around.style if around else "")
        if around and style == around.style:
            own = _List(style, around.level + 1, around.counts)
        else:
            own = _List(style, around.level + 1 if around else 1, self._lists.counts(node, style))
        for item in node:
            if local(item) in ("list-item", "list-header"):
                yield from self._item(item, own, page)

    def _item(self, item: Any, own: _List, page: int | None) -> Iterator[Element]:
        # Only the first paragraph of an item bears its number.
        numbered = local(item) == "list-item"
        for node in item:
            name = local(node)
            if name in ("p", "h"):
                start = attribute(item, "start-value")
                label = self._lists.label(own.style, own.level, own.counts, start) if numbered else ""
                numbered = False
                yield from self._paragraph(node, label, page)
            elif name == "list":
                yield from self._list(node, own, page)
            else:
                yield from self.blocks([node], page)

    # Tables, frames

    def _table(self, node: Any, page: int | None) -> Iterator[Element]:
        yield from table_elements(self._rows(node), page)

    def _rows(self, node: Any) -> list[list[str]]:
        table = OdfTable(self.cell)
        for row in table_rows(node):
            table.add(row)
        return table.rows

    def _frame(self, node: Any, page: int | None) -> Iterator[Element]:
        """A frame holds one thing in several forms: the picture of a table or an object is left out."""
        first = next((child for child in node if isinstance(child.tag, str)), None)
        name = local(first) if first is not None else ""
        if name == "image":
            text = self._pictures.text(attribute(first, "href").removeprefix("./"))
            yield from [Element("text", text, page=page)] if text else []
        elif name == "object":
            root = self._object(first)
            for table in root.iter("{*}table") if root is not None else ():
                yield from self._table(table, page)
        elif first is not None:
            yield from self.blocks([first], page)

    def _object(self, node: Any) -> Any:
        href = attribute(node, "href").removeprefix("./").rstrip("/")
        return self._package.xml(f"{href}/content.xml") if href else None

    def _formula(self, frame: Any) -> str:
        """The letters and numbers of an equation that stands in the line."""
        node = next((child for child in frame if local(child) == "object"), None)
        root = self._object(node) if node is not None else None
        if root is None or local(root) != "math":
            return ""
        return "".join((one.text or "").strip() for one in root.iter("{*}mi", "{*}mn", "{*}mo", "{*}mtext"))


def _outline(node: Any) -> int:
    return min(max(integer(attribute(node, "outline-level"), 1), 1), 10)
