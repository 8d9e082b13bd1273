"""A question becomes an ``Answer``: search, gate, let the model speak, check what it said.

Without a model, or where it fails, the answer is extracted from the passages word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app import notices
from kb_app.answering.across_languages import across
from kb_app.answering.by_model import ByModel
from kb_app.answering.extractive import compose, extract, shown
from kb_app.answering.finishing import noted, refused
from kb_app.answering.forms import form_of
from kb_app.answering.manner import DEFAULT
from kb_app.answering.rewriting import Rewriter, unmarked
from kb_app.answering.speaking import Said
from kb_app.answering.untold import untold
from kb_app.citing.quotes import same_script
from kb_app.conversation import as_messages, asks_nothing, may_ask
from kb_app.errors import ModelError, QuestionError
from kb_app.parts import ALL
from kb_app.text import one_line, split_sentences
from kb_app.timing import Clock
from kb_app.types import Answer, Event

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from kb_app.answering.manner import Manner, Prompts
    from kb_app.answering.rewriting import Searched
    from kb_app.answering.speaking import AnswerModel
    from kb_app.parts import Parts
    from kb_app.types import Citation, Message, Passage

MAX_QUESTION = 8000
"""Longest question, in characters; a longer one is a document."""

NEAR = 1 / 3
"""What reaches this share of the best passage's score goes along with it, be it below the cut-off."""

