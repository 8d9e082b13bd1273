"""Numbers with their units, dates and times in a text, as comparable values, in Chinese and English writing. Pure.

The text is expected folded: compatibility forms unified, lower case, simplified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from kb_app.numbers.measures import COUNT, CURRENCIES, MEASURES, WEAK
from kb_app.numbers.values import CHINESE, DIGIT_CHARS, WORDS, plain, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DATE, TIME, CLOCK, BARE, PERCENT = "date", "time", "clock", "", "%"
"""Kinds beside the units. ``CLOCK`` is a time that does not tell morning from afternoon, ``BARE`` a number without a
unit. The kind of an ordinal is ``第`` and what is counted."""

_ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
_DIGITAL = (
    rf"(?<![a-z0-9.]){_ARABIC}(?: ?[百千万亿]+(?:[0-9]+(?:\.[0-9]+)?[百千万亿]+)*(?:[0-9](?![0-9.]))?"
    r"| (?:thousand|million|billion)\b)?"
)
_CHINESE = rf"[{CHINESE}]+(?:点[{DIGIT_CHARS}]+[百千万亿]*)?"
_ENGLISH = rf"\b(?:{'|'.join(WORDS)})(?=[ -][a-z])"
_NUMBER = rf"(?:{_DIGITAL}|{_CHINESE})"
_UNIT = "|".join(
    re.escape(unit) + ("(?![a-z0-9])" if unit.isascii() and unit[-1].isalnum() else "")
    for unit in sorted(MEASURES, key=lambda unit: (-len(unit), unit))
)
_YEAR = rf"(?:(?:1[5-9]|20|21)[0-9][0-9]|[一二][{DIGIT_CHARS}]{{3}})"
_M = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = "(?:3[01]|[12][0-9]|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_HOUR = "(?:1[0-9]|2[0-4]|0?[0-9]|二?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_MINUTE = "(?:[0-5]?[0-9]|[二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])"
_AD = r"(?:1[5-9]|20|21)[0-9]{2}"
_NAMED_MONTH = (
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PM, _AM = "下午|晚上|傍晚|当晚|夜间|中午", "上午|早上|清晨|凌晨|早晨"
_ORDERED = "条章节款项期届版次页部季天日周年个名号级层类批编卷"
_ARTICLES = {"article": "条", "section": "节", "clause": "款", "chapter": "章", "page": "页"}
_SCAN = re.compile(
    rf"(?P<ymd>(?<![0-9.]){_YEAR} ?年(?: ?{_M} ?月(?: ?{_D} ?[日号])?)?"
    rf"|(?<![0-9./-]){_AD}(?:([-/.])(?:1[0-2]|0?[1-9])\2(?:3[01]|[12][0-9]|0?[1-9])|[-/](?:1[0-2]|0[1-9]))(?![0-9]))"
    rf"|(?P<md>(?<![0-9.]){_M} ?月(?: ?{_D} ?[日号])?)"
    rf"|(?P<en>{_NAMED_MONTH} (?:[0-9]{{1,2}}(?:st|nd|rd|th)?\b(?:,? {_AD}\b)?|{_AD}\b)"
    rf"|\b[0-9]{{1,2}}(?:st|nd|rd|th)? {_NAMED_MONTH}(?:,? {_AD}\b)?)"
    rf"|(?P<time>(?:(?:{_PM}|{_AM}) ?{_HOUR}(?::[0-5][0-9]| ?[点时](?:半|整|[一三]刻|{_MINUTE}分?)?))"
    rf"|(?<![0-9:.])(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?![0-9:])(?: ?[ap]\.?m\b)?|\b1?[0-9] ?[ap]\.?m\b"
    rf"|(?<![0-9.]){_HOUR}(?:[点时](?:半|整|[一三]刻|{_MINUTE}分|(?=钟|之?[前后]|[至到起止上下开截关~-]))"
    rf"|(?<=[0-9])时(?![间期候代段刻长效])))"
    rf"|(?P<part>{_NUMBER}分之{_NUMBER}|[1-9一二三四五六七八九]成(?![为立员功本果年长就绩品都分交套]))"
    rf"|(?P<off>{_NUMBER}折(?![扣叠线旧断]))"
    rf"|第 ?(?P<ord>{_NUMBER}(?: ?[-~至到、] ?第? ?{_NUMBER})?) ?(?P<of>[{_ORDERED}])"
    rf"|\b(?P<what>{'|'.join(_ARTICLES)}) (?P<which>[0-9]+)\b"
    r"|(?P<half>半个?(?:年|月|天|日|小时))"
    rf"|(?P<cur>[¥$€£]|\b(?:us\$|rmb|cny|usd|eur)|人民币)? ?(?P<num>{_DIGITAL}|(?!十分[^钟]){_CHINESE}|{_ENGLISH})"
    rf"(?P<more>个半(?P<too2>月|小时)|[多余来几]?(?:[ -]?(?P<unit>{_UNIT})(?P<too>半(?!数|价))?)?)"
)
_START = re.compile(rf"[0-9{CHINESE}第半¥$€£人上早清凌下晚傍当夜中a-z](?<![a-z][a-z])")
_TO = re.compile(" ?[-~至到、] ?第? ?")
_TO_NUMBER = re.compile(rf" ?(?:[-~–—至到]|~~) ?{_NUMBER}")
_SCALED = re.compile(f" ?(?:[0-9.]+|[{DIGIT_CHARS}]) ?([百千万亿]+)")
_DIGITS_ONLY = re.compile(f"[{DIGIT_CHARS}]+")
_PARTS = re.compile(rf"[0-9]+|[{CHINESE}]+")
_RANGE = frozenset(("-", "~", "–", "—", "至", "到", "~~", "或"))
_MARKS = re.compile(
    "[0-9零〇一二两三四五六七八九十百半]|\\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)\\b"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number, date or time of a text.

    Attributes:
        kind: The unit it is measured in, or what it is: a date, a time, an ordinal.
        value: In that unit; ``3万元`` is ``30000`` of ``元``, ``一年`` is ``12`` of ``月``.
        raw: The number as it is written, without unit.
        start: Offset in the scanned text.
        end: Offset after its last character.
        weak: Whether it is hardly meant as a number, as in ``一个``.
    """

    kind: str
    value: str
    raw: str
    start: int
    end: int
    weak: bool = False

    @property
    def is_when(self) -> bool:
        """Whether it is a date or a time."""
        return self.kind in {DATE, TIME, CLOCK}


