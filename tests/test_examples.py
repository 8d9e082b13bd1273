"""Examples in prompts: chosen by likeness, one of a kind, never to be cited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.examples import REFUSING, choose, read_examples
from kb_app.citing.citations import marks
from kb_app.errors import SettingsError
from kb_app.models.llm import LanguageModel
from kb_app.refusal import REFUSAL, REFUSAL_EN
from kb_app.wiring import prompts_for
from tests.passages import LEAVE, WEDDING
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = read_examples(Path(__file__).parent.parent / "prompts" / "examples.jsonl")
ONE = {"kind": "answer", "question": "苗圃几点浇水？", "passages": ["苗圃每天六点浇水。"], "answer": "六点[1]。"}


def test_the_examples_that_come_with_the_program_show_each_kind_of_case() -> None:
    assert {one.kind for one in OWN} == {"answer", "refusal", "conflict", "comparison", "number"}
    assert all(one.reasoning for one in OWN)
    assert all(marks(one.answer) or one.kind == REFUSING for one in OWN)


@pytest.mark.parametrize(
    ("question", "kind"),
    [("甲型风机和乙型风机的功率差别是什么？", "comparison"), ("哪个车间的用水量最多？", "number")],
)
def test_the_most_similar_ones_are_chosen_one_of_a_kind_with_a_refusal_among_them(question: str, kind: str) -> None:
    chosen = choose(OWN, question, 3)
    kinds = [one.kind for one in chosen]
    assert len(set(kinds)) == 3
    assert REFUSING in kinds
    assert kind in kinds


def test_the_embedding_model_decides_where_there_is_one() -> None:
    def like_the_last(_: str, others: Sequence[str]) -> list[float]:
        return [float(number) for number in range(len(others))]

    assert choose(OWN, "校车几点发车？", 2, like_the_last)[-1] == OWN[-1]


def test_the_refusal_of_an_example_speaks_its_language() -> None:
    shown = {one.question: one.shown() for one in OWN if one.kind == REFUSING}
    assert REFUSAL in shown["食堂的早餐多少钱？"]
    assert REFUSAL_EN in shown["Who repairs the lift in building C?"]


@pytest.mark.parametrize("template", ["fewshot", "fewshot_cot"])
def test_the_prompt_shows_examples_beside_the_passages_and_their_facts_can_not_be_cited(template: str) -> None:
    stolen = "校车早班六点五十分从南湖站发车[1]。"
    with serve(Script(answers=[[stolen, "婚假为三天[2]。"]], context=8192)) as server:
        prompts = prompts_for(Settings(), template)
        answer = Answerer(lambda _: [LEAVE, WEDDING], prompts, LanguageModel(server.base_url)).ask("校车几点发车？")
    system, user = (message["content"] for message in server.requests[0]["messages"])
    assert system.count("<example>") == prompts.answer.examples == 3
    assert "南湖站" in system
    assert "<example>" not in user
    assert answer.unsupported == ("校车早班六点五十分从南湖站发车。",)
    assert "南湖站" not in "".join(one.passage.text for one in answer.citations)
    assert (answer.template, answer.template_version) == (template, prompts.answer.version)


def test_in_a_small_context_examples_give_way_to_passages() -> None:
    with serve(Script(answers=[["婚假为三天[2]。"]], context=1024)) as server:
        Answerer(lambda _: [LEAVE, WEDDING], prompts_for(Settings(), "fewshot"), LanguageModel(server.base_url)).ask(
            "婚假几天？"
        )
    system, user = (message["content"] for message in server.requests[0]["messages"])
    assert system.count("<example>") < 3
    assert user.count("<passage ") == 2


def test_a_folder_of_ones_own_may_bring_its_own_examples(tmp_path: Path) -> None:
    (tmp_path / "examples.jsonl").write_text(json.dumps(ONE, ensure_ascii=False) + "\n\n", "utf-8")
    prompts = prompts_for(Settings(templates_dir=tmp_path), "fewshot")
    assert [one.question for one in prompts.examples] == ["苗圃几点浇水？"]


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[1]", "{}", json.dumps({**ONE, "passages": "六点"}), json.dumps({**ONE, "answer": ""}),
     json.dumps({**ONE, "passages": [7]})],
)  # fmt: skip
def test_a_line_that_is_no_example_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "examples.jsonl").write_text(json.dumps(ONE) + "\n" + line, "utf-8")
    with pytest.raises(SettingsError, match=r"examples\.jsonl, line 2: not an example"):
        prompts_for(Settings(templates_dir=tmp_path), "fewshot")
