"""What every keyword index must do; subclass and provide the ``place`` fixture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from kb_app.storage.keywords import MAX_PIECES, KeywordIndex
from kb_app.storage.pending import IndexedChunk
from tests.storage_contract import LARGEST, MANY, TOO_MANY_VALUES, another_process, found

if TYPE_CHECKING:
    from pathlib import Path

LEAVE = "车间工人每季度有两天调休"
CANTEEN = "食堂早餐供应到八点半"

ADD_WORDS = """
import sys; from pathlib import Path; from kb_app.storage.keywords import KeywordIndex
from tests.keywords_contract import CANTEEN, chunk
index = KeywordIndex(Path(sys.argv[1])); index.delete([1]); index.add([chunk(3, CANTEEN)]); index.commit()
"""


def chunk(chunk_id: int, text: str, *, doc: int = 1, name: str = "") -> IndexedChunk:
    return IndexedChunk(chunk_id, doc, name, text, digest="")


class KeywordIndexContract:
    @pytest.fixture
    def index(self, place: Path) -> KeywordIndex:
        return KeywordIndex(place)

    def test_more_of_the_words_come_first(self, index: KeywordIndex) -> None:
        index.add([chunk(1, CANTEEN), chunk(2, LEAVE), chunk(3, "调休要写申请")])
        index.commit()
        hits = index.search("工人调休", k=5)
        assert found(hits) == [2, 3]
        assert hits[0][1] > hits[1][1] > 0
        assert found(index.search("工人调休", k=1)) == [2]

    def test_a_text_of_two_documents_is_found_twice_in_the_order_of_ids(self, index: KeywordIndex) -> None:
        for chunk_id in (9, 4, 7):
            index.add([chunk(chunk_id, LEAVE, doc=chunk_id)])
            index.commit()
        hits = index.search("调休", k=3)
        assert found(hits) == [4, 7, 9]
        assert len({score for _, score in hits}) == 1

    def test_names_are_found_but_weigh_less(self, index: KeywordIndex) -> None:
        index.add([chunk(1, CANTEEN, name="二号厂房/调休.md"), chunk(2, LEAVE, name="制度.md")])
        index.commit()
        assert found(index.search("调休", k=2)) == [2, 1]
        assert found(index.search("二号厂房", k=2)) == [1]

    def test_what_is_deleted_is_not_found(self, index: KeywordIndex) -> None:
        index.add([chunk(1, LEAVE), chunk(2, LEAVE, doc=2), chunk(3, CANTEEN)])
        index.commit()
        index.delete([1, 99])
        index.commit()
        assert (found(index.search("调休", k=5)), index.ids()) == ([2], [2, 3])
        assert index.search("调休", k=5, doc_ids=[1]) == []

    def test_what_is_added_again_takes_the_place_of_the_old(self, index: KeywordIndex) -> None:
        index.add([chunk(1, LEAVE)])
        index.commit()
        index.add([chunk(1, CANTEEN, doc=2)])
        index.commit()
        assert index.search("调休", k=5) == []
        assert (found(index.search("早餐", k=5, doc_ids=[2])), index.ids()) == ([1], [1])

    def test_only_the_chosen_documents(self, index: KeywordIndex) -> None:
        index.add([chunk(i, LEAVE, doc=10 * i) for i in (1, 2, 3)])
        index.commit()
        assert found(index.search("调休", k=5, doc_ids=[30, 10])) == [1, 3]
        assert found(index.search("调休", k=5, doc_ids=TOO_MANY_VALUES)) == [1, 2, 3]
        assert index.search("调休", k=5, doc_ids=[]) == index.search("调休", k=5, doc_ids=[77]) == []

    def test_the_largest_ids(self, index: KeywordIndex) -> None:
        index.add([chunk(LARGEST, LEAVE, doc=LARGEST), chunk(2**63, LEAVE, doc=2**63), chunk(5, LEAVE)])
        index.commit()
        assert found(index.search("调休", k=5)) == index.ids() == [5, 2**63, LARGEST]
        assert found(index.search("调休", k=5, doc_ids=[LARGEST])) == [LARGEST]
        index.delete([LARGEST])
        index.commit()
        assert index.ids() == [5, 2**63]

    @pytest.mark.parametrize("question", ["", "  \n", "！？——。", "\u3000"])
    def test_nothing_gives_nothing(self, index: KeywordIndex, question: str) -> None:
        assert index.search("调休", k=5) == index.ids() == []
        index.add([])
        index.delete([])
        index.commit()
        index.add([chunk(1, LEAVE), chunk(2, "")])
        index.commit()
        assert index.search(question, k=5) == []
        assert index.weights([]) == {}

    def test_thousands_of_chunks_have_their_ids(self, index: KeywordIndex) -> None:
        index.add([chunk(i, f"第{i}号工位的检修记录") for i in range(MANY, 0, -1)])
        index.commit()
        assert index.ids() == list(range(1, MANY + 1))
        assert found(index.search("4711", k=5)) == [4711]

    def test_a_long_question_is_searched_by_its_rarest_words(self, index: KeywordIndex) -> None:
        common = " ".join(f"w{number}" for number in range(MAX_PIECES))
        index.add([chunk(1, common), chunk(2, common), chunk(3, "zinc")])
        index.commit()
        assert 3 in found(index.search(f"{common} zinc", k=5))

    def test_rarer_words_weigh_more(self, index: KeywordIndex) -> None:
        index.add([chunk(1, LEAVE), chunk(2, "调休要写申请")])
        index.commit()
        weights = index.weights(["工人", "调休", "飞船"])
        assert weights["飞船"] > weights["工人"] > weights["调休"] > 0
        assert weights["工人"] == pytest.approx(math.log(1 + 1.5 / 1.5))

    def test_it_is_the_same_when_it_is_opened_again(self, index: KeywordIndex, place: Path) -> None:
        index.add([chunk(1, LEAVE), chunk(2, LEAVE, doc=2)])
        index.commit()
        index.close()
        again = KeywordIndex(place)
        assert again.search("调休", k=5) == index.search("调休", k=5)
        again.delete([1])
        again.commit()
        assert again.ids() == [2]

    def test_only_what_is_committed_stays(self, index: KeywordIndex, place: Path) -> None:
        index.add([chunk(1, LEAVE)])
        index.commit()
        index.add([chunk(2, LEAVE)])
        index.delete([1])
        assert found(index.search("调休", k=5)) == [1]
        index.close()
        assert KeywordIndex(place).ids() == [1]

    def test_what_another_process_does_is_seen_after_reload(
        self, index: KeywordIndex, place: Path, tmp_path: Path
    ) -> None:
        index.add([chunk(1, LEAVE), chunk(2, LEAVE, doc=2)])
        index.commit()
        index.close()
        another_process(tmp_path, ADD_WORDS, place)
        index.reload()
        assert (found(index.search("调休", k=5)), found(index.search("早餐", k=5))) == ([2], [3])
        assert index.ids() == [2, 3]
