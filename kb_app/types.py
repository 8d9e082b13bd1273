"""The values that flow through the program, one frozen dataclass a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["llm", "extractive"]
Finding = Literal["supported", "contradicted", "absent"]
EventKind = Literal["retrieved", "thinking", "token", "answer"]


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line of a text stands on its page.

    Attributes:
        start: Offset of its first character in the text that holds it.
        end: Offset after its last character.
        page: 1-based.
        box: Left, top, right and bottom, as shares of the page's width and height from its upper left corner.
    """

    start: int
    end: int
    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, as long as a paragraph or a few table rows.

    Attributes:
        text: The words of the document, verbatim: ``document.text[start:end]``.
        start: Offset of the first character in the document's text, in code points.
        end: Offset after the last character.
        headings: The headings above the chunk, outermost first.
        page: Page, slide or sheet where the chunk begins, 1-based, or None where the format has none.
        lines: Where its lines stand on their pages, offsets in ``text``; empty where the format has no places.
    """

    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None
    lines: tuple[Line, ...] = ()

    @property
    def indexed_text(self) -> str:
        """What the indexes see: the headings that are not part of the text, then the text."""
        above = [heading for heading in self.headings if heading not in self.text]
        return "\n".join([" > ".join(above), self.text]) if above else self.text


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a document without its text.

    Attributes:
        doc_id: Id of the document in the catalog.
        source: Path below the ingested folder, with ``/`` separators.
        title: From the document, or its file name.
        date: ISO date that the document gives itself, or of the last change of its file.
        details: Further fields, e.g. ``author``, ``language``, a mail's ``from``.
    """

    doc_id: int
    source: str
    title: str
    date: str
    details: dict[str, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found for a question.

    Attributes:
        text: The words of the document, verbatim.
        source: Path below the ingested folder, with ``/`` separators.
        title: Title of the document.
        headings: The headings above the passage, outermost first.
        page: Page, slide or sheet, 1-based, or None.
        score: How well the passage fits the question, in [0, 1]; comparable between questions.
        doc_id: Id of the document in the catalog.
        chunk_id: Id of the chunk in the catalog and both indexes.
        start: Offset of the passage in the document's text.
        end: Offset after its last character.
        found_by: Searches that returned it, best rank first, of ``"keyword"`` and ``"dense"``.
        lines: Where its lines stand on their pages, offsets in ``text``; empty where the format has no places.
    """

    text: str
    source: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    score: float
    doc_id: str
    chunk_id: str
    start: int
    end: int
    found_by: tuple[str, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A mark ``[n]`` in an answer and the words that stand behind it.

    Attributes:
        number: 1-based, as in the text of the answer.
        passage: The passage that is cited.
        quote: Words of the passage that support the sentence: ``passage.text[start:end]``.
        start: Offset of the quote in ``passage.text``.
        end: Offset after its last character.
    """

    number: int
    passage: Passage
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a second look found of one sentence of an answer.

    Attributes:
        sentence: Without its marks.
        finding: Whether the passages support it, contradict it, or do not tell.
    """

    sentence: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question, or that they do not tell.

    Attributes:
        question: As it was asked.
        search_question: What was searched for; differs from ``question`` for a follow-up.
        text: The answer with its ``[1]`` marks.
        citations: One for each mark and sentence, in the order of the text.
        passages: All passages that were found, best first.
        refused: Whether the documents do not tell.
        reason: Why it was refused or why no model answered, for the reader; empty otherwise.
        versions: Which versions of documents it rests on where there are several; empty otherwise.
        disagreements: Lines on documents that give another number or date for what the answer cites, with their dates.
        unsupported: Sentences of the answer that no passage supports.
        parts: The questions that were searched for where there are several; empty otherwise.
        left_out: Number of passages that did not fit the model's context.
        general: Whether it rests on the model's general knowledge, since the documents do not tell.
        verdicts: What the model said of the sentences when it looked at them once more.
        mode: ``"llm"`` or ``"extractive"``.
        template: Name of the prompt template; empty without a model.
        template_version: Its version.
        model: Name of the language model; empty without one.
        thinking: The model's reasoning, apart from the answer.
        timings: Seconds by stage.
    """

    question: str
    search_question: str
    text: str
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    refused: bool = False
    reason: str = ""
    versions: str = ""
    disagreements: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    left_out: int = 0
    general: bool = False
    verdicts: tuple[Verdict, ...] = ()
    mode: Mode = "extractive"
    template: str = ""
    template_version: str = ""
    model: str = ""
    thinking: str = ""
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a streamed answer.

    Attributes:
        kind: ``"retrieved"``, then any number of ``"thinking"`` and ``"token"``, then ``"answer"``.
        text: The piece of text of a ``"thinking"`` or ``"token"`` event.
        passages: What a ``"retrieved"`` event found.
        answer: The complete answer of an ``"answer"`` event.
    """

    kind: EventKind
    text: str = ""
    passages: tuple[Passage, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: ``"user"`` or ``"assistant"``.
        content: Its text.
    """

    role: Literal["user", "assistant"]
    content: str
