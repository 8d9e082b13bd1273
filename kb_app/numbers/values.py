"""The value of a number, however it is written: ``30,000``, ``3万``, ``1万2千``, ``一千零五``, ``叁万``. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from math import prod

DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
DIGIT_CHARS = "".join(DIGITS)
CHINESE = DIGIT_CHARS + "十百千万亿"
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ROUND = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
WORDS = {word: value for value, word in enumerate(_SMALL, start=1)} | _ROUND
_TENS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_SCALES = {**_TENS, **_LARGE}
_ENGLISH_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_SCALED = re.compile(r"([0-9.]+)([百千万亿]*)")
_BANKING = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
_BANKING_RUN = re.compile(
    r"[零万亿]*[壹贰叁肆伍陆柒捌玖拾佰仟](?:[零万亿壹贰叁肆伍陆柒捌玖拾佰仟]+|(?=[元圆角分万亿]))"
)


def without_banking(text: str) -> str:
    """The text with the capitals of cheques, ``叁万元``, as plain characters, one for one; words keep theirs."""
    return _BANKING_RUN.sub(lambda run: run.group().translate(_BANKING), text)


def value_of(text: str) -> Decimal:
    """The value of a number in folded text, Arabic, Chinese, mixed, or a small English word."""
    if text in WORDS:
        return Decimal(WORDS[text])
    text = text.replace(",", "")
    head, _, scale = text.partition(" ")
    if scale in _ENGLISH_SCALES:
        return Decimal(head) * _ENGLISH_SCALES[scale]
    text = head + scale
    if text[0] not in "0123456789":
        return chinese_number(text)
    total, last = Decimal(0), 10
    for number, scales in _SCALED.findall(text):
        factor = prod(_SCALES[char] for char in scales) if scales or text == number else last // 10  # 3万5 is 35000
        total, last = total + Decimal(number) * factor, factor
    return total


def chinese_number(text: str) -> Decimal:
    """The value of a Chinese number: by place (``二〇二四``), with units (``一百二十万``), or ``三点五亿``."""
    whole, point, rest = text.partition("点")
    if point:
        digits = "".join(str(DIGITS[char]) for char in rest if char in DIGITS)
        factor = prod(_SCALES[char] for char in rest if char in _SCALES)
        return (chinese_number(whole) + Decimal(f"0.{digits}")) * factor
    if all(char in DIGITS for char in text):
        return Decimal("".join(str(DIGITS[char]) for char in text))
    total = section = digit = 0
    last = 1  # the unit before a last digit: 三千五 is 3500, 三千零五 is 3005
    for char in text:
        if char in DIGITS:
            digit, last = DIGITS[char], last if DIGITS[char] else 1
        elif char in _TENS:
            section, digit, last = section + (digit or 1) * _TENS[char], 0, _TENS[char]
        elif char == "万":
            total, section, digit, last = total + (section + digit or 1) * _LARGE[char], 0, 0, _LARGE[char]
        else:
            total, section, digit, last = (total + section + digit or 1) * _LARGE[char], 0, 0, _LARGE[char]
    return Decimal(total + section + (digit * last // 10 if last >= 10 else digit))


def plain(value: Decimal) -> str:
    """A number as digits, without exponent or trailing zeros."""
    return f"{value.normalize():f}"
