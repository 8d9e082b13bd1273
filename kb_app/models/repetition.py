"""Notices a model that goes round in circles, and does not mistake a table or a list for one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

WINDOW = 2400
"""Characters at the end of a text that are looked at."""

_LONGEST_UNIT = 400
_NUMBER = re.compile(r"\d+|[一二三四五六七八九十]+")
_MARK = "\0"
_ENDS = "。！？；!?;\n"
_DIGITS = "一二三四五六七八九"
_CHINESE = {
    ("" if tens == 1 else _DIGITS[tens - 1]) * (tens > 0) + "十" * (tens > 0) + _DIGITS[ones - 1 : ones]: 10 * tens
    + ones
    for tens in range(10)
    for ones in range(10)
}


def loop_start(text: str) -> int | None:
    """Where a text begins to repeat itself, or None: what stands before is worth keeping.

    A repetition is the same words again and again at the end of the text, their numbers too; one number alone may count
    up, as at the head of a list. Lines with a number besides that differs tell something new each time. How often it
    takes depends on how much the words say: a long sentence three times, a short phrase twenty times; the cells of a
    table row, which may well be the same for each month or day, forty times.
    """
    offset = max(0, len(text) - WINDOW)
    tail = text[offset:].rstrip("0123456789")  # a number that is not complete yet
    found = _same(tail)
    if found is None:
        found = _counting(tail)
    return None if found is None else offset + found


@dataclass(frozen=True, slots=True)
class _Run:
    """The end of a text that has a period: text[i] == text[i + period] from ``start`` on."""

    start: int
    period: int
    unit: str
    times: int


def _same(tail: str) -> int | None:
    """Where the second of many equal units begins."""
    found = next((run for run in _runs(tail) if run.times >= _enough(run.unit)), None)
    return _second(tail, found) if found else None


def _counting(tail: str) -> int | None:
    """Where the second of many units begins that differ in a number that counts up and in nothing else."""
    numbers = list(_NUMBER.finditer(tail))
    masked = _NUMBER.sub(_MARK, tail)
    for run in _runs(masked):
        each = run.unit.count(_MARK)
        enough = _enough_counting(run.unit)
        if each and run.times >= enough and _counts(numbers[-each * enough :], each):
            before = masked[: _second(masked, run)].count(_MARK)
            shorter = sum(len(number.group()) - 1 for number in numbers[:before])
            return _second(masked, run) + shorter
    return None


def _counts(numbers: list[re.Match[str]], each: int) -> bool:
    """Whether the numbers of each unit stay, but for one counter that goes through all units in equal steps."""
    words = [number.group() for number in numbers]
    steps = [_step(words[place::each]) for place in range(each)]
    counter = [word for index, word in enumerate(words) if steps[index % each]]
    return None not in steps and bool(counter) and _step(counter) is not None


def _step(words: list[str]) -> int | None:
    """The step in which numbers count; 0 where they are the same, None where they do neither."""
    if len(set(words)) == 1:
        return 0
    values = [int(word) if word.isdecimal() else _CHINESE.get(word) for word in words]
    steps = {b - a if a is not None and b is not None else None for a, b in pairwise(values)}
    return steps.pop() if len(steps) == 1 else None


def _runs(tail: str) -> list[_Run]:
    """The periods of the end of a text, shortest first, without multiples of a shorter one."""
    found: list[_Run] = []
    for period in range(1, min(_LONGEST_UNIT, len(tail) // 2) + 1):
        if tail[-period:] != tail[-2 * period : -period]:
            continue
        if any(period % run.period == 0 and len(tail) - run.start >= 2 * period for run in found):
            continue
        start = len(tail) - 2 * period
        while start and tail[start - 1] == tail[start - 1 + period]:
            start -= 1
        found.append(_Run(start, period, tail[-period:], (len(tail) - start) // period))
    return found


def _second(tail: str, run: _Run) -> int:
    """Where the second unit begins: one period after the first sentence that begins inside of the run."""
    places = range(run.start, run.start + run.period)
    first = next((place for place in places if place == 0 or tail[place - 1] in _ENDS), run.start)
    return first + run.period


def _letters(unit: str) -> int:
    return sum(character.isalpha() for character in unit)


def _is_cells(unit: str) -> bool:
    return ("|" in unit or "\t" in unit) and "\n" not in unit


def _enough(unit: str) -> int:
    """How many equal units are a loop."""
    letters = _letters(unit)
    if letters == 0:
        return max(20, 400 // len(unit))  # a ruled line, a row of zeros
    if _is_cells(unit):
        return 40
    if letters < 6:
        return 20
    return 5 if letters < 60 else 3


def _enough_counting(unit: str) -> int:
    """How many units that only count are a loop; a month has 31 days, and a year twelve months."""
    letters = _letters(unit)
    if letters < 4 or _is_cells(unit):
        return WINDOW
    if letters < 16 or "|" in unit:
        return 32
    return 13 if letters < 60 else 5
