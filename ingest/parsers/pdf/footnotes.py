"""Footnotes: small lines at the foot of a column that a mark or a rule sets off."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from ingest.parsers.pdf.shapes import TextLine, body_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.pdf.shapes import Block, Box

_MARK = re.compile(
    r"[①-⑳㈠-㈩⑴-⒇*＊†‡§¹²³⁴-⁹]|[\[［〔(（]\d{1,3}[\]］〕)）]|\d{1,3}(?=\s|[^\d\s.．、,，%％/:：-])|注\s*\d*[：:]"
)
_SMALLER = 0.92
_LOWEST = 0.45


def footnotes(blocks: Sequence[Block], rules: Sequence[Box], height: float) -> tuple[list[Block], list[TextLine]]:
    """The text of a page, and its footnotes in order."""
    body = body_size(blocks)
    text: list[Block] = []
    notes: list[TextLine] = []
    for _, group in groupby(blocks, key=lambda block: block.column if isinstance(block, TextLine) else None):
        column = list(group)
        count = _count(column, rules, body, height)
        text += column[: len(column) - count]
        notes += [block for block in column[len(column) - count :] if isinstance(block, TextLine)]
    return text, notes


def _count(column: Sequence[Block], rules: Sequence[Box], body: float, height: float) -> int:
    """How many blocks at the end of a column are footnotes."""
    small = 0
    for block in reversed(column):
        if not (isinstance(block, TextLine) and block.size < _SMALLER * body and block.box[1] > _LOWEST * height):
            break
        small += 1
    for count in range(small, 0, -1):
        first = column[len(column) - count]
        if isinstance(first, TextLine) and (_MARK.match(first.text) or _ruled_off(first, rules, height)):
            return count
    return 0


def _ruled_off(line: TextLine, rules: Sequence[Box], height: float) -> bool:
    """Whether a short rule stands right above a line."""
    left, top = line.box[:2]
    return any(
        rule[3] - rule[1] <= 3 and abs(rule[0] - left) < 20 and 0 <= top - rule[3] + 2 < 0.03 * height for rule in rules
    )