_NEAREST = 3

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
Background = Callable[[float, float], float]


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
        background: Cosine of a question and a text without anything in common, by their shares of Chinese; compares
            quotes across languages.
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
    background: Background | None = None
    versions: Callable[[Sequence[Passage], str], str] = lambda passages, question: ""  # noqa: ARG005 - no document has versions
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
            passages = self._found(searched)
        if again := self._again(question, turns, passages, clock):
            searched, passages = again
        yield Event("retrieved", passages=passages)
        draft = Answer(question, searched.question, text="", passages=passages, parts=searched.parts)
        if evidence := self._evidence(passages):
            answer = yield from self._from_evidence(draft, evidence, turns, clock)
        else:
            reason = _unfound(draft) + notices.may_ask(self._offered(question, turns))
            answer = yield from self._without_evidence(draft, reason, clock)
        if answer.refused and self.manner.general_knowledge:
            answer = yield from self._from_general_knowledge(answer, clock)
        clock.first("total")
        yield Event("answer", answer=replace(self._with_notes(answer), timings=clock.seconds))

    def _found(self, searched: Searched) -> tuple[Passage, ...]:
        """What is found; of what does not speak of the subject of a question for which nothing was found, nothing."""
        return () if asks_nothing(searched.asked) else searched.fitting(self.retrieve(searched.all()))

    def _again(
        self, question: str, turns: Sequence[Message], passages: Sequence[Passage], clock: Clock
    ) -> tuple[Searched, tuple[Passage, ...]] | None:
        """What the question is by the conversation, and what is found for that; None where this finds nothing either.

        Only where nothing was found for the question alone is the model asked for it.
        """
        if not turns or self._evidence(passages):
            return None
        with clock.stage("condense"):
            searched = self._rewriter().in_conversation(question, turns)
        if not searched:
            return None
        with clock.stage("retrieve"):
            found = self._found(searched)
        return (searched, found) if self._evidence(found) else None

    def _offered(self, question: str, turns: Sequence[Message]) -> str:
        """What the reader may ask instead, if the conversation makes of it a question for which something is found."""
        offered = may_ask(question, turns)
        return offered if offered and self._evidence(self.retrieve([offered])) else ""

    def _with_notes(self, answer: Answer) -> Answer:
        """The answer with which versions of documents it rests on, and what else the documents say of it."""
        cited = list({id(citation.passage): citation.passage for citation in answer.citations}.values())
        if not cited or not self.parts.check:
            return replace(answer, versions=self.versions(cited, answer.search_question))
        others = [passage for passage in self._evidence(answer.passages) if passage not in cited]
        told = tuple(self.disagreements([*cited, *others], answer.question))
        return replace(answer, versions=self.versions(cited, answer.search_question), disagreements=told)

    def _rewriter(self) -> Rewriter:
        prompts = self.prompts
        return Rewriter(prompts.condense, prompts.decompose, prompts.expand, model=self.model, split=self.split)

    def _evidence(self, passages: Sequence[Passage]) -> list[Passage]:
        """What is told from: the best passage decides whether anything is, and what comes near it goes along."""
        telling = [passage for passage in passages if passage.text.strip()]
        best = max((passage.score for passage in telling), default=0.0)
        lowest = self.manner.min_score if self.parts.gate else 0.0
        if best < lowest:
            return []
        return [passage for passage in telling if passage.score >= min(lowest, NEAR * best)]

    def _from_evidence(
        self, draft: Answer, evidence: Sequence[Passage], turns: Sequence[Message], clock: Clock
    ) -> Generator[Event, None, Answer]:
        """By the model; by extracts where there is none, or where it fails; a refusal where all is of another thing."""
        parts = draft.parts or (draft.search_question,)
        found = untold(parts, evidence, lambda part: self._quotes(part, (), evidence))
        if self.parts.gate and not found.others:
            return (yield from self._without_evidence(draft, notices.not_mentioned(found.names, draft.question), clock))
        said = Said()
        reason = notices.NO_MODEL
        try:
            if by_model := self._by_model():
                known = noted(draft, notices.not_mentioned(found.names, draft.question)) if found.names else draft
                return (yield from by_model.answer(known, evidence, unmarked(turns), said, clock))
        except ModelError as error:
            reason = notices.MODEL_FAILED + str(error)
        with clock.stage("cite"):
            others = found.others or parts
            asked = draft.search_question if others == parts else "".join(others)
            citations = self._quotes(asked, others, evidence)
        text = _quoted(draft.question, others, found.names, citations)
        for token in ["\n\n"] * ("first_token" in clock.seconds) + split_sentences(text):
            clock.first("first_token")
            yield Event("token", text=token)
        return replace(draft, text=text, citations=citations, reason=reason, thinking=said.thinking)

    def _quotes(self, question: str, parts: Sequence[str], evidence: Sequence[Passage]) -> tuple[Citation, ...]:
        similarity = self.similarity
        if similarity and self.background:
            similarity = across(question, evidence, similarity, self.background)
        return tuple(extract(question, evidence, parts=parts, similarity=similarity))

    def _without_evidence(self, draft: Answer, reason: str, clock: Clock) -> Generator[Event, None, Answer]:
        """A refusal that names what was nearest, without asking a model."""
        answer = refused(draft, reason + _nearest(draft.passages))
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


def _quoted(question: str, parts: Sequence[str], names: Sequence[str], citations: Sequence[Citation]) -> str:
    """The quotes as a text, below a line on what they do not tell of what is asked."""
    lines = [shown(citation) for citation in citations]
    forms = [form for part in parts if (form := form_of(part)) and any(same_script(part, line) for line in lines)]
    asked = next((form.asked for form in forms if not any(map(form.is_in, lines))), "")
    above = notices.before_quotes(names, asked, question) if lines else ""
    return "\n\n".join(filter(None, [above, compose(citations)]))


def _unfound(draft: Answer) -> str:
    """Why nothing was found: what was looked for."""
    if asks_nothing(draft.question):
        return notices.NOTHING_ASKED
    return f"没有找到与“{one_line(draft.search_question, 60)}”足够相关的资料。No passage fits well enough."


def _nearest(passages: Sequence[Passage]) -> str:
    """The titles of the documents that came nearest."""
    nearest = "、".join(dict.fromkeys(passage.title or passage.source for passage in passages[:_NEAREST]))
    return f" 最接近的是 nearest: {nearest}" if nearest else ""
