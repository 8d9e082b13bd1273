"""A question becomes an ``Answer``: condense, retrieve, gate, let the model speak, check what it said.

Without a model, or where it fails, the answer is extracted from the passages word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from kb_app.attribution import attribute
from kb_app.citations import cite, is_refusal, strip_marks
from kb_app.conversation import as_messages, carry_over, leans_on_conversation, usable_condensation
from kb_app.errors import ModelError, QuestionError
from kb_app.extractive import compose, extract
from kb_app.models.streaming import loop_start
from kb_app.notices import MARKS_ADDED, MODEL_FAILED, MODEL_REFUSED, NO_MODEL
from kb_app.prompting import build_messages, estimate_tokens, pack, recent_turns
from kb_app.refusal import refusal_for
from kb_app.text import one_line, split_sentences
from kb_app.timing import Clock
from kb_app.types import Answer, Event, Message

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from kb_app.models.llm import ServedModel
    from kb_app.models.streaming import Piece
    from kb_app.prompting import Template
    from kb_app.types import Passage

MAX_QUESTION = 8000
"""Longest question, in characters; a longer one is a document."""

_DEFAULT_CONTEXT = 8192
_ANSWER_SHARE = 4
_SAFETY = 0.9
_LOOP_CHECK_EVERY = 16
_CONDENSE_TOKENS = 1200
_NEAREST = 3

Similarity = Callable[[str, Sequence[str]], Sequence[float]]


class AnswerModel(Protocol):
    """What answers: ``kb_app.models.llm`` has a server and a LangChain chat model."""

    def served(self) -> ServedModel | None:
        """The model that would answer, or None where there is none at the moment."""

    def stream(self, messages: Sequence[dict[str, str]]) -> Iterator[Piece]:
        """Let the model speak."""


@dataclass(slots=True)
class _Said:
    """What the model has said so far."""

    text: str = ""
    thinking: str = ""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers questions from what ``retrieve`` finds.

    Attributes:
        retrieve: Finds passages for a search question, best first.
        template: Prompt of an answer.
        condenser: Prompt that turns a follow-up into a question that stands alone.
        model: What answers; None for extracts only.
        min_score: Passages below this score are no evidence.
        similarity: Cosines of a text with others, from the embedding model; sharpens the choice of quotes.
        versions: Says which versions of documents passages are from.
    """

    retrieve: Callable[[str], Sequence[Passage]]
    template: Template
    condenser: Template
    model: AnswerModel | None = None
    min_score: float = 0.2
    similarity: Similarity | None = None
    versions: Callable[[Sequence[Passage]], str] = lambda passages: ""  # noqa: ARG005 - no document has versions

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
        is the ``answer`` event: its text is checked and its marks are numbered anew.

        Raises:
            QuestionError: As ``ask``; at once, not at the first event.
        """
        return self._events(check_question(question), as_messages(history))

    def _events(self, question: str, turns: Sequence[Message]) -> Iterator[Event]:
        clock = Clock()
        with clock.stage("condense"):
            search_question = self._condense(question, turns)
        with clock.stage("retrieve"):
            passages = tuple(self.retrieve(search_question))
        yield Event("retrieved", passages=passages)
        draft = Answer(question, search_question, text="", passages=passages)
        evidence = [passage for passage in passages if passage.score >= self.min_score and passage.text.strip()]
        if evidence:
            answer = yield from self._answer(draft, evidence, turns, clock)
        else:
            answer = _refused(draft)
            yield Event("token", text=answer.text)
        clock.first("total")
        used = self.versions([citation.passage for citation in answer.citations])
        yield Event("answer", answer=replace(answer, versions=used, timings=clock.seconds))

    def _answer(
        self, draft: Answer, evidence: Sequence[Passage], turns: Sequence[Message], clock: Clock
    ) -> Generator[Event, None, Answer]:
        said = _Said()
        reason = NO_MODEL
        try:
            if self.model and (served := self.model.served()):
                packed, messages = self._prompt(served, draft.question, evidence, turns)
                with clock.stage("generate"):
                    yield from _listen(self.model.stream(messages), said, clock)
                with clock.stage("cite"):
                    model = replace(draft, mode="llm", model=served.name, template=self.template.name)
                    return self._checked(model, said, packed)
        except ModelError as error:
            reason = MODEL_FAILED + str(error)
        with clock.stage("cite"):
            citations = tuple(extract(draft.search_question, evidence, similarity=self.similarity))
        text = compose(citations)
        for token in ["\n\n"] * bool(said.text) + split_sentences(text):
            clock.first("first_token")
            yield Event("token", text=token)
        return replace(draft, text=text, citations=citations, reason=reason, thinking=said.thinking)

    def _prompt(
        self, served: ServedModel, question: str, evidence: Sequence[Passage], turns: Sequence[Message]
    ) -> tuple[list[Passage], list[dict[str, str]]]:
        """The passages that fit the model's context, and the prompt with them and the newest turns that still fit."""
        context = served.context or _DEFAULT_CONTEXT
        room = int(_SAFETY * (context - context // _ANSWER_SHARE))
        packed = pack(evidence, room - _tokens(build_messages(self.template, question, ())))
        if not packed:
            raise ModelError(
                f"the context of {served.name!r} ({context} tokens) is too small for the question and a passage; "
                "serve the model with a longer context"
            )
        left = room - _tokens(build_messages(self.template, question, packed))
        return packed, build_messages(self.template, question, packed, recent_turns(_unmarked(turns), max(0, left)))

    def _checked(self, draft: Answer, said: _Said, packed: Sequence[Passage]) -> Answer:
        """The model's words as an answer whose citations are checked.

        Where it named no passage, those are named that hold its words.

        Raises:
            ModelError: It said nothing, or nothing that a passage holds.
        """
        hidden, _, text = said.text.rpartition("</think>")  # the opening tag may stand in the chat template
        answer = replace(draft, thinking=(said.thinking + hidden).strip())
        if not text.strip():
            raise ModelError(f"the model {draft.model!r} answered nothing; ask again, or serve another one")
        if is_refusal(text):
            return replace(answer, text=refusal_for(draft.question), refused=True, reason=MODEL_REFUSED)
        cited = cite(text, packed, similarity=self.similarity)
        if not cited.citations:
            cited = cite(attribute(cited.text, packed), packed, similarity=self.similarity)
            answer = replace(answer, reason=MARKS_ADDED)
        if not cited.citations:
            raise ModelError(
                f"the answer of the model {draft.model!r} cites no passage and none holds its words, so nothing "
                "supports it; serve another model"
            )
        return replace(answer, text=cited.text, citations=cited.citations, unsupported=cited.unsupported)

    def _condense(self, question: str, turns: Sequence[Message]) -> str:
        """The question that is searched for: by the model, or by a rule where there is none."""
        if not turns or not leans_on_conversation(question):
            return question
        try:
            if self.model and self.model.served():
                recent = recent_turns(_unmarked(turns), _CONDENSE_TOKENS)
                pieces = self.model.stream(build_messages(self.condenser, question, (), recent))
                condensed = "".join(piece.text for piece in pieces if piece.kind == "text").rpartition("</think>")[2]
                if usable := usable_condensation(condensed, question, recent):
                    return usable
        except ModelError:
            pass  # the same model says the same when it shall answer, and that is reported
        return carry_over(question, turns)


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


def _listen(pieces: Iterator[Piece], said: _Said, clock: Clock) -> Iterator[Event]:
    """Hand on what the model says and keep it; a model that repeats itself is stopped and its repetition dropped."""
    with closing(pieces) as speaking:  # type: ignore[type-var]  # models stream by generators
        for count, piece in enumerate(speaking):
            if piece.kind == "thinking":
                said.thinking += piece.text
                yield Event("thinking", text=piece.text)
                continue
            clock.first("first_token")
            said.text += piece.text
            yield Event("token", text=piece.text)
            if count % _LOOP_CHECK_EVERY == 0 and (start := loop_start(said.text)) is not None:
                said.text = said.text[:start]
                return


def _refused(draft: Answer) -> Answer:
    nearest = "、".join(dict.fromkeys(passage.title or passage.source for passage in draft.passages[:_NEAREST]))
    looked_for = one_line(draft.search_question, 60)
    reason = f"没有找到与“{looked_for}”足够相关的资料。No passage fits well enough."
    if nearest:
        reason += f" 最接近的是 nearest: {nearest}"
    return replace(draft, text=refusal_for(draft.question), refused=True, reason=reason)


def _tokens(messages: Sequence[dict[str, str]]) -> int:
    return sum(estimate_tokens(message["content"]) + 4 for message in messages)


def _unmarked(turns: Sequence[Message]) -> list[Message]:
    """The turns without the marks of earlier answers: their numbers mean other passages."""
    return [replace(turn, content=strip_marks(turn.content)) for turn in turns]
