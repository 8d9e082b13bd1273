"""Finds what has happened to files since they were last read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ingest.kinds import MAX_BYTES
from ingest.names import as_path, as_text
from ingest.walk import is_gone
from kb_app.storage.catalog import FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ingest.walk import Found

_BLOCK = 1 << 20
# A change within the resolution of a file system's clock leaves the time as it was.
_CLOCK_RESOLUTION_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync has to do.

    The files within an archive or a mail go with it: unchanged, renamed and gone as it is.

    Attributes:
        read: Files that are new or changed, with what is known of them.
        renamed: Files that a document moved to: as they are now, with the document's id.
        touched: Files whose bytes are the same but whose time changed.
        unchanged: Sources of files that need nothing.
        gone: Documents below the named folders whose file is not there any more.
        within: The documents within each archive or mail, by its path.
    """

    read: list[FileRecord] = field(default_factory=list)
    renamed: list[FileRecord] = field(default_factory=list)
    touched: list[FileRecord] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[FileRecord] = field(default_factory=list)
    within: dict[str, list[FileRecord]] = field(default_factory=dict)


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
    plan = Plan(within=_within(known))
    files = [record for record in known if not record.container]
    good = {record.path for record in files if _is_good(record, plan.within.get(record.path, []), fingerprint)}
    by_path = {record.path: record for record in files}
    moved = _Moved(record for record in files if record.path in good)
    for file in found:
        record = by_path.get(as_text(file.path))
        if record and record.path in good and _same_stat(file.path, record):
            plan.unchanged.extend(part.source for part in (record, *plan.within.get(record.path, [])))
            continue
        on_hash()
        _classify(plan, _look(file, record), record if record and record.path in good else None, moved)
    taken = {record.doc_id for record in plan.renamed}
    for record in files:
        if record.doc_id not in taken and _is_gone(record, folders):
            plan.gone.extend((record, *plan.within.get(record.path, [])))
    return plan


def _within(known: Sequence[FileRecord]) -> dict[str, list[FileRecord]]:
    inner: dict[str, list[FileRecord]] = {}
    for record in known:
        if record.container:
            inner.setdefault(record.container, []).append(record)
    return inner


def _classify(plan: Plan, now: FileRecord, good: FileRecord | None, moved: _Moved) -> None:
    if good and now.sha256 == good.sha256:
        plan.touched.extend((replace(now, fingerprint=good.fingerprint), *plan.within.get(good.path, [])))
    elif now.doc_id or not (old := moved.take(now.sha256)):
        plan.read.append(now)
    else:
        plan.renamed.append(replace(now, doc_id=old.doc_id, fingerprint=old.fingerprint))
        plan.renamed.extend(_moved_within(inner, old, now) for inner in plan.within.get(old.path, []))


def _moved_within(inner: FileRecord, old: FileRecord, new: FileRecord) -> FileRecord:
    """A document within a container that has moved."""
    path = new.path + inner.path.removeprefix(old.path)
    source = new.source + inner.source.removeprefix(old.source)
    return replace(inner, path=path, source=source, container=new.path)


class _Moved:
    """Documents that are in order but whose file is not where it was, by content."""

    def __init__(self, good: Iterable[FileRecord]) -> None:
        self._by_hash: dict[str, list[FileRecord]] = {}
        for record in good:
            self._by_hash.setdefault(record.sha256, []).append(record)

    def take(self, sha256: str) -> FileRecord | None:
        candidates = self._by_hash.get(sha256, [])
        for record in candidates:
            if is_gone(as_path(record.path)):
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
    now = FileRecord(
        as_text(file.path), record.source if record else file.source, doc_id=record.doc_id if record else 0
    )
    try:
        stat = file.path.stat()
        # What is too large to be read is not worth hashing; reading it says so.
        sha256 = sha256_of(file.path) if stat.st_size <= MAX_BYTES else ""
        return replace(now, sha256=sha256, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    except OSError:
        return now


def _is_good(record: FileRecord, within: Sequence[FileRecord], fingerprint: str) -> bool:
    """Whether a file and all files within it were read by this version of the program."""
    return all(not part.error and part.fingerprint == fingerprint for part in (record, *within))


def _same_stat(path: Path, record: FileRecord) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return False
    settled = record.read_ns - record.mtime_ns > _CLOCK_RESOLUTION_NS
    return settled and (stat.st_size, stat.st_mtime_ns) == (record.size, record.mtime_ns)


def _is_gone(record: FileRecord, folders: Sequence[Path]) -> bool:
    path = as_path(record.path)
    return any(path.is_relative_to(folder) for folder in folders) and is_gone(path)
