"""Articles that a question names by number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb_app.search.references import WHOLE, asks_for_all, astray, least, named, opening, spans, spans_in, wording
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
        ("手册9.3节怎么说？", {("节号", "9.3")}),
        ("第9.3.1节怎么说？", {("节号", "9.3.1")}),
        ("９.３里的步骤是什么", {("节号", "9.3")}),
        ("What does section 9.3 say?", {("节号", "9.3")}),
        ("附录B里的房价", {("附录", "b")}),
        ("附件二和附表3", {("附表", "3")}),
        ("Appendix C lists what?", {("附录", "c")}),
        ("第七次会议定了什么？", {("第次", "7")}),
        ("第12次厂务会说了什么？", {("第次", "12")}),
        ("水泵转速为什么比2.5节省电？", set()),
        ("流量到2.5米的时候怎么办？", set()),
        ("走2.5里路要多久？", set()),
        ("附件一般要多大？", set()),
        ("第一次和第二次补考的时间？", set()),
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


MANUAL = {
    1: passage("9 蒸汽房\n9.1 概况\n\n蒸汽房在北院。", headings=("锅炉手册", "9 蒸汽房", "9.1 概况"), start=0),
    2: passage("9.3 停炉\n\n1）关燃料阀\n2）等压力降到零", headings=("锅炉手册", "9 蒸汽房", "9.3 停炉"), start=40),
    3: passage("4.3 停炉\n\n先关风机，见9.3节。", headings=("锅炉手册", "4 风机房", "4.3 停炉"), start=20),
    4: passage("| 项目 | 单价 |\n| --- | --- |\n| 滤芯 | 9.3 元 |\n", headings=("锅炉手册", "附录B 备件"), start=80),
    5: passage("检修改到九月。", headings=("厂务会纪要", "第8次会议（例会）", "检修"), start=9, doc_id="2"),
    6: passage("9.3 万元用于换管。", headings=("厂务会纪要", "第9次会议（例会）"), start=60, doc_id="2"),
}


@pytest.mark.parametrize(
    ("question", "far"),
    [
        ("手册9.3节怎么停炉？", {1: 1, 2: 0, 3: 0.25, 4: 1, 5: 1, 6: 1}),
        ("4.3节怎么停炉？", {1: 1, 2: 1, 3: 0, 4: 1, 5: 1, 6: 1}),
        ("手册第9章讲的是什么房？", {1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 1}),
        ("附录B里滤芯多少钱？", {1: 1, 2: 1, 3: 1, 4: 0, 5: 1, 6: 1}),
        ("第八次会议定的检修时间", {1: 1, 2: 1, 3: 1, 4: 1, 5: 0, 6: 1}),
        ("滤芯9.3元贵不贵？", {}),
    ],
)
def test_sections_annexes_and_meetings_are_found_by_their_headings(question: str, far: dict[int, float]) -> None:
    assert astray(question, MANUAL) == far


@pytest.mark.parametrize(
    ("question", "least_of"),
    [
        ("手册第9章讲的是什么？", {1: WHOLE, 2: WHOLE - 0.01}),
        ("锅炉手册9.3节写了什么？", {2: WHOLE}),
        ("附录B讲了什么？", {4: WHOLE}),
        ("第九次会议定了哪些事？", {6: WHOLE}),
        ("9.3节怎么停炉？", {}),
        ("9.9节写了什么？", {}),
        ("锅炉怎么停？", {}),
    ],
)
def test_what_is_asked_for_as_a_whole_by_its_number_is_worth_reading(question: str, least_of: dict[int, float]) -> None:
    books = {number: replace(one, title=one.headings[0]) for number, one in MANUAL.items()}
    assert least(question, books) == pytest.approx(least_of)


def test_the_last_of_many_passages_of_a_chapter_is_worth_reading_too() -> None:
    pages = {number: replace(LAW[1], start=number) for number in range(60)}
    found = least("第二章讲什么", pages)
    assert [*found.values()] == sorted(found.values(), reverse=True)
    assert min(found.values()) > 0.25


def test_a_number_alone_is_looked_for_as_it_is_written() -> None:
    assert wording("手册12.6节讲了哪些故障？") == "12.6节"
    assert wording("附录F和第三章") == "附录f 第三章"
    assert wording("水泵多久检修一次？") == ""
    assert opening("9.3节", MANUAL) == [2]
    assert opening("水泵多久检修一次？", MANUAL) == []


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
        ("宿舍办法第九条说了啥", True),
        ("食堂办法第九条说了啥", False),
        ("第九条是关于什么的？", True),
        ("第九条主要规定了哪些内容？", True),
        ("宿舍管理办法2.1节写了什么", True),
        ("第七次会议研究了哪些事？", True),
        ("第七次会议讲了校车什么事？", False),
        ("附录B里床位多少钱？", False),
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


def test_where_sections_and_annexes_stand() -> None:
    text = "9.3 停炉\n1）关燃料阀\n9.3.1 急停\n2.5 米以内不得站人\n9.4 保养\n每周一次\n附录B 备件\n第一次用前清洗\n滤芯"
    assert [text[slice(*place)].split("\n")[-2] for place in spans(named("9.3节"), text)] == ["2.5 米以内不得站人"]
    assert [text[slice(*place)] for place in spans(named("附录B"), text)] == ["附录B 备件\n第一次用前清洗\n滤芯"]
    chapter = "第二章 费用\n第九条 押金。\n第三章 安全"
    assert [chapter[slice(*place)] for place in spans(named("第二章"), chapter)] == ["第二章 费用\n第九条 押金。\n"]


def test_a_part_whose_heading_is_not_in_the_text_is_all_of_it() -> None:
    assert spans_in(named("附录B"), MANUAL[4]) == [(0, len(MANUAL[4].text))]
    assert spans_in(named("9.3节"), MANUAL[2]) == [(0, len(MANUAL[2].text))]
    assert spans_in(named("附录C"), MANUAL[4]) == []


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
