"""Vectors on a Chroma server: the real one, as a process of its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import StorageError
from kb_app.storage.vectors import VectorIndex
from tests.program import Program, write
from tests.servers.processes import chroma_server, free_port
from tests.storage_contract import VectorIndexContract, towards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOILER = "锅炉房每周三上午九点检修，检修时停止供应热水。"
PARKING = "访客车辆停在东门外的停车场，不得驶入厂区。"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


class TestVectorsOnAServer(VectorIndexContract):
    @pytest.fixture
    def place(self, server: str, tmp_path: Path) -> tuple[Path, str, str]:
        return tmp_path / "unused", f"kb-contract-{next(_numbers)}", server

    def test_nothing_is_written_to_the_folder(self, index: VectorIndex, place: tuple[Path, str, str]) -> None:
        index.add([1], [towards(1)], [10])
        assert not place[0].exists()

    def test_each_name_is_an_index_of_its_own(self, index: VectorIndex, place: tuple[Path, str, str]) -> None:
        other = VectorIndex(place[0], f"{place[1]}-other", url=place[2])
        index.add([1], [towards(1)], [10])
        other.add([2], [towards(1)], [10])
        other.drop()
        assert index.ids() == [1]


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_shown_with_an_example(tmp_path: Path, url: str) -> None:
    with pytest.raises(StorageError, match=r"KB_CHROMA_URL is .* write for example http://127\.0\.0\.1:8000") as raised:
        VectorIndex(tmp_path, "kb-plant", url=url).ids()
    assert repr(url) in str(raised.value)


def test_the_whole_program_with_a_server(server: str, tmp_path: Path) -> None:
    kb = Program(tmp_path / "home", {"KB_CHROMA_URL": server})
    docs = write(tmp_path / "docs", 锅炉=BOILER, 停车=PARKING)
    assert kb.run("ingest", docs, "--json").json["embedded"] == 2
    answer = kb.run("ask", "什么时候检修锅炉？", "--json").json
    assert answer["citations"][0]["passage"]["source"] == "锅炉.txt"
    assert "dense" in answer["citations"][0]["passage"]["found_by"]
    assert list((tmp_path / "home").rglob("chroma*")) == []
    assert kb.run("remove", "锅炉.txt").code == 0
    assert [found["source"] for found in kb.run("search", "锅炉检修", "--json").json] == ["停车.txt"]
    assert kb.run("rebuild").code == 0
    assert kb.run("doctor").code == 0
    assert kb.run("drop", "--yes").code == 0
    assert kb.run("list", "--json").json == []


def test_a_server_that_is_not_there_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{free_port()}"
    kb = Program(tmp_path / "home", {"KB_CHROMA_URL": gone})
    docs = write(tmp_path / "docs", 锅炉=BOILER, 停车=PARKING)
    for command in (["ingest", docs], ["ask", "什么时候检修锅炉？"], ["ingest", docs]):
        complaint = kb.run(*command).complaint
        assert gone in complaint
        assert "start the Chroma server or correct KB_CHROMA_URL" in complaint
    counts = kb.run("status", "--json").json
    assert (counts["documents"], counts["pending_keywords"], counts["pending_vectors"]) == (2, 0, 2)
    with chroma_server(tmp_path / "chroma") as started:
        there = Program(kb.home, {"KB_CHROMA_URL": started})
        assert there.run("ingest", docs, "--json").json["embedded"] == 2
        assert there.run("doctor").code == 0
