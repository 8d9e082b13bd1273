"""Scores of rankings of documents, and percentiles of durations. Pure functions of plain values."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.evaluation.questions import LabelledQuestion

DEPTH = 10
NAMES = ("hit_at_1", "hit_at_5", "mrr_at_10", "recall_at_10")


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Shares of questions, in [0, 1]; None where there is no question.

    Attributes:
        questions: Number of questions that name a document.
        hit_at_1: The best document is a right one.
        hit_at_5: A right one is among the best five.
        mrr_at_10: Mean of 1 / rank of the first right one, 0 below rank 10.
        recall_at_10: Mean share of the right documents among the best ten.
    """

    questions: int
    hit_at_1: float | None
    hit_at_5: float | None
    mrr_at_10: float | None
    recall_at_10: float | None


def score(pairs: Sequence[tuple[LabelledQuestion, Sequence[str]]]) -> RetrievalScores:
    """Score rankings of documents; a question that found nothing counts as a miss."""
    values = [ranking_values(question.docs, documents) for question, documents in pairs]
    if not values:
        return RetrievalScores(0, None, None, None, None)
    return RetrievalScores(len(pairs), *(round(statistics.fmean(column), 4) for column in zip(*values, strict=True)))


def ranking_values(right: Sequence[str], documents: Sequence[str]) -> tuple[float, float, float, float]:
    """What one question adds to the scores, in the order of ``NAMES``.

    Args:
        right: The documents that answer it; at least one.
        documents: What was found, best first, each document once.
    """
    rank = next((rank for rank, name in enumerate(documents, 1) if name in right), DEPTH + 1)
    share = len(set(right) & set(documents[:DEPTH])) / len(set(right))
    return float(rank == 1), float(rank <= 5), 1 / rank if rank <= DEPTH else 0.0, share


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile of durations, in seconds."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 5),
        "p95": round(ordered[-(-95 * len(ordered) // 100) - 1], 5),
    }
