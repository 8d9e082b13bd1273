"""Reading order: columns one after the other, what stands across them in between."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from ingest.parsers.pdf.aligned import across
from ingest.parsers.pdf.rows import merged, rows_of
from ingest.parsers.pdf.shapes import TextLine, around

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.parsers.pdf.rows import Piece
    from ingest.parsers.pdf.shapes import Block, Box

_DEEPEST = 3
_PROSE = 8.0
_ALIGNED = 0.8


def ordered(pieces: Iterable[Piece], page: int, depth: int = 0) -> list[Block]:
    """Lines and blocks in the order in which they are read."""
    result: list[Block] = []
    for band in _handed_on(list(_bands(rows_of(pieces)))):
        columns = _columns(band)
        if depth < _DEEPEST and _are_columns(columns, band):
            for box, inside in columns:
                inner = ordered(inside, page, depth + 1)
                result += [_in_column(block, (box[0], box[2])) for block in inner]
        else:
            result += across(band, page)
    return result


def _in_column(block: Block, column: tuple[float, float]) -> Block:
    return replace(block, column=block.column or column) if isinstance(block, TextLine) else block


def _bands(rows: Iterable[list[Piece]]) -> Iterator[list[list[Piece]]]:
    """Rows that leave the same gaps between their columns open."""
    band: list[list[Piece]] = []
    taken: list[tuple[float, float]] = []
    for row in rows:
        own = _spans(row)
        both = merged([*taken, *own])
        if (band and len(both) < min(len(taken), 2)) or (len(own) > 1 and len(both) < len(own) and len(taken) < 2):
            yield band
            band, both = [], own
        band.append(row)
        taken = both
    if band:
        yield band


def _handed_on(bands: list[list[list[Piece]]]) -> list[list[list[Piece]]]:
    """The bands, the last row of one moved to the next where it stands in its columns: headings that begin them."""
    for band, following in pairwise(bands):
        while len(band) > 1 and _begins(band[-1], band[:-1], following):
            following.insert(0, band.pop())
    return bands


def _begins(row: list[Piece], above: list[list[Piece]], below: list[list[Piece]]) -> bool:
    own = _spans(row)
    columns = _spans(piece for line in below for piece in line)
    if len(own) < 2 or len(columns) < 2 or merged([*columns, *own]) != columns:
        return False
    gap = (own[0][1], own[1][0])
    spans = _spans(piece for line in above for piece in line)
    return any(min(right, gap[1]) - max(left, gap[0]) > (gap[1] - gap[0]) / 2 for left, right in spans)


def _spans(row: Iterable[Piece]) -> list[tuple[float, float]]:
    return merged([(piece.box[0], piece.box[2]) for piece in row])


def _columns(band: Sequence[Sequence[Piece]]) -> list[tuple[Box, list[Piece]]]:
    pieces = [piece for row in band for piece in row]
    columns = []
    for left, right in merged([(piece.box[0], piece.box[2]) for piece in pieces]):
        inside = [piece for piece in pieces if left <= piece.box[0] <= right]
        columns.append((around(piece.box for piece in inside), inside))
    return columns


def _are_columns(columns: Sequence[tuple[Box, list[Piece]]], band: Sequence[Sequence[Piece]]) -> bool:
    """Whether these are columns of text, not a form or a list that is read across."""
    if len(columns) < 2:
        return False
    texts = [[piece for piece in inside if piece.block is None] for _, inside in columns]
    lines = [len(rows_of(inside)) for inside in texts]
    if sum(count >= 3 for count in lines) < 2:
        return False
    prose = [median((p.box[2] - p.box[0]) / p.size for p in inside) >= _PROSE for inside in texts if len(inside) >= 3]
    return sum(prose) >= 2 or (not any(len(inside) < 3 for inside in texts) and _uneven(band))


def _uneven(band: Sequence[Sequence[Piece]]) -> bool:
    """Whether few lines have a neighbour at exactly their height, as those of a form have."""
    lone = sum(len(row) < 2 or abs(row[0].box[3] - row[-1].box[3]) > 0.2 * row[0].size for row in band)
    return lone > _ALIGNED * len(band)
