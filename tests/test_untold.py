"""What a question names and the documents do not: a building, a session, a prize, a year. It is no other one's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.labels import holds, labels
from kb_app.models.llm import LanguageModel, Options
from kb_app.parts import Parts
from kb_app.refusal import REFUSAL, REFUSAL_EN
from kb_app.search.splitting import split_question
from kb_app.wiring import prompts_for
from tests.passages import passage
from tests.scripted_server import Script, ScriptedServer, serve

if TYPE_CHECKING:
    from kb_app.types import Answer, Passage

PROMPTS = prompts_for(Settings(), "strict")

LIFTS = passage(
    "6号楼电梯8月19日更换钢丝绳。9号楼电梯8月21日更换钢丝绳。", title="停梯通知", source="停梯通知.md", headings=()
)
STEWARDS = passage("1至5号楼由管家苏岚负责，6—10号楼由管家邓扬负责。", title="管家分片", source="管家.md", headings=())
PRIZES = passage(
    "| 等级 | 奖金 |\n| --- | --- |\n| 一等 | 2000元 |\n| 二等 | 1200元 |\n",
    title="奖学金评选", source="奖学金.xlsx", headings=(),
)  # fmt: skip
ELECTION = passage("报名时间为九月一日至九月十五日。", title="第三届家长委员会选举公告", source="选举.md", headings=())
BUSES = passage("一号线经过棉纺厂，二号线经过汽车西站。", title="班车线路", source="班车.md", headings=())
SPEED = passage("厂区内叉车限速每小时五公里。", title="叉车守则", source="叉车.md", headings=())
LATE = passage("前两次迟到予以提醒，自第三次起每次扣五十元。", title="考勤", source="考勤.md", headings=())
GATES = passage("东校区食堂七点开门。", title="校区食堂", source="食堂.md", headings=())
BONUS = passage("年终奖的系数：甲等为2.5，乙等为1.8。", title="2024年年终奖分配方案", source="年终奖.md", headings=())
EDITION = passage("一类城市住宿每晚五百元。", title="差旅费办法（2023年版）", source="差旅.md", headings=())
FEES = passage("住宿费每学年八百元，自2023年9月1日起执行。", title="宿舍须知", source="宿舍.md", headings=())


def ask(question: str, *found: Passage, history: tuple[tuple[str, str], ...] = (), gate: bool = True) -> Answer:
    answerer = Answerer(lambda _: found, PROMPTS, split=split_question, parts=Parts(gate=gate))
    return answerer.ask(question, history)


def by_model(server: ScriptedServer, question: str, *found: Passage) -> Answer:
    model = LanguageModel(server.base_url, options=Options(connect=0.5, first=5, between=5, retries=0))
    return Answerer(lambda _: found, PROMPTS, model=model, split=split_question).ask(question)


@pytest.mark.parametrize(
    ("question", "found", "named"),
    [
        ("3号楼电梯哪天更换钢丝绳？", LIFTS, "3号楼"),
        ("３號樓電梯哪天更換鋼絲繩？", LIFTS, "3号楼"),
        ("三号楼电梯哪天更换钢丝绳？", LIFTS, "三号楼"),
        ("7栋的电梯哪天更换钢丝绳？", LIFTS, "7栋"),
        ("15号楼的管家是谁？", STEWARDS, "15号楼"),
        ("四等奖学金多少钱？", PRIZES, "四等奖"),
        ("第五届家长委员会什么时候报名？", ELECTION, "第五届"),
        ("班车四号线经过哪里？", BUSES, "四号线"),
        ("西校区食堂几点开门？", GATES, "西校区"),
        ("2021年的年终奖系数是多少？", BONUS, "2021年"),
        ("二〇二一年的年终奖系数是多少？", BONUS, "2021年"),
        ("2019年版差旅费办法里一类城市住宿多少钱？", EDITION, "2019年"),
    ],
)
def test_what_the_documents_tell_of_others_is_no_answer(question: str, found: Passage, named: str) -> None:
    answer = ask(question, found)
    assert (answer.refused, answer.text, answer.citations) == (True, REFUSAL, ())
    assert answer.reason.startswith(f"相关资料没有提到{named}。")
    assert found.title in answer.reason


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("9号楼电梯哪天更换钢丝绳？", LIFTS),
        ("3号楼的管家是谁？", STEWARDS),
        ("八號樓的管家是誰？", STEWARDS),
        ("从2号楼到4号楼的管家是谁？", STEWARDS),
        ("二等奖学金多少钱？", PRIZES),
        ("第三届家长委员会什么时候报名？", ELECTION),
        ("第五次迟到扣多少？", LATE),
        ("第二次迟到怎么办？", LATE),
        ("第一次迟到怎么办？", LATE),
        ("2024年的年终奖系数是多少？", BONUS),
        ("2020年入职的人年终奖系数是多少？", BONUS),
        ("我2020年买的车，厂区限速多少？", SPEED),
        ("2022年以后入职的人年终奖系数是多少？", BONUS),
        ("我住3号楼，电梯哪天更换钢丝绳？", LIFTS),
        ("新建3栋楼房限速多少？", SPEED),
        ("请2024年的年终奖得主说明乙等系数", BONUS),
    ],
)
def test_what_they_tell_is_quoted_as_ever(question: str, found: Passage) -> None:
    answer = ask(question, found)
    assert not answer.refused
    assert answer.citations
    assert "没有提到" not in answer.text + answer.reason


@pytest.mark.parametrize(
    ("question", "found", "line"),
    [
        ("3号楼门口叉车限速多少？", SPEED, "以下摘录与问题最接近，但没有提到3号楼："),
        ("2018年的住宿费是怎么定的？", FEES, "以下摘录与问题最接近，但没有提到2018年："),
        ("2026年一类城市住宿怎么定？", EDITION, "以下摘录与问题最接近，但没有提到2026年："),
        ("3号楼和9号楼电梯哪天更换钢丝绳？", LIFTS, "以下摘录与问题最接近，但没有提到3号楼："),
    ],
)
def test_what_may_hold_for_it_too_comes_below_a_line_that_says_so(question: str, found: Passage, line: str) -> None:
    """A rule for all, a year that the document does not speak of, an edition that may be in force, one of several."""
    answer = ask(question, found)
    assert answer.text.split("\n\n")[0] == line
    assert (answer.refused, bool(answer.citations)) == (False, True)


def test_a_document_that_speaks_of_all_of_a_kind_speaks_of_each() -> None:
    drill = passage("各号楼每年十一月疏散演练，9号楼先行。", title="演练", source="演练.md", headings=())
    assert not ask("3号楼哪个月疏散演练？", drill).refused


def test_titles_headings_and_file_names_tell_too() -> None:
    bare = "电梯八月二十一日更换钢丝绳。"
    for place in ({"title": "3号楼停梯通知"}, {"headings": ("三号楼",)}, {"source": "3号楼.md"}):
        answer = ask("3号楼电梯哪天更换钢丝绳？", passage(bare, **{"title": "通知", "headings": (), **place}))
        assert not answer.refused
        assert "没有提到" not in answer.text


def test_a_part_that_is_not_told_leaves_the_others_their_answer() -> None:
    answer = ask("一等奖学金多少钱，四等奖学金多少钱？", PRIZES)
    assert answer.parts
    assert not answer.refused
    assert answer.text.startswith("以下摘录与问题最接近，但没有提到四等奖：")
    assert [quote.quote for quote in answer.citations] == ["| 一等 | 2000元 |"]


def test_parts_none_of_which_is_told_are_refused_together() -> None:
    answer = ask("3号楼的电梯和4号楼的电梯分别哪天更换钢丝绳？", LIFTS)
    assert answer.parts
    assert answer.reason.startswith("相关资料没有提到3号楼、4号楼。")


def test_a_follow_up_is_asked_of_what_it_means() -> None:
    history = (("9号楼电梯哪天更换钢丝绳？", "8月21日。"),)
    assert ask("那3号楼呢？", LIFTS, history=history).reason.startswith("相关资料没有提到3号楼。")
    assert "8月19日" in ask("那6号楼呢？", LIFTS, history=history).text


def test_an_english_question_is_told_in_english() -> None:
    lifts = passage(
        "The lift of building 6 is closed in May. The lift of building 9 is closed in June.",
        title="Lifts", source="lifts.md", headings=(),
    )  # fmt: skip
    answer = ask("When is the lift of building 3 closed?", lifts)
    assert (answer.refused, answer.text) == (True, REFUSAL_EN)
    assert answer.reason.startswith("No relevant passage mentions building 3.")
    assert not ask("When is the lift of building 9 closed?", lifts).refused
    assert ask("When is the lift of building 3 closed?", LIFTS).refused  # the documents may be in Chinese


def test_no_model_is_asked_for_what_is_told_of_others_only() -> None:
    with serve(Script(answers=[["9号楼八月二十一日更换[1]。"]])) as server:
        answer = by_model(server, "3号楼电梯哪天更换钢丝绳？", LIFTS)
        assert server.requests == []
    assert (answer.refused, answer.mode, answer.model) == (True, "extractive", "")


def test_a_model_is_asked_for_what_may_hold_and_the_reader_is_told() -> None:
    with serve(Script(answers=[["厂区内叉车限速每小时五公里[1]。"]])) as server:
        answer = by_model(server, "3号楼门口叉车限速多少？", SPEED)
        assert server.requests
    assert (answer.mode, answer.refused) == ("llm", False)
    assert answer.reason.startswith("相关资料没有提到3号楼。")


def test_without_the_gate_nothing_is_refused() -> None:
    answer = ask("3号楼电梯哪天更换钢丝绳？", LIFTS, gate=False)
    assert not answer.refused
    assert answer.text.startswith("以下摘录与问题最接近，但没有提到3号楼：")


@pytest.mark.parametrize(
    "text",
    [
        "8月3号出口货物",
        "共四栋",
        "连任三届",
        "分三期支付",
        "2024届毕业生",
        "八点到楼下",
        "高铁一等座",
        "江西门市部",
    ],
)
def test_quantities_and_dates_are_no_labels(text: str) -> None:
    assert labels(text) == ()


@given(st.integers(1, 60), st.integers(1, 30), st.integers(1, 120), st.sampled_from("至到-—~"))
def test_a_range_holds_what_lies_between(first: int, more: int, asked: int, sign: str) -> None:
    (label,) = labels(f"{asked}号楼")
    assert holds(f"{first}{sign}{first + more}号楼的垃圾早上清运", label) == (first <= asked <= first + more)


def test_a_question_that_names_very_much_is_answered_in_time() -> None:
    question = "1、2、3、" * 900 + "号楼，" + "第5届2019年住3号楼、4栋，" * 150 + "限速多少？"
    began = time.process_time()
    assert ask(question, SPEED).citations
    assert time.process_time() - began < 3
