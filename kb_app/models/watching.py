"""Waiting with a bound, and leaving at any moment, from any thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kb_app.errors import ModelError
from kb_app.models.streaming import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from kb_app.models.options import Options

T = TypeVar("T")

PULSE = Piece("text", "")
"""Says only that nothing came."""


class Stop:
    """Set once, from any thread, when a reader leaves; whoever waits is woken."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []

    def set(self) -> None:
        """Tell all who wait."""
        with self._lock:
            self._event.set()
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def is_set(self) -> bool:
        """Whether the reader has left."""
        return self._event.is_set()

    def call(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` when the reader leaves, or now if he has left."""
        with self._lock:
            if not self._event.is_set():
                self._calls.append(wake)
                return
        wake()

    def pause(self, seconds: float, pulse: float | None) -> Iterator[Piece]:
        """Wait, with a pulse now and then; ends early when the reader leaves."""
        yield from beating(self._event.wait, seconds, pulse)


def beating(wait: Callable[[float], bool], seconds: float, pulse: float | None) -> Generator[Piece, None, bool]:
    """Wait until ``wait`` says that it came, for some seconds at most, with a pulse now and then.

    Returns:
        Whether it came.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if wait(min(left, pulse or left)):
            return True
        if pulse:
            yield PULSE
    return wait(0)


class Speech(Iterator[Piece]):
    """The pieces of an answer; ``close`` ends it at once, also from another thread while this one waits."""

    def __init__(self, pieces: Generator[Piece, None, None], stop: Stop) -> None:
        """``pieces`` ends soon after ``stop`` is set."""
        self._pieces = pieces
        self._stop = stop

    def __next__(self) -> Piece:
        return next(self._pieces)

    def close(self) -> None:
        """Hang up."""
        self._stop.set()
        with suppress(ValueError):  # another thread is inside; it sees the stop
            self._pieces.close()


class TooSlow(Exception):  # noqa: N818 - an event, turned into a ModelError by its caller
    """No piece came within the time that was allowed."""


def too_slow(options: Options, model: str) -> ModelError:
    """The same in words."""
    waited = f"{options.first:g} s for its first word, {options.between:g} s for each further one"
    return ModelError(f"the model {model!r} was too slow ({waited}); set KB_LLM_TIMEOUT higher")


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


_END = object()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a reader waits.

    Attributes:
        first: Seconds for the first piece.
        between: Seconds for each further one.
        stop: Ends the waiting when it is set.
        pulse: Seconds after which an empty piece is handed out meanwhile; None for none.
    """

    first: float
    between: float
    stop: Stop
    pulse: float | None = None


def watched(source: Callable[[], Iterator[Piece]], patience: Patience, *, abort: Callable[[], None]) -> Iterator[Piece]:
    """Pieces of an iterator that runs in a thread of its own, so that waiting for it has a bound.

    Args:
        source: Makes the iterator, in that thread.
        patience: How long to wait.
        abort: Ends whatever the iterator waits for; called when the reader leaves early or waits too long.

    Raises:
        TooSlow: Nothing came in time.
    """
    items: queue.SimpleQueue[object] = queue.SimpleQueue()
    left = threading.Event()
    stop = patience.stop
    stop.call(lambda: items.put(_END))
    threading.Thread(target=_pump, args=(source, items, left), name="model-stream", daemon=True).start()
    done = False
    wait = patience.first
    try:
        while (item := (yield from _next(items, wait, patience.pulse))) is not _END and not stop.is_set():
            if isinstance(item, _Failure):
                done = True
                raise item.error
            yield item  # type: ignore[misc]  # the queue holds pieces, failures and the end
            wait = patience.between
        done = not stop.is_set()
    finally:
        left.set()
        if not done:
            abort()


def _next(items: queue.SimpleQueue[object], seconds: float, pulse: float | None) -> Generator[Piece, None, object]:
    end = time.monotonic() + seconds
    while True:
        rest = max(0.0, end - time.monotonic())
        with suppress(queue.Empty):
            return items.get(timeout=min(rest, pulse or rest)) if rest else items.get_nowait()
        if not rest:
            raise TooSlow
        if pulse:
            yield PULSE


def _pump(source: Callable[[], Iterator[Piece]], items: queue.SimpleQueue[object], left: threading.Event) -> None:
    try:
        for item in source():
            if left.is_set():
                return
            items.put(item)
        items.put(_END)
    except BaseException as error:  # noqa: BLE001 - raised again where the items are read
        items.put(_Failure(error))
