"""Measures a knowledge base on questions whose documents and answers are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.evaluation.ablation import Ablation, Worth, all_but, compare, other_templates, parts_that_matter
from kb_app.evaluation.measuring import Observation, Observed, observe
from kb_app.evaluation.questions import LabelledQuestion, read_questions, read_unanswerable
from kb_app.evaluation.ranking import RetrievalScores, percentiles, score
from kb_app.evaluation.scores import Evaluation, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.knowledge_base import KnowledgeBase

__all__ = [
    "Ablation",
    "Evaluation",
    "LabelledQuestion",
    "Observation",
    "Observed",
    "RetrievalScores",
    "Worth",
    "all_but",
    "compare",
    "evaluate",
    "observe",
    "other_templates",
    "parts_that_matter",
    "percentiles",
    "read_questions",
    "read_unanswerable",
    "score",
    "summarise",
]


def evaluate(
    kb: KnowledgeBase, questions: Sequence[LabelledQuestion], *, answers: bool = False, seed: int = 0
) -> Evaluation:
    """Ask every question and score what was found.

    Args:
        kb: What is measured.
        questions: Those with and without an answer in the documents.
        answers: Whether to answer them as well, which takes a model's time or that of the extracts.
        seed: Of the bootstrap intervals.
    """
    return summarise(observe(kb, questions, answers=answers), seed=seed)
