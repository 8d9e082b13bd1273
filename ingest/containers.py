"""Archives, and mails with attachments: the files within them become documents of their own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ingest.discover import sha256_of
from ingest.parse import FINGERPRINT
from kb_app.storage.catalog import FileRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ingest.document import Member
    from ingest.report import SyncReport
    from kb_app.storage.catalog import Catalog

MAX_DEPTH = 3
"""Containers within containers that are opened."""

MAX_MEMBERS = 10_000
"""Files in all within one file of the folder."""


@dataclass(slots=True)
class _Container:
    """A file that holds files, while they are read.

    Attributes:
        file: The file of the folder, as it was read.
        left: Tasks that are not done, itself the first.
        seen: Paths of the documents within it.
        failed: Files within it that could not be unpacked, each with its error.
        folders: Where its files were unpacked to.
    """

    file: FileRecord
    left: int = 1
    seen: set[str] = field(default_factory=set)
    failed: list[FileRecord] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read.

    Attributes:
        file: What is known of it.
        path: Where its bytes lie.
        depth: Number of containers around it.
        top: The file of the folder that it is in; empty where it is one itself.
    """

    file: FileRecord
    path: Path
    depth: int = 0
    top: str = ""


class Containers:
    """The containers that are open, and what becomes of the files within them."""

    def __init__(
        self, catalog: Catalog, report: SyncReport, known: Mapping[str, Sequence[FileRecord]], scratch: Path
    ) -> None:
        """For one run.

        Args:
            catalog: Where documents are.
            report: Told of what is unchanged and removed.
            known: Documents within each container, by its path, as they were before the run.
            scratch: Folder to unpack into.
        """
        self._catalog = catalog
        self._report = report
        self._known = known
        self._scratch = scratch
        self._open: dict[str, _Container] = {}
        self._folders = 0

    def folder_for(self, task: Task) -> Path | None:
        """A folder for the files within a file, made only if there are any; None where it lies too deep."""
        if task.depth >= MAX_DEPTH:
            return None
        self._folders += 1
        return self._scratch / f"{self._folders:06}"

    def open(self, task: Task, read: FileRecord, members: Sequence[Member]) -> list[Task]:
        """The files within a file that are to be read; those that are unchanged or cannot be read are noted."""
        known = self._known.get(task.top or read.path, [])
        if not members and not known:
            return []
        container = self._open.setdefault(task.top or read.path, _Container(read))
        container.folders += dict.fromkeys(member.path.parent for member in members if not member.error)
        before = {record.path: record for record in known}
        tasks = []
        for member in members:
            record = self._record(container, read, member)
            container.seen.add(record.path)
            old = before.get(record.path)
            if old and not record.error and _is_same(old, member):
                self._keep(container, old, known)
                continue
            record = replace(record, doc_id=old.doc_id if old else 0)
            if record.error:
                container.failed.append(record)
            else:
                tasks.append(Task(record, member.path, task.depth + 1, container.file.path))
        container.left += len(tasks)
        return tasks

    def _keep(self, container: _Container, old: FileRecord, known: Sequence[FileRecord]) -> None:
        """Note a file within a container, and all files within it, as unchanged."""
        kept = [old, *(inner for inner in known if inner.path.startswith(f"{old.path}/"))]
        container.seen.update(record.path for record in kept)
        self._report.unchanged += [record.source for record in kept]

    def close(self, task: Task) -> list[FileRecord]:
        """Note that a file is done; with the last one of a container, return the files within it that failed."""
        container = self._open.get(task.top or task.file.path)
        if container is None:
            return []
        container.left -= 1
        if container.left:
            return []
        del self._open[container.file.path]
        gone = [record for record in self._known.get(container.file.path, []) if record.path not in container.seen]
        if gone:
            self._catalog.remove([record.doc_id for record in gone])
            self._report.removed += [record.source for record in gone]
        self._catalog.finish(container.file.path, FINGERPRINT)
        for folder in container.folders:
            shutil.rmtree(folder, ignore_errors=True)
        return container.failed

    def _record(self, container: _Container, around: FileRecord, member: Member) -> FileRecord:
        name = _unique(f"{around.path}/{member.name}", container.seen).removeprefix(f"{around.path}/")
        record = FileRecord(
            f"{around.path}/{name}", f"{around.source}/{name}", container=container.file.path, error=member.error
        )
        if len(container.seen) >= MAX_MEMBERS:
            return replace(record, error=f"more than {MAX_MEMBERS:,} files within one; unpack it")
        return record


def _unique(path: str, seen: set[str]) -> str:
    """The path, numbered where the container holds another file of that name."""
    numbered, number = path, 1
    while numbered in seen:
        number += 1
        stem, dot, suffix = path.rpartition(".")
        numbered = f"{stem} ({number}).{suffix}" if dot and "/" not in suffix else f"{path} ({number})"
    return numbered


def _is_same(known: FileRecord, member: Member) -> bool:
    good = not known.error and known.fingerprint == FINGERPRINT
    return good and known.sha256 == sha256_of(member.path)
