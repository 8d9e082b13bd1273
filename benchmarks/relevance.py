"""Fits the score of a passage: ``python -m benchmarks.relevance``.

A logistic regression on coverage and closeness of the best five passages of each question: right where the passage's
document answers the question, wrong otherwise and for questions that no document answers. Fitted on ``data/eval``,
and reported on it and, where it is on this machine, on CMRC 2018, which did not fit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bases import SETS, filled, print_table
from kb_app import retrieval
from kb_app.evaluation import LabelledQuestion, read_questions
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from kb_app import KnowledgeBase

TOP = 5
CUT_OFFS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Sample:
    """Features ``(coverage, closeness)`` of a passage, whether it is right, its rank, and whether an answer exists."""

    features: tuple[float, float]
    right: bool
    rank: int
    answerable: bool


def samples(kb: KnowledgeBase, questions: list[LabelledQuestion]) -> list[Sample]:
    """The best passages of every question."""
    found = []
    for question in questions:
        vector = kb.embedder.embed_query(question.question)
        weights = kb.keywords.weights(keyword_pieces(question.question))
        passages = kb.find(question.question, vector, k=TOP)
        stored = kb.vectors.vectors([int(passage.chunk_id) for passage in passages])
        for rank, passage in enumerate(passages):
            text = f"{passage.text}\n{' '.join(passage.headings)}"
            covered, cosine = retrieval.coverage(weights, text), float(stored[int(passage.chunk_id)] @ vector)
            features = (covered, retrieval.closeness(cosine, covered, background=kb.searcher.background))
            found.append(Sample(features, passage.source in question.docs, rank, bool(question.docs)))
    return found


def fit(found: list[Sample], steps: int = 60) -> NDArray[np.float64]:
    """Constant, weight of coverage, weight of closeness; by Newton's method with a small ridge."""
    x = np.array([(1.0, *sample.features) for sample in found])
    y = np.array([float(sample.right) for sample in found])
    beta = np.zeros(3)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ beta))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(3)
        beta += np.linalg.solve(hessian, x.T @ (y - p) - 1e-3 * beta)
    return beta


def area(positive: list[float], negative: list[float]) -> float:
    """AUROC: the share of pairs in which the positive has the higher score."""
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    return sum(pairs) / max(len(pairs), 1)


def report(name: str, found: list[Sample]) -> None:
    """How well the shipped score tells questions with an answer from those without."""
    best = [(retrieval.relevance(*sample.features), sample.answerable) for sample in found if sample.rank == 0]
    yes = [score for score, answerable in best if answerable]
    no = [score for score, answerable in best if not answerable]
    print(f"{name}: {len(yes)} answerable, {len(no)} not; AUROC of the best score {area(yes, no):.3f}")
    rows = [(cut, float(np.mean(np.array(yes) >= cut)), float(np.mean(np.array(no) < cut))) for cut in CUT_OFFS]
    print_table(("KB_MIN_SCORE", "answerable kept", "unanswerable refused"), rows)


def measure_set(docs: Path, questions: Path) -> list[Sample]:
    """Samples of the answerable questions of a set, and of the unanswerable ones beside them."""
    asked = read_questions(questions) + read_questions(questions.with_name("unanswerable.jsonl"))
    with filled(docs) as kb:
        return samples(kb, asked)


def main() -> None:
    """Fit on our own set, report on every set that is there."""
    found = {name: measure_set(*paths) for name, paths in SETS.items() if paths[0].is_dir()}
    print("constant, coverage, closeness:", fit(found["data/eval"]).round(2))
    for name, some in found.items():
        report(name, some)


if __name__ == "__main__":
    main()
