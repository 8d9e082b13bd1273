"""Cells of table rows that stand in a question: they tell which row it asks for. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_pieces
from kb_app.subjects import ASKS
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.answering.units import Unit

_SHORTEST = 2
_FRAGMENT = re.compile(r"[\d.,%]{1,2}")
_ASCII = re.compile(r"[a-z0-9]")
_NUMBER = re.compile(r"[\d.,%/:年月日〇零一二三四五六七八九十百千万亿-]+")
_FULL = 3
"""Characters from which on a number says which row is meant; shorter ones are everywhere."""

_TOTAL = 2
"""What the row of totals counts where a question asks for one: less than the name of any other row."""

_SUMS = re.compile(
    r"一共|总共|合计|总计|共计|加起来|合起来|总(?:数|量|额|和|价|人数|产量|用[电水气量]|金额|面积|成本|费用|收入)"
    r"|\b(?:in total|total|altogether)\b"
)
_MEANS = re.compile(r"平均|均值|人均|\baverage\b|\bmean\b")
_SUM_ROW = re.compile(r"(?:合计|总计|小计|共计|总数|总和|total|sum)")
_MEAN_ROW = re.compile(r"(?:平均|均值|average|mean)")


def held_keys(question: str, cells: Sequence[str]) -> int:
    """Characters of a question that cells stand in word for word; a number counts in any writing.

    Cells of one character and bare numbers of up to two digits tell nothing.
    """
    asked = squash(question)
    places: set[int] = set()
    numbers = 0
    for cell in dict.fromkeys(cells):
        if found := list(_places(_key(cell), asked)):
            places.update(found)
        elif _NUMBER.fullmatch(squash(cell)) and _numbers(cell) & _numbers(question):
            numbers += _FULL
    return len(places) + numbers


def keys_of(unit: Unit, question: str) -> int:
    """How much of a question a row holds in whole cells; the row of totals holds the word for it."""
    if not unit.cells:
        return 0
    return held_keys(question, unit.cells) + _TOTAL * _is_total(question, unit)


def _is_total(question: str, unit: Unit) -> bool:
    """Whether a question asks for a sum or a mean, and a row is that of the table."""
    first = squash(next(filter(None, unit.cells), ""))
    asked = squash(question)
    return bool(
        (_SUMS.search(asked) and _SUM_ROW.fullmatch(first)) or (_MEANS.search(asked) and _MEAN_ROW.match(first))
    )


def in_its_column(question: str, units: Sequence[Unit]) -> str:
    """A question with the thing that was asked on for (``机器人社收多少费 书法社``) in place of the first one.

    That is the cell of the column that the new thing is a cell of.
    """
    before, _, topic = question.rpartition(" ")
    named = squash(topic).removesuffix("的")
    if len(named) < _SHORTEST or not ASKS.search(before):
        return question
    for unit in units:
        for column, cell in enumerate(unit.cells):
            if named in squash(cell) and (old := _named_above(before, column, unit, units)):
                return before.replace(old, topic, 1)
    return question


def _named_above(before: str, column: int, unit: Unit, units: Sequence[Unit]) -> str:
    """The longest cell of a column that a question names; empty where it names none."""
    cells = [one.cells[column] for one in units if one.columns == unit.columns and len(one.cells) > column]
    return max((cell for cell in cells if len(cell) >= _SHORTEST and cell in before), key=len, default="")


@lru_cache(maxsize=4096)  # the rows of a table share most cells, and each is looked at twice
def _key(cell: str) -> str:
    squashed = squash(cell)
    return "" if len(squashed) < _SHORTEST or _FRAGMENT.fullmatch(squashed) else squashed


def _places(key: str, asked: str) -> Iterator[int]:
    """The places in a question where a key stands, not as a part of a longer word or number."""
    start = asked.find(key) if key else -1
    while start >= 0:
        end = start + len(key)
        if not _runs_on(asked, start) and not _runs_on(asked, end):
            yield from range(start, end)
        start = asked.find(key, start + 1)


def _runs_on(text: str, place: int) -> bool:
    """Whether a Latin word or a number goes on across a place."""
    pair = text[max(place - 1, 0) : place + 1]
    return 0 < place < len(text) and len(_ASCII.findall(pair)) == len(pair)


@lru_cache(maxsize=4096)
def _numbers(text: str) -> frozenset[str]:
    """The numbers of a text that are long enough to say something: ``12400``, ``9月9日``."""
    return frozenset(piece for piece in number_pieces(text) if len(piece) >= _FULL and not _is_common(piece))


def _is_common(piece: str) -> bool:
    """Whether a number is a year or a month, which many rows share."""
    return bool(re.fullmatch(r"(?:19|20)\d\d|\d{1,2}月", piece))
