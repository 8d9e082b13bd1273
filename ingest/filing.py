"""Puts what was read into the catalog, and into the report of the run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.report import FileReport
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.board import ProgressBoard
    from ingest.containers import Containers, Task
    from ingest.reader import Done
    from ingest.reading import Reading
    from ingest.report import SyncReport
    from kb_app.storage.catalog import Catalog, FileRecord


class Filing:
    """Files what was read, one file after the other."""

    def __init__(
        self,
        catalog: Catalog,
        report: SyncReport,
        containers: Containers,
        board: ProgressBoard,
        *,
        on_file: Callable[[FileReport], None] | None = None,
    ) -> None:
        """For one run; ``on_file`` is told what was read from each file."""
        self._catalog = catalog
        self._report = report
        self._containers = containers
        self._board = board
        self._on_file = on_file

    def store(self, task: Task, done: Done) -> tuple[int, list[Task]]:
        """Store a file that was read, or why it could not be.

        Returns:
            The number of its new chunks, and the files within it that are to be read.
        """
        chunks = 0
        within: list[Task] = []
        try:
            read, reading = done.result()
        except DocumentError as error:
            self._fail(task.file, str(error))
        else:
            if reading is None:
                self._report.unchanged.append(read.source)
            else:
                chunks = self._keep(task, read, reading)
                within = self._containers.open(task, read, reading.members)
        for record in self._containers.close(task):
            self._fail(record, record.error)
        self._board.add(files=1, all_files=len(within), all_chunks=chunks)
        return chunks, within

    def _keep(self, task: Task, read: FileRecord, reading: Reading) -> int:
        # A container is in order only when everything in it is: a run that ends before is taken up again.
        chunks = self._catalog.save(replace(read, fingerprint="") if reading.members else read, reading.content)
        (self._report.updated if task.file.doc_id else self._report.added).append(read.source)
        self._report.chunks += chunks
        self._tell(replace(reading.report, source=read.source))
        return chunks

    def _fail(self, file: FileRecord, reason: str) -> None:
        self._catalog.fail(replace(file, error=reason))
        self._report.fail(file.source, reason)
        self._tell(FileReport(file.source, error=reason))

    def _tell(self, report: FileReport) -> None:
        self._report.files.append(report)
        if self._on_file:
            self._on_file(report)
