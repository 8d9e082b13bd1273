"""Keeps a knowledge base in line with folders as their files change."""

from __future__ import annotations

import logging
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from ingest.sync import each_path, sync
from ingest.walk import IGNORED_PREFIXES
from kb_app.errors import BusyError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ingest.report import FileReport, Progress, SyncReport
    from kb_app import KnowledgeBase

_log = logging.getLogger(__name__)
_QUIET_MS = 800
_LOOK_MS = 200
_BUSY_SECONDS = 1.0


def watch(  # noqa: PLR0913 - options, all by name
    paths: str | Path | Sequence[str | Path],
    kb: KnowledgeBase,
    *,
    prune: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_file: Callable[[FileReport], None] | None = None,
) -> Iterator[SyncReport]:
    """Sync now, and again whenever something below the paths changes, until ``stop`` is set.

    While another process writes to the knowledge base it waits; the log says so, once for each time.

    Yields:
        The report of each sync.
    """
    from watchfiles import watch as changes

    logging.getLogger("watchfiles.main").setLevel(logging.ERROR)  # it warns of the Ctrl-C that is meant to end it
    again = partial(sync, paths, kb, prune=prune, stop=stop, on_progress=on_progress, on_file=on_file)
    there = [path for path in each_path(paths) if os.path.exists(path)]  # noqa: PTH110 - False for what cannot be looked at
    if not there:
        yield again()
        return
    seen = changes(
        *there,
        watch_filter=_matters,
        debounce=_QUIET_MS,
        stop_event=stop,
        raise_interrupt=False,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    yield from _whenever(seen, again)


def _whenever(seen: Iterator[object], sync_again: Callable[[], SyncReport]) -> Iterator[SyncReport]:
    """Sync at first and after each change; where somebody else writes, as soon as that has ended."""
    due, told, not_before = True, False, 0.0
    # The watcher runs before the first sync begins: what changes during a sync is then not missed.
    for changed in seen:
        due = due or bool(changed)
        if not due or time.monotonic() < not_before:
            continue
        try:
            report = sync_again()
        except BusyError as error:
            if not told:
                _log.warning("等别的程序写完再继续 · waiting for another writer: %s", error)
            told, not_before = True, time.monotonic() + _BUSY_SECONDS
        else:
            due = told = False
            yield report


def _matters(_change: object, path: str) -> bool:
    return not os.path.basename(path).startswith(IGNORED_PREFIXES)  # noqa: PTH119 - called for every change
