"""Brings a knowledge base in line with folders: reads what changed, leaves what did not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.discover import Plan, find_files, make_plan
from ingest.parse import FINGERPRINT
from ingest.reader import is_url
from ingest.report import SyncReport
from ingest.run import Run
from kb_app.storage.catalog import FileRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.report import FileReport, Progress
    from kb_app import KnowledgeBase


def sync(  # noqa: PLR0913 - options, all by name
    paths: Sequence[str | Path],
    kb: KnowledgeBase,
    *,
    prune: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    on_file: Callable[[FileReport], None] | None = None,
) -> SyncReport:
    """Read folders and files into a knowledge base.

    What was interrupted before is finished first. A file that cannot be read is reported and the rest is done.

    Args:
        paths: Folders (searched at any depth), files, and addresses of pages (``https://...``).
        kb: The knowledge base.
        prune: Also remove documents below the folders whose file is not there any more.
        dry_run: Only report what would be done.
        on_progress: Told about the progress, from several threads.
        on_file: Told what was read from each file, as it is done.

    Raises:
        BusyError: Another process is writing to the knowledge base.
        StorageError: The disk is full or an index is damaged; what is written stays.
        ModelError: The embedding model failed; keywords find the documents already, the vectors are made next time.
    """
    begin = time.monotonic()
    report = SyncReport()
    there = _existing([Path(path) for path in paths if not is_url(path)], report, prune=prune)
    pages = [str(path) for path in paths if is_url(path)]
    if dry_run:
        _preview(_plan(there, pages, kb, report), report, prune=prune)
    else:
        with kb.writing("kb ingest") as indexer:
            run = Run(kb, indexer, report, on_progress=on_progress, on_file=on_file)
            run.do(_plan(there, pages, kb, report), prune=prune)
    report.seconds = round(time.monotonic() - begin, 3)
    return report.in_order()


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
