"""A question becomes an ``Answer``: search, gate, let the model speak, check what it said.

Without a model, or where it fails, the answer is extracted from the passages word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app import notices
from kb_app.answering.by_model import ByModel
from kb_app.answering.extractive import compose, extract
from kb_app.answering.finishing import noted, refused
from kb_app.answering.manner import DEFAULT
from kb_app.answering.rewriting import Rewriter, unmarked
from kb_app.answering.speaking import Said
from kb_app.conversation import as_messages, asks_nothing
from kb_app.errors import ModelError, QuestionError
from kb_app.parts import ALL
from kb_app.text import one_line, split_sentences
from kb_app.timing import Clock
from kb_app.types import Answer, Event

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from kb_app.answering.manner import Manner, Prompts
    from kb_app.answering.speaking import AnswerModel
    from kb_app.parts import Parts
    from kb_app.types import Message, Passage

MAX_QUESTION = 8000
"""Longest question, in characters; a longer one is a document."""

_NEAREST = 3

Similarity = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions from what ``retrieve`` finds.

    Attributes:
        retrieve: Finds passages for all questions that are searched for, merged, best first.
        prompts: What the model is told.
        model: What answers; None for extracts only.
        manner: How to answer.
        split: Takes a question apart by rule.
        widen: What stands around passages, to be read by a model in place of them.
        similarity: Cosines of a text with others, from the embedding model; sharpens the choice of quotes.
        versions: Says which versions of documents passages are from.
        disagreements: Says which documents of the passages contradict one another, for a question; cited ones first.
        parts: What of the checks is at work.
    """

    retrieve: Callable[[Sequence[str]], Sequence[Passage]]
    prompts: Prompts
    model: AnswerModel | None = None
    manner: Manner = DEFAULT
    split: Callable[[str], Sequence[str]] = lambda question: [question]
    widen: Callable[[Sequence[Passage]], Sequence[Passage]] = lambda passages: passages
    similarity: Similarity | None = None
    versions: Callable[[Sequence[Passage]], str] = lambda passages: ""  # noqa: ARG005 - no document has versions
    disagreements: Callable[[Sequence[Passage], str], Sequence[str]] = lambda passages, question: ()  # noqa: ARG005
    parts: Parts = ALL

    def ask(self, question: str, history: Iterable[object] = ()) -> Answer:
        """Answer a question.

        Raises:
            QuestionError: It is empty or too long, or the history has an unknown form.
        """
        *_, last = self.stream(question, history)
        assert last.answer is not None  # noqa: S101 - the contract of stream
        return last.answer

    def stream(self, question: str, history: Iterable[object] = ()) -> Iterator[Event]:
        """Answer a question while it is being answered; closing the iterator ends the request to the model.

        Where the model breaks off, the extracted answer follows its last token after an empty line. What counts
        is the ``answer`` event: its text is checked and its marks are numbered anew. With several samples no
        token comes before their result; a line of ``thinking`` tells of each that is there. Where unsupported
        sentences are dropped, no token comes before the check.

        Raises:
            QuestionError: As ``ask``; at once, not at the first event.
        """
        return self._events(check_question(question), as_messages(history))

    def _events(self, question: str, turns: Sequence[Message]) -> Iterator[Event]:
        clock = Clock()
        with clock.stage("condense"):
            searched = self._rewriter().searched(question, turns)
        with clock.stage("retrieve"):
            passages = () if asks_nothing(question) else tuple(self.retrieve(searched.all()))
        yield Event("retrieved", passages=passages)
        draft = Answer(question, searched.question, text="", passages=passages, parts=searched.parts)
        if evidence := self._evidence(passages):
            answer = yield from self._from_evidence(draft, evidence, turns, clock)
        else:
            answer = yield from self._without_evidence(draft, clock)
        if answer.refused and self.manner.general_knowledge:
            answer = yield from self._from_general_knowledge(answer, clock)
        clock.first("total")
        yield Event("answer", answer=replace(self._with_notes(answer), timings=clock.seconds))

    def _with_notes(self, answer: Answer) -> Answer:
        """The answer with which versions of documents it rests on, and what else the documents say of it."""
        cited = list({id(citation.passage): citation.passage for citation in answer.citations}.values())
        if not cited or not self.parts.check:
            return replace(answer, versions=self.versions(cited))
        others = [passage for passage in self._evidence(answer.passages) if passage not in cited]
        told = tuple(self.disagreements([*cited, *others], answer.question))
        return replace(answer, versions=self.versions(cited), disagreements=told)

    def _rewriter(self) -> Rewriter:
        prompts = self.prompts
        return Rewriter(prompts.condense, prompts.decompose, prompts.expand, model=self.model, split=self.split)

    def _evidence(self, passages: Sequence[Passage]) -> list[Passage]:
        lowest = self.manner.min_score if self.parts.gate else 0.0
        return [passage for passage in passages if passage.score >= lowest and passage.text.strip()]

    def _from_evidence(
        self, draft: Answer, evidence: Sequence[Passage], turns: Sequence[Message], clock: Clock
    ) -> Generator[Event, None, Answer]:
        """By the model; by extracts where there is none, or where it fails."""
        said = Said()
        reason = notices.NO_MODEL
        try:
            if by_model := self._by_model():
                return (yield from by_model.answer(draft, evidence, unmarked(turns), said, clock))
        except ModelError as error:
            reason = notices.MODEL_FAILED + str(error)
        with clock.stage("cite"):
            citations = tuple(extract(draft.search_question, evidence, parts=draft.parts, similarity=self.similarity))
        text = compose(citations)
        for token in ["\n\n"] * ("first_token" in clock.seconds) + split_sentences(text):
            clock.first("first_token")
            yield Event("token", text=token)
        return replace(draft, text=text, citations=citations, reason=reason, thinking=said.thinking)

    def _without_evidence(self, draft: Answer, clock: Clock) -> Generator[Event, None, Answer]:
        """A refusal that names what was nearest, without asking a model."""
        answer = refused(draft, _unfound(draft))
        clock.first("first_token")
        yield Event("token", text=answer.text)
        return answer

    def _from_general_knowledge(self, refusal: Answer, clock: Clock) -> Generator[Event, None, Answer]:
        """The model's general knowledge in place of a refusal, which stays where there is none or it fails."""
        try:
            if by_model := self._by_model():
                return (yield from by_model.general(refusal, clock))
        except ModelError as error:
            return noted(refusal, notices.no_general(error))
        return refusal

    def _by_model(self) -> ByModel | None:
        """The model that answers now, if there is one.

        Raises:
            ModelError: There is a server, but it does not serve what the settings name.
        """
        served = self.model.served() if self.model else None
        if not self.model or not served:
            return None
        return ByModel(
            self.model, served, self.prompts, self.manner, self.parts, widen=self.widen, similarity=self.similarity
        )


def check_question(question: str) -> str:
    """The question without surrounding white space.

    Raises:
        QuestionError: It is empty or longer than ``MAX_QUESTION``.
    """
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty; ask something")
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(question)} characters, at most {MAX_QUESTION} are allowed; "
            "shorten it, or add the text as a document"
        )
    return question


def _unfound(draft: Answer) -> str:
    """Why nothing was found: what was looked for, and what came nearest."""
    if asks_nothing(draft.question):
        return notices.NOTHING_ASKED
    nearest = "、".join(dict.fromkeys(passage.title or passage.source for passage in draft.passages[:_NEAREST]))
    reason = f"没有找到与“{one_line(draft.search_question, 60)}”足够相关的资料。No passage fits well enough."
    return f"{reason} 最接近的是 nearest: {nearest}" if nearest else reason
