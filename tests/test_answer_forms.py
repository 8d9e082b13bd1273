"""Quotes that are about what is asked and do not tell it come below a line that says so."""

from __future__ import annotations

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.wanted import wanted_by
from kb_app.search.splitting import split_question
from kb_app.wiring import prompts_for
from tests.passages import passage

PROMPTS = prompts_for(Settings(), "strict")
LINE = "以下摘录与问题最接近，但没有写明“{}”："


def answer_to(question: str, text: str) -> str:
    found = [passage(text, title="设施", source="设施.md", headings=())]
    return Answerer(lambda _: found, PROMPTS, split=split_question).ask(question).text


@pytest.mark.parametrize(
    ("question", "text", "asked"),
    [
        ("健身房有几台跑步机？", "健身房的跑步机晚上十点以后停用。", "几台"),
        ("健身房有多少臺跑步機？", "健身房的跑步机晚上十点以后停用。", "多少臺"),
        ("图书室一共有多少本书？", "图书室的书借期三十天。", "多少本"),
        ("助学岗位的报酬几号发？", "助学岗位每小时报酬十五元，每月不超过三十小时。", "几号"),
        ("泳池有多深？", "泳池每年六月开放，周一换水。", "多深"),
        ("充电桩是多少千瓦的？", "充电桩夜间每度电七角。", "多少千瓦"),
        ("值班室的电话是多少？", "值班室位于二层，夜间有人。", "电话是多少"),
        ("手机袋是什么颜色的？", "上课前把手机放进手机袋。", "什么颜色"),
        ("导师要有几年工龄？", "导师由车间指定，带教期为三个月。", "几年"),
        ("报修邮箱是什么？", "报修邮箱由后勤处管理。", "邮箱是什么"),
        ("押金多少钱？", "押金在退房时结清。", "多少钱"),
    ],
)
def test_a_form_that_is_missing_is_told(question: str, text: str, asked: str) -> None:
    first, *quotes = answer_to(question, text).split("\n\n")
    assert first == LINE.format(asked)
    assert quotes


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("健身房有几台跑步机？", "健身房设跑步机六台。"),
        ("健身房有几台跑步机？", "| 器材 | 数量（台） |\n| --- | --- |\n| 跑步机 | 6 |\n"),
        ("图书室一共有多少本书？", "图书室藏书两万余册。"),
        ("助学岗位的报酬几号发？", "助学岗位的报酬每月10日发放。"),
        ("报酬几号发？", "报酬于月底发放。"),
        ("泳池有多深？", "泳池水深1.4米。"),
        ("充电桩是多少千瓦的？", "充电桩功率7kW。"),
        ("值班室的电话是多少？", "值班室热线0531-8800。"),
        ("值班室的电话是多少？", "有事请拨打内线6120。"),
        ("手机袋是什么颜色的？", "手机袋为蓝色，挂在讲台旁。"),
        ("导师要有几年工龄？", "导师须有五年以上工龄。"),
        ("押金多少钱？", "押金免收。"),
        ("住宿押金多少钱？", "| 项目 | 押金（元） |\n| --- | --- |\n| 住宿 | 300元 |\n"),
        ("住宿押金多少钱？", "| 项目 | 押金（元） |\n| --- | --- |\n| 住宿 | 300 |\n"),
        ("培训要几天？", "培训为期两周。"),
        ("几点开门？", "每天早上七点半开门。"),
        ("房间能住几个人？", "每间住六名学生。"),
        ("孩子发烧好几天了怎么办？", "发烧应当在家休息。"),
        ("晚来几分钟会不会扣钱？", "迟到按旷工处理。"),
        ("有哪几个出口？", "出口在东侧与南侧。"),
        ("跑步机有几台？", "The gym has six treadmills."),
    ],
)
def test_what_is_told_in_any_writing_or_asked_otherwise_gets_no_line(question: str, text: str) -> None:
    assert "没有写明" not in answer_to(question, text)


def test_an_english_question_is_told_in_english() -> None:
    text = answer_to("What is the phone number of the guard room?", "The guard room is open at night.")
    assert text.startswith('These quotes are the nearest, but they do not say "phone number":')


def test_a_sentence_with_the_form_is_chosen_before_one_with_any_number() -> None:
    text = "跑步机晚上10点停用，早上6点启用。健身房的跑步机共有六台。"
    assert answer_to("健身房的跑步机有几台？", text).startswith("健身房的跑步机共有六台。")
    sign = wanted_by("健身房有几台跑步机？").sign
    assert sign is not None
    assert not sign.search("跑步机晚上10点停用")
