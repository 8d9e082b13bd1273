"""What a question is taken apart into, and what must stay whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.search.splitting import MOST, split_question

SEVERAL = [
    ("年假有几天？婚假有几天？", ["年假有几天？", "婚假有几天？"]),
    ("年假有几天?婚假有几天?", ["年假有几天?", "婚假有几天?"]),
    ("年假有几天\n\n婚假有几天", ["年假有几天", "婚假有几天"]),
    ("年假有几天；住宿费上限是多少", ["年假有几天；", "住宿费上限是多少"]),
    ("年假有几天，另外婚假怎么申请？", ["年假有几天", "婚假怎么申请？"]),
    ("报销需要哪些材料，以及多久到账？", ["报销需要哪些材料", "报销多久到账？"]),
    ("谁是松塔厂的厂长？谁是书记？住宿费多少钱？", ["谁是松塔厂的厂长？", "谁是书记？", "住宿费多少钱？"]),
    ("What is the leave policy, and what does a hotel cost?", ["What is the leave policy", "what does a hotel cost?"]),
    ("How long is the leave? Who signs the form?", ["How long is the leave?", "Who signs the form?"]),
]
ASKED_ON = [
    ("年假有几天，怎么申请？", ["年假有几天", "年假怎么申请？"]),
    ("年假有几天？怎么申请？", ["年假有几天？", "年假怎么申请？"]),
    ("食堂几点开门，几点关门，收费吗？", ["食堂几点开门", "食堂几点关门", "食堂收费吗？"]),
    ("水泵QX-3的保修期多久，由谁维修？", ["水泵QX-3的保修期多久", "水泵QX-3由谁维修？"]),
    ("教师可以借几册书？借期多少天？", ["教师可以借几册书？", "教师借期多少天？"]),
    ("報到要帶什麼，在哪裡報到？", ["報到要帶什麼", "報到在哪裡報到？"]),
    ("想把宿舍换到一楼，找谁申请，要不要交钱？", ["想把宿舍换到一楼，找谁申请", "想把宿舍换到一楼，要不要交钱？"]),
    ("竣工日期原来定在哪天，后来改到哪天？", ["竣工日期原来定在哪天", "竣工日期后来改到哪天？"]),
]
COMPARED = [
    ("住宿上限从2023年版到2025年版涨了多少？", ["2023年版住宿上限", "2025年版住宿上限"]),
    ("年假和婚假有什么区别？", ["年假", "婚假"]),
    ("年假与婚假的区别", ["年假", "婚假"]),
    ("比较年假和婚假的不同", ["年假", "婚假"]),
    ("甲厂、乙厂和丙厂的排班制度有何区别？", ["甲厂的排班制度", "乙厂的排班制度", "丙厂的排班制度"]),
    ("柳林中学和松山中学的年假分别是几天？", ["柳林中学的年假是几天", "松山中学的年假是几天"]),
    ("2023版和2025版差旅标准有什么不同？", ["2023版差旅标准", "2025版差旅标准"]),
    ("2019年和2024年的差旅标准分别是多少？", ["2019年的差旅标准是多少", "2024年的差旅标准是多少"]),
    ("一级和二级响应有什么区别", ["一级响应", "二级响应"]),
    ("A100和B200的额定功率分别是多少？", ["A100的额定功率是多少", "B200的额定功率是多少"]),
    ("图书馆跟食堂相比哪个先关门？", ["图书馆哪个先关门", "食堂哪个先关门"]),
    ("入职满一年和满十年的年假分别是几天？", ["入职满一年的年假是几天", "满十年的年假是几天"]),
    ("年假和病假分别怎么休，另外加班怎么算？", ["年假怎么休", "病假怎么休", "加班怎么算？"]),
]
WHOLE = [
    "年假有几天",
    "年假有几天？",
    "如果年假有几天没休，怎么补偿？",
    "不管买什么，都要谁批准？",
    "有什么问题，找谁？",
    "班车从东门到西门改了几次？",
    "住宿费上限是多少？多少钱？",
    "入职满一年并且未休年假的员工如何补偿？",
    "报销需要哪些材料以及多久到账？",
    "图书馆和实验室的开放时间是什么？",
    "张老师和李老师谁负责图书馆？",
    "我想知道采购与验收流程",
    "我和同事的年假有什么不同？",
    "和田玉是什么？",
    "A和B有什么区别？",
    "http://127.0.0.1/menu?day=monday&week=2 这个地址打不开怎么办？",
    "for(i=0;i<size;i++) 这段代码是什么意思？",
    "员工问“年假有几天？”的时候应该怎么回答？",
    "手册里的（什么时候开始供暖？）一节在第几页？",
    "这台水泵到底能不能修？！",
    "Compare pump A and pump B",
    "？？？",
    "；",
    "",
]


@pytest.mark.parametrize(("question", "parts"), SEVERAL)
def test_several_questions_are_taken_apart(question: str, parts: list[str]) -> None:
    assert split_question(question) == parts


@pytest.mark.parametrize(("question", "parts"), ASKED_ON)
def test_a_part_that_only_asks_on_gets_the_subject_of_the_part_before_it(question: str, parts: list[str]) -> None:
    assert split_question(question) == parts


@pytest.mark.parametrize(("question", "sides"), COMPARED)
def test_the_sides_of_a_comparison_each_say_what_is_compared(question: str, sides: list[str]) -> None:
    assert split_question(question) == sides


@pytest.mark.parametrize("question", WHOLE)
def test_one_question_stays_whole(question: str) -> None:
    assert split_question(question) == [question]


def test_more_than_can_be_searched_for_are_left_out() -> None:
    asked = [f"第{number}号仓库的温度是多少？" for number in range(9)]
    assert split_question("".join(asked)) == asked[:MOST]
    cities = "北京、上海、广州、成都、武汉的住宿费分别是多少？"
    assert split_question(cities) == [f"{city}的住宿费是多少" for city in ("北京", "上海", "广州", "成都")]


@pytest.mark.parametrize("gap", ["", " ", "\n", "　"])
def test_white_space_between_questions_makes_no_part(gap: str) -> None:
    assert split_question(f"年假有几天？{gap}婚假有几天？{gap}") == ["年假有几天？", "婚假有几天？"]


words = st.sampled_from(
    ["年假", "婚假", "柳林中学", "和", "与", "的", "有什么区别", "分别是", "多少", "，另外", "，以及", "？", "?", "；",
     ";", "\n", " ", "“", "”", "、", "2023版", "a.b?c=1", "the pump", " and ", "比较", "相比", "谁"]
)  # fmt: skip
questions = st.lists(words, max_size=14).map("".join) | st.text(max_size=60)


@given(questions)
def test_there_are_at_most_so_many_parts_and_none_is_empty(question: str) -> None:
    parts = split_question(question)
    assert 1 <= len(parts) <= MOST
    assert parts == [question] or all(part.strip() for part in parts)


@given(questions)
def test_a_part_holds_no_character_that_the_question_does_not_hold(question: str) -> None:
    for part in split_question(question):
        assert set(part) - set(question) <= {" ", "…"}


@given(st.text("年假婚几天柳林中学abc 1290的是多少", max_size=60))
def test_a_question_without_signs_comes_back_as_it_is(question: str) -> None:
    assert split_question(question) == [question]