def quantities(text: str) -> list[Quantity]:
    """All numbers, dates and times of a folded text, in order; both ends of a range bear its unit."""
    found: list[Quantity] = []
    if not _MARKS.search(text):
        return found
    for match in _matches(text):
        for one in _read(match):
            if found and text[found[-1].end : one.start].strip() in _RANGE:
                found[-1] = _as_first(found[-1], one, text)
            found.append(one)
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    """All matches; the cheap search for a first character is what makes a text with few numbers fast."""
    place = 0
    while start := _START.search(text, place):
        match = _SCAN.match(text, start.start())
        if match:
            yield match
        place = match.end() if match else start.end()


def _as_first(first: Quantity, second: Quantity, text: str) -> Quantity:
    """The first of a range, ``3`` in ``3-5万元``, in the unit and the scale of the second."""
    if first.kind != BARE or second.kind in {BARE, DATE, TIME, CLOCK} or second.kind[0] == "第":
        return first
    scaled = _SCALED.match(text, second.start)
    scale = value_of("1" + scaled[1]) if scaled and not _SCALED.match(text, first.start) else Decimal(1)
    unit = Decimal(second.value) / Decimal(second.raw) if Decimal(second.raw) else Decimal(1)
    value = Decimal(first.raw) * scale
    return replace(first, kind=second.kind, value=plain(value * unit), raw=plain(value), weak=False)


