"""One run of a sync: files are read in worker processes while another thread embeds what was read."""

from __future__ import annotations

import shutil
import time
from collections import deque
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.board import ProgressBoard
from ingest.containers import Containers, Task
from ingest.embedding import Embedding
from ingest.filing import Filing
from ingest.names import as_path
from ingest.reader import Reader
from ingest.report import Progress

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from ingest.discover import Plan
    from ingest.report import FileReport, SyncReport
    from kb_app import KnowledgeBase
    from kb_app.indexing import Indexer

# Chunks that are read before the keyword index is written: often enough to be found soon, seldom enough to be cheap.
_KEYWORD_BATCH = 500


class Run:
    """Brings a knowledge base in line with a plan; the one writer."""

    def __init__(  # noqa: PLR0913 - options, all by name
        self,
        kb: KnowledgeBase,
        indexer: Indexer,
        report: SyncReport,
        *,
        stop: threading.Event | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_file: Callable[[FileReport], None] | None = None,
    ) -> None:
        """Prepare a run that fills in ``report``."""
        self._kb = kb
        self._indexer = indexer
        self._report = report
        self._stop = stop
        self._on_progress = on_progress
        self._on_file = on_file
        self._scratch = kb.folder / "unpacked"

    def do(self, plan: Plan, *, prune: bool) -> None:
        """Apply what is renamed and gone, read the rest, and bring both indexes up to it."""
        known = Progress(all_files=len(plan.read), all_chunks=self._kb.status().pending_vectors)
        board = ProgressBoard(known, self._on_progress)
        self._apply_moves(plan, prune=prune)
        self._indexer.delete()
        try:
            with Embedding(self._indexer, board, self._stop) as embedding:
                self._read(plan, board, embedding)
        finally:
            # What an interrupted run left goes as well; the lock says that nobody else is using it.
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._report.embedded = embedding.count
        self._indexer.delete()

    def _apply_moves(self, plan: Plan, *, prune: bool) -> None:
        if plan.renamed or plan.touched:
            now = time.time_ns()
            self._kb.catalog.touch(replace(file, read_ns=now) for file in (*plan.touched, *plan.renamed))
        if prune and plan.gone:
            self._kb.catalog.remove([file.doc_id for file in plan.gone])
        self._report.renamed = [file.source for file in plan.renamed]
        self._report.unchanged = [*plan.unchanged, *(file.source for file in plan.touched)]
        self._report.removed = [file.source for file in plan.gone] if prune else []

    def _read(self, plan: Plan, board: ProgressBoard, embedding: Embedding) -> None:
        """Read all files, and those within them, and write the keyword index every now and then."""
        self._indexer.update_keywords()
        containers = Containers(self._kb.catalog, self._report, plan.within, self._scratch)
        filing = Filing(self._kb.catalog, self._report, containers, board, on_file=self._on_file)
        reader = Reader(self._kb.settings, self._scratch, board.page)
        tasks = deque(Task(file, as_path(file.path)) for file in plan.read)
        unwritten = 0
        with closing(reader.read_all(tasks, containers.folder_for, ended=lambda: embedding.ended)) as reading:
            for done in reading:
                for task, future in done:
                    chunks, within = filing.store(task, future)
                    tasks.extendleft(reversed(within))
                    unwritten += chunks
                if unwritten >= _KEYWORD_BATCH or (unwritten and not done):
                    self._indexer.update_keywords()
                    unwritten = 0
        self._indexer.update_keywords()
