"""The score of a passage: the probability, 0 to 1, that it helps to answer a question. Pure but for reading its file.

It is a logistic function of what the searches know without a model call. ``benchmarks/relevance.py`` fits it and writes
``data/score.json``; ``kb calibrate`` fits it anew to the documents of one knowledge base.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from kb_app.errors import StorageError
from kb_app.resources import resource
from kb_app.search.asking import question_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_FEW, _MANY = 0.15, 0.5
"""Share of Chinese below which a text has too little of it to share words with Chinese, and above which it has most."""


OWN_LANGUAGE = 1.0
"""Log-odds taken from passages in the other language where there are some in the question's: people ask in the language
of their documents more often than the sets do that the score is fitted on. Less lets English passages come before the
Chinese ones of paraphrased questions, more keeps the right English ones back: see ``benchmarks/relevance.py``."""

ASTRAY = 3.0
"""Log-odds taken from a passage that has nothing to do with the article or the code that is asked for, and ..."""

UNNAMED = 1.0
"""... from one of another document than those that the question names: the sets that the score is fitted on hardly ask
so. Measured on 120 articles of five laws, and on 30 price lists that only their names tell apart."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a passage and a question, each in about [0, 1].

    Attributes:
        coverage: Share of the question's pieces, weighted by rarity, that the passage, its headings and title hold.
        focus: The same of the pieces that say what it is about, in the best two sentences in a row.
        closeness: Cosine on a scale that models and languages share: 0 for texts that have nothing in common.
        missing: Share of the numbers of the question, its years and codes among them, that are neither in the passage
            nor in the names of its document.
        foreign: Whether question and passage are in different scripts, so that words say little.
        astray: How far the passage is from an article or a code that the question names, see ``search.references``.
        unnamed: Whether the question names documents, and this is none of them, see ``search.titles``.
        nearest: Closeness of its nearest sentence; None where it was not looked at again, see ``search.second_look``.
    """

    coverage: float
    focus: float
    closeness: float
    missing: float
    foreign: bool
    astray: float = 0.0
    unnamed: bool = False
    nearest: float | None = None

    def features(self) -> tuple[float, ...]:
        """Values for the logistic function, a constant first; words count only within one script."""
        own, other = (0.0, 1.0) if self.foreign else (1.0, 0.0)
        words = (own * self.coverage, own * self.focus)
        return (1.0, *words, own * self.closeness, self.missing, other, other * self.closeness)

    def again(self, log_odds: float) -> tuple[float, ...]:
        """Values for the second look, with what the first one gave."""
        near = self.nearest or 0.0
        own, other = (0.0, near) if self.foreign else (near, 0.0)
        return (1.0, log_odds, own, float(self.foreign), other)


@dataclass(frozen=True, slots=True)
class Score:
    """A logistic function of ``Evidence.features``, and another one of ``Evidence.again`` on top of it.

    Attributes:
        weights: One for each feature.
        second: The same for the second look.
        fitted_on: What it was fitted on.
        reliability: ``(mean score, how much the passages helped, their number)`` by tenths of the score, on what did
            not fit it.
        rerankers: What is added to the log-odds that a reranker gives, by its name.
    """

    weights: tuple[float, ...]
    second: tuple[float, ...]
    fitted_on: str = ""
    reliability: tuple[tuple[float, float, int], ...] = ()
    rerankers: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, evidence: Evidence, *, alone: bool = False) -> float:
        """The probability that a passage helps to answer; ``alone`` where all that was found is in its language."""
        total = _sum(self.weights, evidence.features())
        if evidence.nearest is not None:
            total = _sum(self.second, evidence.again(total))
        total -= OWN_LANGUAGE if evidence.foreign and not alone else 0.0
        return probability(total - ASTRAY * evidence.astray - UNNAMED * evidence.unnamed)


def _sum(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.fsum(weight * value for weight, value in zip(weights, values, strict=True))


def probability(log_odds: float) -> float:
    """``1 / (1 + exp(-log_odds))``."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, log_odds))))


def log_odds(share: float) -> float:
    """``ln(share / (1 - share))``, within what six digits of a probability can say."""
    bounded = min(1 - 1e-6, max(1e-6, share))
    return math.log(bounded / (1 - bounded))


@cache
def shipped_score() -> Score:
    """The score that comes with the program."""
    return read_score(resource("data") / "score.json")


def read_score(path: Path) -> Score:
    """Read a score.

    Raises:
        StorageError: The file is not there or not a score.
    """
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        score = Score(
            weights=tuple(float(weight) for weight in fields["weights"]),
            second=tuple(float(weight) for weight in fields["second"]),
            fitted_on=str(fields["fitted_on"]),
            reliability=tuple((float(a), float(b), int(n)) for a, b, n in fields["reliability"]),
            rerankers={str(name): float(added) for name, added in fields.get("rerankers", {}).items()},
        )
        score(Evidence(0.5, 0.5, 0.5, missing=0, foreign=False, nearest=0.5))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(f"{path} is not a score ({error}); delete it, or run `kb calibrate`") from error
    return score


def write_score(path: Path, score: Score) -> None:
    """Keep a score in a file."""
    path.write_text(json.dumps(asdict(score), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def are_foreign(one: float, other: float) -> bool:
    """Whether texts with these shares of Chinese have no words in common."""
    return min(one, other) < _FEW and max(one, other) > _MANY


def coverage(weights: Mapping[str, float], pieces: set[str]) -> float:
    """Share of weighted pieces that are among ``pieces``; in [0, 1]."""
    total = math.fsum(weights.values())
    return math.fsum(weight for piece, weight in weights.items() if piece in pieces) / total if total > 0 else 0.0


def missing_numbers(weights: Iterable[str], pieces: set[str]) -> float:
    """Share of the pieces with a digit that are not among ``pieces``; 0 where there is none."""
    numbers = {piece for piece in weights if any(char.isdecimal() for char in piece)}
    return len(numbers - pieces) / len(numbers) if numbers else 0.0


def focus(question: str, weights: Mapping[str, float], sentences: Sequence[set[str]]) -> float:
    """Coverage of what a question is about by the best two sentences in a row; in [0, 1]."""
    about = set(question_pieces(question))
    wanted = {piece: weight for piece, weight in weights.items() if piece in about}
    windows = [one | other for one, other in zip(sentences, [*sentences[1:], set()], strict=False)]
    return max((coverage(wanted, window) for window in windows), default=0.0)


def closeness(cosine: float, background: float) -> float:
    """A cosine scaled so that ``background``, that of texts without anything in common, is 0 and equal texts are 1."""
    return (cosine - background) / max(1 - background, 1e-6)
