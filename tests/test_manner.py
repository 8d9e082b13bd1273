"""How an answer is made: templates, marks and drops, general knowledge, packing, the parts of the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from kb_app import Settings
from kb_app.answering.answerer import Answerer
from kb_app.answering.manner import Manner
from kb_app.answering.prompting import build_messages
from kb_app.models.faults import ContextOverflowError
from kb_app.models.llm import LanguageModel, ServedModel
from kb_app.models.streaming import Piece, Request
from kb_app.notices import CUT_OFF, GENERAL_LINE, GENERAL_LINE_EN
from kb_app.page.labels import Labels
from kb_app.page.render import answer_html
from kb_app.parts import Parts
from kb_app.refusal import REFUSAL, REFUSAL_EN
from kb_app.text import estimate_tokens
from kb_app.wiring import prompts_for
from tests.library import library, prompts_sent
from tests.passages import LEAVE, WEDDING, passage
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kb_app.types import Answer, Event

PROMPTS = prompts_for(Settings(), "strict")
MIXED = ["教职工婚假为三天，须提前两周向人事处申请[1]。", "婚假期间另发贺礼八百元[1]。"]


@dataclass
class LocalModel:
    """A model without a server, for what a healthy server can not be made to do: says the same, up to a limit."""

    says: Sequence[Piece]
    context: int | None = None
    limit: int = 10**9
    prompts: list[Sequence[dict[str, str]]] = field(default_factory=list)

    def served(self) -> ServedModel:
        return ServedModel("本地", self.context)

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        return sum(self.count_texts([message["content"] for message in messages]))

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        return [estimate_tokens(text) for text in texts]

    def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Iterator[Piece]:
        self.prompts.append(messages)
        if self.count(messages) > self.limit:
            raise ContextOverflowError("the prompt is too long; set KB_TOP_K lower")
        yield from self.says


def answer_of(events: Sequence[Event]) -> Answer:
    answer = events[-1].answer
    assert answer is not None
    return answer


def text_of(events: Sequence[Event], kind: str = "token") -> str:
    return "".join(event.text for event in events if event.kind == kind)


class TestUnsupported:
    def test_sentences_are_marked_in_the_text(self, tmp_path: Path) -> None:
        with serve(Script(answers=[MIXED])) as server, library(tmp_path, server) as kb:
            answer = kb.ask("婚假有几天？")
        assert answer.text == "教职工婚假为三天，须提前两周向人事处申请[1]。婚假期间另发贺礼八百元[1]。（未找到依据）"
        assert answer.unsupported == ("婚假期间另发贺礼八百元。",)
        html = answer_html(answer, Labels("zh"), lambda _: ("", ""))
        assert html.count("kb-unsupported") == 1
        assert "（未找到依据）" not in html

    def test_or_leave_it_and_are_never_shown(self, tmp_path: Path) -> None:
        with serve(Script(answers=[MIXED])) as server, library(tmp_path, server, unsupported="drop") as kb:
            events = list(kb.stream("婚假有几天？"))
        answer = answer_of(events)
        assert text_of(events) == answer.text
        assert (answer.text, answer.unsupported) == ("教职工婚假为三天，须提前两周向人事处申请[1]。", ())
        assert "去掉了 1 句" in answer.reason
        assert {one.number for one in answer.citations} == {1}

    def test_where_none_would_be_left_there_are_quotes(self, tmp_path: Path) -> None:
        with serve(Script(answers=[MIXED[1:]])) as server, library(tmp_path, server, unsupported="drop") as kb:
            answer = kb.ask("婚假有几天？")
        assert (answer.mode, answer.refused) == ("extractive", False)
        assert "婚假为三天" in answer.text

    @pytest.mark.parametrize(
        ("written", "marked"),
        [
            ("- 婚假为九十天[2]\n- 年假五天[1]", "- 婚假为九十天[1]（未找到依据）\n"),
            ("Wedding leave is 90 days [2]. It is 3 days [2].", "90 days [1]. (unsupported)"),
            ("| 假 | 天 |\n| --- | --- |\n| 婚假 | 九十天[2] |\n", "| 婚假 | 九十天[1]（未找到依据） |"),
        ],
    )
    def test_the_mark_stands_in_the_language_and_the_form_of_the_sentence(self, written: str, marked: str) -> None:
        model = LocalModel([Piece("text", written)])
        assert marked in Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model).ask("婚假？").text

    def test_that_the_documents_do_not_tell_a_part_needs_no_support(self) -> None:
        model = LocalModel([Piece("text", "婚假为三天[2]。婚假津贴，资料没有说明。")])
        answer = Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model).ask("婚假几天，津贴多少？")
        assert (answer.text, answer.unsupported) == ("婚假为三天[1]。婚假津贴，资料没有说明。", ())

    def test_the_model_does_not_read_the_marks_of_its_earlier_answers(self) -> None:
        model = LocalModel([Piece("text", "年假五天[1]。")])
        history = [("婚假有几天？", "婚假为三十天[1]。（未找到依据）")]
        Answerer(lambda _: [LEAVE], PROMPTS, model).ask("满一年的员工有几天年假？", history)
        assert model.prompts[-1][2]["content"] == "婚假为三十天。"


class TestGeneralKnowledge:
    @pytest.mark.parametrize(
        ("question", "first"), [("水的沸点是多少？", GENERAL_LINE), ("Boiling point of water?", GENERAL_LINE_EN)]
    )
    def test_what_the_documents_do_not_tell_the_model_may_say_and_it_is_said(
        self, tmp_path: Path, question: str, first: str
    ) -> None:
        script = Script(answers=[["标准大气压下是一百摄氏度[1]。"]])
        with serve(script) as server, library(tmp_path, server, general_knowledge=True, min_score=1.0) as kb:
            events = list(kb.stream(question))
        answer = answer_of(events)
        assert answer.text == f"{first}\n\n标准大气压下是一百摄氏度。"
        assert (answer.general, answer.refused, answer.citations, answer.unsupported) == (True, False, (), ())
        assert (answer.template, answer.mode) == ("general", "llm")
        assert first in text_of(events)
        assert answer.reason

    def test_also_where_the_model_itself_found_nothing(self, tmp_path: Path) -> None:
        script = Script(answers=[["资料没有说明这个问题。"], ["一百摄氏度。"]])
        with serve(script) as server, library(tmp_path, server, general_knowledge=True) as kb:
            answer = kb.ask("教职工婚假津贴是多少？")
        assert answer.text.splitlines()[0] == GENERAL_LINE
        assert "<passage" not in str(prompts_sent(server)[1])

    @pytest.mark.parametrize("script", [Script(status=500), Script(answers=[[" "]])])
    def test_a_model_that_fails_leaves_the_refusal(self, tmp_path: Path, script: Script) -> None:
        with serve(script) as server, library(tmp_path, server, general_knowledge=True, min_score=1.0) as kb:
            answer = kb.ask("水的沸点是多少？")
        assert (answer.refused, answer.general, answer.text.splitlines()[-1]) == (True, False, REFUSAL)
        assert "\n" not in answer.reason

    def test_it_is_off_unless_it_is_asked_for(self, tmp_path: Path) -> None:
        with serve() as server, library(tmp_path, server, min_score=1.0) as kb:
            assert kb.ask("水的沸点是多少？").refused
        assert prompts_sent(server) == []


class TestReasoning:
    SAID = "【分析】\n[1] 教职工婚假为三天。\n足够。\n【回答】\n教职工婚假为三天，须提前两周向人事处申请[1]。"

    @pytest.mark.parametrize("template", ["cot", "fewshot_cot"])
    def test_it_is_kept_apart_from_the_answer(self, tmp_path: Path, template: str) -> None:
        with serve(Script(answers=[list(self.SAID)], context=8192)) as server, library(tmp_path, server) as kb:
            events = list(kb.stream("婚假有几天？", template=template))
        answer = answer_of(events)
        assert answer.text == text_of(events) == "教职工婚假为三天，须提前两周向人事处申请[1]。"
        assert "足够。" in answer.thinking
        assert text_of(events, "thinking").strip() == answer.thinking
        assert (answer.template, answer.unsupported) == (template, ())

    @pytest.mark.parametrize("said", ["{}", "【分析】\n看资料 1。\n\n{}", "看资料。\n【回答】\n{}"])
    def test_a_model_that_forgets_a_heading_still_answers(self, tmp_path: Path, said: str) -> None:
        text = "教职工婚假为三天，须提前两周向人事处申请[1]。"
        with serve(Script(answers=[[said.format(text)]])) as server, library(tmp_path, server) as kb:
            answer = kb.ask("婚假有几天？", template="cot")
        assert (answer.text, answer.mode) == (text, "llm")

    def test_a_refusal_after_reasoning_is_a_refusal(self, tmp_path: Path) -> None:
        with (
            serve(Script(answers=[[f"【分析】\n没有\n不足。\n【回答】\n{REFUSAL}"]])) as server,
            library(tmp_path, server) as kb,
        ):
            answer = kb.ask("婚假有几天？", template="cot")
        assert (answer.refused, answer.text) == (True, REFUSAL)
        assert "不足" in answer.thinking

    def test_a_template_of_ones_own_may_ask_for_it_under_headings_of_its_own(self, tmp_path: Path) -> None:
        own = tmp_path / "mine"
        own.mkdir()
        (own / "notes.md").write_text(
            "---\nname: notes\nversion: 2024-06\nvariables: passages, question\nreasoning: Notes, Reply\n---\n"
            "## user\n{{passages}}\n{{question}}\nWrite [Notes], then [Reply].\n",
            "utf-8",
        )
        said = "[Notes]\nPassage 1 tells.\n[Reply]\n教职工婚假为三天[1]。"
        with serve(Script(answers=[list(said)])) as server, library(tmp_path, server, templates_dir=own) as kb:
            answer = kb.ask("教职工婚假有几天？", template="notes")
        assert (answer.text, answer.thinking) == ("教职工婚假为三天[1]。", "Passage 1 tells.")
        assert (answer.template, answer.template_version) == ("notes", "2024-06")


class TestPacking:
    LONG = tuple(passage(f"第{number}条 " + "年假规定" * 60, chunk_id=str(number)) for number in range(12))

    def test_it_is_told_how_many_passages_were_left_out_from_the_end_of_the_ranking(self) -> None:
        model = LocalModel([Piece("text", "年假规定[1]。")], context=2048)
        answer = Answerer(lambda _: self.LONG, PROMPTS, model).ask("年假规定有哪些内容？")
        shown = model.prompts[0][-1]["content"]
        kept = 12 - answer.left_out
        assert 0 < kept < 12
        assert [f"第{number}条 " in shown for number in range(12)] == [True] * kept + [False] * answer.left_out
        assert f"{answer.left_out} passages did not fit" in answer.reason

    def test_a_prompt_that_is_too_long_after_all_is_sent_once_more_with_half_of_the_passages(self) -> None:
        prompt = build_messages(PROMPTS.answer, "年假规定？", self.LONG[:4])
        model = LocalModel([Piece("text", "年假规定[1]。")])
        model.limit = model.count(prompt)
        answer = Answerer(lambda _: self.LONG[:6], PROMPTS, model).ask("年假规定？", [("婚假？", "三天。")])
        assert [prompt[-1]["content"].count("</passage>") for prompt in model.prompts] == [6, 3]
        assert (answer.mode, len(answer.passages), answer.left_out) == ("llm", 6, 3)
        assert "3 passages did not fit" in answer.reason

    def test_and_then_there_are_quotes(self) -> None:
        model = LocalModel([], limit=10)
        answer = Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model).ask("婚假有几天？")
        assert len(model.prompts) == 2
        assert (answer.mode, answer.refused) == ("extractive", False)
        assert "too long" in answer.reason

    def test_a_passage_longer_than_the_context_gives_way_to_the_others(self) -> None:
        model = LocalModel([Piece("text", "婚假为三天[1]。")], context=2048)
        huge = passage("年假规定的细则。" * 2000)
        answer = Answerer(lambda _: [huge, WEDDING], PROMPTS, model).ask("婚假有几天？")
        assert (answer.text, answer.citations[0].passage, answer.left_out) == ("婚假为三天[1]。", WEDDING, 1)

    def test_what_stands_around_a_passage_is_read_where_it_fits_and_only_there(self) -> None:
        model = LocalModel([Piece("text", "婚假为三天[1]。")], context=2048)
        for around, shown in (("前文。" * 20, True), ("前文。" * 3000, False)):
            answerer = Answerer(
                lambda _: [WEDDING], PROMPTS, model, widen=lambda found, text=around: [passage(text + found[0].text)]
            )
            assert answerer.ask("婚假有几天？").mode == "llm"
            assert ("前文。" in model.prompts[-1][-1]["content"]) is shown

    def test_a_server_that_finds_the_prompt_too_long_is_asked_once_more(self, tmp_path: Path) -> None:
        trouble = (
            "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages."
        )
        script = Script(answers=[["教职工婚假为三天[1]。"]], statuses=[400], trouble=trouble)
        with serve(script) as server, library(tmp_path, server) as kb:
            answer = kb.ask("教职工婚假有几天？")
        shown = [str(messages).count("</passage>") for messages in prompts_sent(server)]
        assert (answer.text, answer.mode) == ("教职工婚假为三天[1]。", "llm")
        assert shown[1] == shown[0] // 2 > 0

    def test_a_server_that_cuts_an_answer_off_is_noticed(self, tmp_path: Path) -> None:
        script = Script(answers=[["教职工婚假为三天[1]。须提前"]], finish="length")
        with serve(script) as server, library(tmp_path, server) as kb:
            answer = kb.ask("教职工婚假有几天？")
        assert (answer.text, answer.reason) == ("教职工婚假为三天[1]。", CUT_OFF)

    def test_an_answer_that_was_cut_off_ends_with_its_last_whole_sentence(self) -> None:
        model = LocalModel([Piece("text", "婚假为三天[2]。病假须在三"), Piece("text", "", "length")])
        answer = Answerer(lambda _: [LEAVE, WEDDING], PROMPTS, model).ask("婚假和病假？")
        assert (answer.text, answer.reason) == ("婚假为三天[1]。", CUT_OFF)


class TestParts:
    def test_without_the_gate_no_score_refuses(self) -> None:
        model = LocalModel([Piece("text", "婚假为三天[1]。")])
        faint = passage(WEDDING.text, score=0.01)
        assert Answerer(lambda _: [faint], PROMPTS, model).ask("婚假？").refused
        assert not Answerer(lambda _: [faint], PROMPTS, model, parts=Parts(gate=False)).ask("婚假？").refused
        assert Answerer(lambda _: [], PROMPTS, model, parts=Parts(gate=False)).ask("婚假？").refused

    @pytest.mark.parametrize("said", ["婚假为三十天[2]。", "婚假为三十天。"])
    def test_without_the_check_nothing_is_called_unsupported_or_dropped(self, said: str) -> None:
        answerer = Answerer(
            lambda _: [LEAVE, WEDDING], PROMPTS, LocalModel([Piece("text", said)]),
            Manner(unsupported="drop"), parts=Parts(check=False),
        )  # fmt: skip
        answer = answerer.ask("婚假？")
        assert (answer.mode, answer.unsupported) == ("llm", ())
        assert "三十天" in answer.text


def test_how_the_model_is_asked_to_think_is_set_or_left_to_the_template() -> None:
    asked: list[Request | None] = []

    class Listening(LocalModel):
        def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Iterator[Piece]:
            asked.append(request)
            return super().stream(messages, request)

    for template, thinking in (("strict", None), ("cot", None), ("cot", True), ("strict", False)):
        prompts = prompts_for(Settings(), template)
        Answerer(
            lambda _: [WEDDING], prompts, Listening([Piece("text", "婚假为三天[1]。")]), Manner(thinking=thinking)
        ).ask("婚假？")
    assert [request and request.thinking for request in asked] == [None, False, True, False]


def test_a_model_server_counts_the_tokens() -> None:
    with serve(Script(answers=[["婚假为三天[1]。"]])) as server:
        answer = Answerer(lambda _: [WEDDING], PROMPTS, LanguageModel(server.base_url)).ask("婚假？")
    assert (answer.left_out, answer.text) == (0, "婚假为三天[1]。")


def test_the_refusal_of_an_english_question_is_english(tmp_path: Path) -> None:
    with library(tmp_path, None, min_score=1.0) as kb:
        assert kb.ask("How is the weather?").text == REFUSAL_EN
