"""Whether a score of 0.8 is right in 80 of 100 cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb_app.evaluation.bootstrap import divided, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kb_app.evaluation.bootstrap import Statistic

    Array = NDArray[np.float64]
    Scored = Sequence[Sequence[tuple[float, bool]]]

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The passages whose scores lie in ``[low, high)``; the last bin holds 1 as well."""

    low: float
    high: float
    passages: int
    mean_score: float | None
    share_right: float | None


@dataclass(frozen=True, slots=True)
class ScoreQuality:
    """How well the score of a passage is a probability.

    A passage is right where its document is a right one and, where answers are given, it holds one.

    Attributes:
        passages: Number of passages that were handed over for an answer.
        ece: Expected calibration error over ten bins of equal width (Naeini et al., AAAI 2015).
        brier: Mean squared difference of score and rightness (Brier, Monthly Weather Review 1950).
        bins: The reliability table.
    """

    passages: int
    ece: float | None
    brier: float | None
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationError:
    """Sum over bins of the distance between mean score and share right, by the share of passages in them.

    The arrays have the shape ``(questions, BINS)``.
    """

    counts: Array
    scores: Array
    right: Array

    @property
    def size(self) -> int:
        """Number of passages."""
        return int(self.counts.sum())

    def __call__(self, weights: Array) -> Array:
        """The errors."""
        apart = np.abs(weights @ self.scores - weights @ self.right).sum(axis=1)
        return divided(apart, (weights @ self.counts).sum(axis=1))


def calibration_error(scored: Scored) -> CalibrationError:
    """The calibration error of passages, given by question as ``(score, right)``."""
    counts, scores, right = (np.zeros((len(scored), BINS)) for _ in range(3))
    for row, passages in enumerate(scored):
        for score, is_right in passages:
            column = min(int(score * BINS), BINS - 1)
            counts[row, column] += 1
            scores[row, column] += score
            right[row, column] += is_right
    return CalibrationError(counts, scores, right)


def score_statistics(scored: Scored) -> dict[str, Statistic]:
    """Calibration error and Brier score."""
    squares = [sum((score - right) ** 2 for score, right in passages) for passages in scored]
    return {"ece": calibration_error(scored), "brier": ratio(squares, [len(passages) for passages in scored])}


def reliability(scored: Scored) -> tuple[Bin, ...]:
    """The table behind the calibration error; empty bins have no means."""
    error = calibration_error(scored)
    counts, scores, right = error.counts.sum(axis=0), error.scores.sum(axis=0), error.right.sum(axis=0)
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            passages=int(counts[place]),
            mean_score=round(float(scores[place] / counts[place]), 4) if counts[place] else None,
            share_right=round(float(right[place] / counts[place]), 4) if counts[place] else None,
        )
        for place in range(BINS)
    )
