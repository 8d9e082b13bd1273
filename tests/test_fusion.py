"""Ranking: pure functions of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.search.fusion import convex_combination, reciprocal_rank_fusion

if TYPE_CHECKING:
    import pytest

rankings = st.lists(
    st.tuples(st.integers(1, 30), st.floats(0, 50, allow_nan=False)), unique_by=lambda pair: pair[0], max_size=20
).map(lambda pairs: sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def test_convex_combination_by_hand() -> None:
    merged = convex_combination([(1, 10.0), (2, 5.0), (3, 0.0)], [(3, 0.9), (1, 0.8)], weight=0.6)
    assert [(item.id, round(item.score, 6)) for item in merged] == [(3, 0.6), (1, 0.4), (2, 0.2)]
    assert [item.found_by for item in merged] == [("dense", "keyword"), ("keyword", "dense"), ("keyword",)]


def test_reciprocal_rank_fusion_by_hand() -> None:
    merged = reciprocal_rank_fusion([(1, 3.0), (2, 2.0)], [(2, 0.9)], k=60)
    assert [(item.id, item.score) for item in merged] == [(2, 1 / 62 + 1 / 61), (1, 1 / 61)]


def test_a_search_that_found_nothing_does_not_vote() -> None:
    assert [item.score for item in convex_combination([], [(1, 0.9), (2, 0.5)])] == [1.0, 0.0]
    assert convex_combination([], []) == []


@given(rankings, rankings)
def test_every_chunk_is_ranked_once_and_scores_fall(
    keyword: list[tuple[int, float]], dense: list[tuple[int, float]]
) -> None:
    for merged in (convex_combination(keyword, dense), reciprocal_rank_fusion(keyword, dense)):
        assert {item.id for item in merged} == {chunk_id for chunk_id, _ in (*keyword, *dense)}
        assert len({item.id for item in merged}) == len(merged)
        order = [(-item.score, item.id) for item in merged]
        assert order == sorted(order)
        assert all(item.found_by for item in merged)


def test_what_the_keywords_have_no_say_in_goes_to_the_dense_score() -> None:
    keyword, dense = [(1, 10.0), (2, 1.0)], [(2, 0.9), (1, 0.8)]
    assert [item.id for item in convex_combination(keyword, dense, weight=0.3)] == [1, 2]
    assert [item.id for item in convex_combination(keyword, dense, weight=0.3, say=0.1)] == [2, 1]


def test_scores_fall_and_filters_hold(kb: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("docs")
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"第{number}号规定：年假有{number}天，请提前申请。", encoding="utf-8")
    (folder / "other.md").write_text("年假有几天，问人事部。", encoding="utf-8")
    sync([folder], kb)
    found = kb.search("年假有几天", k=5)
    assert len(found) == 5
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    assert all(0 <= passage.score <= 1 for passage in found)
    assert [passage.source for passage in kb.search("年假有几天", where={"ext": "md"})] == ["other.md"]


def test_the_newer_version_comes_first_unless_the_old_one_is_asked_for(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("docs")
    for year, limit in ((2019, 300), (2024, 450)):
        text = f"出差住宿费每晚上限为{limit}元，超出部分由本人承担。"
        (folder / f"差旅办法{year}年版.txt").write_text(text, encoding="utf-8")
    with KnowledgeBase.open("差旅", settings) as kb:  # the embedded model: what differs is a few numbers
        sync([folder], kb)
        assert kb.search("住宿费每晚上限是多少")[0].source == "差旅办法2024年版.txt"
        assert kb.search("旧版规定的住宿费每晚上限是多少")[0].source == "差旅办法2019年版.txt"
        assert len(kb.search("住宿费每晚上限是多少")) == 2
        told = kb.ask("住宿费每晚上限是多少").versions
        assert told.index("2024") < told.index("2019")
