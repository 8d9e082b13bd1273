"""Whether passages hold what a sentence says: its numbers, its names, whether it denies, and its words. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kb_app.citing.binding import FEW_PIECES, is_of_another, is_of_another_office
from kb_app.citing.facts import direction, stated, with_dates
from kb_app.citing.frames import is_frame
from kb_app.citing.names import has_names, missing_names
from kb_app.citing.parallel import is_swapped
from kb_app.citing.polarity import is_denied
from kb_app.citing.quotes import CLAUSE, closeness, prepare, read, same_script
from kb_app.citing.rows import is_of_another_row, settles
from kb_app.refusal import is_refusal_sentence
from kb_app.text import keyword_pieces, squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.citing.quotes import Reading, Source
    from kb_app.numbers.quantities import Quantity
    from kb_app.types import Citation

Problem = Literal["", "uncited", "number", "bound", "swapped", "name", "denial", "words"]

MIN_SUPPORT = 0.35
"""Least closeness of a sentence to its quotes, title and headings, as of ``quotes.closeness``.

Chosen on ``tests/labelled_tuning.py``; ``tests/labelled_claims.py`` holds what it must reach.
"""

_MIN_WORDS = 0.15
_MIN_CLAUSE, _LONG_CLAUSE = 0.15, 6
_RATE = re.compile(
    "(?<!第)一(天|日|周|个?月|年|学期|季度|次|人|小时|晚)(?![内后前])(?=[^，。；,;]{0,4}[0-9一二两三四五六七八九十百])"
    "|(?<=[元角分])一(天|日|周|个?月|年|学期|季度|次|人|小时|晚|吨|度|平方米|立方米|公斤|斤|件|本|张|份)"
)
_SIGNS = "。，；：、！？.,;:!?|*-#"
_EDGES = ("", *"。，；：！？,;:!?|\n")
_LEAD_IN = re.compile(r"[:：][*_\s]*\Z|\A\s*#|\A[\s|:\-*_=~`>]*\Z")


def is_claim(sentence: str) -> bool:
    """Whether a sentence says something to be supported: no heading, ``as follows:``, list marker, refusal, wish."""
    if _LEAD_IN.search(sentence) or is_refusal_sentence(sentence) or (is_frame(sentence) and not has_names(sentence)):
        return False
    return any(not piece.isdigit() for piece in keyword_pieces(sentence))


def is_supported(claim: str, citations: Sequence[Citation]) -> bool:
    """Whether the cited passages hold the facts of a sentence, and their quotes enough of its words."""
    return not problem(claim, citations)


def problem(claim: str, citations: Sequence[Citation]) -> Problem:
    """What is wrong with a sentence and what it cites; empty where nothing is."""
    if not citations:
        return "uncited"
    claim = _spelled(claim, citations)
    return _fault(claim, citations) or ("" if _words(claim, citations) >= MIN_SUPPORT else "words")


def support(claim: str, citations: Sequence[Citation]) -> float:
    """Share of a sentence's words and facts that its quotes hold; 0 where one of its facts is wrong.

    Where a sentence and all its quotes are in different scripts, words cannot be compared; the numbers and the
    codes must do alone, and it is 1.
    """
    claim = _spelled(claim, citations)
    return 0.0 if not citations or _fault(claim, citations) else _words(claim, citations)


def _spelled(claim: str, citations: Sequence[Citation]) -> str:
    """A sentence with its dates and rates as its passages write them: ``一天180元`` is ``每天180元``."""
    texts = [citation.passage.text for citation in citations]
    rates = _RATE.sub(lambda match: _rate(match, texts), claim)
    return with_dates(rates, [prepare(citation.passage).facts for citation in citations])


def _rate(match: re.Match[str], texts: Sequence[str]) -> str:
    unit = match[1] or match[2]
    known = any("每" + unit in text for text in texts) and not any("一" + unit in text for text in texts)
    return "每" + unit if known else match[0]


def holds_something(claim: str, citation: Citation) -> bool:
    """Whether a passage holds at least one clause of a sentence by itself, words and facts."""
    clauses = [clause for clause in CLAUSE.split(claim) if len(read(clause).items) >= FEW_PIECES]
    return any(is_supported(clause, [citation]) for clause in clauses or [claim])


def _fault(claim: str, citations: Sequence[Citation]) -> Problem:
    """What is wrong with the facts of a sentence; nothing where it stands in a passage word for word."""
    if any(_stands_in(claim, citation.passage.text) for citation in citations):
        return ""
    sources = [prepare(citation.passage) for citation in citations]
    texts = [citation.passage.text for citation in citations]
    if wrong := _wrong_number(claim, sources, texts):
        return wrong
    if is_of_another_row(claim, texts) or is_swapped(claim, sources) or is_of_another_office(claim, sources):
        return "swapped"
    translated = not any(same_script(claim, text) for text in texts)
    if missing_names(claim, [source.context for source in sources], translated=translated):
        return "name"
    quotes = [read(citation.quote).words for citation in citations]
    return "denial" if not translated and is_denied(read(claim).words, quotes) else ""


def _wrong_number(claim: str, sources: Sequence[Source], texts: Sequence[str]) -> Problem:
    reading = read(claim)
    for fact in stated(reading.folded, reading.facts):
        if not any(fact in source.facts for source in sources):
            return "number"
        if not settles(fact, claim, texts) and is_of_another(fact, reading, sources):
            return "number"
        if _is_other_bound(fact, reading, sources):
            return "bound"
    return ""


def _stands_in(claim: str, text: str) -> bool:
    """Whether a sentence stands in a text word for word, from one sign of punctuation to another."""
    said = squash(claim).strip(_SIGNS)
    return bool(said) and any(
        text[start - 1 : start] in _EDGES and text[start + len(said) :][:1] in _EDGES
        for text in _squashed(text)
        for start in _places(said, text)
    )


def _places(said: str, text: str) -> Iterator[int]:
    place = text.find(said)
    while place >= 0:
        yield place
        place = text.find(said, place + 1)


@lru_cache(maxsize=256)
def _squashed(text: str) -> tuple[str, str]:
    """A text without white space, with its lines and without: a file may break them anywhere."""
    lines = [squash(line) for line in text.split("\n")]
    return "\n".join(lines), "".join(lines)


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
    comparable = [
        citation
        for citation in citations
        if same_script(claim, citation.quote) and same_script(claim, citation.passage.text)
    ]
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
