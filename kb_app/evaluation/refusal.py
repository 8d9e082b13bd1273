"""How well answerable questions are told from those that the documents cannot answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb_app.evaluation.bootstrap import divided, mean, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kb_app.evaluation.bootstrap import Statistic

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RefusalScores:
    """The decision by the score alone; a refusal is the positive case.

    Attributes:
        answerable: Number of questions that the documents answer.
        unanswerable: Number of those that they do not.
        cut_off: A question is refused where no passage reaches this score.
        precision: Share of refused questions that the documents do not answer.
        recall: Share of those questions that are refused.
        f1: Harmonic mean of both.
        kept: Share of answerable questions that are not refused.
        auroc: Chance that an answerable question has a higher best score than an unanswerable one; a tie is half.
    """

    answerable: int
    unanswerable: int
    cut_off: float
    precision: float | None
    recall: float | None
    f1: float | None
    kept: float | None
    auroc: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Auroc:
    """Area under the ROC curve by counting pairs, ties half (Hanley and McNeil, Radiology 1982)."""

    scores: Array
    positive: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of questions; 0 where one of both classes is empty."""
        return self.scores.size if self.positive.any() and not self.positive.all() else 0

    def __call__(self, weights: Array) -> Array:
        """The areas."""
        order = np.argsort(self.scores, kind="stable")
        starts = np.flatnonzero(np.diff(self.scores[order], prepend=-np.inf))  # where an equal score begins
        ordered, positive = weights[:, order], self.positive[order]
        high = np.add.reduceat(ordered * positive, starts, axis=1)
        low = np.add.reduceat(ordered * ~positive, starts, axis=1)
        below = np.cumsum(low, axis=1) - low / 2
        return divided((high * below).sum(axis=1), high.sum(axis=1) * low.sum(axis=1))


def decision_statistics(refused: Sequence[bool], answerable: Sequence[bool]) -> dict[str, Statistic]:
    """Precision, recall and F1 of refusals, and the share of answerable questions kept.

    Precision and F1 say something only where there are questions of both classes; their size is 0 otherwise.
    """
    right = [float(no and not known) for no, known in zip(refused, answerable, strict=True)]
    given = [float(no) for no in refused]
    wanted = [float(not known) for known in answerable]
    both = 0 < sum(answerable) < len(answerable)
    return {
        "precision": ratio(right, given, size=None if both else 0),
        "recall": ratio(right, wanted),
        "f1": ratio(
            [2 * value for value in right],
            [one + other for one, other in zip(given, wanted, strict=True)],
            size=len(refused) if both else 0,
        ),
        "kept": mean([float(not no) if known else None for no, known in zip(refused, answerable, strict=True)]),
    }


def auroc(best: Sequence[float], answerable: Sequence[bool]) -> Auroc:
    """The area by the best score of each question, 0 where nothing was found."""
    return Auroc(np.array(best, dtype=np.float64), np.array(answerable, dtype=np.bool_))
