"""Asks a knowledge base every question and keeps numbers only: memory does not grow with what is found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.conversation import as_messages, carry_over, leans_on_conversation
from kb_app.errors import QuestionError
from kb_app.evaluation.answers import contains_any
from kb_app.evaluation.citations import EXTRACTIVE, given, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.evaluation.citations import Given
    from kb_app.evaluation.questions import LabelledQuestion
    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.types import Answer, Passage

    OnProgress = Callable[[int, int], None]

PASSAGES = 50
"""Passages that are searched for: enough for ten documents."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One question in numbers.

    Attributes:
        question: What was asked.
        documents: Sources, best first, each once: of the passages that are handed over, then of a deeper search.
        scored: Score and rightness of the passages that are handed over for an answer, best first.
        answer: None where answers are not measured.
        seconds: By stage.
    """

    question: LabelledQuestion
    documents: tuple[str, ...]
    scored: tuple[tuple[float, bool], ...]
    answer: Given | None
    seconds: dict[str, float]

    @property
    def ranked(self) -> bool:
        """Whether the ranking of documents can be scored: the question names a right one."""
        return self.question.answerable and bool(self.question.docs)

    @property
    def best(self) -> float:
        """The best score of a passage, 0 where nothing was found."""
        return max((score for score, _ in self.scored), default=0.0)


@dataclass(frozen=True, slots=True)
class Observed:
    """All questions of a run.

    Attributes:
        observations: In the order of the questions.
        cut_off: Score below which a passage is no evidence.
        setup: What was measured: models and settings that change the numbers.
        absent: Documents that questions name and that are not there.
    """

    observations: tuple[Observation, ...]
    cut_off: float
    setup: dict[str, str | int | float]
    absent: tuple[str, ...] = ()

    @property
    def with_answers(self) -> bool:
        """Whether answers were measured."""
        return any(one.answer for one in self.observations)

    @property
    def with_model(self) -> bool:
        """Whether a language model gave some of them."""
        return any(one.answer and one.answer.author != EXTRACTIVE for one in self.observations)


def observe(
    kb: KnowledgeBase,
    questions: Sequence[LabelledQuestion],
    *,
    answers: bool = False,
    template: str | None = None,
    on_progress: OnProgress | None = None,
) -> Observed:
    """Search for every question, and answer it where ``answers`` is set.

    Args:
        kb: What is measured.
        questions: Asked one after the other, so that the seconds are those of one reader.
        answers: Whether to answer; with the model that is served, else by extracts.
        template: Name of the prompt template; by default that of the settings.
        on_progress: Told how many questions of all are done.
    """
    kb.find("预热", kb.embedder.embed_query("预热"))  # what is loaded once is in nobody's seconds
    seen = []
    for number, question in enumerate(questions, 1):
        seen.append(_observe(kb, question, answers=answers, template=template))
        if on_progress:
            on_progress(number, len(questions))
    known = {document.source for document in kb.documents()}
    named = dict.fromkeys(doc for question in questions if question.answerable for doc in question.docs)
    return Observed(tuple(seen), cut_off(kb), _setup(kb, template), tuple(doc for doc in named if doc not in known))


def cut_off(kb: KnowledgeBase) -> float:
    """The score in force below which a passage is no evidence; 0 where nothing is refused."""
    return kb.settings.min_score if kb.parts.gate else 0.0


def _observe(kb: KnowledgeBase, question: LabelledQuestion, *, answers: bool, template: str | None) -> Observation:
    answer = _answer(kb, question, template) if answers else None
    wanted = answer.search_question if answer else _alone(question)
    begin = time.perf_counter()
    vector = kb.embedder.embed_query(wanted)
    middle = time.perf_counter()
    found = kb.find(wanted, vector, k=PASSAGES)
    seconds = {"embed": middle - begin, "search": time.perf_counter() - middle}
    handed = answer.passages if answer else _searched(kb, wanted)
    return Observation(
        question=question,
        documents=tuple(dict.fromkeys(passage.source for passage in (*handed, *found))),
        scored=tuple((passage.score, _is_right(passage, question)) for passage in handed),
        answer=(given(answer, question) if answer else refusal(question)) if answers else None,
        seconds=seconds | (answer.timings if answer else {}),
    )


def _answer(kb: KnowledgeBase, question: LabelledQuestion, template: str | None) -> Answer | None:
    """The answer, or None to what cannot be asked, as an empty question."""
    try:
        return kb.ask(question.question, history=question.history, template=template)
    except QuestionError:
        return None


def _searched(kb: KnowledgeBase, question: str) -> Sequence[Passage]:
    """What a reader's search finds; nothing for what cannot be asked."""
    try:
        return kb.search(question)
    except QuestionError:
        return ()


def _alone(question: LabelledQuestion) -> str:
    """The question that is searched for where no answer tells it: a follow-up is completed by the rule."""
    if not question.history or not leans_on_conversation(question.question):
        return question.question
    return carry_over(question.question, as_messages(question.history))


def _is_right(passage: Passage, question: LabelledQuestion) -> bool:
    """Whether a passage is of a right document and, where answers are given, holds one."""
    if not question.answerable or (question.docs and passage.source not in question.docs):
        return False
    return not question.answers or contains_any(passage.text, question.answers)


def _setup(kb: KnowledgeBase, template: str | None) -> dict[str, str | int | float]:
    settings = kb.settings
    return {
        "embedding": kb.embedder.name,
        "reranker": settings.reranker or "none",
        "template": template or settings.template,
        "top_k": settings.top_k,
        "cut_off": cut_off(kb),
        "documents": kb.status().documents,
        "chunks": kb.status().chunks,
    }