def _read(match: re.Match[str]) -> Iterator[Quantity]:
    """The quantities of one match, by the alternative that matched."""
    start, end = match.span()
    text, alternative = match.group(), match.lastgroup
    if alternative == "more":
        yield from _number(match)
    elif alternative in {"ymd", "md", "en"}:
        value = _named_date(text) if alternative == "en" else _date(text, has_year=alternative == "ymd")
        yield Quantity(DATE, value, value, start, end)
    elif alternative == "time":
        yield _time(text, start, end)
    elif alternative == "part":
        value = _percentage(text)
        yield Quantity(PERCENT, value, value, start, end)
    elif alternative == "off":
        rate = value_of(text[:-1])
        yield Quantity("折", plain(rate / 10 if rate >= 10 else rate), plain(rate), start, end)
    elif alternative == "of":
        for number in _TO.split(match["ord"]):
            yield Quantity("第" + match["of"], plain(value_of(number)), plain(value_of(number)), start, end)
    elif alternative == "which":
        yield Quantity("第" + _ARTICLES[match["what"]], match["which"], match["which"], start, end)
    else:
        kind, factor = _factor("个月" if text.endswith("月") else text.lstrip("半"))
        yield Quantity(kind, plain(factor / 2), "0.5", start, end)


def _number(match: re.Match[str]) -> Iterator[Quantity]:
    written, unit = match["num"], match["unit"] or ""
    if match["too2"]:
        unit = "个月" if match["too2"] == "月" else "小时"
    in_words = written in WORDS
    is_chinese = written[0] in CHINESE
    if is_chinese and not _is_number(written, unit) and not _TO_NUMBER.match(match.string, match.end()):
        return
    value = value_of(written)
    kind, factor = _factor(unit) if unit else (CURRENCIES.get(match["cur"] or "", BARE), Decimal(1))
    amount = (value + Decimal("0.5") if match["too"] or match["too2"] else value) * factor
    small = (value <= 1 and kind in {BARE, "人", "次", "级"}) or (value <= 2 and kind == COUNT)
    weak = (is_chinese or in_words) and (
        unit in WEAK or small or (kind == BARE and len(written) == 1) or in_words > bool(unit)
    )
    yield Quantity(kind, plain(amount), plain(value), match.start(), match.end(), weak)


def _is_number(written: str, unit: str) -> bool:
    """Whether Chinese numerals are meant as a number: ``十天``, ``二〇二四``; not ``千万``, ``一起``, ``四川``."""
    if written[0] not in DIGIT_CHARS + "十" or (written[0] == "十" and len(written) == 1 and not unit):
        return False
    return bool(unit) or len(written) >= 3 or not _DIGITS_ONLY.fullmatch(written)


def _factor(unit: str) -> tuple[str, Decimal]:
    kind, factor = MEASURES[unit]
    return kind, Decimal(factor)


def _date(text: str, *, has_year: bool) -> str:
    """``2024-03-05``, ``2024-03``, ``2024``, ``--03-05`` or ``--03``, as far as it is written."""
    numbers = [int(value_of(part)) for part in _PARTS.findall(text)]
    year = f"{numbers.pop(0):04d}" if has_year else "-"
    return "-".join([year, *(f"{number:02d}" for number in numbers)])


def _named_date(text: str) -> str:
    named = re.search("[a-z]{3}", text)
    numbers = [int(number) for number in re.findall("[0-9]+", text)]
    month = 1 + _MONTHS.index(named.group()) if named else 0
    year = next((f"{number:04d}" for number in numbers if number > 31), "-")
    day = next((f"-{number:02d}" for number in numbers if number <= 31), "")
    return f"{year}-{month:02d}{day}"


def _time(text: str, start: int, end: int) -> Quantity:
    numbers = [int(value_of(part)) for part in _PARTS.findall(text.replace("一刻", "15").replace("三刻", "45"))]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 30 * ("半" in text)
    morning = re.search(rf"{_AM}|a\.?m\b", text)
    if re.search(rf"{_PM}|p\.?m\b", text) and hour < 12 and not (hour == 0 or morning):
        hour += 12
    elif morning and hour == 12 and "m" in text:
        hour = 0
    told = morning or hour > 12 or ":" in text or re.search(rf"{_PM}|p\.?m\b", text)
    return Quantity(TIME if told else CLOCK, f"{hour}:{minute:02d}", str(hour), start, end)


def _percentage(text: str) -> str:
    if text.endswith("成"):
        return plain(value_of(text[:-1]) * 10)
    whole, _, part = text.partition("分之")
    divisor = value_of(whole) or Decimal(100)
    return plain(round(100 * value_of(part) / divisor, 6))
