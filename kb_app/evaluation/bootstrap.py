"""Values with bootstrap intervals, for every measure that is computed from weighted questions.

A statistic takes weights of shape ``(resamples, questions)``, how often each question was drawn, and gives one value a
resample: all resamples are one matrix product. Two runs on the same questions are compared under the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RESAMPLES = 1000
_PERCENTILES = (2.5, 97.5)
CELLS = 2_000_000
"""Weights that are held at once: 16 MB, however many questions there are."""


class Statistic(Protocol):
    """A measure over questions."""

    @property
    def size(self) -> int:
        """Number of things it is measured on; 0 where it says nothing."""

    def __call__(self, weights: Array) -> Array:
        """One value for each row of weights; NaN where it is not defined."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Number of things measured and the 95 % confidence interval; None where there is nothing to measure."""

    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """Sum over sum: a mean where each question adds 1 below, a share of quotes where it adds their number."""

    above: Array
    below: Array
    size: int

    def __call__(self, weights: Array) -> Array:
        """The ratios."""
        return divided(weights @ self.above, weights @ self.below)


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """One run less another one on the same questions."""

    one: Statistic
    other: Statistic

    @property
    def size(self) -> int:
        """Things measured; 0 where one of both says nothing."""
        return min(self.one.size, self.other.size)

    def __call__(self, weights: Array) -> Array:
        """The differences, question by question under the same weights."""
        return self.one(weights) - self.other(weights)


def mean(values: Sequence[float | None]) -> Ratio:
    """The mean over questions; None where a question has no part in it."""
    below = np.array([value is not None for value in values], dtype=np.float64)
    return Ratio(np.array([value or 0.0 for value in values], dtype=np.float64), below, int(below.sum()))


def ratio(above: Sequence[float], below: Sequence[float], *, size: int | None = None) -> Ratio:
    """Sum over sum; ``size`` is the sum below unless given."""
    divisor = np.array(below, dtype=np.float64)
    return Ratio(np.array(above, dtype=np.float64), divisor, int(divisor.sum()) if size is None else size)


def value(statistic: Statistic, questions: int) -> float | None:
    """The value over all questions, or None where it is not defined."""
    if not questions or not statistic.size:
        return None
    found = float(statistic(np.ones((1, questions)))[0])
    return None if np.isnan(found) else round(found, 4)


def intervals(
    statistics: Mapping[str, Statistic], questions: int, *, seed: int, resamples: int = RESAMPLES, cells: int = CELLS
) -> dict[str, Interval]:
    """Percentile bootstrap intervals (Efron and Tibshirani, 1993) over questions drawn with replacement.

    Args:
        statistics: By name.
        questions: Their number.
        seed: The same one draws the same questions.
        resamples: How often all questions are drawn.
        cells: Weights that are held at once; changes no number.
    """
    drawn: dict[str, list[Array]] = {name: [] for name, statistic in statistics.items() if statistic.size}
    for weights in _draws(questions, seed, resamples, cells) if drawn else ():
        for name, values in drawn.items():
            values.append(statistics[name](weights))
    bounds = {name: _bounds(np.concatenate(values)) for name, values in drawn.items()}
    return {name: Interval(statistic.size, *bounds.get(name, (None, None))) for name, statistic in statistics.items()}


def divided(above: Array, below: Array) -> Array:
    """The quotient; NaN where the divisor is 0."""
    quotient = np.full(above.shape, np.nan)
    np.divide(above, below, out=quotient, where=below > 0)
    return quotient


def _draws(questions: int, seed: int, resamples: int, cells: int) -> Iterator[Array]:
    """How often each question is drawn, in blocks of rows."""
    generator = np.random.default_rng(seed)
    rows = max(1, cells // questions)
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        drawn = generator.integers(0, questions, (size, questions))
        places = drawn + np.arange(size)[:, None] * questions
        yield np.bincount(places.ravel(), minlength=size * questions).reshape(size, questions).astype(np.float64)


def _bounds(values: Array) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if not known.size:
        return None, None
    low, high = np.percentile(known, _PERCENTILES)
    return round(float(low), 4), round(float(high), 4)
