"""Fits the score of a passage: ``python -m benchmarks.relevance [--write]``.

A logistic regression on ``Evidence.features`` of the best passages of each question. A passage helps where it holds a
right answer, and half as much where it only is of a right document; one of another document does not help, and for a
question that no document answers none does. All sets lie in one knowledge base, so that each question meets the
passages of the others. One half of the questions fits the score, the other half is reported; ``--write`` keeps the
score of the first half in ``data/score.json`` with its reliability on the second.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bases import ROOT, SETS, filled, print_table
from kb_app.evaluation import LabelledQuestion, read_questions
from kb_app.evaluation.answers import contains_any
from kb_app.search.scoring import Score, write_score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app import KnowledgeBase
    from kb_app.search.scoring import Evidence

TOP = 10
CUT_OFFS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3)


@dataclass(frozen=True)
class Sample:
    """What is known of a passage, its question's number and set, and whether an answer exists.

    Attributes:
        right: Whether its document is a right one.
        holds: Whether it holds a right answer, too.
    """

    evidence: Evidence
    right: bool
    holds: bool
    question: int
    name: str
    answerable: bool

    @property
    def helps(self) -> float:
        """How much it helps to answer: 1, a half or nothing."""
        return (self.right + self.holds) / 2


def questions_of(name: str, questions: Path) -> list[tuple[str, LabelledQuestion]]:
    """The answerable questions of a set and the unanswerable ones beside them."""
    beside = questions.with_name("unanswerable.jsonl")
    asked = read_questions(questions) + (read_questions(beside) if beside.is_file() else [])
    return [(name, question) for question in asked if question.question.strip()]


def samples(kb: KnowledgeBase, asked: Sequence[tuple[str, LabelledQuestion]]) -> list[Sample]:
    """The best passages of every question."""
    found = []
    for number, (name, question) in enumerate(asked):
        vector = kb.embedder.embed_query(question.question)
        known = kb.searcher.explain(question.question, vector, k=TOP)
        for passage, evidence in sorted(known, key=lambda pair: -pair[0].score)[:TOP]:
            right = passage.source.rsplit("/", 1)[-1] in question.docs
            holds = right and (not question.answers or contains_any(passage.text, question.answers))
            found.append(Sample(evidence, right, holds, number, name, bool(question.docs)))
    return found


def fitted(found: Sequence[Sample], name: str) -> Score:
    """The score that fits samples: first by what is known of all, then by what the second look adds."""
    helps = [sample.helps for sample in found]
    weights = fit([sample.evidence.features() for sample in found], helps)
    again = [sample for sample in found if sample.evidence.nearest is not None]
    odds = [math.fsum(np.multiply(weights, sample.evidence.features())) for sample in again]
    seen = [sample.evidence.again(value) for sample, value in zip(again, odds, strict=True)]
    return Score(weights, fit(seen, [sample.helps for sample in again]), name)


def fit(features: Sequence[Sequence[float]], helps: Sequence[float], steps: int = 60) -> tuple[float, ...]:
    """Weights of the features, with three decimals; by Newton's method with a small ridge."""
    x, y = np.array(features), np.array(helps)
    beta = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ beta))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-2 * np.eye(len(beta))
        beta += np.linalg.solve(hessian, x.T @ (y - p) - 1e-2 * beta)
    return tuple(float(round(weight, 3)) for weight in beta)


def area(positive: Sequence[float], negative: Sequence[float]) -> float:
    """AUROC: the share of pairs in which the positive has the higher score."""
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    return sum(pairs) / len(pairs) if pairs else float("nan")


def reliability(
    score: Score, found: Sequence[Sample], helps: Callable[[Sample], float] = lambda sample: sample.helps
) -> tuple[tuple[float, float, int], ...]:
    """Mean score, mean of how much the passages help and their number, by tenths of the score."""
    rated = [(score(sample.evidence), helps(sample)) for sample in found]
    tenths = [[pair for pair in rated if min(9, int(pair[0] * 10)) == tenth] for tenth in range(10)]
    return tuple(
        (round(sum(s for s, _ in some) / len(some), 4), round(sum(r for _, r in some) / len(some), 4), len(some))
        for some in tenths
        if some
    )


def calibration_error(curve: Sequence[tuple[float, float, int]]) -> float:
    """The mean distance between score and truth over the tenths, by their passages."""
    return sum(count * abs(mean - share) for mean, share, count in curve) / sum(count for *_, count in curve)


def report(name: str, score: Score, found: Sequence[Sample]) -> None:
    """How well the score tells questions with an answer from those without, and right passages from wrong ones."""
    best: dict[int, tuple[float, bool, bool]] = {}
    for sample in found:
        rated = (score(sample.evidence), sample.answerable, sample.right)
        best[sample.question] = max(best.get(sample.question, rated), rated)
    yes = [value for value, answerable, _ in best.values() if answerable]
    no = [value for value, answerable, _ in best.values() if not answerable]
    first = [right for _, answerable, right in best.values() if answerable]
    print(f"{name}: {len(yes)} answerable (first passage right {np.mean(first):.3f}), {len(no)} not; ", end="")
    print(f"AUROC of the best score {area(yes, no):.3f}")
    rows = []
    for cut in CUT_OFFS:
        refused, lost = sum(value < cut for value in no), sum(value < cut for value in yes)
        f1 = 2 * refused / max(1, refused + lost + len(no))
        rows.append((cut, 1 - lost / max(1, len(yes)), refused / max(1, len(no)), f1))
    print_table(("KB_MIN_SCORE", "answerable kept", "unanswerable refused", "F1 of refusing"), rows)


def collected() -> list[Sample]:
    """Samples of all sets that are there, from one knowledge base."""
    there = {name: paths for name, paths in SETS.items() if paths[0].is_dir()}
    with TemporaryDirectory() as top:
        for number, (docs, _) in enumerate(there.values()):
            (Path(top) / str(number)).symlink_to(docs)
        with filled(*(Path(top) / str(number) for number in range(len(there)))) as kb:
            return samples(
                kb, [pair for name, (_, questions) in there.items() for pair in questions_of(name, questions)]
            )


def main() -> None:
    """Fit on one half, report on the other."""
    found = collected()
    halves = [[sample for sample in found if sample.question % 2 == half] for half in (0, 1)]
    names = sorted({sample.name for sample in found})
    score = fitted(halves[0], "every second question of " + ", ".join(names))
    curve = reliability(score, halves[1])
    print("weights:", *score.weights)
    print("of the second look:", *score.second)
    print(f"expected calibration error on the other half: {calibration_error(curve):.3f} ({len(halves[1])} passages)\n")
    print_table(("mean score", "helps", "passages"), curve)
    for name in names:
        part = [sample for sample in halves[1] if sample.name == name]
        by_document = calibration_error(reliability(score, part, lambda sample: float(sample.right)))
        by_answer = calibration_error(reliability(score, part, lambda sample: float(sample.holds)))
        print(f"{name}: calibration error if a passage of a right document is right {by_document:.3f}, ", end="")
        print(f"if only one that holds an answer is {by_answer:.3f}")
        report(name, score, part)
    if "--write" in sys.argv:
        write_score(ROOT / "data/score.json", replace(score, reliability=curve))


if __name__ == "__main__":
    main()
