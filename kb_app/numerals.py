"""Numbers in a text, in Arabic and Chinese writing, as comparable values. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from kb_app.text import fold

_DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_CHINESE = "零〇一二两三四五六七八九十百千万亿"
_ARABIC_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_CHINESE_NUMBER = re.compile(f"[{_CHINESE}]+")
_COUNTED = "年月日号天周岁元角分秒时点人名位次倍米吨斤克升度页条款项章节篇届期级层台辆份个小公平毫%"
_COUNTED_NUMBER = re.compile(f"[{_CHINESE}]++(?=[{_COUNTED}])")
_LIST_MARKER = re.compile(r"\A\s*(?:[-*•]\s*)?(?:[(（]?\d{1,2}[.、)）](?!\d)\s*)?")


def numbers_in(text: str) -> set[Decimal]:
    """The values of all numbers of a text, however they are written; ``十五``, ``15`` and ``１５`` are one."""
    folded = fold(text)
    found = {_arabic(match.group()) for match in _ARABIC_NUMBER.finditer(folded)}
    found |= {chinese_number(match.group()) for match in _CHINESE_NUMBER.finditer(folded)}
    # 1.5万 is 15000 as well as 1.5: either writing may stand in the other text.
    for number, unit in re.findall(r"(\d+(?:,\d{3})*(?:\.\d+)?)\s*([万亿])", folded):
        found.add(_arabic(number) * _LARGE[unit])
    return found


def stated_numbers(sentence: str) -> set[Decimal]:
    """The numbers that a sentence claims.

    All Arabic ones but the marker of a list item; Chinese ones of two and more that count something, since
    ``一`` and words such as ``千万`` are seldom numbers.
    """
    folded = _LIST_MARKER.sub("", fold(sentence), count=1)
    found = {_arabic(match.group()) for match in _ARABIC_NUMBER.finditer(folded)}
    counted = (match.group() for match in _COUNTED_NUMBER.finditer(folded))
    return found | {value for text in counted if text[0] in _DIGITS | _UNITS and (value := chinese_number(text)) > 1}


def chinese_number(text: str) -> Decimal:
    """The value of a Chinese number, by place (``二〇二四``) or with units (``一百二十万``)."""
    if all(char in _DIGITS for char in text):
        return Decimal("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[char], 0
        elif char == "万":
            total, section, digit = total + (section + digit or 1) * _LARGE[char], 0, 0
        else:
            total, section, digit = (total + section + digit or 1) * _LARGE[char], 0, 0
    return Decimal(total + section + digit)


def _arabic(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
