"""Lines that were read in a picture, joined into paragraphs, headings and tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from ingest.document import Element
from ingest.headings import ITEM, is_title_like, numbering
from ingest.ocr.lines import turned
from ingest.ocr.order import is_wide
from ingest.tables import markdown_table
from kb_app.types import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.ocr.lines import Box, Cell, OcrLine

_SENTENCE_ENDS = tuple("。！？!?：:；;")
# OCR reads no space behind a point, and boxes and ticks as signs that look like them.
_STARTS_ANEW = re.compile(rf"{ITEM}|[□√★]|\d{{1,2}}\.(?!\d)")
# What is beside the body of a page is a heading from this ratio of heights on; boxes vary by a tenth.
_LARGER = 1.3
_SAME_SIZE = 1.35
_MAX_LEVEL = 3
_APART = 1.3
_SAME_LEVEL = 1.15
_SPARSE = 1.6
# In widths of a character.
_SLACK = 3.5
_SLACK_BEHIND_SENTENCE = 1.2
_INDENT = 1.2
_LETTERS = re.compile(r"[^\W\d_].*[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Page:
    """What is usual on a page.

    Attributes:
        lines: Its lines.
        boxes: Where they stand once they run from left to right.
        body: Height of the lines that hold most of the text.
        spread: Width of a character, of its height.
    """

    lines: Sequence[OcrLine]
    boxes: Sequence[Box]
    body: float
    spread: float

    @classmethod
    def of(cls, lines: Sequence[OcrLine]) -> _Page:
        boxes = [turned(line.box, line.turn) for line in lines]
        pairs = list(zip(lines, boxes, strict=True))
        heights = [_height(box) for line, box in pairs for _ in line.text]
        spreads = [_em(line, box) / _height(box) for line, box in pairs for _ in line.text]
        return cls(lines, boxes, median(heights or [0.0]), median(spreads or [0.0]))

    def column(self, box: Box) -> tuple[float, float]:
        """Left and right edge of the lines that stand above or below a line."""
        half = (box[2] - box[0]) / 2
        near = [other for other in self.boxes if min(other[2], box[2]) - max(other[0], box[0]) > half]
        return min(other[0] for other in near), max(other[2] for other in near)

    def is_sparse(self, line: OcrLine, box: Box) -> bool:
        """Whether a line is made of words that stand apart, as in a table without lines."""
        return _em(line, box) > _SPARSE * self.spread * _height(box)


def ocr_elements(lines: Sequence[OcrLine], page: int) -> list[Element]:
    """Paragraphs, headings (told by their size) and tables of a page, with the places of their lines.

    Args:
        lines: Of one page, in reading order.
        page: Number of the page, 1-based.
    """
    usual = _Page.of(lines)
    elements: list[tuple[Element, float]] = []
    for table, group in groupby(lines, key=lambda line: -1 if line.cell is None else line.cell.table):
        run = list(group)
        if table >= 0:
            elements.append((_table(run, page), 0.0))
        else:
            elements += [_paragraph(of_one, page, usual) for of_one in _paragraphs(run, usual)]
    return _leveled(elements)


def _paragraphs(lines: Sequence[OcrLine], page: _Page) -> Iterator[list[OcrLine]]:
    paragraph: list[OcrLine] = []
    for line in lines:
        if paragraph and not _continues(paragraph, line, page):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _continues(paragraph: Sequence[OcrLine], line: OcrLine, page: _Page) -> bool:
    """Whether a line goes on with the paragraph: just below its last line, which is full, at the same size."""
    last = paragraph[-1]
    if last.turn != line.turn or _STARTS_ANEW.match(line.text) or numbering(last.text):
        return False
    above, below = turned(last.box, last.turn), turned(line.box, line.turn)
    low, high = sorted((_height(above), _height(below)))
    if high > _SAME_SIZE * low or not -low < below[1] - above[3] < _APART * low:
        return False
    if page.is_sparse(last, above) or page.is_sparse(line, below):
        return False
    em = page.spread * low
    left, right = page.column(above)
    if right - above[2] > _slack(last.text, line.text) * em:
        return False
    return below[0] - left < _INDENT * em or (len(paragraph) > 1 and below[0] - above[0] < _INDENT / 2 * em)


def _slack(text: str, following: str) -> float:
    """How much may be free behind a line that goes on, in widths of a character: less than what follows needs."""
    if text.endswith(_SENTENCE_ENDS):
        return _SLACK_BEHIND_SENTENCE
    word = following.split(maxsplit=1)[0]
    return _SLACK if is_wide(word[0]) else 1.5 + len(word) / 2


def _em(line: OcrLine, box: Box) -> float:
    """Width of a Chinese character of a line."""
    return (box[2] - box[0]) / max(1.0, sum(1.0 if is_wide(character) else 0.5 for character in line.text))


def _height(box: Box) -> float:
    return max(box[3] - box[1], 1e-6)


def _paragraph(lines: Sequence[OcrLine], page: int, usual: _Page) -> tuple[Element, float]:
    """A paragraph, or a heading with its height."""
    text, places = _text(lines, page)
    height = min(_height(turned(line.box, line.turn)) for line in lines)
    if height >= _LARGER * usual.body and is_title_like(text) and _LETTERS.search(text):
        return Element("heading", text, 1, page, places), height
    return Element("text", text, 0, page, places), 0.0


def _text(lines: Sequence[OcrLine], page: int) -> tuple[str, tuple[Line, ...]]:
    """Lines joined, and where they are in the text."""
    text = ""
    places: list[Line] = []
    for line in lines:
        text = _before(text, line.text)
        if places:
            places[-1] = replace(places[-1], end=min(places[-1].end, len(text)))
        places.append(Line(len(text), len(text) + len(line.text), page, line.box))
        text += line.text
    return text, tuple(places)


def _before(text: str, following: str) -> str:
    """A text as it stands before the line that follows: as it is, without its hyphen, or with a space."""
    if not text or (is_wide(text[-1]) and is_wide(following[0])):
        return text
    if text.endswith("-") and text[-2:-1].isalpha() and following[0].islower():
        return text[:-1]
    return f"{text} "


def _leveled(elements: Sequence[tuple[Element, float]]) -> list[Element]:
    """The elements; of the headings the highest ones are of level 1."""
    sizes: list[float] = []
    for height in sorted((height for _, height in elements if height), reverse=True):
        if not sizes or height * _SAME_LEVEL < sizes[-1]:
            sizes.append(height)
    return [
        replace(element, level=min(_MAX_LEVEL, sum(size >= height for size in sizes))) if height else element
        for element, height in elements
    ]


def _table(lines: Sequence[OcrLine], page: int) -> Element:
    """A Markdown table; a cell that covers several places is in each of them."""
    cells: dict[Cell, list[OcrLine]] = {}
    for line in lines:
        if line.cell:
            cells.setdefault(line.cell, []).append(line)
    grid = [[""] * max(c.column + c.columns for c in cells) for _ in range(max(c.row + c.rows for c in cells))]
    for cell, inside in cells.items():
        text, _ = _text(inside, page)
        for row in range(cell.row, cell.row + cell.rows):
            grid[row][cell.column : cell.column + cell.columns] = [text] * cell.columns
    table = markdown_table(grid)
    return Element("table", table, 0, page, tuple(_places(table, lines, page)))


def _places(table: str, lines: Sequence[OcrLine], page: int) -> Iterator[Line]:
    """Where the lines are in the text of a table that was made of them, in this order."""
    position = 0
    for line in lines:
        written = line.text.replace("|", "\\|")
        start = table.find(written, position)
        if start >= 0:
            position = start + len(written)
            yield Line(start, position, page, line.box)
