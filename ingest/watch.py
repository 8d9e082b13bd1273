"""Keeps a knowledge base in line with folders as their files change."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.discover import IGNORED_PREFIXES
from ingest.sync import sync

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from ingest.report import FileReport, Progress, SyncReport
    from kb_app import KnowledgeBase

_QUIET_MS = 800
_LOOK_MS = 200


def watch(  # noqa: PLR0913 - options, all by name
    paths: Sequence[str | Path],
    kb: KnowledgeBase,
    *,
    prune: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_file: Callable[[FileReport], None] | None = None,
) -> Iterator[SyncReport]:
    """Sync now, and again whenever something below the paths changes, until ``stop`` is set.

    Yields:
        The report of each sync.
    """
    from watchfiles import watch as changes

    logging.getLogger("watchfiles.main").setLevel(logging.ERROR)  # it warns of the Ctrl-C that is meant to end it
    again = partial(sync, paths, kb, prune=prune, on_progress=on_progress, on_file=on_file)
    there = [path for path in paths if Path(path).exists()]
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
    )
    # The watcher runs before the first sync begins: what changes during a sync is then not missed.
    for number, changed in enumerate(seen):
        if changed or number == 0:
            yield again()


def _matters(_change: object, path: str) -> bool:
    return not os.path.basename(path).startswith(IGNORED_PREFIXES)  # noqa: PTH119 - called for every change
