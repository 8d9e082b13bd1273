"""Folders that may not be opened: each is told on one line, the rest is read, and what is known of them stays."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ingest import sync, watch
from tests.permissions import permissions_count
from tests.program import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb_app import KnowledgeBase

DENIED = "cannot be opened: Permission denied; check its permissions; what is known of it stays"


pytestmark = pytest.mark.usefixtures("as_anybody")


@pytest.fixture
def as_anybody() -> Iterator[None]:
    with permissions_count():
        yield


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = write(tmp_path / "资料", 食堂="食堂早餐供应到九点。")
    write(folder / "人事", 工资="工资每月十日发放。", 考勤="迟到三次记一次旷工。")
    write(folder / "人事" / "旧", 奖金="奖金年底发放。")
    return folder


@contextmanager
def closed(folder: Path, mode: int = 0) -> Iterator[None]:
    """A folder without the permission to open it."""
    folder.chmod(mode)
    try:
        yield
    finally:
        folder.chmod(0o755)


def sources(kb: KnowledgeBase) -> list[str]:
    return [document.source for document in kb.documents()]


# Without any right, and with the right to list what may not be opened.
@pytest.mark.parametrize("mode", [0, 0o444])
def test_one_line_for_a_folder_and_the_rest_is_read(kb: KnowledgeBase, docs: Path, mode: int) -> None:
    with closed(docs / "人事", mode):
        report = sync([docs], kb)
    assert report.errors == {"人事": DENIED}
    assert report.failed == ["人事"]
    assert report.added == ["食堂.txt"]
    assert sync([docs], kb).added == ["人事/工资.txt", "人事/旧/奖金.txt", "人事/考勤.txt"]


@pytest.mark.parametrize("mode", [0, 0o444])
def test_what_is_known_of_it_is_not_pruned(kb: KnowledgeBase, docs: Path, mode: int) -> None:
    sync([docs], kb)
    before = sources(kb)
    (docs / "食堂.txt").unlink()
    with closed(docs / "人事", mode):
        report = sync([docs], kb, prune=True)
    assert (report.removed, report.failed) == (["食堂.txt"], ["人事"])
    assert sources(kb) == [source for source in before if source != "食堂.txt"]
    assert kb.search("工资哪天发放", k=1)[0].source == "人事/工资.txt"


def test_a_copy_of_a_file_in_it_is_no_move_of_that_file(kb: KnowledgeBase, docs: Path) -> None:
    sync([docs], kb)
    write(docs, 副本="工资每月十日发放。")
    with closed(docs / "人事"):
        report = sync([docs], kb)
    assert (report.added, report.renamed) == (["副本.txt"], [])
    assert "人事/工资.txt" in sources(kb)


@pytest.mark.parametrize("prune", [False, True])
def test_the_folder_that_is_named_itself(kb: KnowledgeBase, docs: Path, prune: bool) -> None:
    sync([docs], kb)
    with closed(docs):
        report = sync([docs, docs / "人事"], kb, prune=prune)
    assert report.errors == {str(docs): DENIED, str(docs / "人事"): DENIED}
    assert len(sources(kb)) == 4


def test_a_link_to_itself_is_one_line_and_the_rest_is_read(kb: KnowledgeBase, docs: Path) -> None:
    (docs / "圈").symlink_to(docs / "圈")
    report = sync([docs], kb)
    assert report.failed == ["圈"]
    assert "symbolic links" in report.errors["圈"]
    assert len(report.added) == 4


def test_a_watch_goes_on_beside_it(kb: KnowledgeBase, docs: Path) -> None:
    stop = threading.Event()
    too_long = threading.Timer(30, stop.set)
    too_long.start()
    with closed(docs / "人事"):
        watching = watch([docs], kb, stop=stop)
        assert next(watching).added == ["食堂.txt"]
        write(docs, 班车="班车每天七点半发车。")
        assert next(report.added for report in watching if report.added) == ["班车.txt"]
        stop.set()
        assert list(watching) == []
    too_long.cancel()
