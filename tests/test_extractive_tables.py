"""Which rows of a table answer: those whose cells stand in the question, the totals, what was asked on for."""

from __future__ import annotations

import pytest

from kb_app.answering.extractive import extract
from tests.passages import passage

BEDS = [
    "| 东院2号楼 | 305 | 1号床 | 秦朗 |",
    "| 东院2号楼 | 305 | 2号床 | 卢苇 |",
    "| 东院2号楼 | 412 | 1号床 | 方舟 |",
    "| 西院1号楼 | 305 | 1号床 | 韩江 |",
]
OUTPUT = [
    "| 冲压车间 | 8,400 | 98.2% | 36 |",
    "| 喷漆车间 | 6,150 | 97.5% | 52 |",
    "| 总装车间 | 2,900 | 99.1% | 17 |",
    "| 合计 | 17,450 | 98.3% | 105 |",
]
CLUBS = ["| 棋社 | 温老师 | 40元 |", "| 摄影社 | 齐老师 | 160元 |", "| 合唱团 | 柳老师 | 免费 |"]
PAY = ["| 江月 | 260 | 900 |", "| 白桦 | 410 | 1100 |", "| 石磊 | 0 | 700 |"]


def table(header: str, rows: list[str]) -> str:
    rule = "| --- " * (header.count("|") - 1) + "|"
    return "\n".join([header, rule, *rows]) + "\n"


def quotes(question: str, text: str, parts: tuple[str, ...] = ()) -> list[str]:
    return [one.quote for one in extract(question, [passage(text, title="台账", headings=())], parts=parts)]


def test_the_row_that_holds_all_keys_of_the_question_comes_alone() -> None:
    beds = table("| 楼栋 | 房间 | 床位 | 姓名 |", BEDS)
    assert quotes("东院2号楼305房间1号床住的是谁", beds) == [BEDS[0]]
    assert quotes("东院2号楼305住了哪几个人", beds) == BEDS[:2]


def test_a_row_in_the_other_half_of_its_table_that_holds_less_does_not_come_along() -> None:
    header = "| 楼栋 | 房间 | 床位 | 姓名 |"
    halves = [
        passage(table(header, rows), title="台账", headings=(), chunk_id=str(n), score=score)
        for n, (rows, score) in enumerate([(BEDS[2:], 0.9), (BEDS[:2], 0.8)])
    ]
    assert [one.quote for one in extract("东院2号楼305房间2号床是谁", halves)] == [BEDS[1]]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("2026年3月5日领料的是谁", "| 2026-03-05 | 电机 | 1,300 | 陶然 |"),
        ("哪一次领了一千三百件", "| 2026-03-05 | 电机 | 1,300 | 陶然 |"),
        ("领2600件的是谁", "| 2026-03-15 | 皮带 | 2,600 | 乔木 |"),
    ],
)
def test_a_date_or_number_is_a_key_in_any_writing(question: str, row: str) -> None:
    rows = ["| 2026-03-15 | 皮带 | 2,600 | 乔木 |", "| 2026-03-05 | 电机 | 1,300 | 陶然 |"]
    assert quotes(question, table("| 日期 | 物料 | 件数 | 领料人 |", rows)) == [row]


def test_a_number_of_the_question_that_stands_in_a_column_name_finds_no_row() -> None:
    rows = ["| 价格 | 3,980 元 |", "| 每日除湿量 | 40 kg |", "| 质保 | 三年 |"]
    assert quotes("CT-40的价格是多少？", table("| 项目 | CT-40 |", rows)) == [rows[0]]


def test_the_digits_of_a_percentage_are_no_key() -> None:
    assert quotes("喷漆车间2月产量是多少", table("| 车间 | 2月产量 | 良品率 | 用电 |", OUTPUT)) == [OUTPUT[1]]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("各车间一共用了多少电", 3),
        ("全厂总产量是多少", 3),
        ("总装车间一共生产了多少", 2),
    ],
)
def test_a_sum_is_asked_of_the_row_of_totals_unless_a_row_is_named(question: str, row: int) -> None:
    assert quotes(question, table("| 车间 | 产量 | 良品率 | 用电 |", OUTPUT)) == [OUTPUT[row]]


def test_a_part_that_names_no_row_is_about_the_row_that_the_question_names() -> None:
    pay = table("| 姓名 | 加班费 | 绩效 |", PAY)
    assert quotes("白桦的加班费和绩效各是多少", pay, ("白桦的加班费多少", "绩效多少")) == [PAY[1]]


def test_what_is_asked_on_for_takes_the_place_of_the_cell_of_its_column() -> None:
    clubs = table("| 社团 | 指导 | 收费 |", CLUBS)
    assert quotes("摄影社一学期收多少费 棋社", clubs) == [CLUBS[0]]
