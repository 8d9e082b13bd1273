"""Parts of documents that a question names by number, as 第三十九条, and where they are; codes such as E3009. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.search.labels import DOTTED, LEVELS, MENTION, Label, begun_by, begun_by_headings, labels_in
from kb_app.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.types import Passage

_ASKS_FOR_ALL = re.compile(
    r"《|》|请|列出|给出|原文|全文|条文|具体|内容|规定|说明|关于|主要|大概|想知道|告诉|是|说|写|讲|定|什么|啥|怎么样?|怎样|如何|哪些|哪几"
    r"|研究|讨论|决定|议定|事情?|有|和|与|中|里|的|了|吗|呢|我"
    r"|\b(?:what|does|do|is|say|says|in|of|the|about|text|content|full)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_MENTIONED, _WITHOUT_CODE = 0.25, 0.67

WHOLE = 0.5
"""The score, at least, of the passage where a part begins that is asked for as a whole: the question holds nothing but
its number, so that neither words nor meaning tell that it is there."""

_STEP, _LEAST = 0.01, 0.3
"""How much less the passages have that follow in the same part, and what the last of many has."""

_CODE = re.compile(r"(?<![a-z0-9-])[a-z][a-z0-9-]*[0-9](?![a-z0-9])")
_IN_CODE = re.compile(r"[\s-]")
_SHORTEST_CODE = 4


def named(question: str) -> frozenset[Label]:
    """The labels of the finest level that a question names; empty for most questions."""
    labels = labels_in(question)
    return next((one for level in LEVELS if (one := frozenset(pair for pair in labels if pair[0] == level))), labels)


def wording(question: str) -> str:
    """How a question writes the labels that it names, to look for them alone; empty for most questions."""
    return " ".join(match.group() for match in MENTION.finditer(fold(question)))


def opening(question: str, passages: Mapping[int, Passage]) -> list[int]:
    """The passages in which something begins that a question names, or that stand under its heading."""
    asked = named(question)
    return [number for number, passage in passages.items() if asked and _opened(passage) & asked]


def least(question: str, passages: Mapping[int, Passage]) -> dict[int, float]:
    """The scores that passages have at least: those of a part that the question asks for as a whole, by its number.

    Args:
        question: As it was asked.
        passages: By any id.

    Returns:
        ``WHOLE`` for the first passage of the part in its document, a little less for each one that follows.
    """
    whole = [number for number in opening(question, passages) if asks_for_all(question, passages[number].title)]
    scores: dict[int, float] = {}
    places: dict[str, int] = {}
    for number in sorted(whole, key=lambda number: (passages[number].start, number)):
        place = places[passages[number].doc_id] = places.get(passages[number].doc_id, -1) + 1
        scores[number] = max(WHOLE - _STEP * place, _LEAST)
    return scores


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
        number: 0.0 if opened[number] & asked else _MENTIONED if labels_in(passage.text) & asked else 1.0
        for number, passage in passages.items()
    }


def asks_for_all(question: str, title: str) -> bool:
    """Whether a question wants the whole of an article, and not something that stands in it.

    Args:
        question: One that names an article.
        title: Of its document, which the question may name too, whole or shortened (``安全规定第九条``).
    """
    folded, of = fold(question), fold(title)
    first = MENTION.search(folded)
    before, behind = (folded[: first.start()], folded[first.end() :]) if first else ("", folded)
    left = _ASKS_FOR_ALL.sub(" ", MENTION.sub(" ", behind).replace(of, " "))
    names = _ASKS_FOR_ALL.sub(" ", before.replace(of, " "))
    return not _WORD.search(left) and all(_shortens(word, of) for word in _WORD.findall(names))


def _shortens(word: str, title: str) -> bool:
    """Whether a word is made of parts of a title, of two characters or more, in their order."""
    place = 0
    while word:
        size = next((size for size in range(len(word), 1, -1) if word[:size] in title[place:]), 0)
        if not size:
            return False
        place = title.index(word[:size], place) + size
        word = word[size:]
    return True


def spans(asked: frozenset[Label], text: str) -> list[tuple[int, int]]:
    """Where the parts of these labels stand in a text: up to the next that is not in them, or the end of the text."""
    starts = list(begun_by(text))
    return [
        (start, next((end for end, other in starts if end > start and not _is_in(other, label)), len(text)))
        for start, label in starts
        if label in asked
    ]


def spans_in(asked: frozenset[Label], passage: Passage) -> list[tuple[int, int]]:
    """``spans`` in a passage; all of it where a heading bears such a label, and its text begins none."""
    found = spans(asked, passage.text)
    return found or ([(0, len(passage.text))] if begun_by_headings(passage.headings) & asked else [])


def _is_in(other: Label, label: Label) -> bool:
    """Whether what comes behind a label can be a part of it."""
    if other[0] == label[0] == DOTTED:
        return other[1].startswith(label[1] + ".")
    return LEVELS.index(other[0]) < LEVELS.index(label[0])


def _opened(passage: Passage) -> frozenset[Label]:
    """The labels that lines of a passage, and the headings above it, begin with."""
    return begun_by_headings(passage.headings) | {label for _, label in begun_by(passage.text)}
