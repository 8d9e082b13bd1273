"""Brings a knowledge base in line with folders: reads what changed, leaves what did not."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.chunk import chunk_document
from ingest.discover import Plan, find_files, make_plan, sha256_of
from ingest.parse import FINGERPRINT, parse_file
from kb_app.errors import DocumentError
from kb_app.storage.catalog import Content, FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app import KnowledgeBase
    from kb_app.indexing import Indexer

# Chunks that are read before the keyword index is written: often enough to be found soon, seldom enough to be cheap.
_KEYWORD_BATCH = 500
_PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        added: Sources of documents that were new.
        updated: Sources of documents that were read again because they changed.
        renamed: Sources, as they are now, of documents whose file was moved or renamed.
        unchanged: Sources of documents that needed nothing.
        removed: Sources of documents that were removed because their file is gone.
        failed: Sources of files that could not be read, and paths that are not there.
        errors: Why, for each of ``failed``.
        chunks: Chunks that were not there before.
        embedded: Texts that went through the embedding model.
        seconds: Time it took.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    chunks: int = 0
    embedded: int = 0
    seconds: float = 0.0

    def fail(self, source: str, reason: str) -> None:
        """Note a file that could not be read."""
        self.failed.append(source)
        self.errors[source] = reason


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is done and work that is known: files read of all, chunks embedded of all that wait."""

    files: int = 0
    all_files: int = 0
    embedded: int = 0
    all_chunks: int = 0


def sync(
    paths: Sequence[str | Path],
    kb: KnowledgeBase,
    *,
    prune: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Read folders and files into a knowledge base.

    What was interrupted before is finished first. A file that cannot be read is reported and the rest is done.

    Args:
        paths: Folders (searched at any depth) and files.
        kb: The knowledge base.
        prune: Also remove documents below the folders whose file is not there any more.
        dry_run: Only report what would be done.
        on_progress: Told about the progress, from several threads.

    Raises:
        BusyError: Another process is writing to the knowledge base.
        StorageError: The disk is full or an index is damaged; what is written stays.
        ModelError: The embedding model failed; keywords find the documents already, the vectors are made next time.
    """
    begin = time.monotonic()
    report = SyncReport()
    there = _existing([Path(path) for path in paths], report, prune=prune)
    if dry_run:
        _preview(_plan(there, kb), report, prune=prune)
    else:
        with kb.writing("kb ingest") as indexer:
            _Run(kb, indexer, report, on_progress).do(_plan(there, kb), prune=prune)
    report.seconds = round(time.monotonic() - begin, 3)
    return report


def _existing(paths: Sequence[Path], report: SyncReport, *, prune: bool) -> list[Path]:
    there = []
    for path in paths:
        if not path.exists():
            report.fail(str(path), "there is no such file or folder; check the path")
        elif path.is_dir() and not prune and next(find_files([path]), None) is None:
            report.fail(str(path), "no documents in this folder; put files into it, or name another")
        else:
            there.append(path)
    return there


def _plan(paths: Sequence[Path], kb: KnowledgeBase) -> Plan:
    folders = [path.absolute() for path in paths if path.is_dir()]
    return make_plan(find_files(paths), kb.catalog.files(), folders, fingerprint=FINGERPRINT)


def _preview(plan: Plan, report: SyncReport, *, prune: bool) -> None:
    for file in plan.read:
        (report.updated if file.doc_id else report.added).append(file.source)
    report.renamed = [file.source for file in plan.renamed]
    report.unchanged = [*plan.unchanged, *(file.source for file in plan.touched)]
    report.removed = [file.source for file in plan.gone] if prune else []


class _Run:
    """One sync: this thread reads files while another embeds what was read."""

    def __init__(
        self,
        kb: KnowledgeBase,
        indexer: Indexer,
        report: SyncReport,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._kb = kb
        self._indexer = indexer
        self._report = report
        self._on_progress = on_progress
        self._progress = Progress()
        self._reading_ended = threading.Event()
        self._failure: BaseException | None = None

    def do(self, plan: Plan, *, prune: bool) -> None:
        self._progress = Progress(all_files=len(plan.read), all_chunks=self._kb.status().pending_vectors)
        self._apply_moves(plan, prune=prune)
        self._indexer.delete()
        embedding = threading.Thread(target=self._embed, name="embed")
        self._indexer.embedder.leave_room = bool(plan.read)
        embedding.start()
        try:
            self._read_all(plan.read)
        finally:
            self._indexer.embedder.leave_room = False
            self._reading_ended.set()
            embedding.join()
        if self._failure:
            raise self._failure
        self._indexer.delete()

    def _apply_moves(self, plan: Plan, *, prune: bool) -> None:
        if plan.renamed or plan.touched:
            now = time.time_ns()
            self._kb.catalog.touch(replace(file, read_ns=now) for file in (*plan.touched, *plan.renamed))
        if prune and plan.gone:
            self._kb.catalog.remove([file.doc_id for file in plan.gone])
        _preview(replace(plan, read=[]), self._report, prune=prune)

    def _read_all(self, files: Sequence[FileRecord]) -> None:
        self._indexer.update_keywords()
        unwritten = 0
        for file in files:
            if self._failure:
                return
            unwritten += self._read(file)
            self._tell(files=self._progress.files + 1)
            if unwritten >= _KEYWORD_BATCH:
                self._indexer.update_keywords()
                unwritten = 0
        self._indexer.update_keywords()

    def _read(self, file: FileRecord) -> int:
        """Read one file into the catalog; returns the number of its new chunks."""
        try:
            read, content = _read_steadily(file)
        except DocumentError as error:
            self._kb.catalog.fail(replace(file, error=str(error)))
            self._report.fail(file.source, str(error))
            return 0
        added = self._kb.catalog.save(read, content)
        (self._report.updated if file.doc_id else self._report.added).append(file.source)
        self._report.chunks += added
        self._tell(all_chunks=self._progress.all_chunks + added)
        return added

    def _embed(self) -> None:
        try:
            self._report.embedded = self._indexer.update_vectors(
                wait_for_more=self._may_come, on_embedded=lambda count: self._tell(embedded=count)
            )
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._failure = error

    def _may_come(self) -> bool:
        return not self._reading_ended.wait(_PAUSE_SECONDS)

    def _tell(self, **changes: int) -> None:
        self._progress = replace(self._progress, **changes)
        if self._on_progress:
            self._on_progress(self._progress)


def _read_steadily(file: FileRecord) -> tuple[FileRecord, Content]:
    """Read a file; one that changes meanwhile is read once more.

    Raises:
        DocumentError: It cannot be read, has vanished, or goes on changing.
    """
    path = Path(file.path)
    for _ in range(2):
        try:
            before = path.stat()
            sha256 = sha256_of(path)
            content = _content(path)
            after = path.stat()
        except FileNotFoundError as error:
            raise DocumentError("the file vanished while the folder was read; run again") from error
        except OSError as error:
            raise DocumentError(f"cannot be opened: {error.strerror}; check its permissions") from error
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            size, mtime_ns = after.st_size, after.st_mtime_ns
            read = replace(file, sha256=sha256, size=size, mtime_ns=mtime_ns, read_ns=time.time_ns(), error="")
            return replace(read, fingerprint=FINGERPRINT), content
    raise DocumentError("the file changes while it is read; run again when it is at rest")


def _content(path: Path) -> Content:
    parsed = parse_file(path)
    chunked = chunk_document(parsed)
    return Content(chunked.chunks, title=parsed.title, pages=parsed.pages, details=parsed.metadata)
