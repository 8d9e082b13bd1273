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
    ("门诊楼的挂号费原来是多少，现在是多少？", ["门诊楼的挂号费原来是多少", "门诊楼的挂号费现在是多少？"]),
    ("泳池的水温是多少，以前是多少？", ["泳池的水温是多少", "泳池的水温以前是多少？"]),
]
COMPARED = [
    ("住宿上限从2023年版到2025年版涨了多少？", ["住宿上限2023年版", "住宿上限2025年版"]),
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
    ("入职满一年和满十年的年假分别是几天？", ["入职满一年的年假是几天", "入职满十年的年假是几天"]),
    ("年假和病假分别怎么休，另外加班怎么算？", ["年假怎么休", "病假怎么休", "加班怎么算？"]),
]
AROUND = [
    ("XM-4和XM-40质保期分别多长？", ["XM-4质保期多长", "XM-40质保期多长"]),
    ("F02与F021哪个严重？", ["F02严重", "F021严重"]),
    ("食堂管理办法2021年和2024年押金有什么不一样？", ["食堂管理办法2021年押金", "食堂管理办法2024年押金"]),
    ("2021年和2024年食堂办法的押金有什么变化？", ["2021年食堂办法的押金", "2024年食堂办法的押金"]),
    ("XM-4烘干机和XM-40的功率各是多少？", ["XM-4烘干机的功率多少", "XM-40烘干机的功率多少"]),
    ("一号、二号和三号锅炉哪台先检修？", ["一号锅炉先检修", "二号锅炉先检修", "三号锅炉先检修"]),
    ("与2021年相比，2024年餐费涨了多少？", ["2021年餐费", "2024年餐费"]),
    ("2024年的餐费比2021年涨了多少", ["2024年的餐费", "2021年的餐费"]),
    ("XM-40比XM-4贵多少？", ["XM-40贵多少", "XM-4贵多少"]),
    ("产量去年和今年各是多少？", ["产量去年多少", "产量今年多少"]),
    ("宿舍改造以前和以后各有几间浴室？", ["宿舍改造以前几间浴室", "宿舍改造以后几间浴室"]),
    ("旧版和新版值班表的轮换有什么不一样？", ["旧版值班表的轮换", "新版值班表的轮换"]),
    ("新旧值班表在轮换上有什么不同？", ["新值班表的轮换", "旧值班表的轮换"]),
    ("值班表调整以后轮换次数和原来有什么不同？", ["值班表调整以后轮换次数", "原来值班表轮换次数"]),
    ("水费和以前一样吗？", ["水费", "以前水费"]),
    ("松塔厂和柳林中学对访客的要求有什么不同？", ["松塔厂对访客的要求", "柳林中学对访客的要求"]),
    ("松塔和和平两家公司哪家便宜？", ["松塔公司便宜", "和平公司便宜"]),
    ("XM-4的功率和转速分别是多少？", ["XM-4的功率是多少", "XM-4的转速是多少"]),
    ("一等座和二等座差多少？", ["一等座", "二等座"]),
]
WHOLE = [
    "统一着装和一般着装规定在哪里？",
    "XM-4的性价比和保修怎么样？",
    "今年比往常多招了多少人？",
    "图书馆周一到周五几点开门？",
    "锅炉压力和水温的变化范围是多少？",
    "从一楼到三楼有几部电梯？",
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


@pytest.mark.parametrize(("question", "sides"), AROUND)
def test_what_one_side_says_of_all_is_said_of_each(question: str, sides: list[str]) -> None:
    assert split_question(question) == sides


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("保固期多久，費用誰出？", ["保固期多久", "費用誰出？"]),
        ("年假有幾天，另外婚假怎麼申請？", ["年假有幾天", "婚假怎麼申請？"]),
        ("舊版和新版值班表的輪換有什麼不一樣？", ["舊版值班表的輪換", "新版值班表的輪換"]),
        ("XM-4與XM-40的保固期分別多長？", ["XM-4的保固期多長", "XM-40的保固期多長"]),
    ],
)
def test_traditional_characters_are_taken_apart_alike_and_stay(question: str, parts: list[str]) -> None:
    assert split_question(question) == parts


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
        assert set(part) - set(question) <= {" ", "…", "的"}


@given(st.text("年假婚几天柳林中学abc 1290的是多少", max_size=60))
def test_a_question_without_signs_comes_back_as_it_is(question: str) -> None:
    assert split_question(question) == [question]
