"""What stands on a page: words, rules, pictures, and the lines and tables that are made of them.

All places are in points of the page as it is seen, from its upper left corner, after its crop box and rotation.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.document import Element

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Word(NamedTuple):
    """Characters without white space between them; a tuple, since a page has hundreds of them.

    Attributes:
        text: As the page has it, but for characters that name nothing.
        box: Where it stands.
        space: The white space of the page in front of it; empty at the beginning of a line.
        first: Index of its first character in pdfium's text of the page, -1 if it comes from elsewhere.
        turn: Quarter turns, clockwise, from writing to the right; 4 is none of these.
        size: Height of its characters.
    """

    text: str
    box: Box
    space: str = ""
    first: int = -1
    turn: int = 0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a column.

    Attributes:
        text: Its words, with the white space between them.
        box: Where it stands.
        size: Height of most of its characters.
        page: 1-based.
        column: Left and right end of its column, where it stands beside another.
        apart: Whether its parts stand far apart, as those of a form do.
    """

    text: str
    box: Box
    size: float
    page: int
    column: tuple[float, float] | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells and where it stands."""

    cells: tuple[str, ...]
    box: Box
    page: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a part of one on one page."""

    rows: tuple[Row, ...]
    box: Box
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """Elements that were read by OCR, in place of the picture that they stand in."""

    elements: tuple[Element, ...]
    box: Box


Block = TextLine | Table | Ready


@dataclass(frozen=True, slots=True)
class Frame:
    """The page that places are measured on: its size, and by how many quarter turns it was turned to be read."""

    width: float
    height: float
    turn: int = 0

    def shares(self, box: Box) -> Box:
        """A place as shares of the page as it is seen."""
        left, top, right, bottom = (
            min(max(value, 0.0), 1.0)
            for value in (box[0] / self.width, box[1] / self.height, box[2] / self.width, box[3] / self.height)
        )
        for _ in range(self.turn):
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
        return (round(left, 4), round(top, 4), round(right, 4), round(bottom, 4))


@dataclass(slots=True)
class Page:
    """One page, as it is read before the document is seen as a whole."""

    number: int
    frame: Frame
    words: list[Word] = field(default_factory=list)
    asides: list[Word] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Flow:
    """A page in reading order."""

    number: int
    frame: Frame
    blocks: tuple[Block, ...]
    asides: tuple[TextLine, ...] = ()
    notes: tuple[str, ...] = ()
    rules: tuple[Box, ...] = ()
    reason: str = ""


def body_size(blocks: Iterable[Block]) -> float:
    """Height of the letters in which most of the text is set; 0 where there is none."""
    weights: Counter[float] = Counter()
    for block in blocks:
        if isinstance(block, TextLine):
            weights[round(block.size, 1)] += len(block.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def area(box: Box) -> float:
    """Its area, zero for a box without one."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    return area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))


def holds(box: Box, inner: Box) -> bool:
    """Whether the middle of a box lies within another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def turned(box: Box, frame: Frame, turn: int) -> Box:
    """Where a box stands once its page was turned counterclockwise by so many quarter turns."""
    left, top, right, bottom = box
    width, height = frame.width, frame.height
    for _ in range(turn):
        left, top, right, bottom = top, width - right, bottom, width - left
        width, height = height, width
    return (left, top, right, bottom)


def turn_page(page: Page, turn: int) -> None:
    """Turn a page counterclockwise by quarter turns, so that its text runs to the right."""
    frame = page.frame
    page.words = [word._replace(box=turned(word.box, frame, turn)) for word in page.words]
    page.asides = [word._replace(box=turned(word.box, frame, turn)) for word in page.asides]
    page.rules = [turned(rule, frame, turn) for rule in page.rules]
    page.pictures = [turned(picture, frame, turn) for picture in page.pictures]
    size = (frame.width, frame.height) if turn % 2 == 0 else (frame.height, frame.width)
    page.frame = Frame(*size, turn)
