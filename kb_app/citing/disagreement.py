"""Documents that contradict one another: the same said with another number, date or amount. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from kb_app.citing.facts import direction
from kb_app.citing.quotes import prepare, read
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb_app.citing.quotes import Reading, Span
    from kb_app.numbers.quantities import Quantity
    from kb_app.types import Passage

_SAME = 0.8
"""Least share of the words of the shorter clause that the other one holds, for both to say the same."""

_CLAUSE = re.compile("[，,；;。](?![0-9]{3})")
_FUNCTION = re.compile("[的了在是为由应须要也都就将可以并且其该等于后前及与和或不能会给到对所有共计]")


@dataclass(frozen=True, slots=True)
class Side:
    """What one document says.

    Attributes:
        source: Its path.
        date: As the caller knows it; empty otherwise.
        quote: Its sentence, word for word: ``passage.text[start:end]``.
        passage: Where it stands.
        start: Offset of the quote in ``passage.text``.
        end: Offset after its last character.
        value: The number, date or amount that differs, as it is written there.
    """

    source: str
    date: str
    quote: str
    passage: Passage
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two documents that give different values for the same.

    Attributes:
        one: The better ranked side.
        other: What contradicts it.
    """

    one: Side
    other: Side


def disagreements(
    found: Sequence[Citation | Passage], question: str, *, dates: Mapping[str, str] | None = None
) -> list[Disagreement]:
    """Find pairs of documents that contradict one another in what the question asks, in the order of ``found``.

    Both must say the same in nearly the same words, with one value of the same unit that differs and nothing else
    that does; a sentence on another year is no contradiction.

    Args:
        found: Citations, of which the quotes count, or passages, of which all sentences do.
        question: Only clauses that share a word with it count.
        dates: Date of each document by its source, as it shall be shown.
    """
    asked = read(question).pieces
    said = [claim for one in found for claim in _claims(one, asked)]
    pairs: dict[tuple[str, str, str, str], Disagreement] = {}
    for one, other in combinations(said, 2):
        if one.passage.doc_id == other.passage.doc_id or not (differing := _differing(one.reading, other.reading)):
            continue
        sides = [_side(claim, fact, dates or {}) for claim, fact in zip((one, other), differing, strict=True)]
        key = (one.passage.doc_id, sides[0].value, other.passage.doc_id, sides[1].value)
        pairs.setdefault(key, Disagreement(*sides))
    return list(pairs.values())


@dataclass(frozen=True, slots=True)
class _Claim:
    passage: Passage
    span: Span
    reading: Reading


def _claims(found: Citation | Passage, asked: frozenset[str]) -> Iterator[_Claim]:
    """The clauses with a value that speak of what is asked."""
    passage = found.passage if isinstance(found, Citation) else found
    start, end = (found.start, found.end) if isinstance(found, Citation) else (0, len(passage.text))
    for span in prepare(passage).spans:
        if start <= span.start and span.end <= end and span.reading.facts:
            for clause in map(read, _CLAUSE.split(span.reading.folded)):
                if clause.facts and _words(clause) & asked:
                    yield _Claim(passage, span, clause)


def _words(reading: Reading) -> frozenset[str]:
    return frozenset(piece for piece in reading.pieces if not _FUNCTION.search(piece))


def _differing(one: Reading, other: Reading) -> tuple[Quantity, Quantity] | None:
    """The one value in which two clauses differ, if they say the same otherwise."""
    words = _words(one), _words(other)
    if len(words[0] & words[1]) < _SAME * min(map(len, words)):
        return None
    stated = [[fact for fact in reading.facts if not fact.weak] for reading in (one, other)]
    values = [{fact.kind: fact for fact in facts} for facts in stated]
    if [len(known) for known in values] != [len(facts) for facts in stated]:
        return None  # several values of one unit: a range, or a list
    pairs = [(values[0][kind], values[1][kind]) for kind in values[0] if kind in values[1]]
    differing = [pair for pair in pairs if pair[0].value != pair[1].value]
    if len(differing) != 1:
        return None
    first, second = differing[0]
    return (first, second) if direction(one.folded, first) == direction(other.folded, second) else None


def _side(claim: _Claim, fact: Quantity, dates: Mapping[str, str]) -> Side:
    passage, span = claim.passage, claim.span
    quote = passage.text[span.start : span.end]
    value = claim.reading.folded[fact.start : fact.end].strip()
    return Side(passage.source, dates.get(passage.source, ""), quote, passage, span.start, span.end, value)
