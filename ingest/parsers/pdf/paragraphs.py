"""Paragraphs made of lines, over the ends of columns and pages too, each line with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.headings import ITEM, numbering
from ingest.parsers.pdf.counted import are_counted
from ingest.parsers.pdf.joining import seam
from ingest.parsers.pdf.rows import WIDE
from ingest.parsers.pdf.words import HYPHEN
from kb_app.types import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.parsers.pdf.shapes import Frame, TextLine

_ENDS = tuple("。！？；：…”』」）!?;:.")
_STARTS_ANEW = re.compile(rf"{ITEM}|[➢✓☐]|\d{{1,2}}\.\s|[\[［]\d{{1,3}}[\]］]")
_AROUND = 4
_NARROWEST = 0.4


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together."""

    text: str
    page: int
    size: float
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def begin(cls, line: TextLine, frame: Frame) -> Paragraph:
        """A paragraph of one line."""
        box = frame.shares(line.box)
        return cls(line.text, line.page, line.size, [Line(0, len(line.text), line.page, box)])

    def add(self, line: TextLine, frame: Frame) -> None:
        """Join a line to it."""
        self.text, between = seam(self.text, line.text)
        last = self.lines[-1]
        if last.end > len(self.text):
            self.lines[-1] = Line(last.start, len(self.text), last.page, last.box)
        start = len(self.text) + len(between)
        self.text += between + line.text
        self.lines.append(Line(start, len(self.text), line.page, frame.shares(line.box)))

    def end(self) -> None:
        """Take a hyphen that nothing followed from its end."""
        kept = self.text.rstrip(HYPHEN + " ")
        self.lines = [Line(n.start, min(n.end, len(kept)), n.page, n.box) for n in self.lines if n.start < len(kept)]
        self.text = kept


def right_margins(lines: Sequence[TextLine]) -> Iterator[float]:
    """Where the column of each line ends: the farthest right end of the lines around it that begin below it.

    A line that a program broke by the count of its characters had no room left, though the page shows some.
    """
    counted = are_counted(lines)
    left = min((line.box[0] for line in lines), default=0.0)
    right = max((line.box[2] for line in lines), default=0.0)
    for i, line in enumerate(lines):
        if counted[i]:
            yield line.box[2]
            continue
        begin, end = line.column or (left, right)
        around = lines[max(0, i - _AROUND) : i + _AROUND + 1]
        near = max(other.box[2] for other in around if other.column == line.column and _aligned(line, other))
        # Narrower than its column: a list of short lines, each ended on purpose.
        yield end if near - line.box[0] < _NARROWEST * (end - begin) else near


def _aligned(line: TextLine, other: TextLine) -> bool:
    return abs(line.box[0] - other.box[0]) < 2.5 * line.size and _same_size(line, other)


def _same_size(line: TextLine, other: TextLine) -> bool:
    return abs(line.size - other.size) < 0.15 * line.size


def continues(last: TextLine, line: TextLine, margin: float) -> bool:
    """Whether a line goes on with the paragraph of the line before, whose column ends at ``margin``."""
    if last.text[-1] == HYPHEN:
        return True
    if last.apart or line.apart or not _same_size(last, line) or _STARTS_ANEW.match(line.text) or numbering(line.text):
        return False
    # A line that had room for the next word was ended on purpose.
    if margin - last.box[2] > _first_word_width(line):
        return False
    if line.page != last.page or line.box[3] < last.box[1] or line.column != last.column:
        return not last.text.endswith(_ENDS) and not numbering(last.text)
    close = line.box[1] - last.box[3] < 1.2 * last.size
    indented = line.box[0] - last.box[0] > 1.2 * line.size
    return close and not (indented and last.text.endswith(_ENDS)) and not numbering(last.text)


def _first_word_width(line: TextLine) -> float:
    if WIDE.match(line.text):
        return 2.2 * line.size
    return (len(line.text.split(maxsplit=1)[0]) + 1) * 0.55 * line.size
