"""How far a run is: several threads count on it, and whoever watches is told."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.report import Progress


class ProgressBoard:
    """The progress of a run. Safe to share between threads."""

    def __init__(self, start: Progress, on_progress: Callable[[Progress], None] | None = None) -> None:
        """Begin at ``start``; ``on_progress`` is called after each change, by one thread at a time."""
        self._now = start
        self._on_progress = on_progress
        self._counting = threading.Lock()
        # Counting goes on while somebody is told. A listener may cause a change itself: the lock lets it in again.
        self._telling = threading.RLock()

    @property
    def now(self) -> Progress:
        """How far the run is."""
        return self._now

    def add(self, *, files: int = 0, all_files: int = 0, all_chunks: int = 0) -> None:
        """Count files that are read, and files and chunks that became known."""
        with self._counting:
            now = self._now
            self._now = replace(
                now,
                files=now.files + files,
                all_files=now.all_files + all_files,
                all_chunks=now.all_chunks + all_chunks,
            )
        self._tell()

    def embedded(self, count: int) -> None:
        """Note how many chunks are embedded by now."""
        with self._counting:
            self._now = replace(self._now, embedded=count)
        self._tell()

    def page(self, source: str, done: int, total: int) -> None:
        """Note how many pages of a file are read."""
        with self._counting:
            self._now = replace(self._now, current=source, page=done, pages=total)
        self._tell()

    def _tell(self) -> None:
        if self._on_progress:
            with self._telling:
                self._on_progress(self._now)  # what is newest now: the last one told is then the end
