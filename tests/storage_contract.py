"""What every vector index must do; subclass and provide the ``place`` fixture."""

from __future__ import annotations

import gc
import math
import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kb_app.storage.memory import FEW
from kb_app.storage.vectors import VectorIndex
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app.storage.vectors import Vector

LARGEST = 2**64 - 1
MANY = 6_000  # more than the 5,461 that Chroma takes at once
TOO_MANY_VALUES = range(40_000)  # more than SQLite takes in one statement

ADD_VECTOR = """
import shutil, sys; from pathlib import Path
from kb_app.storage.vectors import VectorIndex; from tests.storage_contract import towards
folder, name, url, *what = sys.argv[1:]
index = VectorIndex(Path(folder), name, url=url)
if "anew" in what: index.drop(); shutil.rmtree(folder, ignore_errors=True)
else: index.delete([1])
index.add([3], [towards(30)], [30])
"""


def towards(degrees: float) -> Vector:
    """A unit vector; the nearer two angles, the nearer their vectors."""
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))], dtype=np.float32)


def found(pairs: list[tuple[int, float]]) -> list[int]:
    return [chunk_id for chunk_id, _ in pairs]


def another_process(home: Path, code: str, *arguments: object) -> None:
    ran = Program(home).run_python(["-c", code, *map(str, arguments)])
    assert ran.code == 0, ran.err


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Without the collector of cycles, which would end some day what nobody else has."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def often_switching() -> Iterator[None]:
    """Threads take turns within a search, and not only between them."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def held() -> int:
    """Threads of this process and files that it has open."""
    return sum(1 for what in ("task", "fd") for _ in Path(f"/proc/self/{what}").iterdir())


class VectorIndexContract:
    @pytest.fixture
    def index(self, place: tuple[Path, str, str]) -> VectorIndex:
        folder, name, url = place
        return VectorIndex(folder, name, url=url)

    def test_the_nearest_come_first_with_their_cosine(self, index: VectorIndex) -> None:
        index.add([1, 2, 3], [towards(80), towards(10), towards(40)], [10, 20, 30])
        assert found(index.search(towards(0), k=2)) == [2, 3]
        cosines = [cosine for _, cosine in index.search(towards(0), k=9)]
        assert cosines == pytest.approx([math.cos(math.radians(a)) for a in (10, 40, 80)], abs=1e-5)

    def test_equal_vectors_of_two_documents_are_both_found_in_the_order_of_ids(self, index: VectorIndex) -> None:
        index.add([9, 4, 7], [towards(5)] * 3, [1, 2, 3])
        index.add([2], [towards(5)], [4])
        assert found(index.search(towards(0), k=4)) == [2, 4, 7, 9]

    def test_what_is_deleted_is_not_found(self, index: VectorIndex) -> None:
        index.add([1, 2, 3], [towards(1), towards(2), towards(3)], [10, 10, 20])
        index.delete([1, 2, 99])
        assert found(index.search(towards(1), k=3)) == [3]
        assert index.search(towards(1), k=3, doc_ids=[10]) == []
        assert (index.ids(), list(index.vectors([1, 2, 3]))) == ([3], [3])

    def test_what_is_added_again_takes_the_place_of_the_old(self, index: VectorIndex) -> None:
        index.add([1, 2], [towards(0), towards(50)], [10, 20])
        index.add([1], [towards(90)], [30])
        assert index.ids() == [1, 2]
        assert found(index.search(towards(0), k=2)) == [2, 1]
        assert index.vectors([1])[1] == pytest.approx(towards(90), abs=1e-6)
        assert index.search(towards(0), k=2, doc_ids=[10]) == []

    def test_only_the_chosen_documents(self, index: VectorIndex) -> None:
        index.add([1, 2, 3], [towards(1), towards(2), towards(3)], [10, 20, 30])
        assert found(index.search(towards(0), k=3, doc_ids=[30, 10])) == [1, 3]
        assert found(index.search(towards(0), k=1, doc_ids={20, 30})) == [2]
        assert index.search(towards(0), k=3, doc_ids=[]) == index.search(towards(0), k=3, doc_ids=[77]) == []

    def test_any_number_of_documents_may_be_chosen(self, index: VectorIndex) -> None:
        index.add([1, 2, 3], [towards(2), towards(1), towards(0)], [5, TOO_MANY_VALUES[-1], TOO_MANY_VALUES.stop])
        assert found(index.search(towards(0), k=3, doc_ids=TOO_MANY_VALUES)) == [2, 1]
        assert found(index.search(towards(0), k=1, doc_ids=TOO_MANY_VALUES)) == [2]

    def test_several_questions_at_once_find_what_each_finds_alone(self, index: VectorIndex) -> None:
        index.add(list(range(1, 41)), [towards(2 * i) for i in range(1, 41)], list(range(101, 141)))
        asked = [towards(0), towards(90), towards(33)]
        for doc_ids in (None, [], [140], [101, 120, 140], range(105, 139)):
            together = index.search_all(asked, k=5, doc_ids=doc_ids)
            for vector, pairs in zip(asked, together, strict=True):
                alone = index.search(vector, k=5, doc_ids=doc_ids)
                assert found(pairs) == found(alone)
                assert [cosine for _, cosine in pairs] == pytest.approx([cosine for _, cosine in alone], abs=1e-6)

    @pytest.mark.parametrize("chosen", [1, 30], ids=["one document", "many documents"])
    @pytest.mark.parametrize("many", [False, True], ids=["few chunks", "many chunks"])
    def test_documents_far_from_the_question_are_found(self, index: VectorIndex, chosen: int, many: bool) -> None:
        there = FEW + 200 if many else 60
        near, far = range(10_000, 13_000), range(1, there + 1)
        index.add(near, [towards(i % 40 + i / 1e5) for i in near], [500 + i % 30 for i in near])
        index.add(far, [towards(60 + i / 50) for i in far], [1 + i % chosen for i in far])
        for _ in range(2):
            assert found(index.search(towards(5), k=3, doc_ids=range(1, chosen + 1))) == [1, 2, 3]
        assert index.search(towards(5), k=3, doc_ids=range(1, chosen + 1))[0][1] == pytest.approx(
            math.cos(math.radians(55.02)), abs=1e-5
        )

    def test_what_was_found_before_is_found_as_it_is_now(self, index: VectorIndex) -> None:
        index.add([1, 2], [towards(0), towards(50)], [10, 20])
        assert found(index.search(towards(0), k=3, doc_ids=[10])) == [1]
        assert list(index.vectors([1, 2, 3])) == [1, 2]
        index.add([3, 1], [towards(20), towards(90)], [10, 10])
        assert found(index.search(towards(0), k=3, doc_ids=[10])) == [3, 1]
        assert index.vectors([3, 1])[1] == pytest.approx(towards(90), abs=1e-6)
        index.delete([3])
        assert found(index.search(towards(0), k=3, doc_ids=[10])) == [1]
        assert list(index.vectors([3, 1])) == [1]

    def test_the_largest_ids(self, index: VectorIndex) -> None:
        index.add([LARGEST, 2**63, 5], [towards(1), towards(2), towards(3)], [2**63 - 1, 2, 3])
        assert found(index.search(towards(0), k=2)) == [LARGEST, 2**63]
        assert found(index.search(towards(0), k=2, doc_ids=[2**63 - 1])) == [LARGEST]
        index.delete([LARGEST])
        assert index.ids() == [5, 2**63]

    def test_nothing_gives_nothing(self, index: VectorIndex) -> None:
        assert index.search(towards(0), k=3) == index.ids() == []
        index.add([], [], [])
        index.delete([])
        index.delete([1])
        assert index.vectors([]) == index.vectors([1]) == {}

    def test_more_than_fits_into_one_request(self, index: VectorIndex) -> None:
        ids = list(range(MANY, 0, -1))
        index.add(ids, [towards(90 * i / MANY) for i in ids], ids)
        assert index.ids() == sorted(ids)
        assert len(index.vectors(ids)) == MANY
        assert index.vectors([MANY])[MANY] == pytest.approx(towards(90), abs=1e-6)
        index.delete(ids[:-1])
        assert (index.ids(), found(index.search(towards(90), k=3))) == ([1], [1])

    def test_it_is_the_same_when_it_is_opened_again(self, index: VectorIndex, place: tuple[Path, str, str]) -> None:
        index.add([1, 2], [towards(1), towards(60)], [10, 20])
        again = VectorIndex(place[0], place[1], url=place[2])
        assert again.search(towards(0), k=2) == index.search(towards(0), k=2)
        assert again.ids() == [1, 2]

    @pytest.mark.parametrize(("what", "left"), [("changed", [3, 2]), ("anew", [3])])
    def test_what_another_process_does_is_seen_after_reload(
        self, index: VectorIndex, place: tuple[Path, str, str], tmp_path: Path, what: str, left: list[int]
    ) -> None:
        index.add([1, 2], [towards(31), towards(60)], [10, 20])
        assert found(index.search(towards(30), k=3)) == [1, 2]
        assert found(index.search(towards(30), k=3, doc_ids=[10, 20, 30])) == [1, 2]
        assert list(index.vectors([1, 2, 3])) == [1, 2]
        another_process(tmp_path, ADD_VECTOR, *place, what)
        index.reload()
        assert sorted(index.vectors([1, 2, 3])) == sorted(left)
        assert found(index.search(towards(30), k=3, doc_ids=[10, 20, 30])) == left
        assert found(index.search(towards(30), k=3)) == left
        assert index.ids() == sorted(left)
        index.add([4], [towards(30)], [40])
        assert found(index.search(towards(30), k=2)) == [3, 4]

    def test_looking_anew_leaves_no_threads_and_no_files_open(self, index: VectorIndex) -> None:
        index.add([1], [towards(1)], [10])
        with nothing_collected():
            before = held()
            for _ in range(60):
                index.reload()
                assert found(index.search(towards(0), k=1)) == [1]
            assert held() <= before + 5
            index.close()
            assert held() < before
            assert found(index.search(towards(0), k=1)) == [1]

    def test_readers_go_on_while_it_is_looked_at_anew(self, index: VectorIndex) -> None:
        index.add([1, 2, 3], [towards(1), towards(2), towards(3)], [10, 20, 30])
        ended = threading.Event()

        def read(chosen: list[int]) -> set[tuple[int, ...]]:
            seen = set()
            while not ended.is_set():
                seen.add((*found(index.search(towards(0), k=3, doc_ids=chosen)), *index.vectors([2])))
            return seen

        with often_switching(), ThreadPoolExecutor(3) as readers:
            reading = [readers.submit(read, chosen) for chosen in ([10, 20], [20, 10], [10])]
            for _ in range(40):
                index.reload()
                assert found(index.search(towards(9), k=1)) == [3]
            ended.set()
            assert [one.result() for one in reading] == [{(1, 2, 2)}, {(1, 2, 2)}, {(1, 2)}]

    def test_it_is_dropped_even_if_it_was_never_made(self, index: VectorIndex, place: tuple[Path, str, str]) -> None:
        index.drop()
        index.add([1], [towards(1)], [10])
        index.drop()
        index.drop()
        shutil.rmtree(place[0], ignore_errors=True)
        index.reload()
        assert index.ids() == []
