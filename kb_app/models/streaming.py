"""What a model says, piece by piece: thinking apart from text, loops noticed, waiting bounded."""

from __future__ import annotations

import queue
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

T = TypeVar("T")

_OPEN, _CLOSE = "<think>", "</think>"
_LOOP = re.compile(r"(.{6,200}?)\1{4,}\Z", re.DOTALL)
_LOOP_WINDOW = 1200


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a model's output: ``"text"`` of the answer, or ``"thinking"`` before it."""

    kind: Literal["text", "thinking"]
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """How one request to a model differs from the others.

    Attributes:
        thinking: Let a model that can think aloud do so, or not; None leaves it to the server.
        schema: JSON schema that the answer should fit, where the server can hold the model to it.
        temperature: None takes the model's own.
        max_tokens: Longest answer; None takes the usual one.
    """

    thinking: bool | None = None
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    max_tokens: int | None = None


def split_thinking(pieces: Iterable[str | Piece]) -> Iterator[Piece]:
    """Tell ``<think>...</think>`` from text, also where a tag is cut between two pieces.

    What is a ``Piece`` already, a reasoning field of the server, goes through as it is.
    """
    kind: Literal["text", "thinking"] = "text"
    held = ""
    for piece in pieces:
        if isinstance(piece, Piece):
            yield piece
            continue
        held += piece
        while (tag := _CLOSE if kind == "thinking" else _OPEN) in held:
            before, _, held = held.partition(tag)
            if before:
                yield Piece(kind, before)
            kind = "text" if kind == "thinking" else "thinking"
        ready = len(held) - _partial_tag(held, tag)
        if ready:
            yield Piece(kind, held[:ready])
            held = held[ready:]
    if held:
        yield Piece(kind, held)


def _partial_tag(text: str, tag: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of ``tag``."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:size])), 0)


def loop_start(text: str) -> int | None:
    """Where a text that says the same words five times in a row begins to repeat itself, or None."""
    offset = max(0, len(text) - _LOOP_WINDOW)
    match = _LOOP.search(text, offset)
    return match.start() + len(match.group(1)) if match else None


class TooSlow(Exception):  # noqa: N818 - an event, turned into a ModelError by its caller
    """No item came within the time that was allowed."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


_END = object()


def watched(
    source: Callable[[], Iterator[T]], *, first: float, between: float, abort: Callable[[], None]
) -> Iterator[T]:
    """Items of an iterator that runs in a thread of its own, so that waiting for it has a bound.

    Args:
        source: Makes the iterator, in that thread.
        first: Seconds to wait for the first item.
        between: Seconds to wait for each further one.
        abort: Ends whatever the iterator waits for; called when the reader leaves early or waits too long.

    Raises:
        TooSlow: Nothing came in time.
    """
    items: queue.SimpleQueue[object] = queue.SimpleQueue()
    left = threading.Event()
    threading.Thread(target=_pump, args=(source, items, left), name="model-stream", daemon=True).start()
    done = False
    wait = first
    try:
        while (item := _get(items, wait)) is not _END:
            if isinstance(item, _Failure):
                done = True
                raise item.error
            yield item  # type: ignore[misc]  # the queue holds items, failures and the end
            wait = between
        done = True
    finally:
        left.set()
        if not done:
            abort()


def _pump(source: Callable[[], Iterator[T]], items: queue.SimpleQueue[object], left: threading.Event) -> None:
    try:
        for item in source():
            if left.is_set():
                return
            items.put(item)
        items.put(_END)
    except BaseException as error:  # noqa: BLE001 - raised again where the items are read
        items.put(_Failure(error))


def _get(items: queue.SimpleQueue[object], wait: float) -> object:
    try:
        return items.get(timeout=wait)
    except queue.Empty:
        raise TooSlow from None
