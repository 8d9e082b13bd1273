"""Conversations in any form, and questions that lean on what was said before."""

from __future__ import annotations

import pytest
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
        ("年假的申请流程是什么？", "那报销呢？", "年假的申请流程是什么 报销"),
        ("守则有哪些内容？", "第二条呢", "守则有哪些内容 第二条"),
        ("How many days of annual leave?", "What about sick leave?", "How many days of annual leave sick leave"),
        ("Where is the pump X200?", "How much is it?", "Where is the pump X200 How much is it?"),
    ],
)
def test_a_follow_up_is_made_whole_by_the_question_before_it(before: str, question: str, whole: str) -> None:
    assert carry_over(question, as_messages([(before, "……")])) == whole


def test_the_subject_comes_from_the_last_question_that_stood_alone() -> None:
    turns = as_messages([("年假规定有哪些内容？", "……"), ("那婚假呢？", "……")])
    assert carry_over("还有别的吗？", turns) == "年假规定有哪些内容 还有别的吗？"
    assert carry_over("还有别的吗？", []) == "还有别的吗？"
    assert carry_over("还有别的吗？", as_messages([("那婚假呢？", "三天。")])) == "还有别的吗？"


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
