"""Fits the score to the documents of one knowledge base, without labels.

Sentences of the documents are asked as questions, and the document that each is from is left aside: what is found then
does not answer it. Where fewer than one in four of these wrong passages reach the cut-off, the constant of the score
moves up until as many do: documents that have little in common need no cut-off so high. It never moves down. Where
more of them reach it, the documents of one office repeat each other, and what is from another one may well answer; a
sentence of a document, asked word for word, does not tell what a stricter cut-off would cost the questions of readers.
Where a reranker is set, whose probabilities are the score, it is theirs that are moved, up or down: no cut-off is known
to suit its scale.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app.assembling import SCORE_FILE, score_in
from kb_app.errors import NotFoundError
from kb_app.search.scoring import log_odds, shipped_score, write_score
from kb_app.search.searcher import with_headings
from kb_app.text import keyword_pieces, split_sentences
from kb_app.wiring import reranker_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.models.reranking import Reranker
    from kb_app.search.scoring import Evidence
    from kb_app.types import Passage

QUESTIONS = 200
RERANKED = 50
"""Questions where a reranker reads the passages, which takes it a hundred times as long."""

PASSED = 0.25
"""Share of wrong passages that may reach the cut-off: some documents do answer each other's questions."""

LEAST = 20
"""Questions, at least, from which a constant can be told."""

FURTHEST = 1.0
"""What the constant moves up at most, in log-odds."""

FURTHEST_RERANKED = 10.0
"""The same of a reranker, whose scale nobody knows."""

_CLAUSE = re.compile(r"[，,；;：:]")
_SHORTEST = 5
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted.

    Attributes:
        questions: Sentences that were asked.
        moved: What was added to the constant, in log-odds.
        passed_before: Share of wrong passages at the cut-off or above, with the score that comes with the program.
        passed: The same with the fitted score.
        kept_before: Share of right passages at the cut-off or above, with the score that comes with the program.
        kept: The same with the fitted score.
    """

    questions: int
    moved: float
    passed_before: float
    passed: float
    kept_before: float
    kept: float


def calibrate(kb: KnowledgeBase) -> Calibration:
    """Fit the score of a knowledge base and keep it in its folder.

    Raises:
        NotFoundError: It holds too few documents.
    """
    reranker = reranker_for(kb.settings)
    wrong, right = _asked(kb, reranker)
    if len(wrong) < LEAST:
        raise NotFoundError(
            f"{kb.name!r} gives {len(wrong)} sentences to ask other documents about, at least {LEAST} are needed; "
            "ingest more documents, the score that comes with the program serves until then"
        )
    cut = log_odds(kb.settings.min_score)
    moved = _moved(wrong, cut, FURTHEST_RERANKED) if reranker else max(0.0, _moved(wrong, cut, FURTHEST))
    _keep(kb, reranker, moved)

    def share(values: Sequence[float], added: float) -> float:
        return round(sum(value + added >= cut for value in values) / max(1, len(values)), 3)

    return Calibration(len(wrong), moved, share(wrong, 0), share(wrong, moved), share(right, 0), share(right, moved))


def _moved(wrong: Sequence[float], cut: float, furthest: float) -> float:
    """What brings the wrong passages below the cut-off, but for as many as may pass; in thousandths."""
    at = sorted(wrong)[math.ceil((1 - PASSED) * len(wrong)) - 1]
    below = (math.ceil((cut - at) * 1000) - 1) / 1000
    return max(-furthest, min(furthest, below))


def _keep(kb: KnowledgeBase, reranker: Reranker | None, moved: float) -> None:
    score = score_in(kb.folder)
    if reranker:
        score = replace(score, rerankers={**score.rerankers, reranker.name: moved})
    else:
        first, *others = shipped_score().weights
        score = replace(score, weights=(first + moved, *others), fitted_on=kb.name)
    unfinished = kb.folder / f"{SCORE_FILE}.part"
    write_score(unfinished, score)
    unfinished.replace(kb.folder / SCORE_FILE)


def _asked(kb: KnowledgeBase, reranker: Reranker | None) -> tuple[list[float], list[float]]:
    """Log-odds, by the reranker or the shipped score, of the best wrong and right passage of each question."""
    wrong, right = [], []
    for doc_id, question in _questions(kb, RERANKED if reranker else QUESTIONS):
        known = kb.searcher.explain(question, kb.embedder.embed_query(question), k=_DEPTH)
        shares = _rated(question, known, reranker)
        rated = [(log_odds(share), passage.doc_id == doc_id) for share, (passage, _) in zip(shares, known, strict=True)]
        wrong += [max(odds for odds, own in rated if not own)] if not all(own for _, own in rated) else []
        right += [max(odds for odds, own in rated if own)] if any(own for _, own in rated) else []
    return wrong, right


def _rated(question: str, known: Sequence[tuple[Passage, Evidence]], reranker: Reranker | None) -> Sequence[float]:
    if reranker:
        return reranker.scores(question, [with_headings(passage) for passage, _ in known]) if known else []
    score = shipped_score()
    return [score(evidence) for _, evidence in known]


def _questions(kb: KnowledgeBase, most: int) -> list[tuple[str, str]]:
    """Documents, and clauses of their passages, evenly over the knowledge base."""
    ids = [chunk_id for chunk_id, _, vector in kb.pending.indexed_ids() if vector]
    most = min(most, len(ids))
    passages = kb.catalog.passages([ids[number * len(ids) // most] for number in range(most)]).values()
    return [(passage.doc_id, clause) for passage in passages if (clause := _clause(passage.text))]


def _clause(text: str) -> str:
    """The clause of a text that says most, without its end; empty where none says enough."""
    clauses = [part.strip() for sentence in split_sentences(text) for part in _CLAUSE.split(sentence.rstrip("。.！!"))]
    best = max(clauses, key=lambda clause: len(set(keyword_pieces(clause))), default="")
    return best[:60] if len(set(keyword_pieces(best))) >= _SHORTEST else ""
