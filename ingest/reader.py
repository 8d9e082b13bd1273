"""Reads what a sync has to read: a file that is at rest, or a page of the web, each in a worker process."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from ingest.containers import Task
from ingest.discover import sha256_of
from ingest.kinds import MAX_BYTES
from ingest.parse import FINGERPRINT
from ingest.parsers.web import fetch
from ingest.pool import Workers
from ingest.reading import Job
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Generator

    from ingest.reading import Reading
    from kb_app.config import Settings
    from kb_app.storage.catalog import FileRecord

    Done = Future[tuple[FileRecord, Reading | None]]

# What was read before a file that takes longer than this is told at once.
_PATIENCE = 1.0


def is_url(path: str | Path) -> bool:
    """Whether something to read is a page of the web."""
    return isinstance(path, str) and path.lower().startswith(("http://", "https://"))


class Reader:
    """Reads files and pages; may be called from several threads."""

    def __init__(self, settings: Settings, scratch: Path, on_beat: Callable[[str, int, int], None]) -> None:
        """Prepare to read.

        Args:
            settings: Bounds on time and memory, and what a page may be fetched from.
            scratch: Folder for what is fetched.
            on_beat: Told the source of a file and how many pages of how many are done.
        """
        self._settings = settings
        self._scratch = scratch
        self._on_beat = on_beat
        self._workers = Workers()

    def read_all(
        self, tasks: deque[Task], folder_for: Callable[[Task], Path | None], *, ended: Callable[[], bool]
    ) -> Generator[list[tuple[Task, Done]], None, None]:
        """Read files side by side; close it to end what is being read.

        Args:
            tasks: What to read; more may be put into it meanwhile.
            folder_for: A folder for the files within a file, or None.
            ended: Whether no more is to be read; asked every second at least.

        Yields:
            Files that are read, or that cannot be; nothing where all take long.
        """
        under_way: dict[Done, Task] = {}
        most = self._settings.reading_processes
        with ThreadPoolExecutor(most, thread_name_prefix="read") as threads:
            try:
                while (tasks or under_way) and not ended():
                    while tasks and len(under_way) < most:
                        task = tasks.popleft()
                        under_way[threads.submit(self.read, task, folder_for(task))] = task
                    done = wait(under_way, _PATIENCE, return_when=FIRST_COMPLETED).done
                    yield [(under_way.pop(future), future) for future in done]
            finally:
                self._workers.end()

    def read(self, task: Task, folder: Path | None) -> tuple[FileRecord, Reading | None]:
        """Read a file or a page; of a page that is the same as before there is nothing to read.

        Args:
            task: What to read.
            folder: For the files within it; None leaves them alone.

        Raises:
            DocumentError: It cannot be read, has vanished, or goes on changing.
        """
        if not is_url(task.file.path):
            return self._read_at_rest(task, folder)
        self._scratch.mkdir(parents=True, exist_ok=True)
        page = fetch(task.file.path, Path(mkdtemp(dir=self._scratch)), allow_private=self._settings.allow_private_urls)
        fetched = Task(replace(task.file, source=page.name), page.path)
        known = task.file.fingerprint == FINGERPRINT and not task.file.error
        if known and task.file.sha256 == sha256_of(page.path):
            return fetched.file, None
        return self._read_at_rest(fetched, folder)

    def _read_at_rest(self, task: Task, folder: Path | None) -> tuple[FileRecord, Reading]:
        """Read a file; one that changes meanwhile is read once more."""
        for _ in range(2):
            try:
                before = task.path.stat()
                sha256 = sha256_of(task.path) if before.st_size <= MAX_BYTES else ""
                reading = self._in_worker(task, folder)
                after = task.path.stat()
            except FileNotFoundError as error:
                raise DocumentError("the file vanished while the folder was read; run again") from error
            except OSError as error:
                raise DocumentError(f"cannot be opened: {error.strerror}; check its permissions") from error
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                read = replace(task.file, sha256=sha256, size=after.st_size, mtime_ns=after.st_mtime_ns, error="")
                return replace(read, read_ns=time.time_ns(), fingerprint=FINGERPRINT), reading
        raise DocumentError("the file changes while it is read; run again when it is at rest")

    def _in_worker(self, task: Task, folder: Path | None) -> Reading:
        job = Job(
            str(task.path),
            task.file.source.rsplit("/", 1)[-1],
            str(folder) if folder else None,
            self._settings.pdf_password.get_secret_value(),
            self._settings.read_memory << 20,
        )
        on_beat = partial(self._on_beat, task.file.source)
        return self._workers.read(job, seconds=self._settings.read_timeout, on_beat=on_beat)
