"""What was read in a picture: lines of text with their places."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a ruled table.

    Attributes:
        table: Number of the table in its picture.
        row: Its first row, 0 the uppermost.
        column: Its first column, 0 the leftmost.
        rows: How many rows it covers.
        columns: How many columns it covers.
    """

    table: int
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line of text in a picture.

    Attributes:
        text: What it says.
        box: Left, top, right and bottom, as shares of the width and height of the picture as it was given.
        confidence: How sure the recognition is, in [0, 1].
        turn: Counterclockwise quarter turns of the picture after which the line runs from left to right; 1 also for
            Chinese whose characters stand one below the other.
        cell: Where it stands in a ruled table, if it does.
    """

    text: str
    box: Box
    confidence: float
    turn: int = 0
    cell: Cell | None = None


def turned(box: Box, turns: int) -> Box:
    """Where a box stands after counterclockwise quarter turns of its picture."""
    for _ in range(turns % 4):
        left, top, right, bottom = box
        box = (top, 1 - right, bottom, 1 - left)
    return box
