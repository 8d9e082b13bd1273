"""Reading order: columns one after the other, and within them rows from top to bottom."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.ocr.pieces import Piece

_WIDE = re.compile(rf"[{CJK}\u3000-\u303f\uff00-\uffef“”‘’…—·]")
_COLUMN_LINES = 3
_COLUMN_CHARACTERS = 7
_COLUMN_FILLED = 0.6
_CROSSING = 0.4


def rows_in_order(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of every row from left to right, rows in the order in which they are read.

    The cells of a table stay together, one row of its own for each piece.
    """
    plain = [piece for piece in pieces if piece.cell is None]
    rows = _flow(plain)
    inside = sorted((piece for piece in pieces if piece.cell), key=_in_table)
    for _, table in groupby(inside, key=lambda piece: piece.cell.table if piece.cell else 0):
        rows = _with_table(rows, list(table))
    return rows


def joined(row: Sequence[Piece]) -> str:
    """The text of a row; no space between Chinese characters that stand close."""
    text = row[0].text
    for before, after in pairwise(row):
        near = after.left - before.right < 0.6 * min(before.height, after.height)
        text += after.text if near and is_wide(before.text[-1]) and is_wide(after.text[0]) else f" {after.text}"
    return text


def is_wide(character: str) -> bool:
    """Whether a character is Chinese or of its punctuation: no space stands beside it."""
    return bool(_WIDE.match(character))


def _in_table(piece: Piece) -> tuple[int, int, int, float, float]:
    cell = piece.cell
    assert cell is not None  # noqa: S101 - only cells are sorted
    return cell.table, cell.row, cell.column, piece.top, piece.left


def _with_table(rows: list[list[Piece]], table: list[Piece]) -> list[list[Piece]]:
    """Rows with a table put in before the first row that stands below it."""
    left, right = min(piece.left for piece in table), max(piece.right for piece in table)
    top = min(piece.top for piece in table)
    beside = [i for i, row in enumerate(rows) if row[0].cell is None and row[0].left < right and row[-1].right > left]
    before = [i for i in beside if rows[i][0].bottom <= top + rows[i][0].height / 2]
    place = max(before) + 1 if before else min(beside, default=len(rows))
    return [*rows[:place], *([piece] for piece in table), *rows[place:]]


def _flow(pieces: Sequence[Piece]) -> list[list[Piece]]:
    gutter = _gutter(pieces)
    if gutter is None:
        return _rows(pieces)
    rows: list[list[Piece]] = []
    crossing = sorted((p for p in pieces if p.left < gutter < p.right), key=lambda p: p.top)
    beside = [p for p in pieces if not p.left < gutter < p.right]
    for row in _rows(crossing):
        top = row[0].top
        above = [p for p in beside if _middle(p) < top]
        beside = [p for p in beside if _middle(p) >= top]
        rows += [*_sides(above, gutter), row]
    return rows + _sides(beside, gutter)


def _sides(pieces: Sequence[Piece], gutter: float) -> list[list[Piece]]:
    """The rows of the columns left and right of a gutter; of pieces that are no columns, as they stand."""
    left, right = _parted(pieces, gutter)
    if _is_column(left) and (_is_column(right) or _gutter(right) is not None):
        return _rows(left) + _flow(right)
    return _rows(pieces)


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where the first column of text ends: the place that fewest pieces cross."""
    best: tuple[int, float] | None = None
    for x in _places(pieces):
        beside = [p for p in pieces if not p.left < x < p.right]
        crossing = len(pieces) - len(beside)
        if crossing > _CROSSING * len(pieces) or (best and crossing >= best[0]):
            continue
        left, right = _parted(beside, x)
        if _is_column(left) and (_is_column(right) or _gutter(right) is not None):
            best = (crossing, x)
    return best[1] if best else None


def _places(pieces: Sequence[Piece]) -> list[float]:
    """Where a column may begin: left of a piece, of those that stand about below each other left of one."""
    if not pieces:
        return []
    step = median(p.height for p in pieces) / 2
    return sorted({step * (p.left // step) for p in pieces})


def _parted(pieces: Iterable[Piece], x: float) -> tuple[list[Piece], list[Piece]]:
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in pieces:
        (left if piece.right <= x else right).append(piece)
    return left, right


def _is_column(pieces: Sequence[Piece]) -> bool:
    """Whether pieces are lines of running text: as wide as their column, not the short entries of a table."""
    if len(pieces) < _COLUMN_LINES or median(len(p.text) for p in pieces) < _COLUMN_CHARACTERS:
        return False
    width = max(p.right for p in pieces) - min(p.left for p in pieces)
    return median(p.width for p in pieces) >= _COLUMN_FILLED * width


def _rows(pieces: Iterable[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (_middle(p), p.left)):
        row = next((row for row in reversed(rows[-4:]) if _joins(piece, row)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    for row in rows:
        row.sort(key=lambda p: p.left)
    return rows


def _joins(piece: Piece, row: Sequence[Piece]) -> bool:
    """Whether a piece stands in a row: beside its nearest piece, half as high or more in common."""
    if piece.turn or row[0].turn:
        return False
    if any(min(piece.right, p.right) - max(piece.left, p.left) > 0.3 * min(piece.width, p.width) for p in row):
        return False
    nearest = min(row, key=lambda p: max(p.left - piece.right, piece.left - p.right))
    common = min(piece.bottom, nearest.bottom) - max(piece.top, nearest.top)
    return common >= 0.5 * min(piece.height, nearest.height)


def _middle(piece: Piece) -> float:
    return (piece.top + piece.bottom) / 2
