"""A question for which nothing is found alone: what the conversation makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.library import library, prompts_sent
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from pathlib import Path

PAPERS = {
    "工牌.md": "# 石湾船厂工牌规定\n\n工牌丢失的，先到保卫科登记，再交工本费二十元补办新的工牌。\n",
    "展厅.md": "# 石湾船厂展厅参观\n\n展厅周末十点开门，平时九点开门。\n",
}
HISTORY = [("工牌丢失怎么办？", "先到保卫科登记[1]。")]
ASKED = "重新弄一张要给多少？"
WHOLE = "补办工牌要交多少工本费？"


def test_the_model_is_asked_once_and_what_it_says_is_searched_for(tmp_path: Path) -> None:
    script = Script(answers=[[WHOLE], ["补办工牌交工本费二十元[1]。"]])
    with serve(script) as server, library(tmp_path, server, PAPERS) as kb:
        answer = kb.ask(ASKED, history=HISTORY)
    assert (answer.refused, answer.search_question) == (False, WHOLE)
    assert "二十元" in answer.text
    assert len(prompts_sent(server)) == 2


def test_where_this_finds_nothing_either_the_question_is_refused_as_it_was_asked(tmp_path: Path) -> None:
    with serve(Script(answers=[["火星上的天气怎么样？重新"]])) as server, library(tmp_path, server, PAPERS) as kb:
        answer = kb.ask(ASKED, history=HISTORY)
    assert (answer.refused, answer.search_question) == (True, ASKED)
    assert len(prompts_sent(server)) == 1


def test_without_a_model_the_reader_is_told_what_he_may_ask(tmp_path: Path) -> None:
    with library(tmp_path, None, PAPERS) as kb:
        answer = kb.ask(ASKED, history=HISTORY)
        alone = kb.ask(ASKED)
    assert answer.refused
    assert f"“工牌丢失{ASKED}”" in answer.reason
    assert "接着上文" not in alone.reason


@pytest.mark.parametrize(("follow_up", "refused"), [("那周末呢？", True), ("展厅呢？", False)])
def test_after_a_refusal_nothing_of_another_subject_is_told(tmp_path: Path, follow_up: str, refused: bool) -> None:
    with library(tmp_path, None, PAPERS) as kb:
        first = kb.ask("游泳池几点开门？")
        history = [("游泳池几点开门？", first.text if first.refused else "根据现有资料无法回答这个问题。")]
        assert kb.ask(follow_up, history=history).refused is refused
