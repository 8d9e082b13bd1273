"""Measures a knowledge base on questions whose documents are known."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kb_app.errors import NotFoundError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb_app.knowledge_base import KnowledgeBase

PASSAGES = 50
DEPTH = 10
_FORM = 'a line is {"id", "question", "answers", "doc"}'


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and the documents that answer it; none where the documents do not tell."""

    id: str
    question: str
    docs: tuple[str, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Shares of questions, in [0, 1].

    Attributes:
        questions: Number of questions.
        hit_at_1: The best document is a right one.
        hit_at_5: A right one is among the best five.
        mrr_at_10: Mean of 1 / rank of the first right one, 0 below rank 10.
        recall_at_10: Mean share of the right documents among the best ten.
    """

    questions: int
    hit_at_1: float
    hit_at_5: float
    mrr_at_10: float
    recall_at_10: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores over all questions and by kind, missed questions, and seconds by stage (p50, p95)."""

    retrieval: RetrievalScores
    by_kind: dict[str, RetrievalScores] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Read a file of questions, one JSON object a line: ``id``, ``question``, ``doc`` (a name or a list), ``kind``.

    Raises:
        NotFoundError: There is no such file.
        QuestionError: A line is not such an object, or there is none.
    """
    if not path.is_file():
        raise NotFoundError(f"no file {str(path)!r}; name a JSON-lines file of questions")
    try:
        # Not splitlines(): a question may hold one of the rarer line breaks as it is.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise QuestionError(f"{path}, line {number}: not UTF-8 text; save the file as UTF-8") from error
    questions = [_parse(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionError(f"{path}: holds no question; {_FORM}")
    return questions


def evaluate(kb: KnowledgeBase, questions: Sequence[LabelledQuestion]) -> Evaluation:
    """Search for every question that has documents, and score the ranking of documents by their best passage."""
    asked = [question for question in questions if question.docs]
    seconds: dict[str, list[float]] = {"embed": [], "search": []}
    ranked: list[list[str]] = []
    for question in asked:
        begin = time.perf_counter()
        vector = kb.embedder.embed_query(question.question)
        middle = time.perf_counter()
        found = kb.find(question.question, vector, k=PASSAGES)
        seconds["embed"].append(middle - begin)
        seconds["search"].append(time.perf_counter() - middle)
        ranked.append(list(dict.fromkeys(passage.source for passage in found)))
    pairs = list(zip(asked, ranked, strict=True))
    kinds = dict.fromkeys(question.kind for question in asked if question.kind)
    return Evaluation(
        retrieval=score(pairs),
        by_kind={kind: score([pair for pair in pairs if pair[0].kind == kind]) for kind in kinds},
        seconds={stage: percentiles(values) for stage, values in seconds.items()},
        missed=[question.id for question, documents in pairs if not set(question.docs) & set(documents[:5])],
    )


def score(pairs: Sequence[tuple[LabelledQuestion, Sequence[str]]]) -> RetrievalScores:
    """Score rankings of documents; a question that found nothing counts as a miss."""
    ranks = [_first_rank(question.docs, documents) for question, documents in pairs]
    shares = [len(set(question.docs) & set(documents[:DEPTH])) / len(question.docs) for question, documents in pairs]
    return RetrievalScores(
        questions=len(pairs),
        hit_at_1=_mean([float(rank == 1) for rank in ranks]),
        hit_at_5=_mean([float(rank <= 5) for rank in ranks]),
        mrr_at_10=_mean([1 / rank if rank <= DEPTH else 0.0 for rank in ranks]),
        recall_at_10=_mean(shares),
    )


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile of durations, in seconds."""
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 5),
        "p95": round(ordered[-(-95 * len(ordered) // 100) - 1], 5),
    }


def _first_rank(right: Sequence[str], documents: Sequence[str]) -> float:
    return next((rank for rank, name in enumerate(documents, 1) if name in right), float("inf"))


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 4) if values else 0.0


def _parse(line: str, path: Path, number: int) -> LabelledQuestion:
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"{path}, line {number}: not a question ({error}); {_FORM}") from error
    if problem := _problem(fields):
        raise QuestionError(f"{path}, line {number}: not a question ({problem}); {_FORM}")
    docs = fields.get("doc") or ()
    return LabelledQuestion(
        id=str(fields.get("id", number)),
        question=fields["question"],
        docs=(docs,) if isinstance(docs, str) else tuple(dict.fromkeys(docs)),
        kind=str(fields.get("kind") or ""),
    )


def _problem(fields: Any) -> str:
    """What a line lacks to be a question."""
    if not isinstance(fields, dict):
        return "no JSON object"
    question, docs = fields.get("question"), fields.get("doc") or []
    if not isinstance(question, str):  # an empty one is asked as well, and missed
        return "`question` is no text"
    if not (isinstance(docs, str) or (isinstance(docs, list) and all(isinstance(doc, str) for doc in docs))):
        return "`doc` is neither a name nor a list of names"
    return ""
