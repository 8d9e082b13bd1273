"""Several answers to one question: what most of them say stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.consistency import agree
from kb_app.answering.manner import Manner
from kb_app.models.llm import LanguageModel, Options
from kb_app.refusal import REFUSAL
from kb_app.wiring import prompts_for
from tests.passages import LEAVE, WEDDING
from tests.scripted_server import Script, ScriptedServer, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.types import Answer

PROMPTS = prompts_for(Settings(), "strict")
THREE = ["婚假为三天[2]。", "婚假是三天[2]。须提前三周申请[2]。", "员工享有婚假三天[2]。须提前两周申请[2]。"]


def answerer(server: ScriptedServer, samples: int = 3) -> Answerer:
    model = LanguageModel(server.base_url, options=Options(retries=0, first=5, between=5))
    return Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model, Manner(samples=samples))


def ask(texts: Sequence[str], question: str = "婚假几天？") -> Answer:
    with serve(Script(answers=[[text] for text in texts], context=8192)) as server:
        return answerer(server, len(texts)).ask(question)


def test_a_claim_that_most_answers_make_stays_and_another_goes() -> None:
    agreed = agree(THREE)
    assert agreed.text in {"婚假为三天[2]。", "婚假是三天[2]。", "员工享有婚假三天[2]。"}
    assert not agreed.refused


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["婚假为三天[2]。", "婚假为五天[2]。", "婚假为三天[2]。"], "婚假为三天[2]。"),
        (["婚假为三天[2]。病假须提交证明[1]。"] * 2 + ["婚假为三天[2]。"], "婚假为三天[2]。病假须提交证明[1]。"),
        (
            ["如下：\n- 婚假为三天[2]\n- 年假五天[1]"] * 2 + ["婚假为十天[2]。"],
            "如下：\n- 婚假为三天[2]\n- 年假五天[1]",
        ),
        (["婚假为三天[2]。", "病假须提交医院证明[1]。", "满十年的享有十天年假[1]。"], ""),
        (["婚假为三天[2]。"], "婚假为三天[2]。"),
    ],
)
def test_numbers_must_be_equal_and_words_alike(texts: list[str], kept: str) -> None:
    assert agree(texts).text == kept


def test_the_answer_of_the_flow_holds_what_is_shared_and_says_so() -> None:
    answer = ask(["婚假为三天[2]。", "婚假为三天[2]。须提前九周申请[2]。", "婚假为三天[2]。另有津贴[2]。"])
    assert answer.text == "婚假为三天[1]。"
    assert [one.passage for one in answer.citations] == [WEDDING]
    assert answer.mode == "llm"


def test_what_was_left_out_is_told() -> None:
    with serve(
        Script(answers=[["婚假为三天[2]。须提前两周申请[2]。"], ["婚假为三天[2]。须提前两周申请[2]。加油！"]])
    ) as server:
        events = list(answerer(server, 2).stream("婚假几天？"))
    answer = events[-1].answer
    assert answer is not None
    assert answer.text == "婚假为三天[1]。须提前两周申请[1]。"
    progress = [event.text for event in events if event.kind == "thinking"]
    assert len(progress) == 2
    assert "answer 2 of 2" in progress[1]
    assert "".join(event.text for event in events if event.kind == "token") == "婚假为三天[2]。须提前两周申请[2]。"
    assert all(request["temperature"] > 0.5 for request in server.requests if "stream" in request)


def test_most_refusals_are_a_refusal() -> None:
    answer = ask([REFUSAL, "婚假为三天[2]。", "资料没有说明病假工资[1]。"])
    assert (answer.refused, answer.text, answer.citations) == (True, REFUSAL, ())
    assert "多数" in answer.reason


def test_answers_that_share_nothing_give_way_to_quotes() -> None:
    answer = ask(["婚假为三天[2]。", "病假须提交医院证明[1]。", "满十年的享有十天年假[1]。"])
    assert answer.mode == "extractive"
    assert "share no sentence" in answer.reason


def test_a_sample_that_fails_is_left_out_and_if_all_fail_there_are_quotes() -> None:
    answer = ask(["婚假为三天[2]。", " ", "婚假为三天[2]。"])
    assert (answer.text, answer.mode) == ("婚假为三天[1]。", "llm")
    answer = ask([" ", " "])
    assert (answer.mode, answer.refused) == ("extractive", False)


def test_a_reader_who_leaves_ends_all_requests() -> None:
    with serve(Script(answers=[["好"], *[["啊"] * 500] * 2], delay=0.02)) as server:
        events = answerer(server).stream("婚假几天？")
        next(event for event in events if event.kind == "thinking")
        began = time.monotonic()
        events.close()  # type: ignore[attr-defined]  # it is a generator
        assert server.hung_up.wait(2)
    assert time.monotonic() - began < 2
