"""Numbers in a text, in Arabic and Chinese writing, as comparable values. Pure."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from kb_app.numbers.measures import MEASURES
from kb_app.numbers.quantities import BARE, CLOCK, DATE, TIME, Quantity, quantities
from kb_app.numbers.values import CHINESE, WORDS, chinese_number, without_banking
from kb_app.scripts import to_simplified

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["chinese_number", "number_forms", "number_pieces", "stated_numbers"]

_MAY_HOLD = re.compile(
    rf"[0-9０-９{CHINESE}萬億壹贰貳叁參肆伍陆陸柒捌玖拾佰仟半]|\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE
)
_LIST_MARKER = re.compile(r"\A\s*(?:[-*•]\s*)?(?:[(（]?\d{1,2}[.、)）](?!\d)\s*)?")
_AMOUNTS = frozenset({BARE, *(kind for kind, _ in MEASURES.values())})
_DATE_PARTS = re.compile("[-:]")
_LONG = 3  # shorter numbers are everywhere
_BASE = {"秒": ((86400, "天"), (3600, "小时"), (60, "分钟"), (1, "秒")), "月": ((12, "年"), (1, "个月"))}


def number_forms(text: str) -> str:
    """The text as the search for numbers reads it: folded, simplified, without the capitals of cheques."""
    return without_banking(to_simplified(unicodedata.normalize("NFKC", text).casefold()))


def number_pieces(text: str) -> list[str]:
    """Search pieces for the numbers of a text, the same however they are written.

    ``二〇二四年一月一日`` and ``2024-01-01`` give ``2024`` and ``1月1日``, ``叁万元`` gives ``30000元`` and ``30000``.
    The order and repetitions of the text are kept.
    """
    if not _MAY_HOLD.search(text):
        return []  # most lines of prose, and folding is the larger part of the time
    return [piece for one in quantities(number_forms(text)) if not one.weak for piece in _pieces(one)]


def stated_numbers(sentence: str) -> set[Decimal]:
    """The numbers that a sentence claims, without units; a date and a time count as theirs.

    All but the marker of a list item and small counts such as ``一个``.
    """
    folded = _LIST_MARKER.sub("", number_forms(sentence), count=1)
    stated = [one for one in quantities(folded) if not one.weak]
    return {
        Decimal(part) for one in stated for part in _DATE_PARTS.split(one.value if one.is_when else one.raw) if part
    }


def _pieces(one: Quantity) -> Iterator[str]:
    if one.kind == DATE:
        year, month, day = ([*one.value.replace("--", "-", 1).split("-"), "", ""])[:3]
        yield from filter(None, (year, month and f"{int(month)}月", day and f"{int(month)}月{int(day)}日"))
    elif one.kind != BARE:
        yield _written(one)
    if one.kind in _AMOUNTS and one.value == one.raw and one.raw.isdecimal() and len(one.value) >= _LONG:
        yield one.raw


def _written(one: Quantity) -> str:
    if one.kind in {DATE, TIME, CLOCK, BARE}:
        return one.value
    if one.kind.startswith("第"):
        return f"第{one.value}{one.kind[1:]}"
    for size, unit in _BASE.get(one.kind, ()):
        whole, rest = divmod(Decimal(one.value), size)
        if not rest or size == 1:
            return f"{whole if not rest else one.value}{unit}"
    return one.value + one.kind
