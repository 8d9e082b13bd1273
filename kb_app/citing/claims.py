"""Whether passages hold what a sentence says: its numbers, its names, whether it denies, and its words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from kb_app.citing.binding import CLAUSE, FEW_PIECES, is_of_another
from kb_app.citing.facts import direction, stated
from kb_app.citing.names import missing_names
from kb_app.citing.polarity import is_denied
from kb_app.citing.quotes import closeness, prepare, read, same_script
from kb_app.refusal import is_refusal_sentence
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.citing.quotes import Reading, Source
    from kb_app.numbers.quantities import Quantity
    from kb_app.types import Citation

Problem = Literal["", "uncited", "number", "bound", "name", "denial", "words"]

MIN_SUPPORT = 0.35
"""Least closeness of a sentence to its quotes, title and headings, as of ``quotes.closeness``.

Chosen on ``tests/labelled_tuning.py``; ``tests/labelled_claims.py`` holds what it must reach.
"""

_MIN_WORDS = 0.15
_MIN_CLAUSE, _LONG_CLAUSE = 0.15, 6
_LEAD_IN = re.compile(r"[:：][*_\s]*\Z|\A\s*#|\A[\s|:\-*_=~`>]*\Z")


def is_claim(sentence: str) -> bool:
    """Whether a sentence says something to be supported: no heading, ``as follows:``, list marker, refusal."""
    if _LEAD_IN.search(sentence) or is_refusal_sentence(sentence):
        return False
    return any(not piece.isdigit() for piece in keyword_pieces(sentence))


def is_supported(claim: str, citations: Sequence[Citation]) -> bool:
    """Whether the cited passages hold the facts of a sentence, and their quotes enough of its words."""
    return not problem(claim, citations)


def problem(claim: str, citations: Sequence[Citation]) -> Problem:
    """What is wrong with a sentence and what it cites; empty where nothing is."""
    if not citations:
        return "uncited"
    return _wrong_fact(claim, citations) or ("" if _words(claim, citations) >= MIN_SUPPORT else "words")


def support(claim: str, citations: Sequence[Citation]) -> float:
    """Share of a sentence's words and facts that its quotes hold; 0 where one of its facts is wrong.

    Where a sentence and all its quotes are in different scripts, words cannot be compared; the numbers and the
    codes must do alone, and it is 1.
    """
    return 0.0 if not citations or _wrong_fact(claim, citations) else _words(claim, citations)


def holds_something(claim: str, citation: Citation) -> bool:
    """Whether a passage holds at least one clause of a sentence by itself, words and facts."""
    clauses = [clause for clause in CLAUSE.split(claim) if len(read(clause).items) >= FEW_PIECES]
    return any(is_supported(clause, [citation]) for clause in clauses or [claim])


def _wrong_fact(claim: str, citations: Sequence[Citation]) -> Problem:
    sources = [prepare(citation.passage) for citation in citations]
    reading = read(claim)
    for fact in stated(reading.folded, reading.facts):
        if not any(fact in source.facts for source in sources) or is_of_another(fact, reading, sources):
            return "number"
        if _is_other_bound(fact, reading, sources):
            return "bound"
    translated = not any(same_script(claim, citation.passage.text) for citation in citations)
    if missing_names(claim, [source.context for source in sources], translated=translated):
        return "name"
    quotes = [read(citation.quote).words for citation in citations]
    return "denial" if not translated and is_denied(reading.words, quotes) else ""


def _is_other_bound(fact: Quantity, reading: Reading, sources: Sequence[Source]) -> bool:
    """Whether ``超过`` stands where all passages that name the number say ``不超过``, or the other way round."""
    asked = direction(reading.folded, fact)
    known = [
        direction(span.reading.folded, other)
        for source in sources
        for span in source.spans
        for other in span.reading.facts
        if (other.kind, other.value) == (fact.kind, fact.value)
    ]
    return bool(asked and known) and all(one == -asked for one in known)


def _words(claim: str, citations: Sequence[Citation]) -> float:
    comparable = [citation for citation in citations if same_script(claim, citation.quote)]
    reading = read(claim)
    if not comparable or not reading.pieces:
        return 1.0
    sources = [prepare(citation.passage) for citation in comparable]
    everything = frozenset[str]().union(*(span.items for source in sources for span in source.spans))
    above = frozenset[str]().union(*(source.above.pieces for source in sources))
    facts = reading.items - reading.pieces  # all of them are in the passages, in some writing
    for clause in CLAUSE.split(claim):
        items = read(clause).items
        if len(items) >= _LONG_CLAUSE and closeness(items, everything | above | facts, everything) < _MIN_CLAUSE:
            return 0.0
    held = above.union(*(read(citation.quote).items for citation in comparable))
    if closeness(reading.pieces, held, everything) < _MIN_WORDS:
        return 0.0  # a right number alone is chance
    return closeness(reading.items, held, everything | facts)
