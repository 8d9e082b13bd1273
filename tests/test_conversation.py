"""Conversations in any form, and questions that lean on what was said before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from kb_app.conversation import as_messages, carry_over, leans_on_conversation, usable_condensation
from kb_app.errors import QuestionError
from kb_app.types import Message


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("那病假呢？", True), ("它的面积多大？", True), ("还有别的规定吗？", True), ("病假呢？", True),
        ("为什么？", True), ("那报销呢？", True), ("它多少钱", True), ("第二条呢", True), ("第二条是什么？", True),
        ("她的代表作是什么？", True), ("What about sick leave?", True), ("How large is it?", True),
        ("And the second one?", True), ("the second one?", True), ("Can they carry it over to the next year?", True),
        ("员工请病假需要什么证明？", False), ("其他城市的住宿标准是多少？", False), ("How large is Shanghai?", False),
        ("怎么办理？", True), ("多少钱？", True), ("能续借吗？", True), ("需要什么材料？", True),
        ("不够的话找谁？", True),
        ("怎么办理停车证？", False), ("怎样申请使用实验室？", False), ("带家人出差，给他们买保险要多少钱？", False),
        ("第一次借书要带什么证件？", False), ("谢谢！", False), ("好的，明白了", False), ("Thanks a lot", False),
        ("IT部门的电话是多少？", False), ("IT support phone number?", False),
    ],
)  # fmt: skip
def test_what_leans_on_the_conversation(question: str, leans: bool) -> None:
    assert leans_on_conversation(question) is leans


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("入职满一年有几天年假？", "那满十年呢？", "入职满十年有几天年假"),
        ("守则第一条讲什么？", "第二条呢", "守则第二条讲什么"),
        ("2023年的产量是多少？", "那2024年呢？", "2024年的产量是多少"),
        ("X200水泵的保修期多久？", "它多少钱", "X200水泵多少钱"),
        ("青石镇在哪里？", "它的面积多大？", "青石镇的面积多大？"),
        ("婚假有几天？", "这个怎么申请？", "婚假怎么申请？"),
        ("年假的申请流程是什么？", "那报销呢？", "报销的申请流程是什么"),
        ("守则有哪些内容？", "第二条呢", "守则有哪些内容 第二条"),
        ("北京的住宿上限是多少？", "那上海呢？", "上海的住宿上限是多少"),
        ("北京的住宿上限是多少？", "伙食补贴呢？", "北京的伙食补贴是多少"),
        ("水泵QX-3有多重？", "QX-9呢？", "水泵QX-9有多重"),
        ("水泵X200的保修期多久？", "X3000的呢？", "水泵X3000的保修期多久"),
        ("一等奖学金多少元？", "二等呢？", "二等奖学金多少元"),
        ("东门仓库的婚假有几天？", "那年假呢？", "东门仓库的年假有几天"),
        ("东门仓库的婚假有几天？", "西门呢？", "西门仓库的婚假有几天"),
        ("单位地址在哪？", "电话呢？", "单位地址在哪 电话"),
        ("停车证怎么收费？", "怎么办理？", "停车证怎么办理？"),
        ("车间的室温是多少？", "不够的话找谁？", "车间的室温不够的话找谁？"),
        ("供暖推迟了吗？", "为什么？", "供暖推迟了吗 为什么？"),
        ("How many days of annual leave?", "What about sick leave?", "How many days of annual leave sick leave"),
        ("Where is the pump X200?", "How much is it?", "Where is the pump X200 How much is it?"),
    ],
)
def test_a_follow_up_is_made_whole_by_the_question_before_it(before: str, question: str, whole: str) -> None:
    assert carry_over(question, as_messages([(before, "……")])) == whole


def test_the_subject_comes_from_the_questions_back_to_the_last_that_stood_alone() -> None:
    turns = as_messages([("年假规定有哪些内容？", "……"), ("那婚假呢？", "……")])
    assert carry_over("还有别的吗？", turns[:2]) == "年假规定有哪些内容 还有别的吗？"
    assert carry_over("还有别的吗？", turns) == "年假规定有哪些内容 婚假 还有别的吗？"
    assert carry_over("还有别的吗？", []) == "还有别的吗？"
    assert carry_over("还有别的吗？", as_messages([("那婚假呢？", "三天。")])) == "还有别的吗？"


def test_a_follow_up_of_a_follow_up_is_made_whole_too() -> None:
    turns = as_messages([("北京的住宿上限是多少？", "520 元。"), ("伙食补贴呢？", "110 元。"), ("谢谢！", "")])
    assert carry_over("那成都呢？", turns) == "成都的伙食补贴是多少"


@pytest.mark.parametrize(
    ("answer", "question", "whole"),
    [
        ("- 临时停车每小时三元[1]\n- 包月停车每月二百元[1]", "第二种怎么收费？", "包月停车怎么收费？"),
        ("分两种：\n1. **临时停车**：三元[1]\n2. **包月停车**：二百元[1]", "第二种怎么收费？", "包月停车怎么收费？"),
        (
            "- 类别：临时停车；收费：3 元[1]\n- 类别：包月停车；收费：200 元[1]",
            "第一种的呢？",
            "停车有哪几种 临时停车的",
        ),
        ("- 临时停车每小时三元[1]\n- 包月停车每月二百元[1]", "第三种怎么收费？", "停车有哪几种 第三种怎么收费？"),
        ("临时停车三元，包月停车二百元[1]。", "第二种怎么收费？", "停车有哪几种 第二种怎么收费？"),
    ],
)
def test_what_is_named_by_its_number_is_that_item_of_the_answer_before(answer: str, question: str, whole: str) -> None:
    assert carry_over(question, as_messages([("停车有哪几种？", answer)])) == whole


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("满十年有几天年假？\n（已补全主语）", "满十年有几天年假？"),
        ("改写：“满十年有几天年假？”", "满十年有几天年假？"),
        ("\n\n", ""), ("zxcv qwer", ""), ("年假" * 400, ""),
    ],
)  # fmt: skip
def test_of_a_rewriting_the_first_line_is_taken_if_it_speaks_of_the_conversation(written: str, taken: str) -> None:
    assert usable_condensation(written, "那满十年呢？", as_messages([("有几天年假？", "五天。")])) == taken


SAID = st.lists(
    st.sampled_from(["那", "第二种", "第二种的呢", "第" + "9" * 5000 + "条", "北京", "的", "住宿费", "多少",
                     "怎么办", "它", "呢", "？", "，",
                     "的话", "- 甲每月三元\n- 乙", "谢谢", "QX-3", " ", "what about", "0"]),
    max_size=6,
).map("".join)  # fmt: skip


@given(st.lists(SAID, max_size=4), SAID)
def test_any_conversation_can_be_gone_on_with(turns: list[str], question: str) -> None:
    history = as_messages([(turn, turn) for turn in turns])
    assert carry_over(question, history) or not question


def test_history_comes_in_any_form() -> None:
    history = [
        Message("user", "一"), {"role": "assistant", "content": "二"}, ("三", "四"), HumanMessage("五"),
        AIMessage("六"),
        SystemMessage("秘密"), {"role": "system", "content": "秘密"}, ("user", "七"), ("八", ""),
    ]  # fmt: skip
    messages = as_messages(history)
    assert "".join(message.content for message in messages) == "一二三四五六七八"
    assert [message.role for message in messages] == ["user", "assistant"] * 3 + ["user", "user"]
    with pytest.raises(QuestionError, match="history holds a int"):
        as_messages([7])
