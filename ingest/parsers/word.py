"""Word, paragraph by paragraph.

unstructured loses what this reads: the numbers that Word counts itself, notes, comments, text boxes, and which
text was deleted; python-docx opens neither ``.docm`` nor "strict" files nor one with a broken link.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.document import Attachment, Element, ParsedDocument
from ingest.emphasis import mark_all_headings
from ingest.headings import opening_title
from ingest.parsers.drawing import Pictures, chart, diagram
from ingest.parsers.grid import table_elements
from ingest.parsers.package import Package, attribute, children, integer, local, marked, q, with_margins
from ingest.parsers.word_inline import Inline, read_inline
from ingest.parsers.word_look import look_of
from ingest.parsers.word_styles import Numbering, Styles, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRAPPERS = frozenset({"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice"})
_MAX_SPAN = 63
_PAGE_NUMBER = re.compile(r"[\s\d/／\-—–·.|第页頁共,，]*|page\s*\d*(?:\s*(?:of|/)\s*\d*)?", re.IGNORECASE)
_BEAT_EVERY = 200


def read_docx(data: bytes) -> ParsedDocument:
    """Read a Word document: headings by style and outline level, by numbering, by their look."""
    package = Package(data)
    name, root = package.main("word/document.xml")
    document = _Document(package, name, root)
    body = root.find(q("w:body"))
    found = list(document.blocks(body if body is not None else root))
    found = with_margins(found, list(document.margins(root)))
    titled = any(element.kind == "heading" and element.level == 0 for element in found)
    shifted = (replace(e, level=e.level + titled) if e.kind == "heading" else e for e in found)
    elements = mark_all_headings(list(shifted))
    title, fields = package.core()
    return ParsedDocument(
        tuple(elements),
        title=title or opening_title(elements),
        pages=document.page,
        metadata=fields,
        attachments=tuple(document.files),
    )


class _Document:
    """A document while it is read: what its paragraphs refer to, and what is counted along the way."""

    def __init__(self, package: Package, name: str, root: Any) -> None:
        self._package = package
        self._folder = posixpath.dirname(name)
        self._links = package.relations(name)
        self._styles = Styles(self._part("styles"))
        self._numbering = Numbering(self._part("numbering"), self._styles)
        self._notes = {
            kind: {node.get(q("w:id"), ""): node for node in self._nodes(f"{kind}s", kind)}
            for kind in ("footnote", "endnote", "comment")
        }
        self._counts = {"footnote": 0, "endnote": 0}
        self._pictures = Pictures(package)
        self._carried = ""
        self._paragraphs = 0
        self.page = 1 if next(root.iter(q("w:lastRenderedPageBreak")), None) is not None else None
        self.files: list[Attachment] = []

    def blocks(self, parent: Any) -> Iterator[Element]:
        """The elements of a body, a cell or a text box."""
        for node in children(parent, ("p", "tbl"), _WRAPPERS):
            yield from self._paragraph(node) if local(node) == "p" else self._table(node)

    def margins(self, root: Any) -> Iterator[Element]:
        """Headers and footers, each distinct text once."""
        seen: dict[str, str] = {}
        for node in root.iter(q("w:headerReference"), q("w:footerReference")):
            link = self._links.get(node.get(q("r:id"), ""))
            part = self._package.xml(link.target) if link else None
            if part is not None and link is not None:
                text = "\n".join(_plain_texts(part))
                if not _PAGE_NUMBER.fullmatch(text):
                    seen.setdefault(text, link.kind)
        for text, kind in seen.items():
            yield Element("text", marked("footer" if kind == "footer" else "header", text))

    # Paragraphs

    def _paragraph(self, node: Any) -> Iterator[Element]:
        inline = read_inline(node)
        label = self._numbering.label(node)
        self._turn(inline.breaks[1])
        text = self._carried + inline.text
        joins_next = node.find(f"{q('w:pPr')}/{q('w:rPr')}/{q('w:del')}") is not None
        self._carried = text if joins_next else ""
        if text and not joins_next and not self._styles.is_contents(node):
            yield self._element(node, label + text)
        yield from self._hanging(inline)
        self._turn(inline.breaks[0] - inline.breaks[1])

    def _element(self, node: Any, text: str) -> Element:
        rank = self._styles.outline(node)
        if rank is None:
            return Element("text", text, page=self.page, look=look_of(node, self._styles))
        heading = " ".join(text.split("\n"))
        return Element("heading", heading, level=rank, page=self.page, look=look_of(node, self._styles))

    def _turn(self, pages: int) -> None:
        self._paragraphs += 1
        if not self._paragraphs % _BEAT_EVERY:
            pulse.beat(self._paragraphs, self._paragraphs)
        if self.page is not None:
            self.page += pages

    def _hanging(self, inline: Inline) -> Iterator[Element]:
        """What belongs to a paragraph and stands behind it: text boxes, drawings, notes."""
        for box in inline.boxes:
            yield from self.blocks(box)
        for kind, link_id in inline.links:
            if link_id in self._links:
                yield from self._drawing(kind, self._links[link_id].target)
        for kind, note_id in inline.notes:
            node = self._notes[kind].get(note_id)
            text = "\n".join(_plain_texts(node)) if node is not None else ""
            if text:
                by = attribute(node, "author") if kind == "comment" else self._count(kind)
                yield Element("text", marked(kind, text, by), page=self.page)

    def _drawing(self, kind: str, target: str) -> Iterator[Element]:
        if kind == "picture":
            texts, table = [self._pictures.text(target)], ""
        elif kind == "file":
            texts, table = [], ""
            self._attach(target)
        else:
            root = self._package.xml(target)
            if root is None:
                return
            title, table = chart(root) if kind == "chart" else ("", "")
            texts = [title] if kind == "chart" else diagram(root)
        yield from (Element("text", text, page=self.page) for text in texts if text)
        if table:
            yield Element("table", table, page=self.page)

    def _attach(self, target: str) -> None:
        """Keep an embedded Office file; other objects are no files."""
        data = self._package.read(target)
        if data.startswith(b"PK\x03\x04"):
            self.files.append(Attachment(posixpath.basename(target), data))

    def _count(self, kind: str) -> str:
        self._counts[kind] += 1
        return str(self._counts[kind])

    # Tables

    def _table(self, node: Any) -> Iterator[Element]:
        rows = [_cells(row) for row in children(node, ("tr",), _WRAPPERS) if not _is_deleted(row)]
        if len(rows) == 1 and len(rows[0]) == 1:
            # A frame around text rather than a table.
            yield from self.blocks(rows[0][0])
            return
        page = self.page
        yield from table_elements(self._grid(rows), page)

    def _grid(self, rows: list[list[Any]]) -> list[list[str]]:
        """The cells' texts, merged ones in each place that they cover."""
        grid: list[list[str]] = []
        for cells in rows:
            line = [""] * _span(cells[0].getparent(), "w:trPr", "w:gridBefore", least=0) if cells else []
            for cell in cells:
                above = grid[-1][len(line)] if grid and len(line) < len(grid[-1]) else ""
                text = above if _goes_on(cell) else self._cell(cell)
                line += [text] * _span(cell, "w:tcPr", "w:gridSpan", least=1)
            grid.append(line)
        return grid

    def _cell(self, cell: Any) -> str:
        """A cell's text, a table within it row by row."""
        texts: list[str] = []
        for node in children(cell, ("p", "tbl"), _WRAPPERS):
            if local(node) == "p":
                texts += [element.text for element in self._paragraph(node)]
            else:
                inner = [_cells(row) for row in children(node, ("tr",), _WRAPPERS) if not _is_deleted(row)]
                texts += [" ".join(filter(None, line)) for line in self._grid(inner)]
        return "\n".join(filter(None, texts))

    # Parts

    def _part(self, kind: str) -> Any:
        target = next((link.target for link in self._links.values() if link.kind == kind), f"{self._folder}/{kind}.xml")
        return self._package.xml(target)

    def _nodes(self, part: str, kind: str) -> list[Any]:
        root = self._part(part)
        return root.findall(q(f"w:{kind}")) if root is not None else []


def _plain_texts(node: Any) -> Iterator[str]:
    """The texts of the paragraphs of a note, a comment or a header."""
    for paragraph in node.iter(q("w:p")):
        inline = read_inline(paragraph)
        if inline.text:
            yield inline.text


def _cells(row: Any) -> list[Any]:
    return list(children(row, ("tc",), _WRAPPERS))


def _is_deleted(row: Any) -> bool:
    return row.find(f"{q('w:trPr')}/{q('w:del')}") is not None


def _goes_on(cell: Any) -> bool:
    """Whether a cell is the lower part of the one above."""
    merge = cell.find(f"{q('w:tcPr')}/{q('w:vMerge')}")
    return merge is not None and merge.get(q("w:val"), "continue") == "continue"


def _span(node: Any, *path: str, least: int) -> int:
    return min(max(integer(value_of(node, *path), least), least), _MAX_SPAN)
