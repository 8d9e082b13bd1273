"""An answer by the model: pack what it reads, let it speak, take what it said most often, check it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kb_app import notices
from kb_app.answering.consistency import agree
from kb_app.answering.examples import choose
from kb_app.answering.finishing import Finisher, noted, refused
from kb_app.answering.output import unwrapped, whole_sentences
from kb_app.answering.packing import DEFAULT_CONTEXT, Packer
from kb_app.answering.prompting import build_messages
from kb_app.answering.sampling import PULSE, TEMPERATURE, sample
from kb_app.answering.speaking import Said, events, hear
from kb_app.answering.verification import verify
from kb_app.citing.citations import strip_marks
from kb_app.errors import ModelError
from kb_app.models.faults import ContextOverflowError
from kb_app.models.streaming import Request
from kb_app.text import split_sentences
from kb_app.types import Answer, Event

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from kb_app.answering.manner import Manner, Prompts
    from kb_app.answering.packing import Prompt
    from kb_app.answering.speaking import AnswerModel
    from kb_app.answering.templates import Template
    from kb_app.models.llm import ServedModel
    from kb_app.parts import Parts
    from kb_app.timing import Clock
    from kb_app.types import Message, Passage

_REASONED_TOKENS = 2048
"""Longest answer with the reasoning that its template asks for."""

Similarity = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class ByModel:
    """Lets a model answer.

    Attributes:
        model: What answers.
        served: Its name and context.
        prompts: What it is told.
        manner: How to answer.
        parts: What of the checks is at work.
        widen: What stands around passages, to be read in place of them.
        similarity: Cosines of a text with others.
    """

    model: AnswerModel
    served: ServedModel
    prompts: Prompts
    manner: Manner
    parts: Parts
    widen: Callable[[Sequence[Passage]], Sequence[Passage]]
    similarity: Similarity | None = None

    def answer(
        self, draft: Answer, evidence: Sequence[Passage], turns: Sequence[Message], said: Said, clock: Clock
    ) -> Generator[Event, None, Answer]:
        """The draft answered from the evidence, with its citations checked; what the model says is kept in ``said``.

        Where the prompt is too long after all, it is sent once more with half of the passages.

        Raises:
            ModelError: The model failed, or nothing supports what it said.
        """
        draft = self._named(draft, self.prompts.answer)
        prompt = self._packed(draft.question, evidence, turns)
        with clock.stage("generate"):
            try:
                draft = yield from self._spoken(draft, prompt, said, clock)
            except ContextOverflowError:
                halved = self._packed(draft.question, evidence, (), most=max(1, len(prompt.passages) // 2))
                prompt = replace(halved, left_out=prompt.left_out + len(prompt.passages) - len(halved.passages))
                draft = yield from self._spoken(draft, prompt, said, clock)
        draft = noted(replace(draft, left_out=prompt.left_out), notices.left_out(prompt.left_out))
        with clock.stage("cite"):
            answer = draft if draft.refused else self._finisher().answer(draft, said, prompt.passages)
        if self._holds:
            yield from _tokens(answer.text, clock)
        return answer

    def general(self, draft: Answer, clock: Clock) -> Generator[Event, None, Answer]:
        """An answer of the model's own knowledge in place of a refusal; it says so in its first line.

        Raises:
            ModelError: The model failed.
        """
        template = self.prompts.general
        first = notices.general_line(draft.question) + "\n\n"
        said = Said()
        yield Event("token", text="\n\n" + first if "first_token" in clock.seconds else first)
        with clock.stage("generate"):
            messages = build_messages(template, draft.search_question)
            yield from events(hear(self.model.stream(messages, self._request(template)), said, template), clock)
        text = unwrapped(said.text)
        if not text:
            raise ModelError(f"the model {self.served.name!r} answered nothing; ask again, or serve another one")
        if said.cut:
            draft, text = noted(draft, notices.CUT_OFF), whole_sentences(text)
        general = replace(self._named(draft, template), text=first + strip_marks(text), thinking=said.thinking)
        return replace(general, refused=False, general=True)

    def _named(self, draft: Answer, template: Template) -> Answer:
        """The draft with the name of the model and of its prompt."""
        return replace(
            draft, mode="llm", model=self.served.name, template=template.name, template_version=template.version
        )

    def _packed(
        self, question: str, evidence: Sequence[Passage], turns: Sequence[Message], *, most: int | None = None
    ) -> Prompt:
        """The prompt with what fits; the passages alone where what stands around them does not fit."""
        template = self.prompts.answer
        packer = Packer(template, self.model, self.served.context or DEFAULT_CONTEXT, self.served.name)
        chosen = choose(self.prompts.examples, question, template.examples, self.similarity)
        examples = [example.shown(template.reasoning) for example in chosen]
        try:
            prompt = packer.prompt(question, list(self.widen(evidence))[:most], turns, examples)
        except ModelError:
            prompt = packer.prompt(question, evidence[:most], turns, examples)
        return prompt

    def _spoken(self, draft: Answer, prompt: Prompt, said: Said, clock: Clock) -> Generator[Event, None, Answer]:
        """Let the model speak to a prompt, once or several times; the draft is refused where most answers are."""
        template = self.prompts.answer
        if self.manner.samples > 1:
            return (yield from self._agreed(draft, prompt, said, clock))
        pieces = self.model.stream(prompt.messages, self._request(template))
        yield from events(hear(pieces, said, template), clock, hold=self._holds)
        return draft

    def _agreed(self, draft: Answer, prompt: Prompt, said: Said, clock: Clock) -> Generator[Event, None, Answer]:
        """Let the model answer several times, and keep what most of the answers share.

        Raises:
            ModelError: It failed each time, or no two answers agree.
        """
        template, count = self.prompts.answer, self.manner.samples
        request = replace(self._request(template), temperature=TEMPERATURE, pulse=PULSE)
        samples = sample(self.model, prompt.messages, template, request, count)
        answers = yield from _progress(samples, count)
        texts = [whole_sentences(unwrapped(one.text)) if one.cut else unwrapped(one.text) for one in answers]
        agreed = agree(texts) if texts else None
        if agreed is None or not (agreed.text or agreed.refused):
            raise ModelError(f"{count} answers of the model {draft.model!r} share no sentence; ask more precisely")
        said.text, said.thinking = agreed.text, answers[agreed.chosen].thinking
        if agreed.refused:
            draft = replace(refused(draft, notices.SAMPLES_REFUSED), thinking=said.thinking)
        elif agreed.dropped:
            draft = noted(draft, notices.disagreed(len(texts), agreed.dropped))
        if not self._holds:
            yield from _tokens(draft.text or said.text, clock)
        return draft

    @property
    def _holds(self) -> bool:
        """Whether no word is shown before it is checked: of sentences that are dropped nobody shall have read one."""
        return self.manner.unsupported == "drop" and self.parts.check

    def _request(self, template: Template) -> Request:
        wanted = template.thinking if self.manner.thinking is None else self.manner.thinking
        return Request(thinking=wanted, max_tokens=_REASONED_TOKENS if template.reasoning else None)

    def _finisher(self) -> Finisher:
        look = partial(verify, self.model, self.prompts.verify) if self.manner.verify else None
        return Finisher(self.similarity, self.parts.check, self.manner.unsupported, look)


def _tokens(text: str, clock: Clock) -> Iterator[Event]:
    """A text that is there as a whole, sentence by sentence."""
    clock.first("first_token")
    for sentence in split_sentences(text):
        yield Event("token", text=sentence)


def _progress(samples: Generator[int, None, list[Said]], count: int) -> Generator[Event, None, list[Said]]:
    """A line of thinking for each answer that is there."""
    while True:
        try:
            number = next(samples)
        except StopIteration as end:
            answers: list[Said] = end.value
            return answers
        yield Event("thinking", text=notices.sampled(number, count) + "\n")
