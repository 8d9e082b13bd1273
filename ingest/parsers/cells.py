"""What a spreadsheet shows in a cell: numbers in their format, dates as dates, never a digit less than is stored."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

# Formats that Chinese Excel knows by their number alone; libraries take such cells for plain numbers.
CHINESE_DATES = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), 'h"时"mm"分"'), **dict.fromkeys((35, 56), 'h"时"mm"分"ss"秒"'),
}  # fmt: skip
# How WPS writes a picture that lies in a cell.
_PICTURE = ("=DISPIMG(", "=_xlfn.DISPIMG(")
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_CONDITION = re.compile(r"\[[^\]]*\]")
_FILLING = re.compile(r'("[^"]*")|_.|\*.')
_LITERAL = r'(?:"[^"]*"|\\.|[¥￥$€£ +()\-元])*'
_NUMBER = re.compile(rf"({_LITERAL})([#0?,]*[#0?])(?:\.([#0?]+))?(%?)({_LITERAL})")
_DAY = re.compile(r'"([^"]*)"|\\(.)|(y+|m+|d+)|([年月日/. -])', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Format:
    """A number format: what stands around the number, its least digits, and how it is written."""

    before: str
    behind: str
    whole: int
    decimals: int
    grouped: bool
    percent: bool


def shown(value: object, number_format: str) -> str:
    """A cell's value as a reader sees it, without losing a digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value, number_format or "General")
    if isinstance(value, dt.datetime):
        return _date(value, number_format or "")
    text = str(value).strip()
    return "" if text.startswith(_PICTURE) else text


def _number(value: float, number_format: str) -> str:
    digits = f"{abs(value):.15g}" if isinstance(value, float) else str(abs(value))
    sign = "-" if value < 0 else ""
    known = _parse(number_format)
    if known is None or not digits.replace(".", "").isdecimal():
        return sign + digits
    if known.percent:
        digits = f"{(Decimal(digits) * 100).normalize():f}"
    whole, _, decimals = digits.partition(".")
    whole = f"{int(whole):,}" if known.grouped else whole.zfill(known.whole)
    decimals = decimals.ljust(known.decimals, "0")
    text = f"{whole}.{decimals}" if decimals else whole
    return f"{sign}{known.before}{text}{'%' if known.percent else ''}{known.behind}"


@lru_cache(maxsize=1000)
def _parse(number_format: str) -> _Format | None:
    """The first section of a format; None for one that only Excel can apply."""
    section = _CONDITION.sub("", _CURRENCY.sub(r'"\1"', number_format.partition(";")[0]))
    found = _NUMBER.fullmatch(_FILLING.sub(r"\1", section))
    if found is None:
        return None
    before, whole, decimals, percent, behind = found.groups()
    if whole.endswith(","):
        return None
    return _Format(
        _literal(before), _literal(behind), whole.count("0"), (decimals or "").count("0"), "," in whole, bool(percent)
    )


def _literal(text: str) -> str:
    return re.sub(r'"|\\', "", text).strip()


def _date(value: dt.datetime, number_format: str) -> str:
    if value.time() != dt.time():
        return str(value.replace(microsecond=0)) if value.microsecond else str(value)
    section = _CONDITION.sub("", number_format.partition(";")[0])
    if "年" not in section or _DAY.sub("", section):
        return value.date().isoformat()
    return _DAY.sub(lambda match: _part(match, value), section).strip()


def _part(match: re.Match[str], value: dt.datetime) -> str:
    quoted, escaped, code, plain = match.groups()
    if not code:
        return quoted or escaped or plain or ""
    number = {"y": value.year, "m": value.month, "d": value.day}[code[0].lower()]
    return f"{number:04d}" if code[0] in "yY" else f"{number:0{min(len(code), 2)}d}"
