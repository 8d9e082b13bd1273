"""The paths that are handed in to be read: one or several, empty ones, and addresses that are none of the web."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ingest import sync, watch
from kb_app.errors import NotFoundError
from tests.program import Program, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kb_app import KnowledgeBase


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder beside another file, both below the current folder."""
    monkeypatch.chdir(write(tmp_path / "站", 别的="清泉水厂的别的文件。"))
    return write(tmp_path / "站" / "d", 水价="清泉水厂的居民水价为每吨三元。")


@pytest.mark.parametrize("given", [str, os.path.relpath, lambda path: path, lambda path: [path]], ids="srpl")
def test_one_path_needs_no_list(kb: KnowledgeBase, docs: Path, given: Callable[[Path], Path]) -> None:
    assert sync(given(docs), kb, dry_run=True).added == ["水价.txt"]
    assert next(watch(given(docs), kb)).added == ["水价.txt"]


@pytest.mark.parametrize("empty", ["", " ", [""], ["d", "\t"]], ids=["one", "blank", "list", "among"])
def test_an_empty_path_is_not_the_current_folder(kb: KnowledgeBase, docs: Path, empty: str | list[str]) -> None:
    for read in (sync, watch):
        with pytest.raises(NotFoundError, match=r"^a path is empty; name a folder") as caught:
            list(read(empty, kb))  # type: ignore[call-overload]
        assert "\n" not in str(caught.value)
    assert kb.documents() == []
    assert docs.is_dir()


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/水价.txt", "file:///tmp/水价.txt", "s3://bucket/水价"])
def test_an_address_of_another_kind_is_no_missing_file(kb: KnowledgeBase, address: str) -> None:
    report = sync(address, kb)
    assert report.errors == {
        address: f"{address} is not an address of the web; only http:// and https:// are fetched",
    }


def test_the_program_refuses_an_empty_path_in_one_line(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    for options in ([], ["--dry-run"], ["--watch"]):
        assert program.run("ingest", "", *options).complaint.startswith("a path is empty; ")
    assert program.run("list", "--json").json == []
