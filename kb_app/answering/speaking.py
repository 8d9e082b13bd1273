"""Listening to a language model: what it says, kept apart by kind, and handed on while it comes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kb_app.answering.reasoning import behind_headings, split_reasoning
from kb_app.models.streaming import Request, loop_start
from kb_app.types import Event

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from kb_app.answering.templates import Template
    from kb_app.models.llm import ServedModel
    from kb_app.models.streaming import Piece
    from kb_app.timing import Clock

_TASK_TOKENS = 512


class AnswerModel(Protocol):
    """What answers: ``kb_app.models.llm`` has a server and a LangChain chat model."""

    def served(self) -> ServedModel | None:
        """The model that would answer, or None where there is none at the moment."""

    def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Iterator[Piece]:
        """Let the model speak."""

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        """Tokens of a prompt."""

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""


@dataclass(slots=True)
class Said:
    """What a model has said so far.

    Attributes:
        text: Of the answer.
        thinking: Apart from it.
        cut: Whether the answer was cut off at its longest length.
    """

    text: str = ""
    thinking: str = ""
    cut: bool = False

    def take(self, piece: Piece) -> None:
        """Keep a piece."""
        if piece.note == "retract":
            self.thinking, self.text = self.thinking + self.text, ""
        elif piece.kind == "thinking":
            self.thinking += piece.text
        else:
            self.text += piece.text
        self.cut = self.cut or piece.note == "length"

    def settle(self, template: Template) -> None:
        """Tell thinking from text once more when all is said: a tag or a heading may have been missing."""
        hidden, _, self.text = self.text.rpartition("</think>")  # the opening tag may stand in the chat template
        self.thinking += hidden
        if template.reasoning:
            self.text, self.thinking = behind_headings(self.text, self.thinking, template.reasoning)


def hear(pieces: Iterator[Piece], said: Said, template: Template) -> Generator[Piece, None, None]:
    """What a model says, kept in ``said``; the repetition of one that repeats itself is dropped."""
    with closing(pieces) as source:  # type: ignore[type-var]  # models stream by generators
        for piece in split_reasoning(source, template.reasoning) if template.reasoning else source:
            said.take(piece)
            yield piece
            if piece.note == "loop" and (start := loop_start(said.text)) is not None:
                said.text = said.text[:start]
    said.settle(template)


def events(pieces: Iterator[Piece], clock: Clock, *, hold: bool = False) -> Iterator[Event]:
    """The pieces as events of an answer; without its text where that is held back."""
    for piece in pieces:
        if not piece.text or piece.note or (hold and piece.kind == "text"):
            continue
        if piece.kind == "text":
            clock.first("first_token")
        yield Event("token" if piece.kind == "text" else "thinking", text=piece.text)


def reply(model: AnswerModel, messages: Sequence[dict[str, str]], template: Template, **options: object) -> str:
    """The whole text that a model says to a task beside the answer, without its thinking.

    Raises:
        ModelError: It failed.
    """
    said = Said()
    request = Request(**{"thinking": template.thinking, "temperature": 0.0, "max_tokens": _TASK_TOKENS, **options})  # type: ignore[arg-type]  # fields of a request
    for _ in hear(model.stream(messages, request), said, template):
        pass
    return said.text.strip()
