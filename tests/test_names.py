"""Files whose names are not UTF-8, as a system of another language left them on the disk."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from ingest.names import as_path, as_shown, as_text

if TYPE_CHECKING:
    from kb_app import KnowledgeBase

LEAVE = "员工入职满一年后每年有七天年假，当年没有休完的可以顺延到次年三月底。"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("年假规定.txt", "住宿标准.txt"):
        path = os.path.join(os.fsencode(folder), name.encode("gb18030"))  # noqa: PTH118 - a name of bytes
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{name}：{LEAVE}")
    return folder


def test_such_a_file_is_read_shown_as_it_was_meant_and_known_again(kb: KnowledgeBase, docs: Path) -> None:
    assert sync([docs], kb).added == ["住宿标准.txt", "年假规定.txt"]
    assert kb.search("年假", where={"name": "年假*"})[0].source == "年假规定.txt"
    assert sync([docs], kb, prune=True).unchanged == ["住宿标准.txt", "年假规定.txt"]
    next(docs.iterdir()).unlink()
    assert len(sync([docs], kb, prune=True).removed) == 1


@pytest.mark.parametrize(
    "name", ["年假.txt", "a b.txt", os.fsdecode("年假.txt".encode("gb18030")), os.fsdecode(b"\xff\xfe/x.txt")]
)
def test_a_path_comes_back_from_its_text(name: str) -> None:
    text = as_text(PurePath("/docs", name))
    assert text.encode("utf-8")
    assert as_path(text) == Path("/docs", name)
    assert as_shown(PurePath(name)).encode("utf-8")
