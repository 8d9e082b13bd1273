"""Answers without a language model: the sentences of the passages that answer a question, word for word. Pure."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from kb_app.answering.choosing import choose, choose_for_parts
from kb_app.answering.keys import in_its_column
from kb_app.answering.lists import begins_item
from kb_app.answering.units import begins_inside, ends_inside, row_text, units_of
from kb_app.citing.citations import strip_marks
from kb_app.search.references import asks_for_all, named, spans_in
from kb_app.text import fold, split_sentences
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb_app.answering.units import Unit
    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

_WHOLE = re.compile(r"[。！？!?.…][”’」』）】》\"')\]]*\Z")
_CLAUSE = re.compile(r"[；;][^\S\n]*\Z")
_COMPARES = re.compile(
    r"不同|不一样|变化|变动|区别|差别|差异|对比|相比|比较|改了|修改|调整了|涨|新旧|新老|[旧老]版|以前|原来|从前"
    r"|\b(?:differ\w*|chang\w*|compar\w*|before)\b"
)
"""A question for which several versions of a document matter."""

_WHOLE_ARTICLE = 12
"""Sentences, at most, of an article that is asked for as a whole."""

NEAR = 0.3
"""A passage whose score is less than this share of the best one's is not quoted: its words fit by chance."""

_NEXT, _GAP = "\n", "\n\n"


def extract(
    question: str,
    passages: Sequence[Passage],
    *,
    parts: Sequence[str] = (),
    similarity: Similarity | None = None,
    limit: int = 3,
) -> list[Citation]:
    """Choose the fewest sentences that answer a question.

    A sentence scores by the share of the question's pieces, weighted by their rarity among the sentences, that it
    holds under its headings, by its passage's score, by whether it has the form that the question asks for (a time,
    a number, a place, a reason, a definition, an item of a list), and, if ``similarity`` is given, by the cosines of
    the question with it under its headings and alone. A table row is read with the names of its columns. A sentence
    brings along the one that it leans on, or those that it announces; each part of a question gets a sentence.
    A question for an article by its number gets the article. Passages far behind the best one are not quoted.

    Args:
        question: In any language.
        passages: Best first.
        parts: The questions that it is made of, where there are several.
        similarity: Cosines of the question with sentences.
        limit: Number of sentences at most, or one for each part; the rows of a table and the items of a list that
            the question does not tell apart are one.

    Returns:
        Verbatim spans, numbered by passage in the order of the answer.
    """
    if whole := _articles(question, passages):
        return whole
    passages = _near(passages)
    units = units_of(passages, versions=bool(_COMPARES.search(fold(question))))
    if not units:
        return []
    if len(parts) > 1:
        chosen = choose_for_parts(question, parts, units, passages, similarity)
    else:
        chosen = choose(in_its_column(question, units), units, passages, similarity, limit)
    return _as_citations(chosen, units, passages)


def _near(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that come near the best one."""
    best = max((passage.score for passage in passages), default=0.0)
    return [passage for passage in passages if passage.score >= NEAR * best]


def _articles(question: str, passages: Sequence[Passage]) -> list[Citation]:
    """What stands in the articles that a question wants to read, from the first document that has them."""
    asked = named(question)
    having = [
        (passage, spans_in(asked, passage)) for passage in passages if asked and asks_for_all(question, passage.title)
    ]
    having = [(passage, found) for passage, found in having if found]
    of_first = [(passage, found) for passage, found in having if passage.doc_id == having[0][0].doc_id]
    found = [
        Citation(number, passage, passage.text[start:end], start, end)
        for number, (passage, places) in enumerate(of_first, 1)
        for place in places
        for start, end in _sentences(passage.text, *place)
    ]
    return found[:_WHOLE_ARTICLE]


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the sentences of a part of a text stand, without the white space around them; clauses stay together."""
    sentence = ""
    for piece in split_sentences(text[start:end]):
        sentence += piece
        if _CLAUSE.search(sentence) and start + len(sentence) < end:
            continue
        if said := sentence.strip():
            at = start + sentence.index(said)
            yield at, at + len(said)
        start, sentence = start + len(sentence), ""


def compose(citations: Sequence[Citation]) -> str:
    """The quotes as one text, each followed by its mark; a table row as its cells behind the names of their columns.

    What looks like a mark in a quote itself, a footnote of the document, is left out: it would point at
    another passage. ``Citation.quote`` keeps it.
    """
    parts: list[str] = []
    for citation, following in zip_longest(citations, citations[1:]):
        in_list = following is not None and _are_list(citation, following)
        dash = "- " if (in_list or (parts and parts[-1] == _NEXT)) and not _is_row(citation) else ""
        parts.append(f"{dash}{shown(citation)}[{citation.number}]")
        parts.append(_NEXT if in_list else _GAP if following else "")
    return "".join(parts)


def shown(citation: Citation) -> str:
    """A quote as it is read: dots where its sentence began before or goes on."""
    text = citation.passage.text
    if _is_row(citation):
        return "- " + strip_marks(row_text(text, citation.start, citation.end))
    before = "…" if begins_inside(text, citation.start) else ""
    behind = "…" if ends_inside(text, citation.end) else ""
    return f"{before}{strip_marks(citation.quote)}{behind}"


def _are_list(one: Citation, following: Citation) -> bool:
    """Whether two quotes are rows, items of a list, or fragments that stand one below the other."""
    text, start = following.passage.text, following.start
    if _is_member(one) and _is_member(following):
        return True
    below = one.passage is following.passage and one.end < start and not text[one.end : start].strip()
    return below and not (_WHOLE.search(one.quote) or _WHOLE.search(following.quote))


def _is_member(citation: Citation) -> bool:
    """Whether a quote is a row of a table, or begins an item of a list."""
    return _is_row(citation) or begins_item(citation.passage.text, citation.start)


def _is_row(citation: Citation) -> bool:
    return citation.quote.startswith("|")


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
