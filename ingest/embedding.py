"""Makes vectors in a thread of its own while files are read, until both have ended or one of them fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from ingest.board import ProgressBoard
    from kb_app.indexing import Indexer
    from kb_app.models.embedding import Embedder

_PAUSE_SECONDS = 0.05


class Embedding:
    """Embeds what is read while the block runs, and what is left then; a block that fails leaves the rest pending.

    Attributes:
        count: The number of texts that were embedded, once the block has ended.
    """

    def __init__(self, indexer: Indexer, board: ProgressBoard, stop: threading.Event | None = None) -> None:
        """Prepare.

        Args:
            indexer: Knows what is pending.
            board: Told how much is embedded.
            stop: Once it is set, no other text is embedded.
        """
        self.count = 0
        self._indexer = indexer
        self._board = board
        self._stop = stop or threading.Event()
        self._left = threading.Event()
        self._reading_ended = threading.Event()
        self._failure: BaseException | None = None
        # A process that is to end does not wait for a model that hangs.
        self._thread = threading.Thread(target=self._run, name="embed", daemon=True)

    @property
    def ended(self) -> bool:
        """Whether it is of no use to read on: it failed, or is to stop."""
        return self._failure is not None or self._stop.is_set()

    def __enter__(self) -> Self:
        _rooms.enter(self._indexer.embedder)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _rooms.leave(self._indexer.embedder)
        if kind:
            self._left.set()
        self._reading_ended.set()
        self._wait()
        if self._failure and not kind:
            raise self._failure

    def _wait(self) -> None:
        """Wait for what is left; Ctrl-C leaves that pending as well, and pressed once more also what is under way."""
        try:
            self._thread.join()
        except BaseException:
            if not self._left.is_set():
                self._left.set()
                self._thread.join()
            raise

    def _run(self) -> None:
        try:
            self.count = self._indexer.update_vectors(
                wait_for_more=self._may_come, stop=self._is_stopped, on_embedded=self._board.embedded
            )
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._failure = error

    def _may_come(self) -> bool:
        return not self._reading_ended.wait(_PAUSE_SECONDS)

    def _is_stopped(self) -> bool:
        return self._left.is_set() or self._stop.is_set()


class _Rooms:
    """Which runs of this process read: while one does, its model leaves a core to that.

    Several runs may share a model, each through a wrapper of its own, so that one which ends must not take the room
    of another.
    """

    def __init__(self) -> None:
        self._readers: list[Embedder] = []
        self._lock = threading.Lock()

    def enter(self, embedder: Embedder) -> None:
        with self._lock:
            self._readers.append(embedder)
            embedder.leave_room = True

    def leave(self, embedder: Embedder) -> None:
        with self._lock:
            self._readers.remove(embedder)
            embedder.leave_room = False
            for other in self._readers:
                other.leave_room = True


_rooms = _Rooms()
