"""A stream of RTF paragraphs and table rows becomes elements: the body, a note, a header, a text box."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.document import Element, Look
from ingest.parsers.grid import table_elements
from ingest.parsers.numbers import with_gap
from ingest.parsers.rtf_tokens import join_surrogates

_SAME_EDGE = 40
"""Twips (1,440 an inch) that the edges of cells one below the other may differ by."""

_MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row.

    Attributes:
        edge: Its right edge in twips.
        text: What stands in it.
        merge: ``"left"`` or ``"above"`` if it is the later part of a merged cell, else empty.
    """

    edge: int
    text: str
    merge: str


@dataclass(slots=True)
class Flow:
    """Text on its way to elements.

    Attributes:
        kind: What it belongs to: ``"body"``, ``"footnote"`` and so on.
        elements: What is finished.
    """

    kind: str
    elements: list[Element] = field(default_factory=list)
    _mark: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _looks: list[tuple[int, Look]] = field(default_factory=list)
    _hanging: list[Element] = field(default_factory=list)
    _cell: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _definitions: list[tuple[int, str]] = field(default_factory=list)
    _merge: str = ""
    _rows: list[list[Cell]] = field(default_factory=list)

    def add(self, text: str, look: Look) -> None:
        """Append text to the paragraph."""
        self._parts.append(text)
        if length := len(text.strip()):
            self._looks.append((length, look))

    def add_mark(self, text: str) -> None:
        """Append to the number or bullet before the paragraph."""
        # The bullets of Wingdings and Symbol lie where Unicode has no characters.
        self._mark.append("•" if "\ue000" <= text <= "\uf8ff" else text)

    def drop_paragraph(self) -> None:
        """Forget the paragraph that is being read."""
        self._take()

    def hang(self, elements: list[Element]) -> None:
        """What stands behind the paragraph that is being read: its notes, boxes, pictures."""
        self._hanging += elements

    def end_paragraph(self, rank: int | None, *, in_table: bool) -> None:
        """A paragraph is over; ``rank`` is that of a heading, 0 for a title."""
        look = self._look()
        text = self._take()
        if in_table:
            self._cell.append(text)
            return
        if text:
            self._end_table()
            heading = rank is not None
            flat = " ".join(text.split("\n")) if heading else text
            self.elements.append(Element("heading" if heading else "text", flat, level=rank or 0, look=look))
        if self._hanging and not self._rows:
            self._release()

    def start_row(self) -> None:
        """The cells of the row, or of those that follow, are told anew."""
        self._definitions, self._merge = [], ""

    def merge(self, direction: str) -> None:
        """The cell told next is the later part of a merged one."""
        self._merge = direction

    def define_cell(self, edge: int) -> None:
        """A cell of the row ends at ``edge``."""
        self._definitions.append((edge, self._merge))
        self._merge = ""

    def end_cell(self) -> None:
        """A cell is over."""
        self._cell.append(self._take())
        self._cells.append("\n".join(filter(None, self._cell)))
        self._cell = []

    def end_row(self) -> None:
        """A row is over."""
        known = self._definitions[: len(self._cells)]
        last = known[-1][0] if known else 0
        more = [(last + 1000 * (i + 1), "") for i in range(len(self._cells) - len(known))]
        pairs = zip([*known, *more], self._cells, strict=True)
        self._rows.append([Cell(edge, text, merge) for (edge, merge), text in pairs])
        self._cells = []

    def finish(self) -> list[Element]:
        """All elements, with what was not ended."""
        if self._cells or self._cell:
            self.end_cell()
            self.end_row()
        self.end_paragraph(None, in_table=False)
        self._end_table()
        self._release()
        return self.elements

    def _look(self) -> Look:
        """How the paragraph that is being read is set."""
        sizes: Counter[float] = Counter()
        for length, look in self._looks:
            sizes[look.size] += length
        if not sizes:
            return Look()
        return Look(sizes.most_common(1)[0][0], all(look.bold for _, look in self._looks))

    def _take(self) -> str:
        text = join_surrogates("".join(self._parts)).strip()
        mark = with_gap("".join(self._mark).strip())
        self._parts, self._mark, self._looks = [], [], []
        return mark + text if text else ""

    def _end_table(self) -> None:
        if not self._rows:
            return
        self.elements += table_elements(_grid(self._rows))
        self._rows = []
        self._release()

    def _release(self) -> None:
        self.elements += self._hanging
        self._hanging = []


def _grid(rows: list[list[Cell]]) -> list[list[str]]:
    """The cells' texts, each in all columns that it covers."""
    edges: list[int] = []
    for edge in sorted({cell.edge for row in rows for cell in row}):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    if len(edges) > _MAX_COLUMNS:
        return [[cell.text for cell in row] for row in rows]
    grid: list[list[str]] = []
    for row in rows:
        grid.append(_line(row, edges, grid[-1] if grid else []))
    return grid


def _line(row: list[Cell], edges: list[int], above: list[str]) -> list[str]:
    line: list[str] = []
    for cell in row:
        text = cell.text
        if cell.merge == "left" and line:
            text = line[-1]
        elif cell.merge == "above" and len(line) < len(above):
            text = above[len(line)]
        covered = sum(1 for edge in edges[len(line) :] if edge <= cell.edge + _SAME_EDGE)
        line += [text] * max(covered, 1)
    return line
