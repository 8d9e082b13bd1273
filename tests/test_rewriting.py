"""What is searched for: both forms of a follow-up, the parts of a question, other words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.rewriting import Rewriter
from kb_app.models.llm import LanguageModel, Options
from kb_app.types import Message
from kb_app.wiring import prompts_for
from tests.library import library, prompts_sent
from tests.passages import LEAVE, WEDDING
from tests.scripted_server import Script, ScriptedServer, refusing_url, serve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb_app.types import Answer

BOTH = "年假和婚假各有几天？"
PARTS = ["年假有几天？", "婚假有几天？"]
ANSWER = ["年假五天[1]。婚假为三天[2]。"]


def ask(
    server: ScriptedServer | None,
    question: str = BOTH,
    *,
    split: Sequence[str] = (),
    expansion: str = "none",
    url: str = "",
) -> tuple[list[str], Answer]:
    """The questions that were searched for, and the answer."""
    asked: list[str] = []

    def retrieve(questions: Sequence[str]) -> list[object]:
        asked.extend(questions)
        return [LEAVE, WEDDING]

    url = server.base_url if server else url
    model = LanguageModel(url, options=Options(retries=0, connect=0.5)) if url else None
    prompts = prompts_for(Settings(expansion=expansion), "strict")  # type: ignore[arg-type]
    answerer = Answerer(retrieve, prompts, model, split=lambda one: list(split) or [one])  # type: ignore[arg-type]
    return asked, answerer.ask(question)


class TestParts:
    def test_a_question_of_one_part_is_not_taken_apart(self) -> None:
        with serve(Script(answers=[ANSWER])) as server:
            asked, answer = ask(server)
        assert (asked, answer.parts) == ([BOTH], ())
        assert len(prompts_sent(server)) == 1

    @pytest.mark.parametrize(
        "written",
        ["年假有几天？\n婚假有几天？", "1. 年假有几天？\n2. 婚假有几天？\n", "- “年假有几天？”\n- 婚假有几天？"],
    )
    def test_the_model_takes_apart_what_the_rule_finds_several_parts_in(self, written: str) -> None:
        with serve(Script(answers=[[written], ANSWER])) as server:
            asked, answer = ask(server, split=["年假？", "婚假各有几天？"])
        assert (asked, answer.parts) == ([BOTH, *PARTS], tuple(PARTS))
        assert BOTH in prompts_sent(server)[0][-1]["content"]
        assert BOTH in prompts_sent(server)[1][-1]["content"]

    @pytest.mark.parametrize("written", ["", "年假有几天？", "zxcv\nqwer", "我不知道"])
    def test_what_the_model_can_not_take_apart_the_rule_does(self, written: str) -> None:
        with serve(Script(answers=[[written], ANSWER])) as server:
            asked, answer = ask(server, split=PARTS)
        assert (asked, answer.parts) == ([BOTH, *PARTS], tuple(PARTS))

    @pytest.mark.parametrize("url", ["", "refusing"])
    def test_without_a_model_the_rule_does(self, url: str) -> None:
        asked, answer = ask(None, split=PARTS, url=refusing_url() if url else "")
        assert (asked, answer.parts, answer.mode) == ([BOTH, *PARTS], tuple(PARTS), "extractive")

    def test_there_are_at_most_four(self) -> None:
        with serve(Script(answers=[["\n".join(f"第{n}种假有几天？" for n in range(9))], ANSWER])) as server:
            _, answer = ask(server, split=PARTS)
        assert len(answer.parts) == 4

    def test_the_passages_of_all_parts_are_found(self, tmp_path: Path) -> None:
        said = ["教职工婚假为三天[1]。住宿费每晚不超过三百元[2]。"]
        with serve(Script(answers=[["zxcv"], said])) as server, library(tmp_path, server) as kb:
            answer = kb.ask("教职工婚假有几天？住宿费每晚最多多少元？")
        assert answer.parts == ("教职工婚假有几天？", "住宿费每晚最多多少元？")
        assert {one.passage.source for one in answer.citations} == {"婚假.md", "报销.md"}
        assert answer.unsupported == ()


class TestFollowUp:
    def test_a_conversation_goes_on_about_its_subject(self, tmp_path: Path) -> None:
        with library(tmp_path, None) as kb:
            first = kb.ask("教职工入职满一年有几天年假？")
            answer = kb.ask("那满十年呢？", history=[(first.question, first.text)])
        assert answer.search_question == "教职工入职满十年有几天年假"
        assert "十天年假" in answer.text

    def test_of_a_long_conversation_the_newest_turns_are_told_and_the_passages_stay(self, tmp_path: Path) -> None:
        history = [(f"第{number}个问题是什么？", "答案很长。" * 60) for number in range(40)]
        history.append(("教职工入职满一年有几天年假？", "五天[1]。"))
        script = Script(answers=[["满十年有几天年假？"], ["满十年享有十天年假[1]。"]], context=4096)
        with serve(script) as server, library(tmp_path, server) as kb:
            answer = kb.ask("那满十年呢？", history=history)
        told, asked = (str(messages) for messages in prompts_sent(server))
        assert "教职工入职满一年" in told
        assert "第39个问题" in asked
        assert "第0个问题" not in told + asked
        assert "教职工入职满一年享有五天年假" in asked
        assert answer.left_out == 0

    def test_two_questions_that_are_too_long_together_are_searched_for_as_they_are(self, tmp_path: Path) -> None:
        with library(tmp_path, None) as kb:
            answer = kb.ask("那" + "教职工婚假" * 1500, history=[("教职工年假" * 1500, "五天。")])
        assert answer.question == answer.search_question


class TestInConversation:
    """A question that seemed to stand alone, for which nothing was found."""

    TURNS = (Message("user", "工牌丢了怎么办？"), Message("assistant", "到保卫科登记[1]。"))

    def rewriter(self, server: ScriptedServer | None) -> Rewriter:
        prompts = prompts_for(Settings(), "strict")
        model = LanguageModel(server.base_url, options=Options(retries=0)) if server else None
        return Rewriter(prompts.condense, prompts.decompose, model=model)

    def test_the_model_is_asked_once_what_it_is_by_the_conversation(self) -> None:
        with serve(Script(answers=[["工牌丢了，补一张多少钱？"]])) as server:
            again = self.rewriter(server).in_conversation("补一张多少钱？", self.TURNS)
        assert again is not None
        assert again.all() == ["补一张多少钱？", "工牌丢了，补一张多少钱？"]
        assert len(prompts_sent(server)) == 1
        assert "[1]" not in str(prompts_sent(server)[0][1:])

    @pytest.mark.parametrize("written", ["补一张多少钱？", "", "zxcv"])
    def test_where_it_says_the_same_or_nothing_of_use_there_is_nothing_else(self, written: str) -> None:
        with serve(Script(answers=[[written]])) as server:
            assert self.rewriter(server).in_conversation("补一张多少钱？", self.TURNS) is None

    def test_nor_without_a_model_or_for_what_was_made_whole_before_or_asks_nothing(self) -> None:
        assert self.rewriter(None).in_conversation("补一张多少钱？", self.TURNS) is None
        with serve() as server:
            rewriter = self.rewriter(server)
            assert rewriter.in_conversation("补一张多少钱？", ()) is None
            assert rewriter.in_conversation("那补一张呢？", self.TURNS) is None
            assert rewriter.in_conversation("谢谢啦", self.TURNS) is None
        assert prompts_sent(server) == []

    def test_thanks_cost_no_call(self) -> None:
        with serve() as server:
            assert self.rewriter(server).searched("谢谢啦", self.TURNS).all() == ["谢谢啦"]
        assert prompts_sent(server) == []


class TestExpansion:
    def test_other_phrasings_are_searched_for(self) -> None:
        with serve(Script(answers=[["1. 年休假天数\n2. 年假可以休多久\n\n3. 年假 天数\n4. 多余"], ANSWER])) as server:
            asked, answer = ask(server, expansion="phrasings")
        assert asked == [BOTH, "年休假天数", "年假可以休多久", "年假 天数"]
        assert (answer.search_question, answer.parts) == (BOTH, ())

    def test_or_an_answer_that_the_documents_might_hold(self) -> None:
        text = "职工入职满一年的，享受带薪年休假若干天。"
        with serve(Script(answers=[[text], ANSWER])) as server:
            asked, _ = ask(server, expansion="hypothetical")
        assert asked == [BOTH, text]
        assert text not in str(prompts_sent(server)[1])

    @pytest.mark.parametrize("written", ["", "……"])
    def test_a_model_that_writes_nothing_of_use_adds_nothing(self, written: str) -> None:
        with serve(Script(answers=[[written], ANSWER])) as server:
            assert ask(server, expansion="phrasings")[0] == [BOTH]

    def test_without_a_model_nothing_is_added(self) -> None:
        assert ask(None, expansion="phrasings")[0] == [BOTH]
