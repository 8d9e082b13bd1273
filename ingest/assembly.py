"""A document's text, put together from its elements, with the place of every line on its page."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.tables import split_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.document import Element, ElementKind
    from kb_app.types import Line

MAX_BLOCK = 800
"""A table or a piece of code up to this length stays whole."""

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Block:
    """An element, or a part of a table, at its place in the document's text.

    Attributes:
        continued: Whether it is a later part of a table.
    """

    kind: ElementKind
    start: int
    end: int
    page: int | None
    level: int
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Assembly:
    """A document's text, the blocks that it is made of, and its lines with offsets in it, both in order."""

    text: str
    blocks: list[Block]
    lines: list[Line]

    def lines_within(self, start: int, end: int) -> tuple[Line, ...]:
        """The lines of a stretch of the text, cut to it, with offsets in it."""
        first = bisect_left(self.lines, start, key=lambda line: line.end - 1)
        found = []
        for line in self.lines[first:]:
            if line.start >= end:
                break
            found.append(replace(line, start=max(line.start, start) - start, end=min(line.end, end) - start))
        return tuple(found)


def assemble(elements: Iterable[Element]) -> Assembly:
    """Join the elements with blank lines; a long table becomes several tables, each with the header."""
    parts: list[str] = []
    blocks: list[Block] = []
    lines: list[Line] = []
    position = 0
    for element in elements:
        for number, (part, part_lines) in enumerate(_parts(element)):
            if part.strip():
                end = position + len(part)
                blocks.append(Block(element.kind, position, end, element.page, element.level, number > 0))
                parts.append(part)
                lines += _moved(part_lines, position)
                position += len(part) + len(_BETWEEN)
    return Assembly(_BETWEEN.join(parts), blocks, lines)


def _parts(element: Element) -> Iterator[tuple[str, Sequence[Line]]]:
    parts = split_table(element.text, MAX_BLOCK) if element.kind == "table" else [element.text]
    if len(parts) == 1:
        yield element.text, element.lines
        return
    # Every part begins with the header, and its rows are those behind the rows of the part before.
    head = _header_length(element.text)
    row = head
    for number, part in enumerate(parts):
        behind = row + len(part) - head
        rows = [line for line in element.lines if row <= line.start < behind]
        header = [line for line in element.lines if line.start < head] if number == 0 else []
        yield part, [*header, *_moved(rows, head - row)]
        row = behind + 1


def _header_length(table: str) -> int:
    """Length of the header and the line below it, with their line ends."""
    return table.index("\n", table.index("\n") + 1) + 1


def _moved(lines: Iterable[Line], distance: int) -> list[Line]:
    return [replace(line, start=line.start + distance, end=line.end + distance) for line in lines]
