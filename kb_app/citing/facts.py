"""Whether the numbers, dates and times of a sentence stand in a text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from kb_app.numbers.measures import COUNT, DAY
from kb_app.numbers.quantities import BARE, CLOCK, DATE, TIME, Quantity
from kb_app.numbers.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = 86400
_PARTS = 2
_ALIKE = ({COUNT, "人"}, {"次", "回"}, {COUNT, "层"}, {COUNT, "期"}, {COUNT, "级"})
_LIST_MARKER = re.compile(r"\A\s*(?:[-*•>]\s*)*(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、)）](?!\d)\s*)?")
_SHORT_DATE = re.compile(
    r"(?<![A-Za-z0-9_./-])(1[0-2]|0?[1-9])[./](3[01]|[12]\d|0?[1-9])(?![\d./%‰-]|\s*[元折万亿℃°度米吨公千克斤升毫小倍分个A-Za-z])"
)
_LEAST = re.compile(
    r"(?:(?<!不)(?<!不得)(?<!未)(?:超过|高于|大于|多于|超出)|至少|不少于|不低于|不得少于|不得低于|最少|(?<!不)满"
    r"|\bat least|\bmore than|\bover)\s*\Z"
)
_MOST = re.compile(
    r"(?:不超过|不得超过|未超过|不高于|不得高于|不大于|不多于|(?<!不)(?<!不得)(?:低于|少于|小于)|至多|最多|最高|不满|不到|不足"
    r"|\bat most|\bno more than|\bup to|\bless than|\bunder)\s*\Z"
)
_LEAST_AFTER = re.compile(r"\s*(?:\(?含\)?)?\s*(?:以上|或以上|及以上|or more)")
_MOST_AFTER = re.compile(r"\s*(?:\(?含\)?)?\s*(?:以下|以内|之内|及以下|or less)")


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers, dates and times of one or several texts, ready to be asked for.

    Attributes:
        exact: Kind and value of each.
        bare: Values without a unit, as in the cells of a table, which may be of any.
        values: All values, in their units and as they are written.
        dates: Dates as ``2024-03-05``, ``2024-03``, ``2024`` or ``--03-05``.
    """

    exact: set[tuple[str, str]] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)

    def __contains__(self, fact: Quantity) -> bool:
        """Whether a fact is among them, in another writing or less exact than there."""
        if (fact.kind, fact.value) in self.exact:
            return True
        if fact.kind == DATE:
            return any(_covers(date, fact.value) for date in self.dates) or self._joined(fact.value)
        if fact.kind in {TIME, CLOCK}:
            return self._at(fact)
        if fact.kind == BARE:
            return fact.value in self.values or (len(fact.value) == 4 and any(d[:4] == fact.value for d in self.dates))
        if fact.value in self.bare or fact.raw in self.bare:
            return True
        return self._alike(fact)

    def _joined(self, date: str) -> bool:
        """Whether the year stands at one place and the day, without a year, at another: under a dated heading."""
        year, day = date[:4], date[4:]
        known = year in self.bare or any(other[:4] == year for other in self.dates)
        return known and (not day or any(_covers(other, "-" + day) for other in self.dates if other[0] == "-"))

    def _at(self, fact: Quantity) -> bool:
        hour, minute = (int(part) for part in fact.value.split(":"))
        if minute == 0 and str(hour) in self.bare:
            return True
        either = [f"{hour % 12}:{minute:02d}", f"{hour % 12 + 12}:{minute:02d}"]
        if fact.kind == CLOCK:
            return any((TIME, value) in self.exact or (CLOCK, value) in self.exact for value in either)
        return any((CLOCK, value) in self.exact for value in either)

    def _alike(self, fact: Quantity) -> bool:
        kinds = {kind for alike in _ALIKE if fact.kind in alike for kind in alike}
        if any((kind, fact.value) in self.exact for kind in kinds):
            return True
        if fact.kind == DAY:
            return ("秒", plain(Decimal(fact.value) * _SECONDS)) in self.exact or any(
                date.endswith(f"-{int(Decimal(fact.value)):02d}") and date.count("-") >= 2 for date in self.dates
            )
        if fact.kind == "秒":
            days = plain(Decimal(fact.value) / _SECONDS)
            return (DAY, days) in self.exact or ("工作日", days) in self.exact
        return False


def collect(facts: Iterable[Quantity]) -> Facts:
    """Facts ready to be asked for."""
    found = Facts()
    for fact in facts:
        found.exact.add((fact.kind, fact.value))
        found.values.update((fact.value, fact.raw))
        if fact.kind == BARE:
            found.bare.add(fact.value)
        elif fact.kind == DATE:
            found.dates.add(fact.value)
    return found


def stated(folded: str, facts: Iterable[Quantity]) -> list[Quantity]:
    """The facts that a sentence claims: not the number of a list item, nor what hardly is a number."""
    marker = _LIST_MARKER.match(folded)
    start = marker.end() if marker else 0
    return [fact for fact in facts if fact.start >= start and not fact.weak]


def with_dates(claim: str, sources: Iterable[Facts]) -> str:
    """A sentence with ``9/5`` or ``9.5`` as ``9月5日``, where one of the sources knows this day."""
    days = {date[-5:] for facts in sources for date in facts.dates if date[-6:].count("-") == _PARTS}

    def spelled(match: re.Match[str]) -> str:
        month, day = int(match[1]), int(match[2])
        return f"{month}月{day}日" if f"{month:02d}-{day:02d}" in days else match[0]

    return _SHORT_DATE.sub(spelled, claim) if days else claim


def direction(folded: str, fact: Quantity) -> int:
    """1 where a fact is a lower bound (``至少3天``), -1 where it is an upper one (``3天以内``), else 0."""
    before, after = folded[max(0, fact.start - 12) : fact.start], folded[fact.end : fact.end + 8]
    if _MOST.search(before) or _MOST_AFTER.match(after):
        return -1
    return 1 if _LEAST.search(before) or _LEAST_AFTER.match(after) else 0


def _covers(known: str, asked: str) -> bool:
    """Whether a date says at least what another one does."""
    if asked.startswith("-"):
        return known[known.index("-", 1) :].startswith(asked[1:]) if known.count("-") else False
    return known.startswith(asked)
