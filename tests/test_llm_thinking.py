"""Thinking is never part of the answer, however a model marks it; and a model that only thinks is told of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.errors import ModelError
from kb_app.models.streaming import Piece, Tags, split_thinking
from tests.asking import ASK, client, joined
from tests.scripted_server import Script, serve

PAIRS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<Think>", "</Think>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
]


def read(pieces: list[Piece]) -> tuple[str, str]:
    """Text and thinking as a reader keeps them."""
    text = thinking = ""
    for piece in pieces:
        if piece.note == "retract":
            text, thinking = "", thinking + text
        elif piece.kind == "thinking":
            thinking += piece.text
        else:
            text += piece.text
    return text, thinking


@pytest.mark.parametrize(("opening", "closing"), PAIRS)
def test_every_tag_is_known_wherever_it_is_cut(opening: str, closing: str) -> None:
    said = f"{opening}\n先看第三条\n{closing}\n\n五天[1]。"
    for at in range(len(said)):
        text, thinking = read(list(split_thinking([said[:at], said[at:]])))
        assert (text.strip(), thinking.strip()) == ("五天[1]。", "先看第三条")


@pytest.mark.parametrize("closing", [closing for _, closing in PAIRS])
def test_an_opening_tag_may_stand_in_the_chat_template_only(closing: str) -> None:
    text, thinking = read(list(split_thinking(["先看", f"第三条{closing[:3]}", f"{closing[3:]}五天[1]。"])))
    assert (text, thinking) == ("五天[1]。", "先看第三条")


def test_a_template_that_opens_the_thinking_is_remembered() -> None:
    with serve(Script(answers=[["先看", "条款", "</think>", "五天。"]])) as server:
        model = client(server)
        first, second = list(model.stream(ASK)), list(model.stream(ASK))
    assert read(first) == read(second) == ("五天。", "先看条款")
    assert [piece.kind for piece in second] == ["thinking", "thinking", "text"]


def test_a_model_that_is_known_for_it_never_shows_its_thinking_as_text() -> None:
    with serve(Script(model="DeepSeek-R1-Distill-Qwen-7B", answers=[["先看", "条款", "</think>", "五天。"]])) as server:
        pieces = list(client(server).stream(ASK))
    assert [piece.kind for piece in pieces] == ["thinking", "thinking", "text"]


def test_a_wrong_guess_about_a_template_costs_no_answer() -> None:
    with serve(Script(model="qwq-32b", answers=[["五天", "[1]。"]])) as server:
        model = client(server)
        assert joined(model.stream(ASK)) == "五天[1]。"
        assert [piece.text for piece in model.stream(ASK)] == ["五天", "[1]。"]


def test_reasoning_fields_of_the_server_need_no_tags() -> None:
    with serve(Script(model="qwq-32b", reasoning=["先", "看"], answers=[["五天", "[1]。"]])) as server:
        pieces = list(client(server).stream(ASK))
    assert read(pieces) == ("五天[1]。", "先看")


@pytest.mark.parametrize(
    "script",
    [
        Script(answers=[["<think>想", "了又想"]], finish="length"),
        Script(answers=[["<think>想了</think>\n"]]),
        Script(answers=[[]], reasoning=["想", "了又想"], finish="length"),
        Script(model="DeepSeek-R1", answers=[["想", "了又想"]], finish="length"),
    ],
)
def test_a_model_that_thinks_and_does_not_answer_is_told_of(script: Script) -> None:
    with serve(script) as server, pytest.raises(ModelError, match=r"thought and did not answer.*KB_THINKING=off"):
        list(client(server).stream(ASK))


def test_a_model_that_thinks_in_circles_is_stopped() -> None:
    with serve(Script(answers=[["<think>", *["再看一遍第三条。"] * 400]], delay=0.002)) as server:
        with pytest.raises(ModelError, match="thinks in circles"):
            list(client(server).stream(ASK))
        assert server.hung_up.wait(2)


def test_signs_that_only_look_like_a_tag_stay() -> None:
    for said in ("a < b，<这样>", "x<t", "[T] [THIN", "◁ 返回", "<thinkpad> 型号"):
        assert read(list(split_thinking(said))) == (said, "")


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "a", "甲<", "</thi", "<th", "b\n", "◁think▷"]), max_size=8),
    st.data(),
)
def test_cutting_pieces_elsewhere_changes_nothing(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    opened = data.draw(st.booleans())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = list(Tags(opened=opened).split([text]))
    assert read(list(Tags(opened=opened).split(pieces))) == read(whole)
