"""Articles, sections and chapters that a question names by number, as 第三十九条, and where they stand. Pure."""

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
_MENTIONED = 0.25


def named(question: str) -> frozenset[Label]:
    """The labels of the finest level that a question names; empty for most questions."""
    labels = _labels(question)
    return next((one for level in _LEVELS if (one := frozenset(pair for pair in labels if pair[0] == level))), labels)


def astray(asked: frozenset[Label], passages: Mapping[int, Passage]) -> dict[int, float]:
    """How far passages are from the articles that a question names.

    Args:
        asked: As ``named`` gives them.
        passages: By any id.

    Returns:
        For each passage 0 where one of the articles begins in it or it is in the chapter, 0.25 where it mentions one,
        1 elsewhere. Empty where none is named, or where no passage counts what the question counts.
    """
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
