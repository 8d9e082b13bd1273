"""Looking for a question's pieces in a text finds the ones that cutting the text would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.search.holding import Wanted, sentences_of
from kb_app.text import keyword_pieces

PARTS = (
    "锅炉房", "檢修", "锅", "２０２４年", "二〇二四年三月五日", "2024-03-05", "第十二条", "第12條", "百分之十五", "15%",
    "叁万元", "30,000元", "两个半小时", "10斤", "下午两点半", "boiler", "Room", "B2", "kW", "three days", "４５",
    "千万", "一个",
    "𠮷野", "カタカナ", "ｶﾀｶﾅ", "한국", "😀", "é", "ﬁ", "_", " ", "\n", "，", "。", "-", "、", "至", ".",
)  # fmt: skip
texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join) | st.text(max_size=40)


@given(texts, texts)
def test_the_same_pieces_as_by_cutting(text: str, question: str) -> None:
    for looked_for in (question, text, question + text):
        pieces = set(keyword_pieces(looked_for))
        assert Wanted(pieces).held(text) == pieces & set(keyword_pieces(text))


@given(texts, texts)
def test_pieces_of_a_search_that_tells_scripts_apart(text: str, question: str) -> None:
    pieces = set(keyword_pieces(question, scripts=False))
    assert Wanted(pieces).held(text) == pieces & set(keyword_pieces(text))


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("锅炉检修", "鍋爐房三月檢修。", {"锅炉", "检修"}),
        ("锅炉", "锅\n炉", set()),
        ("炉", "锅炉房", set()),
        ("炉", "炉 房", {"炉"}),
        ("kW", "两千kWh", set()),
        ("第12条", "依照第十二條办理", {"第12条"}),
        ("2024年", "２０２４", {"2024"}),
        ("", "锅炉", set()),
    ],
)
def test_pieces_that_are_and_are_not_there(question: str, text: str, held: set[str]) -> None:
    assert Wanted(keyword_pieces(question)).held(text) == held


def test_a_row_is_read_below_the_first_row_of_its_table() -> None:
    table = "| 车间 | 用电 |\n| --- | --- |\n| 一车间 | 300 |\n| 二车间 | 280 |\n"
    header, first, second = "| 车间 | 用电 |\n", "| 一车间 | 300 |\n", "| 二车间 | 280 |\n"
    assert sentences_of(f"第一季度。{table}另行通知。") == [
        "第一季度。",
        header,
        header + first,
        header + second,
        "另行通知。",
    ]
    assert sentences_of(f"{table}说明。\n| 楼层 | 房间 |\n| 三层 | 301 |")[-1] == "| 楼层 | 房间 |\n| 三层 | 301 |"
