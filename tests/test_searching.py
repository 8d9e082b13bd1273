"""Several searches as one, and a question that asks for two things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app.errors import QuestionError
from kb_app.search.searcher import merged
from tests.passages import passage

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app import KnowledgeBase
    from kb_app.types import Passage


def found(**scores: float) -> list[Passage]:
    """What one search brought, best first."""
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    return [passage(f"第{name}段", chunk_id=name, score=score) for name, score in ranked]


def names(passages: list[Passage]) -> list[str]:
    return [one.chunk_id for one in passages]


def test_one_search_is_as_it_was() -> None:
    alone = found(a=0.9, b=0.5)
    assert merged([alone]) == alone


def test_nothing_found_is_nothing() -> None:
    assert merged([]) == []
    assert merged([[], []]) == []


def test_a_passage_found_twice_counts_once_with_its_better_score() -> None:
    both = merged([found(a=0.9, b=0.3), found(b=0.7, c=0.2)])
    assert [(one.chunk_id, one.score) for one in both] == [("a", 0.9), ("b", 0.7)]


def test_the_best_of_each_search_is_there_though_others_score_higher() -> None:
    both = merged([found(a=0.9, b=0.8, c=0.7), found(d=0.2, e=0.1)])
    assert names(both) == ["a", "b", "d"]


def test_more_searches_than_places_still_give_no_more_than_the_longest() -> None:
    assert names(merged([found(a=0.3), found(b=0.9), found(c=0.6)])) == ["b"]


searches = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), max_size=6).map(lambda scores: found(**scores)),
    max_size=4,
)


@given(searches)
def test_merging_keeps_order_length_and_leaders(all_found: list[list[Passage]]) -> None:
    both = merged(all_found)
    longest = max(map(len, all_found), default=0)
    assert len(both) <= longest
    assert len(set(names(both))) == len(both)
    assert [one.score for one in both] == sorted((one.score for one in both), reverse=True)
    leaders = {one[0].chunk_id for one in all_found if one}
    assert len(leaders & set(names(both))) == min(len(leaders), longest)


@pytest.fixture
def school(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """Two documents that have no words in common, among others about the first."""
    folder = tmp_path / "文件"
    folder.mkdir()
    (folder / "年假.md").write_text("# 年假\n\n教职工入职满一年享有五天年假。\n", "utf-8")
    (folder / "温室.md").write_text("# 温室\n\n温室的湿度保持在百分之七十。\n", "utf-8")
    for number in range(6):
        (folder / f"年假补充{number}.md").write_text(f"# 补充\n\n年假补充说明第{number}号：年假按学年计算。\n", "utf-8")
    sync([folder], kb)
    return kb


def test_a_question_of_two_parts_finds_both_documents(school: KnowledgeBase) -> None:
    both = school.search("年假有几天？温室的湿度是多少？", k=3)
    assert len(both) == 3
    assert "温室.md" in {one.source for one in both}
    assert any("年假" in one.source for one in both)
    assert [one.score for one in both] == sorted((one.score for one in both), reverse=True)


def test_several_questions_are_searched_for_at_once(school: KnowledgeBase) -> None:
    one, other = "入职满一年享有几天年假", "温室的湿度"
    both = school.search_all([one, other, one], k=2)
    assert [{"年假.md", "温室.md"}] == [{passage.source for passage in both}]
    alone = {p.chunk_id: p.score for question in (one, other) for p in school.search_all([question], k=2)}
    assert all(passage.score == alone[passage.chunk_id] for passage in both)


def test_filters_hold_for_every_part(school: KnowledgeBase) -> None:
    question = "年假有几天？温室的湿度是多少？"
    assert {one.source for one in school.search(question, k=9, where={"name": "温室.md"})} == {"温室.md"}


def test_a_search_for_one_thing_is_a_search(school: KnowledgeBase) -> None:
    question = "温室的湿度"
    assert school.search(question, k=4) == school.search_all([question], k=4)
    assert school.search(question, k=4) == school.find(question, school.embedder.embed_query(question), k=4)


def test_an_empty_question_among_several_is_refused(school: KnowledgeBase) -> None:
    with pytest.raises(QuestionError, match="empty"):
        school.search_all(["温室的湿度", "  "])
    assert school.search_all([]) == []


def test_the_same_text_in_two_files_comes_in_the_order_of_their_paths(kb: KnowledgeBase, tmp_path: Path) -> None:
    for name in ("乙.txt", "甲.txt", "丙.txt"):
        (tmp_path / name).write_text("夜班从二十二点到次日六点，途中休息四十五分钟。", encoding="utf-8")
        sync([tmp_path / name], kb)
    assert [found.source for found in kb.search("夜班几点开始？")] == ["丙.txt", "乙.txt", "甲.txt"]
