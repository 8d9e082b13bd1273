"""Ranking: fuses two searches. Pure functions of plain values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

POOL = 50
"""Chunks that each search brings."""

HEAD = 10
"""Chunks, at least, that are put in the order of their scores: fusing chooses them, the score ranks them."""

DENSE_WEIGHT = 0.55

Ranking = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Fused:
    """A chunk id with its fused score, in [0, 1] within one question, and the searches that found it."""

    id: int
    score: float
    found_by: tuple[str, ...]


def convex_combination(
    keyword: Ranking, dense: Ranking, *, weight: float = DENSE_WEIGHT, say: float = 1.0
) -> list[Fused]:
    """Merge two rankings by their scores, each scaled to [0, 1] (Bruch, Gai and Ingber, TOIS 2023).

    Args:
        keyword: ``(id, BM25 score)``, best first.
        dense: ``(id, cosine)``, best first.
        weight: Share of the dense score.
        say: How much the keywords have to say, in [0, 1]: the rest of their share goes to the dense score.

    Returns:
        Best first; equal scores are ordered by id. Where only one search found something, its scores stand alone.
    """
    weight = 1 - (1 - weight) * say
    if not keyword or not dense:
        weight = 1.0 if dense else 0.0
    scores: defaultdict[int, float] = defaultdict(float)
    for share, ranking in ((1 - weight, keyword), (weight, dense)):
        for chunk_id, score in _scaled(ranking):
            scores[chunk_id] += share * score
    return _ordered(scores, keyword, dense)


def reciprocal_rank_fusion(keyword: Ranking, dense: Ranking, *, k: int = 60) -> list[Fused]:
    """Merge two rankings by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009).

    Returns:
        Best first; equal scores are ordered by id.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in (keyword, dense):
        for rank, (chunk_id, _) in enumerate(ranking, start=1):
            scores[chunk_id] += 1 / (k + rank)
    return _ordered(scores, keyword, dense)


def _scaled(ranking: Ranking) -> Ranking:
    """Scores scaled so that the best is 1 and the last 0; a single one, or equal ones, are 1."""
    values = [score for _, score in ranking]
    low, high = min(values, default=0.0), max(values, default=0.0)
    return [(item, (score - low) / (high - low) if high > low else 1.0) for item, score in ranking]


def _ordered(scores: Mapping[int, float], keyword: Ranking, dense: Ranking) -> list[Fused]:
    ranks = {
        name: {chunk_id: rank for rank, (chunk_id, _) in enumerate(ranking)}
        for name, ranking in (("keyword", keyword), ("dense", dense))
    }
    order = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Fused(chunk_id, score, _finders(chunk_id, ranks)) for chunk_id, score in order]


def _finders(chunk_id: int, ranks: Mapping[str, Mapping[int, int]]) -> tuple[str, ...]:
    finders: Sequence[str] = [name for name, found in ranks.items() if chunk_id in found]
    return tuple(sorted(finders, key=lambda name: (ranks[name][chunk_id], name)))
