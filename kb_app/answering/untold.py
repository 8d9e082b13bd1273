"""What a question names and the passages do not tell: a building, a session, a year of which they say nothing. Pure.

A question for building 3 finds the passage that tells the same of buildings 6 and 9: its words are those of the
question, so that no score tells it from an answer. What it names does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.answering import years
from kb_app.answering.labels import forms, holds, holds_all, is_styled_alike, labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.answering.labels import Label
    from kb_app.types import Citation, Passage

    Quotes = Callable[[str], Sequence[Citation]]

_MINE = re.compile(r"(?:(?:我|咱|本人|孩子|女儿|儿子|家里?)[^，,。;；]{0,6}|住在?|入住|来自|搬[到进去]?)\Z")
"""What stands before a label that says where the asker is, not what he asks for."""

_NEAR = 12


@dataclass(frozen=True, slots=True)
class Untold:
    """What a question names and the passages do not have.

    Attributes:
        names: As the question writes them.
        others: The parts of the question that can be answered all the same; none where all that would be quoted is
            about another one of the kind.
    """

    names: tuple[str, ...]
    others: tuple[str, ...]


def untold(questions: Sequence[str], evidence: Sequence[Passage], quotes: Quotes) -> Untold:
    """What questions name and no passage has, in its text, its headings, its title or its file name.

    Args:
        questions: One that stands alone, or the parts that it is made of.
        evidence: What fits, best first.
        quotes: What would be quoted for a question; asked only where something is not told.
    """
    names: dict[str, None] = {}
    others = []
    for question in questions:
        lacking, missed = _lacking(question, evidence), _missed(question, evidence)
        names |= dict.fromkeys([label.written for label in lacking] + list(missed.values()))
        is_of_another = any(_is_about_another(evidence, year) for year in missed)
        if not is_of_another and not _quotes_another(question, lacking, quotes):
            others.append(question)
    return Untold(tuple(names), tuple(others))


def _lacking(question: str, evidence: Sequence[Passage]) -> list[Label]:
    """The labels of a question that no passage has."""
    asked = _asked(question)
    known = [_whole(passage) for passage in evidence] if asked else []
    return [label for label in asked if not any(holds(text, label) for text in known)]


def _missed(question: str, evidence: Sequence[Passage]) -> dict[int, str]:
    """The years of a question that no passage has, with how they are written."""
    asked = years.asked(question)
    told = years.told("\n".join(map(_whole, evidence))) if asked else frozenset()
    return {year: written for year, written in asked if year not in told}


def _quotes_another(question: str, lacking: Sequence[Label], quotes: Quotes) -> bool:
    """Whether the quotes for a question speak of others of the kinds that it names, but not of all of them."""
    told = {label.kind for label in _asked(question) if label not in lacking}
    lacking = [label for label in lacking if label.kind not in told]
    if not lacking:
        return False
    read = "\n".join(f"{_above(quote.passage)}\n{quote.quote}" for quote in quotes(question))
    others = labels(read)
    return any(
        any(is_styled_alike(label, other) for other in others) and not holds_all(read, label.kind) for label in lacking
    )


def _asked(question: str) -> list[Label]:
    """The labels that a question asks about: not where the asker lives, nor that it is his first time."""
    folded = forms(question)
    return [
        label
        for label in labels(question)
        if not _MINE.search(folded, max(0, label.start - _NEAR), label.start)
        and (label.kind, label.value) != ("次", "1")
    ]


def _is_about_another(evidence: Sequence[Passage], year: int) -> bool:
    """Whether the document of the best passage is about another year, and none is of an edition in force then."""
    if any(edition <= year for passage in evidence for edition in years.of_document(passage).editions):
        return False
    best = years.of_document(evidence[0])
    return bool(best.subjects or best.editions)


def _whole(passage: Passage) -> str:
    return f"{_above(passage)}\n{passage.text}"


def _above(passage: Passage) -> str:
    return "\n".join([passage.source, passage.title, *passage.headings])
