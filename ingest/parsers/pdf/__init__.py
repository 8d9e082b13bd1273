"""PDF through pdfium: every line with its place on its page, tables as tables, scanned pages through OCR.

unstructured's extra for PDF brings a layout model with several gigabytes of CUDA; without it, it reads no PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ingest import pulse
from ingest.document import ParsedDocument
from ingest.headings import mark_headings
from ingest.parsers.pdf import scanned
from ingest.parsers.pdf.assembling import Assembler
from ingest.parsers.pdf.furniture import Furniture
from ingest.parsers.pdf.grid import ruled_tables
from ingest.parsers.pdf.heads import with_headings
from ingest.parsers.pdf.layout import ordered
from ingest.parsers.pdf.opening import described, opened, outline_of
from ingest.parsers.pdf.quality import is_garbled, reason, script_counts
from ingest.parsers.pdf.reading import see, set_upright
from ingest.parsers.pdf.rows import Piece, joined, pieces_of
from ingest.parsers.pdf.shapes import Flow, TextLine, holds
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.document import Element
    from ingest.parsers.pdf.reading import Seen
    from ingest.parsers.pdf.shapes import Block, Box, Page, Ready

_OPENING = 3
"""Elements in which the first heading is what all of it is called."""

_NO_TITLE = re.compile(r"(?:microsoft |untitled|未命名|无标题|幻灯片|powerpoint).*|.*\.\w{2,5}|[\W\d_]*", re.IGNORECASE)


def read_pdf(data: bytes, password: str = "") -> ParsedDocument:
    """Read a PDF page by page; a page whose text layer is missing or garbled is read by OCR.

    Raises:
        DocumentError: It is protected, broken, too long, or nothing can be read in it.
    """
    with opened(data, password) as document:
        title, metadata = described(document)
        outline, pages = outline_of(document), len(document)
        flows = list(_flows(document, scanned.Drawer(data, password)))
    furniture, assembler = Furniture(flows), Assembler(outline)
    found = [sized for flow in flows for sized in assembler.add(furniture.without(flow))]
    found += assembler.finish()
    if not found:
        raise DocumentError(f"no text found on any of {pages:,} pages, not by OCR either; nothing to search for")
    elements = mark_headings(with_headings(found, outline))
    ocr = {flow.number: flow.reason for flow in flows if flow.reason}
    return ParsedDocument(tuple(elements), _title(title, elements), pages, metadata, ocr)


def _title(title: str, elements: list[Element]) -> str:
    if not _NO_TITLE.fullmatch(title) and not is_garbled(Counter(title), 0.0, Counter()):
        return title
    return next((element.text for element in elements[:_OPENING] if element.kind == "heading"), "")


def _flows(document: Any, drawer: scanned.Drawer) -> Iterator[Flow]:
    """One page after the other; of a page, only its lines are kept once it is read."""
    reader, total = _Reader(drawer), len(document)
    for number in range(1, total + 1):
        page = document[number - 1]
        text_page = page.get_textpage()
        try:
            seen = see(page, text_page, document.formenv, number)
            if seen.layer.hidden:
                scanned.without_hidden(seen.page, text_page)
            yield reader.read(seen)
        finally:
            text_page.close()
            page.close()
        pulse.beat(number, total)


class _Reader:
    """Reads one page after the other and knows what was usual on those before."""

    def __init__(self, drawer: scanned.Drawer) -> None:
        self._drawer = drawer
        self._scripts: Counter[str] = Counter()
        self._pictures: Counter[Box] = Counter()

    def read(self, seen: Seen) -> Flow:
        """A page in reading order, by OCR where its text layer is no good."""
        why = reason(seen.layer, seen.page, self._scripts, ink=seen.ink)
        if why and self._drawer.has_ink(seen.page.number):
            return Flow(seen.page.number, seen.page.frame, (scanned.whole_page(self._drawer, seen.page),), reason=why)
        self._scripts.update(script_counts(Counter(seen.layer.text)))
        set_upright(seen.page)
        ready, why = scanned.pictures(self._drawer, seen.page, self._pictures)
        return _in_order(seen, ready, why)


def _in_order(seen: Seen, ready: list[Ready], why: str) -> Flow:
    page = seen.page
    tables = ruled_tables(page.rules, page.words, page.number) if len(page.rules) >= 4 else []
    loose = [word for word in page.words if not any(holds(table.box, word.box) for table in tables)]
    blocks = [Piece(table.box, block=table) for table in tables] + [Piece(found.box, block=found) for found in ready]
    return Flow(
        page.number,
        page.frame,
        tuple(ordered([*pieces_of(loose), *blocks], page.number)),
        tuple(_asides(page)),
        tuple(page.notes),
        tuple(rule for rule in page.rules if rule[3] - rule[1] <= 3),
        why,
    )


def _asides(page: Page) -> Iterator[TextLine]:
    for piece in pieces_of(page.asides):
        blocks: list[Block] = joined([piece], page.number)
        yield from (block for block in blocks if isinstance(block, TextLine))
