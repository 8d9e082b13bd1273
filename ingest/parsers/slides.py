"""PowerPoint, shape by shape.

unstructured and python-pptx give neither SmartArt nor comments nor the values of a chart, and refuse a show
(``.ppsx``) and a "strict" file.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.document import Attachment, Element, ParsedDocument
from ingest.headings import below_cover, opening_title
from ingest.parsers.drawing import Pictures, chart, diagram, paragraph_text, run_text
from ingest.parsers.grid import table_elements
from ingest.parsers.numbers import format_number
from ingest.parsers.package import Package, attribute, integer, local, marked, q
from ingest.parsers.slide_shapes import COUNTERS, in_order, own_place, place_keys, placeholder, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMES = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman", "circleNum": "decimalEnclosedCircle", "ea1Chs": "chineseCounting",
    "ea1Cht": "chineseCounting", "ea1Jpn": "chineseCounting",
}  # fmt: skip
_FORMS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}", "Minus": "- {} -"}


def read_pptx(data: bytes) -> ParsedDocument:
    """Read slides: the title as heading, then the shapes from top to bottom, comments, the speaker's notes."""
    package = Package(data)
    name, root = package.main("ppt/presentation.xml")
    links = package.relations(name)
    ids = [node.get(q("r:id"), "") for node in root.iter(q("p:sldId"))]
    targets = [links[one].target for one in ids if one in links]
    show = _Show(package, links)
    elements: list[Element] = []
    for page, target in enumerate(targets, start=1):
        elements += show.slide(target, page)
        pulse.beat(page, len(targets))
    elements = below_cover(elements)
    title, fields = package.core()
    return ParsedDocument(
        tuple(elements),
        title or opening_title(elements),
        pages=len(targets),
        metadata=fields,
        attachments=tuple(show.files),
    )


class _Show:
    """A presentation while it is read."""

    def __init__(self, package: Package, links: dict[str, Any]) -> None:
        self._package = package
        self._pictures = Pictures(package)
        self._footers: set[str] = set()
        self._authors: dict[str, str] = {}
        for link in links.values():
            if link.kind in ("commentAuthors", "authors"):
                nodes = package.xml(link.target)
                self._authors |= {n.get("id", ""): n.get("name", "") for n in (nodes if nodes is not None else ())}
        self.files: list[Attachment] = []

    def slide(self, name: str, page: int) -> Iterator[Element]:
        """The elements of one slide."""
        root = self._package.xml(name)
        if root is None:
            return
        links = self._package.relations(name)
        places = self._layout_places(links)
        shapes = list(in_order(root.find(f"{q('p:cSld')}/{q('p:spTree')}"), places))
        title = title_of(shapes)
        if title is not None:
            yield Element("heading", " ".join(paragraph_text(title).split()), level=1, page=page)
        for shape in shapes:
            if shape is not title:
                yield from self._shape(shape, links, page)
        for blip in root.iterfind(f"{q('p:cSld')}/{q('p:bg')}//{q('a:blip')}"):
            yield from self._picture(blip, links, page)
        yield from self._comments(links, page)
        yield from self._notes(links, page)

    def _layout_places(self, links: dict[str, Any]) -> dict[str, tuple[int, int]]:
        """Where the slide's layout, or its master, puts the places that shapes take."""
        places: dict[str, tuple[int, int]] = {}
        for kind in ("slideLayout", "slideMaster"):
            target = next((link.target for link in links.values() if link.kind == kind), "")
            root = self._package.xml(target) if target else None
            if root is None:
                break
            for shape in root.iter(q("p:sp")):
                place = own_place(shape)
                for key in place_keys(shape) if place else ():
                    places.setdefault(key, place or (0, 0))
            links = self._package.relations(target)
        return places

    def _shape(self, shape: Any, links: dict[str, Any], page: int) -> Iterator[Element]:
        kind = placeholder(shape)
        if kind in COUNTERS:
            return
        if kind in ("ftr", "hdr"):
            text = paragraph_text(shape)
            if text in self._footers:
                return
            self._footers.add(text)
        yield from _paragraphs(shape, page)
        for table in shape.iter(q("a:tbl")):
            yield from table_elements(_table(table), page)
        for node in shape.iter():
            yield from self._linked(node, links, page)

    def _linked(self, node: Any, links: dict[str, Any], page: int) -> Iterator[Element]:
        """What a node of a shape draws from another part: a picture, a chart, SmartArt, an embedded file."""
        name = local(node)
        if name == "blip":
            yield from self._picture(node, links, page)
        elif name == "chart" and (root := self._linked_xml(links, attribute(node, "id"))) is not None:
            title, table = chart(root)
            yield from [Element("text", title, page=page)] if title else []
            yield from [Element("table", table, page=page)] if table else []
        elif name == "relIds" and (root := self._linked_xml(links, attribute(node, "dm"))) is not None:
            yield from (Element("text", text, page=page) for text in diagram(root))
        elif name == "oleObj" and (link := links.get(node.get(q("r:id"), ""))):
            self._attach(link.target)

    def _linked_xml(self, links: dict[str, Any], link_id: str) -> Any:
        return self._package.xml(links[link_id].target) if link_id in links else None

    def _attach(self, target: str) -> None:
        """Keep an embedded Office file once; other objects are no files."""
        name = posixpath.basename(target)
        data = self._package.read(target) if name not in [file.name for file in self.files] else b""
        if data.startswith(b"PK\x03\x04"):
            self.files.append(Attachment(name, data))

    def _picture(self, blip: Any, links: dict[str, Any], page: int) -> Iterator[Element]:
        link = links.get(blip.get(q("r:embed"), ""))
        text = self._pictures.text(link.target) if link else ""
        if text:
            yield Element("text", text, page=page)

    def _comments(self, links: dict[str, Any], page: int) -> Iterator[Element]:
        for link in links.values():
            root = self._package.xml(link.target) if link.kind == "comments" else None
            for node in root.iter() if root is not None else ():
                if local(node) in ("cm", "reply") and (text := _comment(node)):
                    by = self._authors.get(node.get("authorId", ""), "")
                    yield Element("text", marked("comment", text, by), page=page)

    def _notes(self, links: dict[str, Any], page: int) -> Iterator[Element]:
        target = next((link.target for link in links.values() if link.kind == "notesSlide"), "")
        root = self._package.xml(target) if target else None
        shapes = root.iter(q("p:sp")) if root is not None else ()
        furniture = COUNTERS | {"sldImg", "hdr", "ftr"}
        text = "\n".join(filter(None, (paragraph_text(one) for one in shapes if placeholder(one) not in furniture)))
        if text:
            yield Element("text", marked("notes", text), page=page)


