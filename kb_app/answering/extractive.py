"""Answers without a language model: the sentences of the passages that answer a question, word for word. Pure."""

from __future__ import annotations

import math
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING

from kb_app.answering.units import begins_inside, ends_inside, row_text, units_of
from kb_app.citing.citations import strip_marks
from kb_app.search.asking import asked_for, question_pieces
from kb_app.text import fold, keyword_pieces
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb_app.answering.units import Unit
    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

COVERAGE, NEIGHBOUR, SCORE, HINT, COSINE = 0.5, 0.3, 0.5, 0.3, 1.8
"""Weights of the parts of a sentence's score: the mean of the best 20 of 250 trials on data/eval, rounded."""

KEEP = 0.75
"""A further sentence must reach this share of the best one's score: two sentences an answer on average."""

WHOLE_TABLE = 6
"""Rows, at most, that are quoted together where a question names a column and no row."""

_GAP = "\n\n"


def extract(
    question: str, passages: Sequence[Passage], *, similarity: Similarity | None = None, limit: int = 3
) -> list[Citation]:
    """Choose the fewest sentences that answer a question.

    A sentence scores by the share of the question's pieces, weighted by their rarity among the sentences,
    that it holds under its headings and with its neighbours, by its passage's score, by whether it holds
    what the question word asks for (a time, a number, a place, a reason), and by the cosine of the question
    with it under its headings if ``similarity`` is given. A table row is read with the names of its columns.

    Args:
        question: In any language.
        passages: Best first.
        similarity: Cosines of the question with sentences.
        limit: Number of sentences at most; the rows of a table that the question does not tell apart are one.

    Returns:
        Verbatim spans, numbered by passage in the order of the answer.
    """
    units = units_of(passages)
    if not units:
        return []
    scores = _scores(question, units, passages, similarity)
    chosen = _choose(units, scores, limit)
    return _as_citations(_with_equal_rows(chosen, units, question), units, passages)


def compose(citations: Sequence[Citation]) -> str:
    """The quotes as one text, each followed by its mark; a table row as its cells behind the names of their columns.

    What looks like a mark in a quote itself, a footnote of the document, is left out: it would point at
    another passage. ``Citation.quote`` keeps it.
    """
    parts: list[str] = []
    for citation, following in zip_longest(citations, citations[1:]):
        in_list = following is not None and _is_row(citation) and _is_row(following)
        parts.append(f"{shown(citation)}[{citation.number}]")
        parts.append("\n" if in_list else _GAP if following else "")
    return "".join(parts)


def shown(citation: Citation) -> str:
    """A quote as it is read: dots where its sentence began before or goes on."""
    text = citation.passage.text
    if _is_row(citation):
        return "- " + strip_marks(row_text(text, citation.start, citation.end))
    before = "…" if begins_inside(text, citation.start) else ""
    behind = "…" if ends_inside(text, citation.end) else ""
    return f"{before}{strip_marks(citation.quote)}{behind}"


def _is_row(citation: Citation) -> bool:
    return citation.quote.startswith("|")


def _scores(
    question: str, units: Sequence[Unit], passages: Sequence[Passage], similarity: Similarity | None
) -> list[float]:
    held = [unit.pieces | frozenset(keyword_pieces(unit.context)) for unit in units]
    weights = _rarity(question_pieces(question), [unit.pieces for unit in units])
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    in_context = [f"{' '.join(unit.context.split())}\n{unit.text}" for unit in units]
    cosines = _spread(similarity(question, in_context)) if similarity else [0.0] * len(units)
    sign = asked_for(question)
    return [
        COVERAGE * _share(weights, held[index])
        + NEIGHBOUR * _near(index, units, held, weights)
        + SCORE * passages[unit.passage].score / best
        + (HINT if sign and sign.search(fold(unit.text)) else 0.0)
        + COSINE * cosines[index]
        for index, unit in enumerate(units)
    ]


def _near(index: int, units: Sequence[Unit], held: Sequence[frozenset[str]], weights: Mapping[str, float]) -> float:
    """What the better neighbour adds to a sentence: answers often follow the sentence that names the subject."""
    around = (near for near in (index - 1, index + 1) if 0 <= near < len(units))
    same = [near for near in around if units[near].passage == units[index].passage]
    alone = _share(weights, held[index])
    return max((_share(weights, held[index] | held[near]) - alone for near in same), default=0.0)


def _choose(units: Sequence[Unit], scores: Sequence[float], limit: int) -> list[int]:
    """The best unit and those that come near it, best first."""
    ranked = sorted(range(len(units)), key=lambda index: (-scores[index], index))
    enough = KEEP * scores[ranked[0]]
    return [index for index in ranked[:limit] if scores[index] >= enough] or ranked[:1]


def _with_equal_rows(chosen: Sequence[int], units: Sequence[Unit], question: str) -> list[int]:
    """The chosen units; of a table only the rows that hold what the best one holds of the question.

    Where the question names a column, all of these come, up to ``WHOLE_TABLE``.
    """
    wanted = frozenset(question_pieces(question))
    kept: list[int] = []
    seen: set[tuple[int, tuple[str, ...]]] = set()
    for index in chosen:
        table = (units[index].passage, units[index].columns)
        if units[index].cells and table in seen:
            continue
        seen.add(table)
        equal = _equal_rows(index, units, wanted)
        named = wanted & frozenset(keyword_pieces("\n".join(units[index].columns)))
        kept += equal if named and len(equal) <= WHOLE_TABLE else [near for near in equal if near in chosen] or [index]
    return kept


def _equal_rows(index: int, units: Sequence[Unit], wanted: frozenset[str]) -> list[int]:
    """The rows of a row's table whose cells hold most of the question, by the number of its pieces."""
    unit = units[index]
    held = {
        near: len(wanted & frozenset(keyword_pieces("\n".join(other.cells))))
        for near, other in enumerate(units)
        if other.cells and (other.passage, other.columns) == (unit.passage, unit.columns)
    }
    most = max(held.values(), default=0)
    return [near for near, count in held.items() if count == most]


def _as_citations(chosen: Sequence[int], units: Sequence[Unit], passages: Sequence[Passage]) -> list[Citation]:
    """The chosen units by passage and place; the passages in the order of their best units."""
    first = list(dict.fromkeys(units[index].passage for index in chosen))
    ordered = sorted(chosen, key=lambda index: (first.index(units[index].passage), index))
    citations = []
    for unit in (units[index] for index in ordered):
        passage = passages[unit.passage]
        number = first.index(unit.passage) + 1
        citations.append(Citation(number, passage, passage.text[unit.start : unit.end], unit.start, unit.end))
    return citations


def _rarity(wanted: Sequence[str], held: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weight of each wanted piece by its rarity among the sentences; one that none holds is worth nothing."""
    counts = Counter(piece for pieces in held for piece in pieces)
    return {piece: math.log(1 + len(held) / counts[piece]) if counts[piece] else 0.0 for piece in dict.fromkeys(wanted)}


def _share(weights: Mapping[str, float], held: frozenset[str]) -> float:
    total = math.fsum(weights.values())
    return math.fsum(weight for piece, weight in weights.items() if piece in held) / total if total else 0.0


def _spread(values: Sequence[float]) -> list[float]:
    """Values scaled to [0, 1] within one question; all 0 where they do not differ."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]
