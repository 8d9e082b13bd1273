"""Articles that a question names by number, as 第三十九条, and where they stand; codes such as E3009. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_forms
from kb_app.numbers.quantities import quantities
from kb_app.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.types import Passage

Label = tuple[str, str]
"""What is counted, ``第条``, and its number, ``39``."""

_LEVELS = ("第条", "第节", "第章", "第编")
"""The finer ones first: the finest level that a question names is what it wants to read."""

_LINE = re.compile(r"(?m)^(?:[^\S\n]|[#*>|（(【\-])*(?=第|article|section|chapter)", re.IGNORECASE)
_LABEL_LENGTH = 16
_IN_QUESTION = re.compile(r"第[^第，,。]{1,12}?[条节章编]|\b(?:article|section|chapter) \d+", re.IGNORECASE)
_ASKS_FOR_ALL = re.compile(
    r"《[^《》]*》|请|列出|给出|原文|全文|条文|具体|内容|规定|说明|是|说|写|讲|什么|怎么样?|怎样|如何|哪些|有|和|与|中|里|的|了|吗|呢"
    r"|\b(?:what|does|do|is|say|says|in|of|the|about|text|content|full)\b",
    re.IGNORECASE,
)
_MENTIONED, _WITHOUT_CODE = 0.25, 0.67

_CODE = re.compile(r"(?<![a-z0-9-])[a-z][a-z0-9-]*[0-9](?![a-z0-9])")
_IN_CODE = re.compile(r"[\s-]")
_SHORTEST_CODE = 4


def named(question: str) -> frozenset[Label]:
    """The labels of the finest level that a question names; empty for most questions."""
    labels = _labels(question)
    return next((one for level in _LEVELS if (one := frozenset(pair for pair in labels if pair[0] == level))), labels)


def astray(question: str, passages: Mapping[int, Passage]) -> dict[int, float]:
    """How far passages are from the articles and the codes that a question names.

    Args:
        question: As it was asked.
        passages: By any id.

    Returns:
        For each passage 0 where one of the articles begins in it or it is in the chapter, 0.25 where it mentions one,
        1 elsewhere; at least 0.67 where it lacks all codes. Empty where nothing is named; articles count only where
        some passage counts what the question counts.
    """
    away, codes = _off_articles(named(question), passages), _codes(question)
    if not codes:
        return away
    return {
        number: max(away.get(number, 0.0), 0.0 if _holds(passage, codes) else _WITHOUT_CODE)
        for number, passage in passages.items()
    }


def _codes(question: str) -> set[str]:
    """Names with letters and digits, such as those of devices and errors, without hyphens."""
    found = {_IN_CODE.sub("", match.group()) for match in _CODE.finditer(fold(question))}
    return {code for code in found if len(code) >= _SHORTEST_CODE}


def _holds(passage: Passage, codes: set[str]) -> bool:
    text = _IN_CODE.sub("", fold("\n".join([passage.title, passage.source, *passage.headings, passage.text])))
    return any(code in text for code in codes)


def _off_articles(asked: frozenset[Label], passages: Mapping[int, Passage]) -> dict[int, float]:
    if not asked:
        return {}
    levels = {level for level, _ in asked}
    opened = {number: _opened(passage) for number, passage in passages.items()}
    if not any(level in levels for labels in opened.values() for level, _ in labels):
        return {}
    return {
        number: 0.0 if opened[number] & asked else _MENTIONED if _labels(passage.text) & asked else 1.0
        for number, passage in passages.items()
    }


def asks_for_all(question: str, title: str) -> bool:
    """Whether a question wants the whole of an article, and not something that stands in it.

    Args:
        question: One that names an article.
        title: Of its document, which the question may name too.
    """
    rest = _ASKS_FOR_ALL.sub(" ", _IN_QUESTION.sub(" ", fold(question).replace(fold(title), " ")))
    return not any(char.isalnum() for char in rest)


def spans(asked: frozenset[Label], text: str) -> list[tuple[int, int]]:
    """Where the articles of these labels stand in a text: up to the next of their kind, or the end of the text."""
    starts = [(match.end(), _first(text[match.end() : match.end() + _LABEL_LENGTH])) for match in _LINE.finditer(text)]
    ends = [start for start, label in starts[1:] if label] if starts else []
    return [(start, next((end for end in ends if end > start), len(text))) for start, label in starts if label in asked]


def _first(text: str) -> Label | None:
    """The label that a text begins with."""
    found = quantities(number_forms(text))[:1]
    return next(((one.kind, one.value) for one in found if one.start == 0 and one.kind in _LEVELS), None)


def _opened(passage: Passage) -> frozenset[Label]:
    """The labels that lines of a passage, and the headings above it, begin with."""
    text = "\n".join([*passage.headings, passage.text])
    starts = (text[match.end() : match.end() + _LABEL_LENGTH] for match in _LINE.finditer(text))
    return frozenset(filter(None, map(_first, starts)))


def _labels(text: str) -> frozenset[Label]:
    return frozenset((one.kind, one.value) for one in quantities(number_forms(text)) if one.kind in _LEVELS)
