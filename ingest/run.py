"""One run of a sync: files are read in worker processes while another thread embeds what was read."""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest.containers import Containers, Task
from ingest.names import as_path
from ingest.pool import end_workers
from ingest.reader import Reader
from ingest.report import FileReport, Progress
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.discover import Plan
    from ingest.reading import Reading
    from ingest.report import SyncReport
    from kb_app import KnowledgeBase
    from kb_app.indexing import Indexer
    from kb_app.storage.catalog import FileRecord

# Chunks that are read before the keyword index is written: often enough to be found soon, seldom enough to be cheap.
_KEYWORD_BATCH = 500
# What was read before a file that takes longer than this is written at once.
_PATIENCE = 1.0
_PAUSE_SECONDS = 0.05


class Run:
    """Brings a knowledge base in line with a plan; the one writer."""

    def __init__(
        self,
        kb: KnowledgeBase,
        indexer: Indexer,
        report: SyncReport,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_file: Callable[[FileReport], None] | None = None,
    ) -> None:
        """Prepare a run that fills in ``report``."""
        self._kb = kb
        self._indexer = indexer
        self._report = report
        self._on_progress = on_progress
        self._on_file = on_file
        self._progress = Progress()
        self._reading_ended = threading.Event()
        self._failure: BaseException | None = None
        self._scratch = kb.folder / "unpacked"

    def do(self, plan: Plan, *, prune: bool) -> None:
        """Apply what is renamed and gone, read the rest, and bring both indexes up to it."""
        self._progress = Progress(all_files=len(plan.read), all_chunks=self._kb.status().pending_vectors)
        self._apply_moves(plan, prune=prune)
        self._indexer.delete()
        embedding = threading.Thread(target=self._embed, name="embed")
        self._indexer.embedder.leave_room = bool(plan.read)
        embedding.start()
        try:
            self._read_all(plan)
        finally:
            self._indexer.embedder.leave_room = False
            self._reading_ended.set()
            embedding.join()
            # What an interrupted run left goes as well; the lock says that nobody else is using it.
            shutil.rmtree(self._scratch, ignore_errors=True)
        if self._failure:
            raise self._failure
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

    def _read_all(self, plan: Plan) -> None:
        self._indexer.update_keywords()
        containers = Containers(self._kb.catalog, self._report, plan.within, self._scratch)
        reader = Reader(self._kb.settings, self._scratch, self._beat)
        tasks = deque(Task(file, as_path(file.path)) for file in plan.read)
        under_way: dict[Future[tuple[FileRecord, Reading | None]], Task] = {}
        unwritten = 0
        with ThreadPoolExecutor(self._kb.settings.reading_processes, thread_name_prefix="read") as threads:
            try:
                while (tasks or under_way) and not self._failure:
                    while tasks and len(under_way) < self._kb.settings.reading_processes:
                        task = tasks.popleft()
                        under_way[threads.submit(reader.read, task, containers.folder_for(task))] = task
                    done = wait(under_way, _PATIENCE, return_when=FIRST_COMPLETED).done
                    for future in done:
                        task = under_way.pop(future)
                        unwritten += self._store(task, future, containers, tasks)
                    if unwritten >= _KEYWORD_BATCH or (unwritten and not done):
                        self._indexer.update_keywords()
                        unwritten = 0
            except BaseException:
                end_workers()
                raise
        self._indexer.update_keywords()

    def _store(
        self, task: Task, done: Future[tuple[FileRecord, Reading | None]], containers: Containers, tasks: deque[Task]
    ) -> int:
        """Put a file that was read into the catalog; returns the number of its new chunks."""
        added = 0
        try:
            read, reading = done.result()
            if reading is None:
                self._report.unchanged.append(read.source)
        except DocumentError as error:
            self._fail(task.file, str(error))
            read, reading = task.file, None
        if reading is not None:
            # A container is in order only when everything in it is: a run that ends before is taken up again.
            stored = replace(read, fingerprint="") if reading.members else read
            added = self._kb.catalog.save(stored, reading.content)
            (self._report.updated if task.file.doc_id else self._report.added).append(read.source)
            self._tell_file(replace(reading.report, source=read.source))
            within = containers.open(task, read, reading.members)
            tasks.extendleft(reversed(within))
            self._tell(all_files=self._progress.all_files + len(within))
        for record in containers.close(task):
            self._fail(record, record.error)
        self._report.chunks += added
        self._tell(files=self._progress.files + 1, all_chunks=self._progress.all_chunks + added)
        return added

    def _fail(self, file: FileRecord, reason: str) -> None:
        self._kb.catalog.fail(replace(file, error=reason))
        self._report.fail(file.source, reason)
        self._tell_file(FileReport(file.source, error=reason))

    def _embed(self) -> None:
        try:
            self._report.embedded = self._indexer.update_vectors(
                wait_for_more=self._may_come, on_embedded=lambda count: self._tell(embedded=count)
            )
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._failure = error

    def _may_come(self) -> bool:
        return not self._reading_ended.wait(_PAUSE_SECONDS)

    def _beat(self, source: str, done: int, total: int) -> None:
        self._tell(current=source, page=done, pages=total)

    def _tell(self, **changes: Any) -> None:
        self._progress = replace(self._progress, **changes)
        if self._on_progress:
            self._on_progress(self._progress)

    def _tell_file(self, report: FileReport) -> None:
        self._report.files.append(report)
        if self._on_file:
            self._on_file(report)
