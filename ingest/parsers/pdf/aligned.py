"""Tables without rules: at least three rows below each other whose cells stand in the same columns."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from ingest.parsers.pdf.rows import joined, merged
from ingest.parsers.pdf.shapes import Row, Table, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.pdf.rows import Piece
    from ingest.parsers.pdf.shapes import Block

_NUMBER = re.compile(
    r"[-+±<>≤≥~约¥￥$€]?\s*\d[\d,.，：:/\s-]*\s*(?:[%％‰°℃]|[A-Za-z㎡]{1,4}|[元万亿年月日天台人个件次分]{1,2})?|[-—–/]|—{2}"
)
_NO_CELL = re.compile(r"[.．…·]{4}|[。；]$|[：:]$")
_LONGEST = 24
_FULL = 0.8


def across(band: Sequence[Sequence[Piece]], page: int) -> list[Block]:
    """Rows that are read from left to right, those of a table as a table."""
    result: list[Block] = []
    i = 0
    while i < len(band):
        count = _table_rows(band[i:])
        if count:
            result.append(_table(band[i : i + count], page))
            i += count
        else:
            result += joined(band[i], page)
            i += 1
    return result


def _table_rows(rows: Sequence[Sequence[Piece]]) -> int:
    """How many of these rows, from the first one, make a table; 0 if they do not."""
    header = rows[0]
    columns = len(header)
    if columns < 2 or any(piece.block or _NUMBER.fullmatch(piece.text) or not _is_cell(piece) for piece in header):
        return 0
    count = 1
    spans = _spans(header)
    for above, row in pairwise(rows):
        together = merged([*spans, *_spans(row)])
        if not _follows(above, row, header) or len(together) != columns or not _in_columns(row, together):
            break
        spans, count = together, count + 1
    return count if _is_table(rows[:count], columns) else 0


def _spans(row: Sequence[Piece]) -> list[tuple[float, float]]:
    return [(piece.box[0], piece.box[2]) for piece in row]


def _is_cell(piece: Piece) -> bool:
    text = piece.text
    return len(text) <= _LONGEST and not _NO_CELL.search(text)


def _follows(above: Sequence[Piece], row: Sequence[Piece], header: Sequence[Piece]) -> bool:
    near = row[0].box[1] - above[0].box[3] < 1.6 * header[0].size
    same = all(abs(piece.size - header[0].size) < 0.25 * header[0].size for piece in row)
    return len(row) > 1 and near and same and all(piece.block is None and _is_cell(piece) for piece in row)


def _in_columns(row: Sequence[Piece], spans: Sequence[tuple[float, float]]) -> bool:
    """Whether no two cells of a row share a column, and the first column is filled."""
    slots = [_slot(piece, spans) for piece in row]
    return slots[0] == 0 and len(set(slots)) == len(slots)


def _slot(piece: Piece, spans: Sequence[tuple[float, float]]) -> int:
    return next(i for i, (left, right) in enumerate(spans) if left <= piece.box[0] <= right)


def _is_table(rows: Sequence[Sequence[Piece]], columns: int) -> bool:
    body = rows[1:]
    if len(body) < 2 or sum(map(len, body)) < _FULL * columns * len(body):
        return False
    texts = [piece.text for row in body for piece in row[1:]]
    numbers = sum(_NUMBER.fullmatch(text) is not None for text in texts) / len(texts)
    if columns == 2:
        return len(body) >= 3 and numbers >= _FULL
    # Words alone, in three columns or more, have to be as short as entries are.
    return numbers >= 0.3 or median(len(text) for text in texts) <= 12


def _table(rows: Sequence[Sequence[Piece]], page: int) -> Table:
    spans = merged([span for row in rows for span in _spans(row)])
    found = []
    for row in rows:
        cells = [""] * len(spans)
        for piece in row:
            cells[_slot(piece, spans)] = piece.text
        found.append(Row(tuple(cells), around(piece.box for piece in row), page))
    return Table(tuple(found), around(row.box for row in found), tuple(left for left, _ in spans))
