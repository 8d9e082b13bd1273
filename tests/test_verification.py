"""The second look: verdicts from JSON or words, and what becomes of a contradicted sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.manner import Manner
from kb_app.answering.verification import read_findings
from kb_app.models.llm import LanguageModel, Options
from kb_app.wiring import prompts_for
from tests.passages import LEAVE, WEDDING
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from kb_app.types import Answer

PROMPTS = prompts_for(Settings(), "strict")
SAID = "婚假为三天[2]。病假须在三天内提交医院证明[1]。"


def ask(judged: str, **manner: object) -> tuple[Answer, list[dict[str, object]]]:
    with serve(Script(answers=[[SAID], [judged]], context=8192)) as server:
        model = LanguageModel(server.base_url, options=Options(retries=0))
        answer = Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model, Manner(verify=True, **manner)).ask("婚假？病假？")  # type: ignore[arg-type]
        return answer, [request for request in server.requests if "stream" in request]


def findings(*named: str) -> str:
    return json.dumps({"findings": [{"number": n, "finding": one} for n, one in enumerate(named, 1)]})


@pytest.mark.parametrize("judged", [findings("supported", "absent"), "1. 支持\n2. 资料没有说"])
def test_the_answer_tells_what_was_found_of_each_sentence(judged: str) -> None:
    answer, requests = ask(judged)
    assert [(one.sentence, one.finding) for one in answer.verdicts] == [
        ("婚假为三天。", "supported"),
        ("病假须在三天内提交医院证明。", "absent"),
    ]
    assert (answer.text, answer.unsupported) == ("婚假为三天[1]。病假须在三天内提交医院证明[2]。", ())
    assert "1. 婚假为三天。\n2. 病假须在三天内提交医院证明。" in str(requests[1]["messages"][-1]["content"])  # type: ignore[index]
    assert len(requests) == 2


def test_a_contradicted_sentence_is_marked_like_an_unsupported_one() -> None:
    answer, _ = ask(findings("supported", "contradicted"))
    assert answer.text == "婚假为三天[1]。病假须在三天内提交医院证明[2]。（未找到依据）"
    assert answer.unsupported == ("病假须在三天内提交医院证明。",)


def test_or_dropped_like_one() -> None:
    answer, _ = ask(findings("contradicted", "supported"), unsupported="drop")
    assert (answer.text, answer.unsupported) == ("病假须在三天内提交医院证明[1]。", ())
    assert [one.passage for one in answer.citations] == [LEAVE]


@pytest.mark.parametrize("judged", ["看起来都对。", " ", "{}", findings("maybe")])
def test_a_second_look_that_fails_leaves_the_answer_as_it_is(judged: str) -> None:
    answer, _ = ask(judged)
    assert (answer.text, answer.verdicts) == ("婚假为三天[1]。病假须在三天内提交医院证明[2]。", ())
    assert "未能再次核对" in answer.reason
    assert "\n" not in answer.reason


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (findings("supported", "contradicted"), {1: "supported", 2: "contradicted"}),
        (f"```json\n{findings('absent')}\n```", {1: "absent"}),
        ('{"findings": {"1": "supported"}}', {1: "supported"}),
        ("1: supported\n2: contradicted", {1: "supported", 2: "contradicted"}),
        ("第1句：与资料不一致\n第2句：有依据", {1: "contradicted", 2: "supported"}),
        ("1. 不支持\n2. 支持", {1: "absent", 2: "supported"}),
        ('{"findings": [{"number": 1, "finding": "supported"}, {"number": 2, "fin', {1: "supported"}),
        ('{"findings": [{"number": "one", "finding": "supported"}]}', {}),
        ("[" * 5000, {}), ("", {}),
    ],
)  # fmt: skip
def test_findings_are_read_from_json_and_from_words(written: str, found: dict[int, str]) -> None:
    assert read_findings(written) == found


def test_the_server_is_told_the_form() -> None:
    _, requests = ask(findings("supported", "supported"))
    assert "findings" in json.dumps({key: value for key, value in requests[1].items() if key != "messages"})
