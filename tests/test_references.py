"""Articles that a question names by number."""

from __future__ import annotations

import pytest

from kb_app.search.references import asks_for_all, astray, named, spans
from tests.passages import passage

LAW = {
    1: passage("第九条 押金按月租金收取，退租后七日内退还。", headings=("宿舍管理办法", "第二章 费用")),
    2: passage(
        "**第十条** 水电费按表计收。\n第十一条 夜间十一点后不得喧哗。", headings=("宿舍管理办法", "第二章 费用")
    ),
    3: passage("第二十条 违反本办法第九条的，由后勤处责令改正。", headings=("宿舍管理办法", "第四章 责任")),
    4: passage("后勤处每学期检查一次消防设施。", headings=("宿舍管理办法", "第三章 安全")),
}


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("宿舍管理办法第九条是什么？", {("第条", "9")}),
        ("第９条和第十一条有什么不同", {("第条", "9"), ("第条", "11")}),
        ("第二章第十条怎么说", {("第条", "10")}),
        ("第二章讲什么", {("第章", "2")}),
        ("What does Article 9 say?", {("第条", "9")}),
        ("押金什么时候退？", set()),
        ("第三季度的水电费是多少？", set()),
    ],
)
def test_what_a_question_names(question: str, labels: set[tuple[str, str]]) -> None:
    assert named(question) == labels


@pytest.mark.parametrize(
    ("question", "nearest"),
    [("第九条", [1, 3, 2, 4]), ("第十一条", [2, 1, 3, 4]), ("第二章", [1, 2, 3, 4]), ("第四章", [3, 1, 2, 4])],
)
def test_the_article_itself_is_nearer_than_what_mentions_it(question: str, nearest: list[int]) -> None:
    far = astray(question, LAW)
    assert sorted(far, key=lambda number: (far[number], number)) == nearest
    assert far[nearest[0]] == 0
    assert far[4] == 1


def test_a_paper_without_articles_is_not_astray() -> None:
    assert astray("手册第九条怎么说？", {4: LAW[4]}) == {}
    assert astray("押金什么时候退？", LAW) == {}


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("《宿舍管理办法》第九条是怎么规定的？", True),
        ("宿舍管理办法第九条的内容是什么？", True),
        ("请列出宿舍管理办法第九条和第十条的原文", True),
        ("What does article 9 say?", True),
        ("宿舍管理办法第九条规定的押金多久退还？", False),
        ("违反宿舍管理办法第九条会怎么样？", False),
    ],
)
def test_whether_the_whole_article_is_wanted(question: str, whole: bool) -> None:
    assert asks_for_all(question, "宿舍管理办法") is whole


def test_where_articles_stand() -> None:
    text = "\n\n第二章 费用\n\n**第九条** 押金按月租金收取。\n(一)退租后退还。\n第十条 水电费按第九条计收。"
    text += "\n\n\n第三章 安全"
    assert [text[start:end].strip() for start, end in spans(named("第九条"), text)] == [
        "第九条** 押金按月租金收取。\n(一)退租后退还。"
    ]
    assert [text[start:end].strip() for start, end in spans(named("第十条"), text)] == ["第十条 水电费按第九条计收。"]
    assert spans(named("第八条"), text) == []
    assert len(spans(named("第三章"), text)) == 1


def test_what_lacks_the_code_that_is_asked_for_is_astray() -> None:
    errors = {
        1: passage("| 代码 | 含义 |\n| --- | --- |\n| E3001 | 电机过热 |\n| E-3002 | 缺水 |\n"),
        2: passage("报错时先断电，再联系维修组。"),
        3: passage("水泵每月检修一次。", title="QX 900 水泵手册"),
    }
    assert astray("E3001是什么意思？", errors) == {1: 0.0, 2: 0.67, 3: 0.67}
    assert astray("ｅ3002 怎么处理？", errors)[1] == 0
    assert astray("QX-900 多久检修一次？", errors)[3] == 0
    assert set(astray("E3009是什么意思？", errors).values()) == {0.67}
    for question in ("报错怎么办？", "20kg 的包裹怎么寄？", "A4 纸在哪里？", "2024年检修几次？"):
        assert astray(question, errors) == {}
