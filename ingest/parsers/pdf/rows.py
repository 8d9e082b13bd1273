"""Pieces of lines made of words, and rows made of pieces at the same height."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.parsers.pdf.shapes import TextLine, around
from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.parsers.pdf.shapes import Block, Box, Ready, Table, Word

WIDE = re.compile(rf"[{CJK}\u3000-\u303f\uff00-\uffef“”‘’…—]")
"""Characters that are written without spaces between them."""

_FAR = 0.8  # in heights of the letters: words so far apart may belong to different columns
_APART = 2.5


@dataclass(frozen=True, slots=True)
class Piece:
    """Words close to each other on a line, or a block that is already put together."""

    box: Box
    size: float = 0.0
    words: tuple[Word, ...] = ()
    block: Table | Ready | None = None

    @property
    def text(self) -> str:
        """Its words with the white space between them."""
        return "".join((word.space if i else "") + word.text for i, word in enumerate(self.words))


def pieces_of(words: Iterable[Word]) -> list[Piece]:
    """Words that follow each other in the file and on their line."""
    pieces: list[Piece] = []
    run: list[Word] = []
    for word in words:
        if run and not _adjoins(run[-1], word):
            pieces.append(_piece(run))
            run = []
        run.append(word)
    return [*pieces, _piece(run)] if run else pieces


def _adjoins(last: Word, word: Word) -> bool:
    near = word.box[0] - last.box[2] <= _FAR * min(last.size, word.size) + 0.01
    level = abs(word.box[1] + word.box[3] - last.box[1] - last.box[3]) <= 1.4 * max(last.size, word.size)
    return word.space != "" and near and level and word.box[0] > last.box[0]


def _piece(run: Sequence[Word]) -> Piece:
    sizes: defaultdict[float, int] = defaultdict(int)
    for word in run:
        sizes[word.size] += len(word.text)
    return Piece(around([word.box for word in run]), max(sizes, key=sizes.__getitem__), tuple(run))


def rows_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces at the same height, from left to right; a block that is put together is a row of its own."""
    rows: list[list[Piece]] = []
    for piece in sorted(
        pieces, key=lambda piece: (piece.box[1] + min(piece.box[3] - piece.box[1], 20) / 2, piece.box[0])
    ):
        near = [row for row in rows[-3:] if piece.block is None and _same_height(row[0], piece)]
        if near:
            near[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.box[0])
    return rows


def _same_height(one: Piece, other: Piece) -> bool:
    if one.block is not None:
        return False
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared >= 0.5 * min(one.box[3] - one.box[1], other.box[3] - other.box[1])


def joined(row: Sequence[Piece], page: int) -> list[Block]:
    """The line that the pieces of a row make, or the block that it is."""
    if row[0].block is not None:
        return [row[0].block]
    text = row[0].text
    for last, piece in pairwise(row):
        text += _between(last, piece) + piece.text
    sizes: Counter[float] = Counter()
    for piece in row:
        sizes[piece.size] += len(piece.text)
    size = sizes.most_common(1)[0][0]
    apart = any(piece.box[0] - last.box[2] > _APART * size for last, piece in pairwise(row))
    return [TextLine(text, around(piece.box for piece in row), size, page, apart=apart)]


def _between(last: Piece, piece: Piece) -> str:
    before, behind = last.words[-1], piece.words[0]
    gap = behind.box[0] - before.box[2]
    if behind.space and behind.first > before.first:
        return behind.space
    wide = WIDE.match(before.text[-1]) and WIDE.match(behind.text)
    return "" if gap < (0.5 if wide else 0.15) * min(before.size, behind.size) else " "


def merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that touch each other, as one."""
    result: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if result and left < result[-1][1] + 3.0:
            result[-1] = (result[-1][0], max(right, result[-1][1]))
        else:
            result.append((left, right))
    return result
