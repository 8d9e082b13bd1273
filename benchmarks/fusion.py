"""How to merge the two searches: ``python -m benchmarks.fusion``; hit@1 / hit@5 of the document."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bases import SETS, filled, print_table
from kb_app.evaluation import LabelledQuestion, RetrievalScores, read_questions, score
from kb_app.search.fusion import POOL, convex_combination, reciprocal_rank_fusion

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kb_app import KnowledgeBase
    from kb_app.search.fusion import Fused, Ranking

WEIGHTS = (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8)


def methods() -> dict[str, Callable[[Ranking, Ranking], list[Fused]]]:
    """Ways to merge a keyword ranking with a dense one."""
    return {
        "keyword alone": lambda keyword, _: convex_combination(keyword, []),
        "dense alone": lambda _, dense: convex_combination([], dense),
        "RRF k=60": reciprocal_rank_fusion,
        **{f"convex {weight}": partial(convex_combination, weight=weight) for weight in WEIGHTS},
    }


def measure(kb: KnowledgeBase, questions: list[LabelledQuestion]) -> dict[str, RetrievalScores]:
    """Scores of every method on the same two rankings of each question."""
    sources = {document.doc_id: document.source for document in kb.documents()}
    ranked: dict[str, list[tuple[LabelledQuestion, list[str]]]] = {name: [] for name in methods()}
    for question in questions:
        keyword = kb.keywords.search(question.question, k=POOL)
        dense = kb.vectors.search(kb.embedder.embed_query(question.question), k=POOL)
        passages = kb.catalog.passages([chunk_id for chunk_id, _ in (*keyword, *dense)])
        for name, merge in methods().items():
            found = [sources[passages[item.id].doc_id] for item in merge(keyword, dense)]
            ranked[name].append((question, list(dict.fromkeys(found))))
    return {name: score(pairs) for name, pairs in ranked.items()}


def measure_set(docs: Path, questions: Path) -> dict[str, RetrievalScores]:
    """Scores of every method on a set of documents and questions."""
    with filled(docs) as kb:
        return measure(kb, [question for question in read_questions(questions) if question.docs])


def main() -> None:
    """Measure every set that is there."""
    columns = {}
    for name, (docs, questions) in SETS.items():
        if docs.is_dir():
            columns[name] = measure_set(docs, questions)
        else:
            print(f"{name}: not measured, {docs.name} is not on this machine")
    rows = [
        (method, *(f"{scores[method].hit_at_1:.3f} / {scores[method].hit_at_5:.3f}" for scores in columns.values()))
        for method in methods()
    ]
    print_table(("hit@1 / hit@5", *columns), rows)


if __name__ == "__main__":
    main()
