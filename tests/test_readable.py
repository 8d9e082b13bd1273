"""A part of a passage on one line, as a person reads it."""

from __future__ import annotations

import pytest

from kb_app.answering.readable import readable

TABLE = "| 岗位 | 班次 | 补贴 |\n| --- | :-: | --: |\n| 门卫 | 夜班 | 40 元 |\n| 司炉 | | 60 元 |"
MIXED = f"补贴按月发放。\n\n{TABLE}\n\n节假日加倍。"


def part(text: str, first: str, last: str) -> str:
    return readable(text, text.index(first), text.index(last) + len(last))


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("| 门卫", "40 元 |", "岗位：门卫；班次：夜班；补贴：40 元"),
        ("| 司炉", "60 元 |", "岗位：司炉；补贴：60 元"),
        ("夜班", "40 元 |", "夜班 · 40 元"),
        ("| 门卫", "加倍。", "岗位：门卫；班次：夜班；补贴：40 元 岗位：司炉；补贴：60 元 节假日加倍。"),
        ("按月", "发放", "按月发放"),
        ("发放。", "--: |", "发放。"),
        ("| 岗位", "补贴 |", "| 岗位 | 班次 | 补贴 |"),
    ],
)
def test_a_part(first: str, last: str, told: str) -> None:
    assert part(MIXED, first, last) == told


def test_a_table_of_two_languages_and_one_without_a_head() -> None:
    assert readable("| part | price |\n|---|---|\n| door | 8 |") == "part: door; price: 8"
    assert readable("| door | 8 |\n| bar | 4 |") == "door; 8 bar; 4"


def test_what_is_no_table_is_its_words() -> None:
    assert readable("甲 ||\n乙 a|b") == "甲 || 乙 a|b"
    assert readable("") == ""
