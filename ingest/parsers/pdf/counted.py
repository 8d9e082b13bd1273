"""Lines that a program broke after a number of characters, whatever room digits and Latin letters left."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from ingest.parsers.pdf.rows import WIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.pdf.shapes import TextLine

_AROUND = 6
_FEWEST = 3
"""Lines that must be equally long in characters; fewer are so by chance."""

_SHORTEST = 12
_TOLERANCE = 1.1
_LEAST_WIDE = 1 / 3


def are_counted(lines: Sequence[TextLine]) -> list[bool]:
    """Which lines are full when every character counts as one that is as wide as high."""
    ems = [_em(line) for line in lines]
    known = [em for em in ems if em]
    if not known:
        return [False] * len(lines)
    shares = [em / line.size for line, em in zip(lines, ems, strict=True) if em]
    ends = [line.box[0] + len(line.text) * line.size * median(shares) for line in lines]
    return [_is_counted(i, lines, ends) for i in range(len(lines))]


def _em(line: TextLine) -> float:
    """Width of a character of a line that is Chinese throughout; 0 for others."""
    if len(line.text) < 2 or not all(WIDE.match(character) for character in line.text):
        return 0.0
    return (line.box[2] - line.box[0]) / len(line.text)


def _is_counted(i: int, lines: Sequence[TextLine], ends: Sequence[float]) -> bool:
    line = lines[i]
    wide = sum(WIDE.match(character) is not None for character in line.text)
    if len(line.text) < _SHORTEST or wide == len(line.text) or wide < len(line.text) * _LEAST_WIDE:
        return False
    near = [
        end
        for other, end in zip(lines[max(0, i - _AROUND) :][: 2 * _AROUND], ends[max(0, i - _AROUND) :], strict=False)
        if other.column == line.column and abs(other.size - line.size) < 0.15 * line.size
    ]
    farthest = max(near)
    tolerance = _TOLERANCE * line.size
    return ends[i] > farthest - tolerance and sum(end > farthest - tolerance for end in near) >= _FEWEST
