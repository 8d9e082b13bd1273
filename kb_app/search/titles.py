"""Documents that a question names by words of their titles or file names. Pure."""

from __future__ import annotations

import math
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from kb_app.search.asking import question_pieces
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

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
    """The titles and file names of all documents; never changed, so that threads may share them."""

    def __init__(self, descriptions: Iterable[Description] = ()) -> None:
        """Take them apart."""
        self._names: dict[int, _Name] = {}
        self._holders: dict[str, Set[int]] = {}
        self._wholes: dict[int, float] = {}  # of those that were looked at
        self._put({one.doc_id: one for one in descriptions})

    def after(self, changed: Iterable[Description], removed: Iterable[int]) -> Titles:
        """The titles after a change of some documents: only theirs are taken apart."""
        titles = Titles()
        titles._names, titles._holders = dict(self._names), dict(self._holders)
        titles._put(dict.fromkeys(removed) | {one.doc_id: one for one in changed})
        return titles

    def _put(self, changed: Mapping[int, Description | None]) -> None:
        """Put these documents in the place of what was there under their ids, None for those that are gone."""
        copies: dict[str, set[int]] = {}  # other titles hold the sets that were there
        for doc_id, one in changed.items():
            old = self._names.pop(doc_id, _NOTHING)
            new = _NOTHING if one is None else old if old.text == _named(one) else _name(_named(one))
            for piece in set(old.pieces).symmetric_difference(new.pieces):
                if piece not in copies:
                    copies[piece] = set(self._holders.get(piece, ()))
                copies[piece] ^= {doc_id}
            if one is not None:
                self._names[doc_id] = new
        self._holders |= copies
        for piece in [piece for piece, having in copies.items() if not having]:
            del self._holders[piece]

    def named(self, question: str) -> frozenset[int]:
        """The documents of which a question holds most of the title.

        A piece weighs ``ln(titles / titles with the piece)``: what is in all titles names none of them.

        Returns:
            Their ids; none where more than ``MOST`` are named.
        """
        asked = [piece for piece in dict.fromkeys(question_pieces(question)) if piece in self._holders]
        near = {i for piece in asked if len(self._holders[piece]) <= _TELLING for i in self._holders[piece]}
        weights = {piece: self._weight(piece) for piece in asked}
        held = {doc_id: share for doc_id in near if (share := self._held(doc_id, weights)) > 0}
        least = max(_NAMED, _AS_WELL * max(held.values(), default=0.0))
        found = frozenset(doc_id for doc_id, share in held.items() if share >= least)
        return found if len(found) <= MOST else frozenset()

    def _held(self, doc_id: int, weights: Mapping[str, float]) -> float:
        whole = self._wholes.get(doc_id)
        if whole is None:
            whole = self._wholes[doc_id] = math.fsum(map(self._weight, self._names[doc_id].pieces))
        held = math.fsum(weight for piece, weight in weights.items() if doc_id in self._holders[piece])
        return held / whole if whole else 0.0

    def _weight(self, piece: str) -> float:
        return math.log(len(self._names) / len(self._holders[piece]))


class _Name(NamedTuple):
    """What a document is called, and each piece of it once."""

    text: str
    pieces: tuple[str, ...]


_NOTHING = _Name("", ())


def _named(one: Description) -> str:
    return "\n".join(dict.fromkeys((one.title, PurePosixPath(one.source).stem)))


def _name(text: str) -> _Name:
    # Many titles share their pieces: each is kept once.
    return _Name(text, tuple(map(sys.intern, dict.fromkeys(keyword_pieces(text)))))
