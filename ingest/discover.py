"""Finds the files of folders, and what has happened to them since they were last read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kb_app.storage.catalog import FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

IGNORED_NAMES = frozenset({"Thumbs.db", "desktop.ini"})
IGNORED_PREFIXES = (".", "~$")
_BLOCK = 1 << 20
# A change within the resolution of a file system's clock leaves the time as it was.
_CLOCK_RESOLUTION_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there: its absolute path and its path below the folder that was named."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync has to do.

    Attributes:
        read: Files that are new or changed, with what is known of them.
        renamed: Files that a document moved to: as they are now, with the document's id.
        touched: Files whose bytes are the same but whose time changed.
        unchanged: Sources of files that need nothing.
        gone: Documents below the named folders whose file is not there any more.
    """

    read: list[FileRecord] = field(default_factory=list)
    renamed: list[FileRecord] = field(default_factory=list)
    touched: list[FileRecord] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[FileRecord] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> Iterator[Found]:
    """The files of folders and the files named, each once, in a fixed order; hidden ones are left out."""
    seen: set[Path] = set()
    for path in paths:
        top = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        found = [Found(top, top.name)] if top.is_file() else _below(top)
        for file in found:
            if file.path not in seen:
                seen.add(file.path)
                yield file


def make_plan(
    found: Iterable[Found],
    known: Sequence[FileRecord],
    folders: Sequence[Path],
    *,
    fingerprint: str,
    on_hash: Callable[[], None] = lambda: None,
) -> Plan:
    """Compare the files that are there with the documents that are known.

    Args:
        found: Files that are there.
        known: Documents of the knowledge base.
        folders: Folders that were searched: documents below them that were not found are gone.
        fingerprint: Version of parser and chunker; a document that another one read is read again.
        on_hash: Called for each file whose bytes are compared.
    """
    plan = Plan()
    by_path = {record.path: record for record in known}
    moved = _Moved(known)
    for file in found:
        record = by_path.get(str(file.path))
        if record and _same_stat(file.path, record) and _is_good(record, fingerprint):
            plan.unchanged.append(record.source)
            continue
        on_hash()
        _classify(plan, _look(file, record), record, moved, fingerprint)
    taken = {record.doc_id for record in plan.renamed}
    plan.gone.extend(record for record in known if record.doc_id not in taken and _is_gone(record, folders))
    return plan


def _classify(plan: Plan, now: FileRecord, record: FileRecord | None, moved: _Moved, fingerprint: str) -> None:
    if record and now.sha256 == record.sha256 and _is_good(record, fingerprint):
        plan.touched.append(replace(now, fingerprint=fingerprint))
    elif record or not (old := moved.take(now.sha256, fingerprint)):
        plan.read.append(now)
    else:
        plan.renamed.append(replace(now, doc_id=old.doc_id, fingerprint=fingerprint))


class _Moved:
    """Documents whose file is not where it was, by content."""

    def __init__(self, known: Sequence[FileRecord]) -> None:
        self._by_hash: dict[str, list[FileRecord]] = {}
        for record in known:
            if record.sha256:
                self._by_hash.setdefault(record.sha256, []).append(record)

    def take(self, sha256: str, fingerprint: str) -> FileRecord | None:
        candidates = self._by_hash.get(sha256, [])
        for record in candidates:
            if _is_good(record, fingerprint) and not Path(record.path).exists():
                candidates.remove(record)
                return record
        return None


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, read in blocks."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
    return hashed.hexdigest()


def _look(file: Found, record: FileRecord | None) -> FileRecord:
    """What a file is now; one that cannot be opened has no hash, and reading it will say why."""
    now = FileRecord(str(file.path), record.source if record else file.source, doc_id=record.doc_id if record else 0)
    try:
        stat = file.path.stat()
        return replace(now, sha256=sha256_of(file.path), size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    except OSError:
        return now


def _below(top: Path) -> Iterator[Found]:
    for folder, subfolders, names in os.walk(top):
        subfolders[:] = sorted(name for name in subfolders if not _is_ignored(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not _is_ignored(name) and path.is_file():
                yield Found(path, path.relative_to(top).as_posix())


def _is_ignored(name: str) -> bool:
    return name in IGNORED_NAMES or name.startswith(IGNORED_PREFIXES)


def _is_good(record: FileRecord, fingerprint: str) -> bool:
    return not record.error and record.fingerprint == fingerprint


def _same_stat(path: Path, record: FileRecord) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    settled = record.read_ns - record.mtime_ns > _CLOCK_RESOLUTION_NS
    return settled and (stat.st_size, stat.st_mtime_ns) == (record.size, record.mtime_ns)


def _is_gone(record: FileRecord, folders: Sequence[Path]) -> bool:
    path = Path(record.path)
    return any(path.is_relative_to(folder) for folder in folders) and not path.exists()
