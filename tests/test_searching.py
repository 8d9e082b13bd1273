"""Several searches as one, and a question that asks for two things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app import KnowledgeBase
from kb_app.errors import QuestionError
from kb_app.search.searcher import merged
from tests.fakes import HashEmbedder
from tests.passages import passage

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_filter_that_was_used_before_lets_through_what_another_has_added(
    school: KnowledgeBase, tmp_path: Path
) -> None:
    where = {"name": "温室*"}
    assert {one.source for one in school.search("温室的湿度", k=9, where=where)} == {"温室.md"}
    (tmp_path / "文件" / "温室规定.md").write_text("# 温室\n\n温室的湿度由园艺组每天记录。\n", "utf-8")
    with KnowledgeBase.open(school.name, school.settings, embedder=HashEmbedder()) as other:
        sync([tmp_path / "文件"], other)
        assert {one.source for one in school.search("温室的湿度", k=9, where=where)} == {"温室.md", "温室规定.md"}
        other.remove("温室.md")
    assert {one.source for one in school.search("温室的湿度", k=9, where=where)} == {"温室规定.md"}


def test_a_filter_that_is_unknown_is_refused_each_time(school: KnowledgeBase) -> None:
    for _ in range(2):
        with pytest.raises(QuestionError, match="unknown filter 'colour'"):
            school.search("温室的湿度", where={"colour": "绿"})


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


def test_a_question_that_names_a_document_finds_it_among_others_of_its_form(tmp_path: Path) -> None:
    for number, shop in enumerate(f"{a}{b}" for a in "东西南北中海" for b in ("门", "城", "苑")):
        rows = f"品名,单价,保修\n打印机,{1000 + number}元,一年\n投影仪,{3000 + number}元,两年\n"
        (tmp_path / f"{shop}店报价单.csv").write_text(rows, encoding="utf-8")
    with KnowledgeBase.open("prices") as kb:
        sync([tmp_path], kb)
        for shop in ("东门", "北苑", "海城"):
            assert kb.search(f"{shop}店的投影仪多少钱？", k=1)[0].source == f"{shop}店报价单.csv"
        found = kb.search("南门店和中苑店的打印机哪个便宜？", k=2)
        assert {passage.source for passage in found} == {"南门店报价单.csv", "中苑店报价单.csv"}
        assert kb.search("东门店的投影仪多少钱？", where={"name": "西*"}, k=1)[0].source.startswith("西")


def test_a_question_that_names_none_is_about_what_is_named_beside_it(school: KnowledgeBase) -> None:
    question, vector = "它怎么样？", school.embedder.embed_query("它怎么样？")
    alone = {one.source: one.score for one in school.find(question, vector, k=9)}
    beside = {one.source: one.score for one in school.find(question, vector, k=9, beside=["温室的湿度"])}
    assert beside.keys() == alone.keys()
    assert [source for source in alone if beside[source] >= alone[source]] == ["温室.md"]
    own = school.find("年假有几天？", vector, k=9, beside=["温室的湿度"])
    assert own == school.find("年假有几天？", vector, k=9)


def test_an_article_that_is_asked_for_by_number_comes_before_what_mentions_it(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    topics = ("借阅", "续借", "赔偿", "押金", "座位", "存包", "复印", "饮食", "噪声", "消防", "开放时间", "捐赠")
    numbers = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
    more = "读者对此有意见的，可以向馆务会提出，馆务会在十五日内答复。违反前款和第三条的，暂停借阅一个月。"
    articles = [
        f"第{number}条 图书馆的{topic}由值班馆员按章程登记，每学期向馆务会报告一次情况。{more}"
        for number, topic in zip(numbers, topics, strict=True)
    ]
    (tmp_path / "阅览章程.txt").write_text("阅览章程\n\n" + "\n\n".join(articles), encoding="utf-8")
    sync([tmp_path], kb)
    for number, topic in (("三", "赔偿"), ("八", "饮食"), ("11", "开放时间"), ("十二", "捐赠")):
        first = kb.search(f"阅览章程第{number}条是怎么规定的？", k=1)[0]
        assert f"条 图书馆的{topic}" in first.text


def test_a_longer_list_begins_as_a_shorter_one(kb: KnowledgeBase, tmp_path: Path) -> None:
    things = ("水泵", "电梯", "锅炉", "空调", "路灯", "闸门", "风机", "油罐")
    for number, (thing, place) in enumerate((thing, place) for thing in things for place in ("东厂", "西厂", "南厂")):
        text = f"{place}的{thing}每{number % 7 + 2}天检修一次，检修由{place}的值班员登记。{thing}的备件在仓库。"
        (tmp_path / f"{number:02}.txt").write_text(text, encoding="utf-8")
    sync([tmp_path], kb)
    for question in ("西厂的空调几天检修一次？", "备件在哪里？", "值班员登记什么？"):
        longest = kb.search(question, k=24)
        assert len(longest) == 24
        for k in (1, 3, 10, 15):
            assert kb.search(question, k=k) == longest[:k]
