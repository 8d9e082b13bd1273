"""Documents that a question names by words of their titles or file names. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb_app.search.asking import question_pieces
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb_app.types import Description

MOST = 5
"""Documents that a question names at most; what more of them share is the name of none."""

_NAMED = 0.5
"""Share of a title that a question holds at least, where it names its document."""

_AS_WELL = 0.9
"""Share of the best share from which on another document is named as well."""


_TELLING = 500
"""Titles with a piece, at most, for it to point at documents; commoner ones only add to what others point at."""


class Titles:
    """The titles and file names of all documents."""

    def __init__(self, descriptions: Iterable[Description]) -> None:
        """Take them apart."""
        pieces = {one.doc_id: _pieces(one) for one in descriptions}
        holders: defaultdict[str, set[int]] = defaultdict(set)
        for doc_id, own in pieces.items():
            for piece in own:
                holders[piece].add(doc_id)
        self._holders = dict(holders)
        self._weights = {piece: math.log(len(pieces) / len(having)) for piece, having in holders.items()}
        self._whole = {i: math.fsum(self._weights[piece] for piece in own) for i, own in pieces.items()}

    def named(self, question: str) -> frozenset[int]:
        """The documents of which a question holds most of the title.

        A piece weighs ``ln(titles / titles with the piece)``: what is in all titles names none of them.

        Returns:
            Their ids; none where more than ``MOST`` are named.
        """
        asked = [piece for piece in dict.fromkeys(question_pieces(question)) if piece in self._holders]
        near = {i for piece in asked if len(self._holders[piece]) <= _TELLING for i in self._holders[piece]}
        held = {doc_id: self._held(doc_id, asked) for doc_id in near if self._whole[doc_id] > 0}
        least = max(_NAMED, _AS_WELL * max(held.values(), default=0.0))
        found = frozenset(doc_id for doc_id, share in held.items() if share >= least)
        return found if len(found) <= MOST else frozenset()

    def _held(self, doc_id: int, asked: Iterable[str]) -> float:
        held = (self._weights[piece] for piece in asked if doc_id in self._holders[piece])
        return math.fsum(held) / self._whole[doc_id]


def _pieces(one: Description) -> frozenset[str]:
    return frozenset(keyword_pieces(f"{one.title}\n{PurePosixPath(one.source).stem}"))
