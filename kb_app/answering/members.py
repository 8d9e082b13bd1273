"""Rows of one table and items of one list: which of them come together in an answer. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.answering.codes import without_codes
from kb_app.answering.keys import keys_of
from kb_app.answering.lists import LEAD_IN
from kb_app.search.asking import question_pieces
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.answering.units import Unit
    from kb_app.answering.wanted import Wanted

WHOLE = 10
"""Rows or items, at most, that are quoted together where a question does not tell them apart."""

_OF_HEADING = 1 / 3
"""More of a question than this must stand in the headings above a list for it to be asked for as a whole."""

_FRAGMENT = re.compile(r"\d{1,2}")
"""A piece that half of all numbers share."""


def with_equals(
    chosen: Sequence[int], units: Sequence[Unit], question: str, wanted: Wanted, about: str = ""
) -> list[int]:
    """The chosen units; of a table or list only the members that hold what the best one holds of the question.

    Where the question names a column, or asks for what the line above the list announces, all of these come, up
    to ``WHOLE``, and where the best unit is one of them, nothing else.

    Args:
        chosen: Best first.
        units: All.
        question: It, or a part of it.
        wanted: The form of its answer.
        about: What names the rows; the question if not given.
    """
    kept: list[int] = []
    seen: set[tuple[object, ...]] = set()
    for index in chosen:
        unit = units[index]
        is_member = bool(unit.cells or unit.lead)
        if index in kept or (is_member and unit.group in seen) or _holds_less(unit, kept, units, about or question):
            continue
        seen.add(unit.group)
        equal = equals(index, units, question, about or question)
        is_whole = len(equal) <= WHOLE and _is_asked_whole(unit, question, wanted)
        if is_whole and not kept and len(equal) > 1:
            return equal
        kept += equal if is_whole else [near for near in equal if near in chosen]
    return list(dict.fromkeys(kept))


def _holds_less(unit: Unit, kept: Sequence[int], units: Sequence[Unit], about: str) -> bool:
    """Whether a row holds less of a question in whole cells than one that is kept, of another part of its table."""
    alike = [units[near] for near in kept if unit.cells and units[near].columns == unit.columns]
    return any(keys_of(one, about) > keys_of(unit, about) for one in alike)


def equals(index: int, units: Sequence[Unit], question: str, about: str) -> list[int]:
    """The members of a unit's table or list that hold as much of a question as it does.

    Rows that hold more in whole cells take its place; where others only have more pieces, it was chosen for something
    else, and stands alone.
    """
    unit = units[index]
    if not (unit.cells or unit.lead):
        return [index]
    asked = frozenset(piece for piece in question_pieces(question) if not _FRAGMENT.fullmatch(piece)) - _above(unit)
    keys = {near: keys_of(other, about) for near, other in enumerate(units) if other.group == unit.group}
    members = [near for near, count in keys.items() if count == max(keys.values())]
    held = {near: len(asked & frozenset(keyword_pieces(_said(units[near])))) for near in members}
    most = max(held.values())
    return [index] if held.get(index, most) < most else [near for near, count in held.items() if count == most]


def _said(unit: Unit) -> str:
    """The words of a row without the names of its columns, or of an item."""
    return "\n".join(unit.cells or (unit.text,))


def _above(unit: Unit) -> frozenset[str]:
    """The pieces of the names of a row's columns, or of the line that leads to an item's list."""
    return frozenset(keyword_pieces("\n".join(unit.columns) if unit.cells else unit.lead))


def _is_asked_whole(unit: Unit, question: str, wanted: Wanted) -> bool:
    """Whether a question names a column of the table, or asks for what the line above the list announces.

    A heading announces less than a line that ends in a colon: it must hold more of the question. The code of a thing
    that a column is named after asks for no column.
    """
    asked = question_pieces(question if wanted.is_list else without_codes(question))
    shared = _above(unit).intersection(asked)
    if unit.cells:
        return bool(shared)
    least = 0.0 if LEAD_IN.search(unit.lead) else _OF_HEADING * len(set(asked))
    return wanted.is_list and len(shared) > least
