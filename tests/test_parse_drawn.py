"""Tables that are only drawn in a text, and forms that are laid out as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.decoding import decode
from ingest.parse import parse_file
from ingest.parsers.grid import table_elements
from ingest.parsers.plain import text_elements

if TYPE_CHECKING:
    from pathlib import Path

BOXES = """┌────┬────┬────┐
│线路│早班│晚班│
├────┼────┼────┤
│城东│7:05│17:40│
│江北│6:50│    │
└────┴────┴────┘"""
TIMES = "| 线路 | 早班 | 晚班 |\n| --- | --- | --- |\n| 城东 | 7:05 | 17:40 |\n| 江北 | 6:50 |  |"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in text_elements(text)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs"])
def test_a_text_of_box_characters_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    text = (
        f"班车\n\n{BOXES}\n".replace("线", "線").replace("东", "東")
        if encoding == "big5hkscs"
        else f"班车\n\n{BOXES}\n"
    )
    text = text.replace("车", "車") if encoding == "big5hkscs" else text
    (tmp_path / "班车.txt").write_bytes(text.encode(encoding))
    heading, table = parse_file(tmp_path / "班车.txt").elements
    assert (heading.kind, table.kind, len(table.text.split("\n"))) == ("heading", "table", 4)
    assert decode(text.encode(encoding)) == text


def test_drawn_tables_between_texts() -> None:
    assert kinds(f"班车时刻如下。\n{BOXES}\n周日停开。") == [
        ("text", "班车时刻如下。"),
        ("table", TIMES),
        ("text", "周日停开。"),
    ]


def test_a_line_below_each_row_joins_what_stands_between() -> None:
    border = "+------+--------+"
    lines = [
        border,
        "| 线路 | 停靠   |",
        border,
        "| 城东 | 东门   |",
        "|      | 北站   |",
        border,
        "| 江北 | 码头 |",
        border,
    ]
    drawn = "\n".join(lines)
    assert kinds(drawn) == [("table", "| 线路 | 停靠 |\n| --- | --- |\n| 城东 | 东门<br>北站 |\n| 江北 | 码头 |")]


@pytest.mark.parametrize("gap", ["    ", "\t", "\t\t"])
def test_columns_that_blanks_set_apart(gap: str) -> None:
    lines = [
        gap.join(row) for row in (("菜名", "价格", "供应"), ("红烧肉", "9 元", "周一"), ("清蒸鱼", "12 元", "周五"))
    ]
    table = "| 菜名 | 价格 | 供应 |\n| --- | --- | --- |\n| 红烧肉 | 9 元 | 周一 |\n| 清蒸鱼 | 12 元 | 周五 |"
    assert kinds("\n".join(["三月价目", *lines])) == [("text", "三月价目"), ("table", table)]


@pytest.mark.parametrize(
    "text",
    [
        "甲方：江州纺机      乙方：白鹭纺织\n代表：贺岚      代表：车向东",
        "2025-05-01  03:11  INFO  完成\n2025-05-02  03:12  INFO  完成\n2025-05-03  03:13  INFO  完成",
        "────────\n分隔线之间的文字\n────────",
        "a | b\nc | d",
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert {element.kind for element in text_elements(text)} == {"text"}


def test_a_form_is_read_by_its_names() -> None:
    conclusion = "合格，噪声 82 分贝"
    rows = [
        ["设备名称", "细纱机 FA506", "编号", "SB-017"],
        ["供货单位", "江州纺机", "合同号：", "HT-0412"],
        ["验收结论", *[conclusion] * 3],
        ["验收人", "贺岚", "备注", ""],
    ]
    (form,) = table_elements(rows)
    names, _, values = form.text.split("\n")
    assert names == "| 设备名称 | 编号 | 供货单位 | 合同号 | 验收结论 | 验收人 | 备注 |"
    assert values == f"| 细纱机 FA506 | SB-017 | 江州纺机 | HT-0412 | {conclusion} | 贺岚 |  |"


@pytest.mark.parametrize(
    "rows",
    [
        [["设备", "周期", "责任人", "电话"], ["车床", "3 个月", "何建平", "6207"], ["行车", "1 个月", "罗庆", "6208"]],
        [["姓名", "部门", "岗位", "电话"], ["韩松", "纺纱", "挡车工", "6101"], ["白雪", "织布", "质检员", "6102"]],
        [["姓名", "韩松"], ["部门", "纺纱"], ["电话", "6101"], ["岗位", "挡车工"]],
    ],
)
def test_a_table_with_a_header_stays_one(rows: list[list[str]]) -> None:
    (table,) = table_elements(rows)
    assert table.kind == "table"
