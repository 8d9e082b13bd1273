"""Numbers, units, dates and times compare equal in any writing, and unequal where they say something else."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.numbers.numerals import number_forms, number_pieces, stated_numbers
from kb_app.numbers.quantities import quantities
from kb_app.numbers.values import chinese_number

SAME = [
    ("15%", "１５％", "百分之十五", "15个百分点", "15 percent"),
    ("3万元", "30,000元", "30000 元", "三万元", "￥30000", "¥3万",
     "叁万元整", "三萬圓", "人民币3万元", "３０，０００元", "RMB 30,000"),
    ("3.5亿", "3.5 亿", "三点五亿", "3亿5000万", "350000000"),
    ("人民币叁万伍仟元整", "35000元", "3万5千元", "三万五千元", "3.5万元"),
    ("5‰", "千分之五", "0.5%"),
    ("四分之一", "25%", "百分之二十五"),
    ("2024年", "２０２４年", "二〇二四年", "二零二四年", "2024年度"),
    ("2024年1月1日", "2024-01-01", "2024/1/1", "2024.1.1", "二〇二四年一月一日", "Jan 1, 2024", "1 January 2024",
     "２０２４年１月１日", "2024年1月1号", "January 1st, 2024"),
    ("2024年1月", "2024-01", "January 2024", "二〇二四年一月"),
    ("3月5日", "三月五日", "March 5", "3月5号"),
    ("上午9点", "9:00", "早上九点", "９：００", "9 am"),
    ("下午两点半", "14:30", "下午2:30", "14时30分", "2:30 pm"),
    ("第十二条", "第12条", "第 12 條", "Article 12"),
    ("第三至五条", "第3条、第5条", "第3-5条"),
    ("3-5天", "三至五天", "3天至5天", "3～5天", "三到五天"),
    ("3-5万元", "3万元至5万元", "三到五万元", "30000—50000元"),
    ("半年", "6个月", "六个月"),
    ("一年", "12个月", "1年"),
    ("两个半小时", "150分钟", "2.5小时"),
    ("一年半", "18个月", "十八个月"),
    ("两周", "14天", "十四天", "two weeks"),
    ("1万2千", "12000", "一万二", "一万二千"),
    ("三百人", "300人", "300名", "三百位"),
    ("5千克", "5kg", "10斤", "5公斤"),
    ("八五折", "8.5折"),
    ("$1,000", "1000美元", "一千美元"),
]  # fmt: skip
DIFFERENT = [
    ("3天", "3个月"), ("15%", "15元"), ("3万元", "3万美元"), ("3月", "3个月"), ("2024年", "2024元"),
    ("3个工作日", "3天"),
    ("9:00", "21:00"), ("第12条", "第12章"), ("5米", "5公里"), ("15%", "15‰"), ("3人", "3次"),
    ("2024-01-05", "2024-05-01"),
    ("一千零五", "一千五"), ("三千五", "三千零五"),
]  # fmt: skip
TEXTS = [text for group in SAME for text in group]


def facts_in(text: str) -> frozenset[tuple[str, str]]:
    """The kinds and values of the numbers, dates and times of a text."""
    return frozenset((one.kind, one.value) for one in quantities(number_forms(text)))


@pytest.mark.parametrize("writings", SAME, ids=lambda writings: writings[0])
def test_one_fact_in_any_writing(writings: tuple[str, ...]) -> None:
    facts = {writing: facts_in(writing) for writing in writings}
    assert facts[writings[0]]
    assert len(set(facts.values())) == 1, facts


@pytest.mark.parametrize("pair", DIFFERENT)
def test_what_says_something_else_is_another_fact(pair: tuple[str, str]) -> None:
    assert facts_in(pair[0]) != facts_in(pair[1])


def test_the_groups_are_told_apart() -> None:
    for one, other in combinations(SAME, 2):
        assert facts_in(one[0]) != facts_in(other[0])


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("报销金额超过3万元的部分按15%计算", [("元", "30000"), ("%", "15")]),
        ("每天8:30至17:30", [("time", "8:30"), ("time", "17:30")]),
        ("十分重要，千万不要统一安排", []),
        ("李四从四川到九江", []),
        ("收拾队伍，大陆来客", []),
        ("", []),
    ],
)
def test_facts_of_a_sentence(text: str, facts: list[tuple[str, str]]) -> None:
    assert facts_in(text) == frozenset(facts)


def test_they_are_read_in_the_order_of_the_text() -> None:
    text = "第十二条 二〇二四年三月起，叁万元以上的按百分之十五，九点半前报送，一个部门三天办完。"
    read = [(one.kind, one.value) for one in quantities(number_forms(text)) if not one.weak]
    assert read == [
        ("第条", "12"), ("date", "2024-03"), ("元", "30000"), ("%", "15"), ("clock", "9:30"), ("秒", "259200"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "pieces"),
    [
        (("二〇二四年", "2024年", "２０２４年度"), ["2024"]),
        (("２０２４-01-01", "二〇二四年一月一日", "Jan 1, 2024"), ["2024", "1月", "1月1日"]),
        (("百分之十五", "15%", "１５％"), ["15%"]),
        (("第十二条", "第12条", "第 12 條"), ["第12条"]),
        (("叁万元整", "30,000元", "三萬圓"), ["30000元", "30000"]),
        (("五天", "5天", "5 days"), ["5天"]),
        (("下午两点半", "14:30"), ["14:30"]),
        (("没有数字的一句话", "万一十分忙，一个人也行", "No number here", ""), []),
    ],
)
def test_search_pieces_are_the_same_in_any_writing(texts: tuple[str, ...], pieces: list[str]) -> None:
    assert [number_pieces(text) for text in texts] == [pieces] * len(texts)


def test_a_part_of_a_date_finds_the_whole() -> None:
    assert set(number_pieces("2024年3月")) < set(number_pieces("二〇二四年三月五日"))
    assert set(number_pieces("3月5日")) < set(number_pieces("2024-03-05"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("两千", 2000),
        ("二〇二四", 2024),
        ("三万五千", 35000),
        ("一亿两千万", 120000000),
        ("两万亿", 2 * 10**12),
    ],
)
def test_chinese_numbers(text: str, value: int) -> None:
    assert chinese_number(text) == value


def test_a_sentence_states_its_numbers_without_its_marker_and_what_is_hardly_meant() -> None:
    assert stated_numbers("2. 共十五天，千万不要一概而论") == {Decimal(15)}
    assert stated_numbers("１，０００元") == stated_numbers("1000元") == {Decimal(1000)}
    assert stated_numbers("1.5万") == {Decimal(15000)}


@given(st.lists(st.sampled_from([*TEXTS, "，", "的", " ", "。", "abc", "第", "半", "点", "万", "a1b2"]), max_size=8))
def test_any_text_has_plain_pieces(parts: list[str]) -> None:
    text = "".join(parts)
    assert all(piece and piece == piece.strip() for piece in number_pieces(text))
    assert {value for _, value in facts_in(text)} == {value for _, value in facts_in(text.upper())}


@given(st.text(alphabet="0123456789０９一二三十百千万亿点半第年月日时分%％‰,.:-/至到个元$¥ abcmpw", max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert isinstance(number_pieces(text), list)
    assert facts_in(text) == facts_in(text)


@given(st.integers(0, 10**9))
def test_an_amount_is_found_by_its_value(value: int) -> None:
    assert ("元", str(value)) in facts_in(f"共{value}元")
    assert facts_in(f"共{value:,}元") == facts_in(f"共{value}元")


def test_a_chunk_is_read_fast() -> None:
    chunk = ("单位价值在2000元以上的资产，由专人负责，每年年底前盘点一次，结果报资产管理处备案，保存三年。" * 12)[:400]
    number_pieces(chunk)
    times = []
    for _ in range(20):
        start = time.process_time()
        for _ in range(20):
            number_pieces(chunk)
        times.append((time.process_time() - start) / 20)
    assert min(times) < 0.001  # a fifth of it on a quiet machine
