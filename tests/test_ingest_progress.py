"""The progress that a run tells: several threads count, and nothing is lost, goes back or ends too early."""

from __future__ import annotations

import sys
import threading
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest

from benchmarks.corpus import passages
from ingest import Progress, sync
from ingest.board import ProgressBoard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kb_app import KnowledgeBase

TIMES = 5000


@pytest.fixture
def hectic() -> Iterator[None]:
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(*jobs: Callable[[int], None]) -> None:
    """Do jobs side by side, each so many times."""
    ready = threading.Barrier(len(jobs))

    def repeat(job: Callable[[int], None]) -> None:
        ready.wait()
        for number in range(1, TIMES + 1):
            job(number)

    threads = [threading.Thread(target=repeat, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("hectic")
def test_three_threads_count_and_nothing_is_lost() -> None:
    told: list[Progress] = []
    board = ProgressBoard(Progress(all_files=TIMES, all_chunks=7), told.append)
    together(
        lambda i: board.add(files=1, all_chunks=2),
        lambda i: board.page("手册.pdf", i, TIMES),
        board.embedded,
    )
    last = Progress(TIMES, TIMES, TIMES, 7 + 2 * TIMES, "手册.pdf", TIMES, TIMES)
    assert board.now == told[-1] == last
    for name in ("files", "embedded", "all_chunks", "page"):
        counted = [getattr(progress, name) for progress in told]
        assert all(before <= after for before, after in pairwise(counted)), name


def test_one_listener_is_told_at_a_time_and_counting_goes_on_meanwhile() -> None:
    listening = threading.Lock()
    told: list[int] = []

    def listen(progress: Progress) -> None:
        assert listening.acquire(blocking=False)
        if not told:  # while the first is told, another thread counts
            other.start()
            while board.now.files < 2:
                assert other.is_alive()
        told.append(progress.files)
        listening.release()

    board = ProgressBoard(Progress(), listen)
    other = threading.Thread(target=lambda: board.add(files=1))
    board.add(files=1)
    other.join()
    assert told == [1, 2]


def test_a_run_ends_with_all_that_is_known(kb: KnowledgeBase, tmp_path: Path) -> None:
    docs = tmp_path / "通知"
    docs.mkdir()
    texts = passages(90, seed=3)
    for number in range(30):
        (docs / f"{number:02}.txt").write_text("\n\n".join(islice(texts, 3)), encoding="utf-8")
    told: list[Progress] = []
    report = sync([docs], kb, on_progress=told.append)
    last = told[-1]
    assert (last.files, last.all_files) == (30, 30)
    assert last.embedded == last.all_chunks == report.chunks == report.embedded
    assert all(before.files <= after.files for before, after in pairwise(told))
