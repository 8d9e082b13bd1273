"""From pages in reading order to the elements of a document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.document import Element
from ingest.parsers.pdf.footnotes import footnotes
from ingest.parsers.pdf.heads import Sized
from ingest.parsers.pdf.paragraphs import Paragraph, continues, right_margins
from ingest.parsers.pdf.shapes import Table, TextLine
from ingest.tables import markdown_table
from kb_app.text import squash
from kb_app.types import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.parsers.pdf.heads import Outline
    from ingest.parsers.pdf.shapes import Flow, Frame, Row

_SAME_EDGE = 12.0


class Assembler:
    """Puts pages together; what follows the text of a page waits until its last paragraph has ended."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._paragraph: Paragraph | None = None
        self._last: TextLine | None = None
        self._margin = 0.0
        self._waiting: list[Sized] = []
        self._table: tuple[Table, list[Frame]] | None = None

    def add(self, flow: Flow) -> Iterator[Sized]:
        """What is complete once a page is added."""
        blocks, notes = footnotes(flow.blocks, flow.rules, flow.frame.height)
        lines = [block for block in blocks if isinstance(block, TextLine)]
        margins = iter(right_margins(lines))
        for block in blocks:
            if isinstance(block, TextLine):
                yield from self._end_table()
                yield from self._add_line(block, next(margins), flow.frame)
            elif isinstance(block, Table):
                yield from self._add_table(block, flow)
            else:
                yield from self._end()
                yield from (Sized(element) for element in block.elements)
        self._waiting += _paragraphs(notes, flow.frame)
        self._waiting += _paragraphs(flow.asides, flow.frame)
        self._waiting += [Sized(Element("text", note, page=flow.number)) for note in flow.notes]

    def finish(self) -> Iterator[Sized]:
        """What was still open at the end."""
        yield from self._end()

    def _add_line(self, line: TextLine, margin: float, frame: Frame) -> Iterator[Sized]:
        if (
            self._paragraph
            and self._last
            and not self._heads(self._last)
            and not self._heads(line)
            and continues(self._last, line, self._margin)
        ):
            self._paragraph.add(line, frame)
        else:
            yield from self._end_paragraph()
            self._paragraph = Paragraph.begin(line, frame)
        self._last, self._margin = line, margin

    def _heads(self, line: TextLine) -> bool:
        return squash(line.text) in self._outline.get(line.page, {})

    def _add_table(self, table: Table, flow: Flow) -> Iterator[Sized]:
        frames = [flow.frame] * len(table.rows)
        if self._table and self._paragraph is None and _goes_on(self._table[0], table):
            former, former_frames = self._table
            rows = table.rows[1:] if _same_header(former, table) else table.rows
            self._table = (replace(former, rows=(*former.rows, *rows)), [*former_frames, *frames[: len(rows)]])
            return
        yield from self._end()
        self._table = (table, frames)

    def _end(self) -> Iterator[Sized]:
        yield from self._end_table()
        yield from self._end_paragraph()

    def _end_paragraph(self) -> Iterator[Sized]:
        if self._paragraph:
            self._paragraph.end()
            if self._paragraph.text:
                yield _sized(self._paragraph)
        self._paragraph, self._last = None, None
        yield from self._waiting
        self._waiting = []

    def _end_table(self) -> Iterator[Sized]:
        if self._table:
            table, frames = self._table
            self._table = None
            yield from _table_elements(table.rows, frames)


def _paragraphs(lines: Sequence[TextLine], frame: Frame) -> Iterator[Sized]:
    """Paragraphs of lines that stand apart from the text."""
    paragraph: Paragraph | None = None
    last: tuple[TextLine, float] | None = None
    for line, margin in zip(lines, right_margins(lines), strict=True):
        if paragraph and last and continues(last[0], line, last[1]):
            paragraph.add(line, frame)
        else:
            if paragraph:
                yield Sized(_element(paragraph))
            paragraph = Paragraph.begin(line, frame)
        last = (line, margin)
    if paragraph:
        yield Sized(_element(paragraph))


def _sized(paragraph: Paragraph) -> Sized:
    return Sized(_element(paragraph), paragraph.size)


def _element(paragraph: Paragraph) -> Element:
    lead = len(paragraph.text) - len(paragraph.text.lstrip())
    lines = tuple(
        Line(max(line.start - lead, 0), line.end - lead, line.page, line.box)
        for line in paragraph.lines
        if line.end > max(line.start, lead)
    )
    return Element("text", paragraph.text[lead:], page=paragraph.page, lines=lines)


def _goes_on(former: Table, table: Table) -> bool:
    """Whether a table is the rest of one that the page before ended with."""
    last, first = former.rows[-1], table.rows[0]
    near = abs(former.box[0] - table.box[0]) < _SAME_EDGE and abs(former.box[2] - table.box[2]) < _SAME_EDGE
    return first.page == last.page + 1 and len(first.cells) == len(last.cells) and near


def _same_header(former: Table, table: Table) -> bool:
    return [squash(cell) for cell in former.rows[0].cells] == [squash(cell) for cell in table.rows[0].cells]


def _table_elements(rows: Sequence[Row], frames: Sequence[Frame]) -> Iterator[Sized]:
    if len(rows) < 2:
        text = " ".join(dict.fromkeys(cell for cell in rows[0].cells if cell))
        line = Line(0, len(text), rows[0].page, frames[0].shares(rows[0].box))
        yield Sized(Element("text", text, page=rows[0].page, lines=(line,)))
        return
    text = markdown_table([row.cells for row in rows])
    lines, start = [], 0
    # The second line of the table is no row; every other one is.
    for number, written in enumerate(text.split("\n")):
        if number != 1:
            index = max(number - 1, 0)
            place = frames[index].shares(rows[index].box)
            lines.append(Line(start, start + len(written), rows[index].page, place))
        start += len(written) + 1
    yield Sized(Element("table", text, page=rows[0].page, lines=tuple(lines)))
