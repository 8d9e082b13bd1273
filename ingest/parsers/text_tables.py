"""Tables that a plain text draws: with lines of box characters, or with columns that blanks set apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UPRIGHT = "│┃║|｜"
_BORDER = re.compile(r"[\s\u2500-\u257f+\-=_|:｜]*[\u2500-\u257f\-=]{3}[\s\u2500-\u257f+\-=_|:｜]*")
_CELLS = re.compile(f"[{_UPRIGHT}]")
_GAP = re.compile(r"\t+| {2,}")
_LONGEST_BORDER = 1000
_FEWEST_LINES = 3
_FEWEST_COLUMNS = 3


def parts_of(block: str) -> Iterator[str | list[list[str]]]:
    """The texts of a block, and the rows of each table in it, in order."""
    lines = block.split("\n")
    text: list[str] = []
    i = 0
    while i < len(lines):
        end, rows = _drawn(lines, i)
        if end == i:
            end, rows = _aligned(lines, i)
        if rows and text:
            yield "\n".join(text)
            text = []
        if rows:
            yield rows
        else:
            end = max(end, i + 1)
            text += lines[i:end]
        i = end
    if text:
        yield "\n".join(text)


def _drawn(lines: Sequence[str], start: int) -> tuple[int, list[list[str]]]:
    """Where the lines of a drawn table that begin here end, and its rows; none if it is no table."""
    end = start
    while end < len(lines) and (_is_border(lines[end]) or _is_row(lines[end])):
        end += 1
    inside = lines[start:end]
    groups: list[list[list[str]]] = [[]]
    for line in inside:
        if _is_border(line):
            groups.append([])
        else:
            groups[-1].append([cell.strip() for cell in _CELLS.split(line.strip())[1:-1]])
    groups = [group for group in groups if group]
    widths = {len(row) for group in groups for row in group}
    if len(inside) - sum(map(len, groups)) < 2 or sum(map(len, groups)) < 2 or len(widths) != 1:
        return end, []
    # With a line below every row, what stands between two lines is one row.
    rows = [_joined(group) for group in groups] if len(groups) > 2 else [row for group in groups for row in group]
    return end, rows


def _is_border(line: str) -> bool:
    return len(line) <= _LONGEST_BORDER and _BORDER.fullmatch(line) is not None


def _is_row(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) > 2 and stripped[0] in _UPRIGHT and stripped[-1] in _UPRIGHT


def _joined(lines: Sequence[Sequence[str]]) -> list[str]:
    return ["\n".join(filter(None, column)) for column in zip(*lines, strict=True)]


def _aligned(lines: Sequence[str], start: int) -> tuple[int, list[list[str]]]:
    """The same for lines of equally many words with wide gaps, the first of them without a number: a header."""
    rows: list[list[str]] = []
    for number in range(start, len(lines)):
        cells = _GAP.split(lines[number].strip())
        if len(cells) < _FEWEST_COLUMNS or (rows and len(cells) != len(rows[0])):
            break
        rows.append(cells)
    header = next(
        (at for at, row in enumerate(rows) if not any(ch.isdigit() for cell in row for ch in cell)), len(rows)
    )
    if header or len(rows) < _FEWEST_LINES:
        return start + (header or len(rows)), []
    return start + len(rows), rows
