"""What goes together in an answer without a model: lists, announced sentences, reasons, the parts of a question."""

from __future__ import annotations

import pytest

from kb_app.answering.extractive import compose, extract
from tests.passages import TABLE, passage

MATERIALS = ["营业执照复印件", "法人身份证", "场地租赁合同"]
AROUND = "摊位须在每年三月登记。"
BEHIND = "登记由市场科办理，当天发证。"


def quotes(question: str, text: str, **options: int) -> list[str]:
    return [one.quote for one in extract(question, [passage(text, title="摊位", headings=())], **options)]


@pytest.mark.parametrize(
    "listed",
    [
        "".join(f"- {one}\n" for one in MATERIALS),
        "".join(f"{number}. {one}\n" for number, one in enumerate(MATERIALS, 1)),
        "\n".join(f"{one}\n" for one in MATERIALS),
        "\n" + "\n".join(f"* {one}\n" for one in MATERIALS),
    ],
)
def test_a_question_for_a_list_gets_its_items_and_nothing_else(listed: str) -> None:
    text = f"{AROUND}\n\n登记摊位须提交下列材料：\n{listed}\n{BEHIND}\n"
    found = extract("登记摊位要提交哪些材料？", [passage(text, title="摊位", headings=())])
    assert [one.quote for one in found] == MATERIALS
    assert compose(found) == "\n".join(f"- {one}[1]" for one in MATERIALS)


def test_an_item_that_the_question_names_comes_alone() -> None:
    text = "停业分三种：\n1. 短期停业不超过七天，报摊位组备案。\n"
    text += "2. 长期停业超过七天，报市场科批准。\n3. 永久停业须注销登记。\n"
    assert quotes("长期停业报谁批准？", text, limit=1) == ["长期停业超过七天，报市场科批准。"]


def test_a_numbered_item_in_brackets_keeps_its_number_and_ends_with_the_list() -> None:
    text = "下列摊位免收租金：\n（一）残疾人经营的；\n（二）开业未满一月的。\n\n租金按季收取。\n"
    assert quotes("哪些摊位免收租金？", text) == ["（一）残疾人经营的", "（二）开业未满一月的。"]


def test_a_sentence_that_announces_takes_what_it_announces() -> None:
    text = "南场成立于1998年。南场的布局有两个特点。一是摊位沿河排开。二是货车走北门。场内禁止吸烟。"
    assert quotes("南场的布局有什么特点？", text)[:3] == [
        "南场的布局有两个特点。",
        "一是摊位沿河排开。",
        "二是货车走北门。",
    ]


def test_steps_stay_together() -> None:
    text = "公众号每天推送。租摊位先在公众号上报名。抽中后三天内交押金。押金不计利息。"
    assert quotes("租摊位怎么报名？", text)[:2] == ["租摊位先在公众号上报名。", "抽中后三天内交押金。"]


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    text = "南场开业于1998年。去年雨季北棚被水淹了两次。因此北棚改为停车场。停车每小时两元。"
    assert quotes("为什么北棚改为停车场？", text)[:2] == ["去年雨季北棚被水淹了两次。", "因此北棚改为停车场。"]


def test_a_long_enumeration_is_not_cut_at_its_first_member() -> None:
    first, second = "一个是南区，" + "卖蔬菜和水果，" * 5, "另一个是北区，" + "卖活鱼和干货，" * 5
    text = f"市场分成两个区：{first}由甲组管理；{second}由乙组管理。"
    assert quotes("市场分成哪两个区？", text) == [
        f"市场分成两个区：{first}由甲组管理",
        f"{second}由乙组管理。",
    ]


def test_what_a_paragraph_is_about_counts_for_all_its_sentences() -> None:
    text = "押金：每摊五百元。退摊时七天内退还。\n租金：每摊每月八百元。逾期七天内补交。\n"
    assert quotes("押金什么时候退还？", text, limit=1) == ["退摊时七天内退还。"]


def test_a_letterhead_is_no_answer() -> None:
    text = "青石桥农贸市场管理科\n\n市场早上五点开门，晚上八点关门。\n"
    assert quotes("青石桥农贸市场几点开门？", text) == ["市场早上五点开门，晚上八点关门。"]


def test_each_part_of_a_question_gets_a_sentence() -> None:
    text = "摊位租金每月八百元，每季度首日交纳。押金五百元。停车免费。水电费按表计收。"
    parts = ["租金多少？", "水电费怎么收？"]
    one = passage(text, title="摊位", headings=())
    assert [quote.quote for quote in extract("租金多少，水电费怎么收？", [one], parts=parts)] == [
        "摊位租金每月八百元，每季度首日交纳。",
        "水电费按表计收。",
    ]


def test_two_parts_with_one_best_sentence_get_that_of_the_other_document_too() -> None:
    south = passage("南场无理由退货的期限为七天。", doc_id="1", title="南场", headings=())
    north = passage("购买后可以退货，期限三天。", doc_id="2", source="北场.md", title="北场", headings=())
    found = extract("两场的退货期限？", [south, north], parts=["南场退货的期限", "乙场退货的期限"])
    assert {one.passage.doc_id for one in found} == {"1", "2"}


def test_both_rows_of_a_comparison_come() -> None:
    parts = ["北京的每日补贴", "成都的每日补贴"]
    assert compose(extract("北京和成都的每日补贴有什么不同？", [TABLE], parts=parts)) == (
        "- 城市：北京；每日补贴：120 元[1]\n- 城市：成都；每日补贴：90 元[1]"
    )
    assert (
        compose(extract("补贴", [TABLE], parts=["北京的每日补贴", "北京的补贴"])) == "- 城市：北京；每日补贴：120 元[1]"
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("什么是早市？", "早市是指日出前后两小时的露天集市。"),
        ("早市是什么意思？", "早市是指日出前后两小时的露天集市。"),
        ("早市在哪里？", "早市设在东门外的河堤路。"),
    ],
)
def test_a_definition_and_a_place_are_told_from_what_else_is_said(question: str, answer: str) -> None:
    text = (
        "早市每天人很多。早市的摊位由抽签决定。早市是指日出前后两小时的露天集市。早市设在东门外的河堤路。早市不收门票。"
    )
    assert quotes(question, text, limit=1) == [answer]
