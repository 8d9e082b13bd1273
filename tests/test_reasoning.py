"""Reasoning under one heading, the answer under another: told apart while it comes, however it is cut into pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.answering.reasoning import behind_headings, split_reasoning
from kb_app.models.streaming import Piece

HEADINGS = ("分析", "回答")
THOUGHT, ANSWER = "[1] 婚假为三天。\n回答这个问题的句子足够。\n", "婚假为**三天**[1]。\n\n须提前申请[1]。"


def split(pieces: list[str]) -> tuple[str, str]:
    """What is thinking and what is text."""
    found = list(split_reasoning([Piece("text", piece) for piece in pieces], HEADINGS))
    return tuple("".join(one.text for one in found if one.kind == kind) for kind in ("thinking", "text"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("【分析】\n", "【回答】\n"), ("**分析：**\n", "**回答：**\n"), ("## 分析\n", "## 回答\n"),
        ("分析：", "回答："), ("\n[分析]\n", "[回答] "), ("**【分析】**\n", "**【回答】**\n\n"),
    ],
)  # fmt: skip
def test_both_headings_are_known_in_many_forms(opening: str, closing: str) -> None:
    thinking, text = split(list(opening + THOUGHT + closing + ANSWER))
    assert (thinking.strip(), text) == (THOUGHT.strip(), ANSWER)


@given(st.lists(st.integers(0, 60), max_size=8))
def test_where_the_pieces_are_cut_plays_no_part(cuts: list[int]) -> None:
    whole = f"【分析】\n{THOUGHT}【回答】\n{ANSWER}"
    places = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    assert split([whole[start:end] for start, end in pairwise(places)]) == ("\n" + THOUGHT, ANSWER)


def test_reasoning_comes_as_it_is_said() -> None:
    pieces = (
        Piece("text", text)
        for text in ["【分析】\n", "婚假规定在第二份资料里，写得很清楚，足够回答。", *"【回答】\n三天[2]。"]
    )
    first = next(iter(split_reasoning(pieces, HEADINGS)))
    assert first.kind == "thinking"


@pytest.mark.parametrize(
    "text", [ANSWER, "回答这个问题要看第二份资料[2]。", "三天[2]。", "", "分析师的年假为五天[1]。"]
)
def test_an_answer_without_headings_is_an_answer(text: str) -> None:
    assert split(list(text)) == ("", text)
    assert behind_headings(text, "", HEADINGS) == (text, "")


def test_a_model_that_only_heads_its_answer_is_understood() -> None:
    assert split(list(f"【回答】\n{ANSWER}")) == ("", ANSWER)
    assert behind_headings(f"先看资料二。\n【回答】\n{ANSWER}", "", HEADINGS) == (ANSWER, "先看资料二。\n")


@pytest.mark.parametrize(
    ("thinking", "answer"),
    [
        (f"{THOUGHT}\n结论：婚假为三天[1]。", "婚假为三天[1]。"),
        (f"{THOUGHT}\n婚假为三天[1]。", "婚假为三天[1]。"),
        ("婚假为三天[1]。", "婚假为三天[1]。"),
        ("分析资料。\n**最终答案：** 婚假为三天[1]。", "婚假为三天[1]。"),
    ],
)
def test_where_the_second_heading_is_forgotten_the_conclusion_is_the_answer(thinking: str, answer: str) -> None:
    text, rest = behind_headings("", thinking, HEADINGS)
    assert text.strip("* ") == answer
    assert answer not in rest
