"""Work that goes on in threads while the page is drawn again and again: answers, reading, looking for a model."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Protocol

from kb_app.errors import KBError
from kb_app.page.stopped import stopped_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ingest import Progress, SyncReport
    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.models.llm import ServedModel
    from kb_app.types import Answer, Event, Passage

_log = logging.getLogger(__name__)
_REMEMBER_SECONDS = 5.0
_ANY_QUESTION = "有哪些内容？"


class Events(Protocol):
    """The events of an answer, which can be left."""

    def __iter__(self) -> Iterator[Event]:
        """From the first to the last."""

    def close(self) -> None:
        """Hang up."""


class AnswerJob:
    """An answer in the making. Any number of readers look at ``text``, ``thinking`` and ``passages``.

    Attributes:
        question: What was asked.
        text: The answer so far.
        thinking: Whether the model is thinking and has said nothing yet.
        passages: What was found; None while it is being searched.
        error: Why there is no answer; None if all is well.
        done: Set when the answer is kept, or failed.
    """

    def __init__(
        self, question: str, events: Events, keep: Callable[[Answer], object], *, min_score: float = 0.0
    ) -> None:
        """Begin; ``keep`` is called once with the answer, complete or up to where it was stopped."""
        self.question = question
        self.text = ""
        self.thinking = False
        self.passages: tuple[Passage, ...] | None = None
        self.error: Exception | None = None
        self.done = threading.Event()
        self._events = events
        self._min_score = min_score
        self._keep = keep
        self._keeping = threading.Lock()
        threading.Thread(target=self._run, name="answer", daemon=True).start()

    def stop(self) -> None:
        """Keep what came so far, and hang up: the model need not have said a word."""
        passages = [passage for passage in self.passages or () if passage.score >= self._min_score]
        self._finish(stopped_answer(self.question, self.text, passages))
        with suppress(ValueError):  # a plain generator that another thread runs; that thread sees that it is done
            self._events.close()

    def _run(self) -> None:
        try:
            with closing(self._events) as running:
                for event in running:
                    if self.done.is_set():
                        return
                    self._note(event)
        except KBError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - the page must not wait for ever for a thread that is gone
            _log.exception("answering failed")
            self._fail(error)

    def _note(self, event: Event) -> None:
        if event.kind == "retrieved":
            self.passages = event.passages
        elif event.kind == "thinking":
            self.thinking = True
        elif event.kind == "token":
            self.thinking = False
            self.text += event.text
        elif event.answer:
            self._finish(event.answer)

    def _finish(self, answer: Answer) -> None:
        with self._keeping:
            if not self.done.is_set():
                try:
                    self._keep(answer)
                except KBError as error:
                    self.error = error
                self.done.set()

    def _fail(self, error: Exception) -> None:
        with self._keeping:
            if not self.done.is_set():  # hanging up at a stop may end in an error, and the answer is kept by then
                self.error = error
                self.done.set()


class IngestJob:
    """Reads folders and files into a knowledge base, one batch after the other.

    Attributes:
        progress: Of the batch that is being read; None before its first file.
        report: Of the last batch; None before the first ended.
        error: Why the last batch ended early.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        """For one knowledge base; idle until something is added."""
        self.progress: Progress | None = None
        self.report: SyncReport | None = None
        self.error: Exception | None = None
        self._kb = kb
        self._waiting: list[Sequence[Path]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether something is being read."""
        return self._thread is not None

    def add(self, paths: Sequence[Path]) -> None:
        """Read these when what was added before is read."""
        with self._lock:
            self._waiting.append(paths)
            if self._thread is None:
                self.dismiss()
                self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
                self._thread.start()

    def dismiss(self) -> None:
        """Forget how the last batch ended."""
        self.progress = self.report = self.error = None

    def _run(self) -> None:
        while (paths := self._next()) is not None:
            try:
                self._read(paths)
            except KBError as error:
                self.error = error
            except Exception as error:  # noqa: BLE001 - the page must say that it ended
                _log.exception("reading failed")
                self.error = error

    def _next(self) -> Sequence[Path] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.pop(0)
            self._thread = None
            return None

    def _read(self, paths: Sequence[Path]) -> None:
        from ingest import sync

        self.progress = None
        report = sync(paths, self._kb, on_progress=self._tell)
        self.report = self.report.joined(report) if self.report else report

    def _tell(self, progress: Progress) -> None:
        self.progress = progress


class WarmUp:
    """The first search of a knowledge base, made before anybody asks: it loads the model and opens both indexes.

    Attributes:
        done: Set when it has ended, well or not; the first question tells a reader what is wrong.
    """

    def __init__(self, search: Callable[[str], object]) -> None:
        """Begin at once, in a thread."""
        self.done = threading.Event()
        threading.Thread(target=self._run, args=(search,), name="warm-up", daemon=True).start()

    def _run(self, search: Callable[[str], object]) -> None:
        try:
            search(_ANY_QUESTION)
        except KBError as error:
            _log.info("warming up: %s", error)
        except Exception:  # noqa: BLE001 - nobody waits for it
            _log.exception("warming up failed")
        finally:
            self.done.set()


class ModelWatch:
    """Which model would answer, without ever making the page wait for a server that is not there.

    Attributes:
        model: The one that answers where no other is chosen; None where there is none.
        choices: Names of all that the server lists, where there are several; else empty.
        trouble: Why there is none; empty if all is well.
    """

    def __init__(
        self, ask: Callable[[], ServedModel | None], listed: Callable[[], Sequence[ServedModel]] = tuple
    ) -> None:
        """Both may take seconds; they are called in a thread: which model answers, and which the server lists."""
        self._ask = ask
        self._listed = listed
        self._lock = threading.Lock()
        self._asked = -_REMEMBER_SECONDS
        self._first = threading.Event()
        self.model: ServedModel | None = None
        self.choices: tuple[str, ...] = ()
        self.trouble = ""

    def offer(self, wanted: str) -> tuple[tuple[str, ...], str]:
        """What can be chosen, and which one answers: the wanted one where it is among them, else the usual one."""
        choices, usual = self.choices, self.model.name if self.model else ""
        if choices and usual not in choices:
            usual = choices[0]
        return choices, wanted if wanted in choices else usual

    def look(self, wait: float = 0.3) -> bool:
        """Look again where the last look is old; only the first look is waited for, ``wait`` seconds at most.

        Returns:
            Whether anything is known yet.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._asked >= _REMEMBER_SECONDS:
                self._asked = now
                threading.Thread(target=self._run, name="model-watch", daemon=True).start()
        return self._first.wait(wait)

    def _run(self) -> None:
        try:
            model = self._ask()
            names = tuple(dict.fromkeys(one.name for one in self._listed())) if model else ()
            self.choices = names if len(names) > 1 else ()
            self.model, self.trouble = model, ""
        except KBError as error:
            self.model, self.choices, self.trouble = None, (), str(error)
        finally:
            self._first.set()
