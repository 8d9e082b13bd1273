"""Brings a knowledge base in line with folders: reads what changed, leaves what did not."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.discover import Plan, make_plan
from ingest.parse import FINGERPRINT
from ingest.reader import is_url
from ingest.report import SyncReport
from ingest.run import Run
from ingest.walk import find_files, is_gone, why_not_opened
from kb_app.errors import NotFoundError
from kb_app.storage.catalog import FileRecord

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from ingest.report import FileReport, Progress
    from kb_app import KnowledgeBase

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def sync(  # noqa: PLR0913 - options, all by name
    paths: str | Path | Sequence[str | Path],
    kb: KnowledgeBase,
    *,
    prune: bool = False,
    dry_run: bool = False,
    stop: threading.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_file: Callable[[FileReport], None] | None = None,
) -> SyncReport:
    """Read folders and files into a knowledge base.

    What was interrupted before is finished first. A file that cannot be read is reported and the rest is done.

    Args:
        paths: Folders (searched at any depth), files, and addresses of pages (``https://...``); one or several.
        kb: The knowledge base.
        prune: Also remove documents below the folders whose file is not there any more.
        dry_run: Only report what would be done.
        stop: Set it to end early, from any thread: what is read stays, the rest is done by the next run.
        on_progress: Told about the progress, from several threads but by one at a time.
        on_file: Told what was read from each file, as it is done.

    Raises:
        NotFoundError: A path is empty.
        BusyError: Another process is writing to the knowledge base.
        StorageError: The disk is full or an index is damaged; what is written stays.
        ModelError: The embedding model failed; keywords find the documents already, the vectors are made next time.
    """
    begin = time.monotonic()
    report = SyncReport()
    given = each_path(paths)
    there = _existing([path for path in given if not is_url(path)], report, prune=prune)
    pages = [str(path) for path in given if is_url(path)]
    if dry_run:
        _preview(_plan(there, pages, kb, report), report, prune=prune)
    else:
        with kb.writing("kb ingest") as indexer:
            run = Run(kb, indexer, report, stop=stop, on_progress=on_progress, on_file=on_file)
            run.do(_plan(there, pages, kb, report), prune=prune)
    report.seconds = round(time.monotonic() - begin, 3)
    return report.in_order()


def each_path(paths: str | Path | Sequence[str | Path]) -> list[str | Path]:
    """The paths one by one; a text is one path, not its letters.

    Raises:
        NotFoundError: One is empty, as an unset variable of a shell leaves it: it would be the current folder.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if any(not str(path).strip() for path in given):
        raise NotFoundError("a path is empty; name a folder, a file or an address, `.` is the current folder")
    return given


def anything_there(paths: Sequence[str | Path]) -> bool:
    """Whether one of the paths is an address, or is there as far as can be seen."""
    return any(is_url(path) or not (_no_path(path) or is_gone(Path(path))) for path in paths)


def _existing(paths: Sequence[str | Path], report: SyncReport, *, prune: bool) -> list[Path]:
    there = []
    for given in paths:
        path = Path(given)
        if reason := _no_path(given) or _missing(path) or (not prune and _empty(path)):
            report.fail(str(given), reason)
        else:
            there.append(path)
    return there


def _no_path(given: str | Path) -> str:
    """Why a text is an address that is not fetched; empty for a path."""
    if _SCHEME.match(str(given)):
        return f"{given} is not an address of the web; only http:// and https:// are fetched"
    return ""


def _missing(path: Path) -> str:
    """Why a path that was named cannot be read at all; empty if it can."""
    try:
        path.stat()
    except OSError as error:
        return "there is no such file or folder; check the path" if is_gone(path) else why_not_opened(error)
    return ""


def _empty(path: Path) -> str:
    """Why nothing is to be read in a folder; empty if there is, or if something is to be told of it."""
    refused: list[str] = []
    found = next(find_files([path], refused=lambda source, _: refused.append(source)), None)
    return "" if found or refused else "no documents in this folder; put files into it, or name another"


def _plan(paths: Sequence[Path], pages: Sequence[str], kb: KnowledgeBase, report: SyncReport) -> Plan:
    folders = [path.absolute() for path in paths if path.is_dir()]
    known = kb.catalog.files()
    plan = make_plan(find_files(paths, refused=report.fail), known, folders, fingerprint=FINGERPRINT)
    by_path = {record.path: record for record in known}
    # Whether a page has changed is known only when it is fetched.
    plan.read.extend(by_path.get(page) or FileRecord(page, page) for page in dict.fromkeys(pages))
    return plan


def _preview(plan: Plan, report: SyncReport, *, prune: bool) -> None:
    for file in plan.read:
        (report.updated if file.doc_id else report.added).append(file.source)
    report.renamed = [file.source for file in plan.renamed]
    report.unchanged = [*plan.unchanged, *(file.source for file in plan.touched)]
    report.removed = [file.source for file in plan.gone] if prune else []