# Text


def _paragraphs(shape: Any, page: int) -> Iterator[Element]:
    body = next((node for node in shape if local(node) == "txBody"), None)
    counts: dict[int, int] = {}
    for paragraph in body.iter(q("a:p")) if body is not None else ():
        if text := run_text(paragraph).strip():
            yield Element("text", _number(paragraph, counts) + text, page=page)


def _number(paragraph: Any, counts: dict[int, int]) -> str:
    """The number that PowerPoint counts before a paragraph."""
    properties = paragraph.find(q("a:pPr"))
    level = integer(properties.get("lvl")) if properties is not None else 0
    auto = properties.find(q("a:buAutoNum")) if properties is not None else None
    for deeper in [one for one in counts if one > level or (one == level and auto is None)]:
        del counts[deeper]
    if auto is None:
        return ""
    counts[level] = counts[level] + 1 if level in counts else integer(auto.get("startAt"), 1)
    kind = auto.get("type", "arabicPeriod")
    scheme = next((name for prefix, name in _SCHEMES.items() if kind.startswith(prefix)), "decimal")
    form = next((form for suffix, form in _FORMS.items() if kind.endswith(suffix)), "{}")
    return form.format(format_number(counts[level], scheme)) + " "


def _table(table: Any) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in table.iter(q("a:tr")):
        line: list[str] = []
        for cell in row.iterfind(q("a:tc")):
            if cell.get("hMerge") in ("1", "true") and line:
                line.append(line[-1])
            elif cell.get("vMerge") in ("1", "true") and rows and len(line) < len(rows[-1]):
                line.append(rows[-1][len(line)])
            else:
                line.append(paragraph_text(cell))
        rows.append(line)
    return rows


def _comment(node: Any) -> str:
    """A comment's own text, without the replies to it."""
    own = [child for child in node if local(child) in ("text", "txBody")]
    return "\n".join((child.text or "").strip() if local(child) == "text" else paragraph_text(child) for child in own)
