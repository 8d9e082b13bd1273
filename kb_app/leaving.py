"""Answers that a reader can leave at any moment, from any thread, also while the model has not said a word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from kb_app.types import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.answering.speaking import AnswerModel
    from kb_app.models.llm import ServedModel
    from kb_app.models.streaming import Piece, Request


class Leash:
    """The model of one answer; ``close`` ends all that it is saying, and lets it begin nothing new."""

    def __init__(self, model: AnswerModel) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._closed = False
        self._speeches: list[Iterator[Piece]] = []

    def served(self) -> ServedModel | None:
        """The model that would answer, or None where there is none at the moment."""
        return self._model.served()

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        """Tokens of a prompt."""
        return self._model.count(messages)

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self._model.count_texts(texts)

    def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Iterator[Piece]:
        """Let the model speak; it says nothing where the reader has left."""
        speech = self._model.stream(messages, request)
        with self._lock:
            self._speeches.append(speech)
            closed = self._closed
        if closed:
            _close(speech)
        return speech

    def close(self) -> None:
        """End all requests."""
        with self._lock:
            self._closed = True
            speeches, self._speeches = self._speeches, []
        for speech in speeches:
            _close(speech)


class Leavable(Iterator[Event]):
    """The events of an answer; ``close`` ends it at once, also from another thread while this one waits for a word."""

    def __init__(self, model: AnswerModel | None, answer: Callable[[AnswerModel | None], Iterator[Event]]) -> None:
        """``answer`` makes the events with the model that it is given."""
        self._leash = Leash(model) if model else None
        self._events = answer(self._leash)

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Hang up."""
        if self._leash:
            self._leash.close()
        _close(self._events)


def _close(source: Iterator[object]) -> None:
    """Close what can be closed; where another thread is inside, it finds out by itself."""
    if close := getattr(source, "close", None):
        with suppress(ValueError):
            close()
