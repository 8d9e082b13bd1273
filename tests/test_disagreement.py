"""Documents that give different values for the same are named with both sides; what only looks alike is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.citing.citations import find_quote
from kb_app.citing.disagreement import disagreements
from tests.passages import passage

if TYPE_CHECKING:
    from pathlib import Path


def document(text: str, number: int) -> object:
    return passage(text, source=f"文件{number}.md", title=f"文件{number}", headings=(), doc_id=str(number))


OLD = document("第一条 婚假为三天，须提前两周申请。病假须提交证明。", 1)
NEW = document("为便利员工，自2024年起婚假为五天。婚假期间工资照发。", 2)


def test_two_documents_that_give_different_days_are_named_with_their_words_and_dates() -> None:
    [found] = disagreements([OLD, NEW], "婚假有几天？", dates={"文件1.md": "2019-05-01", "文件2.md": "2024-01-01"})
    assert (found.one.source, found.one.date, found.one.value) == ("文件1.md", "2019-05-01", "三天")
    assert (found.other.source, found.other.date, found.other.value) == ("文件2.md", "2024-01-01", "五天")
    assert found.one.quote == "第一条 婚假为三天，须提前两周申请。"
    assert found.other.quote == "为便利员工，自2024年起婚假为五天。"


def test_of_citations_only_the_quotes_count() -> None:
    cited = [find_quote("婚假为三天", OLD, 1), find_quote("婚假期间工资照发", NEW, 2)]
    assert disagreements(cited, "婚假有几天？") == []
    cited = [find_quote("婚假为三天", OLD, 1), find_quote("婚假为五天", NEW, 2)]
    assert [found.other.value for found in disagreements(cited, "婚假有几天？")] == ["五天"]


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        ("住宿费上限为每晚450元。", "住宿费上限为每晚500元。", ("450元", "500元")),
        ("申报截止日期是2024年3月1日。", "申报截止日期为2024年4月1日。", ("2024年3月1日", "2024年4月1日")),
        ("抽检比例为百分之十。", "抽检比例为15%。", ("百分之十", "15%")),
        ("報銷須在15日內完成。", "报销须在30日内完成。", ("15日", "30日")),
        ("The warranty lasts 12 months.", "The warranty lasts 24 months.", ("12 months", "24 months")),
    ],
)
def test_amounts_dates_and_percentages(one: str, other: str, values: tuple[str, str]) -> None:
    question = "住宿费上限、申报截止日期、抽检比例、报销期限 warranty"
    [found] = disagreements([document(one, 1), document(other, 2)], question)
    assert (found.one.value, found.other.value) == values


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("抽检比例为百分之十。", "抽检比例为10%。", "the same in another writing"),
        ("教职工每次可借20册。", "学生每次可借10册。", "of others"),
        ("2022年退货46批。", "2023年退货31批。", "of other years"),
        ("住宿费上限为每晚450元。", "住宿费上限为每晚450元，交通费上限为每天80元。", "one says more"),
        ("婚假为三天。", "婚假为三天，须提前两周申请。", "one says more"),
        ("逾期超过3天的停止借阅。", "逾期不超过5天的只作提醒。", "the two bounds of one rule"),
        ("考试分别在3月、6月举行。", "考试分别在9月、12月举行。", "several values"),
        ("仓库面积为1200平方米。", "仓库高度为12米。", "other units"),
        ("公司成立于1998年。", "工厂占地35亩。", "nothing alike"),
        ("", "婚假为三天。", "an empty passage"),
    ],
)
def test_what_only_looks_alike_is_no_contradiction(one: str, other: str, why: str) -> None:
    question = "抽检比例 每次可借几册 退货几批 住宿费上限 婚假 逾期 考试 仓库 公司成立"
    assert disagreements([document(one, 1), document(other, 2)], question) == [], why


def test_one_document_does_not_contradict_itself() -> None:
    assert disagreements([document("婚假为三天。", 1), document("婚假为五天。", 1)], "婚假有几天？") == []


def test_what_is_not_asked_is_not_named() -> None:
    assert disagreements([OLD, NEW], "病假要交什么？") == []


@given(st.lists(st.text(alphabet="婚假为三五天元。，12月 \n", max_size=30), max_size=4))
def test_every_quote_is_word_for_word(texts: list[str]) -> None:
    for found in disagreements([document(text, number) for number, text in enumerate(texts)], "婚假有几天？"):
        for side in (found.one, found.other):
            assert side.passage.text[side.start : side.end] == side.quote != ""
        assert found.one.value != found.other.value


def test_an_answer_names_the_document_that_says_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "后勤"
    folder.mkdir()
    for place, days in (("东区", 20), ("西区", 45)):
        rule = f"连续{days}天没有登录的账号自动停用，恢复须由负责人书面申请。"
        text = f"{place}账号管理\n\n{rule}\n\n{place}食堂中午十一点半开饭。\n"
        (folder / f"{place}账号.txt").write_text(text, encoding="utf-8")
    with KnowledgeBase.open("账号", Settings(home=tmp_path / "home", llm_base_url="none")) as kb:
        sync([folder], kb)
        answer = kb.ask("账号多少天没有登录会自动停用？")
        (line,) = answer.disagreements
        assert "连续20天没有登录" in line
        assert "连续45天没有登录" in line
        assert "东区账号.txt（20" in line
        assert kb.ask("食堂中午几点开饭？").disagreements == ()
