"""A whole run: the questions, the answers and what each part is worth, from ``kb eval`` and from a program."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.evaluation import (
    LabelledQuestion,
    all_but,
    compare,
    evaluate,
    observe,
    other_templates,
    parts_that_matter,
    summarise,
)
from kb_app.evaluation.citations import given
from kb_app.types import Answer, Citation, Passage
from tests.fakes import HashEmbedder
from tests.program import Program, write
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HARBOUR = {
    "灯塔": "灯塔每周三下午开放参观，门票十元。",
    "渡轮": "渡轮每小时一班，风大停航。",
    "码头": "码头夜间关闭，清晨五点开门。",
}


def asked(text: str, *docs: str, answers: tuple[tuple[str, ...], ...] = (), **fields: Any) -> LabelledQuestion:
    return LabelledQuestion(id=text, question=text, docs=docs, answers=answers, **fields)


LIGHTHOUSE = asked("灯塔每周三下午开放参观吗", "灯塔.txt", answers=(("每周三",),), kind="literal")
FERRY = asked("渡轮每小时一班吗", "渡轮.txt", answers=(("每两小时",),), kind="literal")
NOBODY = asked("博物馆的咖啡好喝吗", refuse=True)


@pytest.fixture
def harbour(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    sync([write(tmp_path / "港口", **HARBOUR)], kb)
    return kb


def passage(text: str, source: str) -> Passage:
    return Passage(text, source, source, (), None, 0.9, "1", "1", 0, len(text), ("keyword",))


def quoted(number: int, words: str, source: str) -> Citation:
    return Citation(number, passage(words, source), words, 0, len(words))


class TestAnswerInNumbers:
    ANSWER = Answer(
        question="灯塔哪天开放",
        search_question="灯塔哪天开放",
        text="灯塔每周三开放；\n门票十元。[1] 海鸥很多。\n\n渡轮每小时一班；风大停航。[2]\n儿童票四十元。[1]",
        citations=(
            quoted(1, "门票十元。", "灯塔.txt"),
            quoted(2, "风大停航。", "渡轮.txt"),
            replace(quoted(2, "渡轮停航。", "渡轮.txt"), quote="渡轮停驶。"),
        ),
        unsupported=("海鸥很多。",),
    )

    def test_sentences_quotes_and_documents(self) -> None:
        found = given(self.ANSWER, asked("灯塔哪天开放", "灯塔.txt", "码头.txt", answers=(("每周三",),)))
        # A semicolon does not end a sentence, unless a line ends there; no passage tells of forty.
        assert (found.sentences, found.cited, found.supported) == (5, 3, 2)
        assert (found.quotes, found.verbatim) == (3, 2)
        assert (found.documents, found.right) == (2, 1)
        assert found.contains == 1.0
        assert found.characters == len("灯塔每周三开放；门票十元。海鸥很多。渡轮每小时一班；风大停航。儿童票四十元。")

    def test_a_refusal_misses_the_answer_and_says_nothing(self) -> None:
        found = given(replace(self.ANSWER, refused=True), asked("灯塔哪天开放", "灯塔.txt", answers=(("每周三",),)))
        assert (found.refused, found.contains, found.f1, found.sentences, found.quotes) == (True, 0.0, 0.0, 0, 0)

    def test_where_no_answer_is_known_there_is_nothing_to_compare(self) -> None:
        assert given(self.ANSWER, asked("灯塔哪天开放", "灯塔.txt")).contains is None
        assert given(self.ANSWER, replace(LIGHTHOUSE, refuse=True)).contains is None


class TestExtracts:
    def test_answers_citations_and_refusals(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [LIGHTHOUSE, FERRY, NOBODY], answers=True)
        assert result.answers is not None
        assert result.citations is not None
        assert result.refusal is not None
        assert (result.answers.questions, result.answers.with_answers) == (3, 2)
        assert result.answers.by == {"extractive": 3}
        assert result.answers.contains_answer == 0.5  # the ferry does not go every two hours
        assert result.citations.quotes_verbatim == 1.0
        assert result.citations.sentences_cited == 1.0
        assert (result.refusal.answerable, result.refusal.unanswerable) == (2, 1)
        assert result.answers.refusal_f1 == result.refusal.f1
        assert result.answers_by_kind["literal"].contains_answer == 0.5
        assert {"embed", "search", "retrieve", "total"} <= set(result.seconds)

    def test_every_measure_has_a_size_and_an_interval_around_it(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [LIGHTHOUSE, FERRY, NOBODY], answers=True)
        measured = 0
        for section, bounds in result.intervals.items():
            for name, interval in bounds.items():
                value = getattr(getattr(result, section), name)
                assert (value is None) == (interval.n == 0 or interval.low is None), name
                if value is not None:
                    assert interval.low is not None
                    assert interval.high is not None
                    assert interval.low <= value <= interval.high, name
                    measured += 1
        assert measured > 15
        assert result.intervals["retrieval"]["hit_at_1"].n == 2
        assert result.intervals["refusal"]["auroc"].n == 3

    def test_without_unanswerable_questions_refusal_is_not_measured(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [LIGHTHOUSE], answers=True)
        assert result.refusal is not None
        assert (result.refusal.precision, result.refusal.recall, result.refusal.f1, result.refusal.auroc) == (None,) * 4
        assert result.refusal.kept == 1.0

    def test_without_answerable_questions_only_refusal_is_measured(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [NOBODY], answers=True)
        assert result.retrieval.questions == 0
        assert result.retrieval.hit_at_1 is None
        assert result.answers is not None
        assert (result.answers.contains_answer, result.answers.character_f1) == (None, None)
        assert result.citations is not None
        assert result.citations.document_recall is None

    def test_what_cannot_be_asked_is_a_miss(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [asked("", "灯塔.txt", answers=(("每周三",),))], answers=True)
        assert result.answers is not None
        assert (result.answers.contains_answer, result.answers.refusal_agreement) == (0.0, 0.0)

    def test_documents_that_are_not_there_are_named_and_missed(self, harbour: KnowledgeBase) -> None:
        result = evaluate(harbour, [LIGHTHOUSE, asked("潮汐几点", "潮汐.txt")])
        assert result.absent == ["潮汐.txt"]
        assert result.retrieval.recall_at_10 == 0.5

    @pytest.mark.parametrize("answers", [True, False])
    def test_a_follow_up_is_searched_for_as_a_whole(self, harbour: KnowledgeBase, answers: bool) -> None:
        history = (("灯塔哪天开放参观？", "每周三下午。[1]"),)
        alone = evaluate(harbour, [asked("那门票呢？", "灯塔.txt")], answers=answers)
        whole = evaluate(harbour, [asked("那门票呢？", "灯塔.txt", history=history)], answers=answers)
        assert whole.score is not None
        assert alone.score is not None
        best = [max(one.high for one in result.score.bins if one.passages) for result in (whole, alone) if result.score]
        assert best[0] > best[1]

    def test_progress_counts_questions(self, harbour: KnowledgeBase) -> None:
        told: list[tuple[int, int]] = []
        observe(harbour, [LIGHTHOUSE, NOBODY], on_progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 2), (2, 2)]


class TestServedModel:
    SAID = "灯塔每周三下午开放参观。[1]海鸥一共有九百只。"

    @pytest.fixture
    def served(self, tmp_path: Path) -> Iterator[KnowledgeBase]:
        with serve(Script(answers=((self.SAID,),))) as server:
            settings = Settings(home=tmp_path / "home", llm_base_url=server.base_url)
            with KnowledgeBase.open("港口", settings, embedder=HashEmbedder()) as kb:
                sync([write(tmp_path / "港口", **HARBOUR)], kb)
                yield kb

    def test_the_answers_of_the_model_are_measured(self, served: KnowledgeBase) -> None:
        observed = observe(served, [LIGHTHOUSE], answers=True)
        assert observed.with_model
        result = summarise(observed)
        assert result.answers is not None
        assert result.citations is not None
        assert result.answers.by == {"scripted": 1}
        assert (result.answers.contains_answer, result.answers.sentences) == (1.0, 2.0)
        assert (result.citations.sentences_cited, result.citations.sentences_supported) == (0.5, 0.5)
        assert result.citations.only_right == 1.0

    def test_other_prompts_are_those_of_answers(self, served: KnowledgeBase) -> None:
        others = other_templates(served.settings)
        assert "condense" not in others
        assert served.settings.template not in others


class TestAblation:
    @pytest.fixture
    def blind(self, settings: Settings, tmp_path: Path) -> Iterator[KnowledgeBase]:
        """Every text has the same vector, so that only its words tell."""
        with KnowledgeBase.open("测试", settings, embedder=HashEmbedder(dimension=1)) as kb:
            others = {f"{number:02}": f"第{number}号泊位停渔船。" for number in range(20)}
            sync([write(tmp_path / "港口", **others, 锚地="锚地的代号是 QX-7041，停三条船。")], kb)
            yield kb

    def test_a_part_that_alone_finds_is_worth_a_hit(self, blind: KnowledgeBase, settings: Settings) -> None:
        questions = [asked("QX-7041 是什么", "锚地.txt"), NOBODY]
        full = observe(blind, questions)
        runs = {}
        for part in ("keyword", "dense"):
            with KnowledgeBase.open("测试", settings, embedder=HashEmbedder(dimension=1), parts=all_but(part)) as kb:
                runs[part] = observe(kb, questions)
        found = compare(full, runs, left_out={"rerank": "none"})
        assert found.full["retrieval.hit_at_1"] == 1.0
        keyword, dense = (found.parts[part]["retrieval.hit_at_1"] for part in ("keyword", "dense"))
        assert (keyword.value, keyword.low, keyword.high, keyword.n) == (1.0, 1.0, 1.0, 1)
        assert (dense.value, dense.low, dense.high, dense.n) == (0.0, 0.0, 0.0, 1)
        assert "answers.contains_answer" not in found.parts["keyword"]

    def test_without_the_gate_nothing_is_refused(self, harbour: KnowledgeBase, settings: Settings) -> None:
        questions = [LIGHTHOUSE, NOBODY]
        with KnowledgeBase.open("测试", settings, embedder=HashEmbedder(), parts=all_but("gate")) as kb:
            result = summarise(observe(kb, questions, answers=True))
        assert result.refusal is not None
        assert (result.refusal.cut_off, result.refusal.recall, result.refusal.kept) == (0.0, 0.0, 1.0)
        assert result.answers is not None
        assert result.answers.refusal_recall == 0.0

    def test_parts_that_cannot_matter_are_left_out_with_the_reason(self, settings: Settings) -> None:
        parts, left_out = parts_that_matter(settings, answers=True, model=False)
        assert parts == ["keyword", "dense", "fusion", "second_look", "scripts", "gate"]
        assert left_out == {
            "rerank": "KB_RERANKER is not set",
            "sections": "no language model answers",
            "check": "no language model answers",
        }
        _, left_out = parts_that_matter(settings, answers=False, model=False)
        assert left_out["check"] == "answers are not measured"
        whole = settings.model_copy(update={"reranker": "rerank:some@http://127.0.0.1:9/v1"})
        assert parts_that_matter(whole, answers=True, model=True)[1] == {}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("程序") / "home")


@pytest.fixture(scope="module")
def docs(own: Program) -> Path:
    return write(own.home.with_name("港口"), **HARBOUR)


@pytest.fixture(scope="module")
def questions(docs: Path) -> Path:
    lines = [
        {
            "id": "甲",
            "question": "灯塔哪天开放参观？",
            "answers": ["每周三下午"],
            "doc": "灯塔.txt",
            "kind": "时间",
        },
        {"id": "乙", "question": "渡轮多久一班？", "answers": [["每小时一班"], ["停航"]], "doc": ["渡轮.txt"]},
        {"id": "丙", "question": "码头几点开门？", "expected_substrings": ["清晨5点||清晨五点"], "doc": "码头.txt"},
    ]
    return write_lines(docs.with_name("问题.jsonl"), lines)


@pytest.fixture(scope="module")
def refused(docs: Path) -> Path:
    lines = [
        {"id": f"无{number}", "question": text, "expected": "refuse", "doc": None}
        for number, text in enumerate(("How do I grow tomatoes on a balcony?", "量子计算机的纠错码有哪些种类？"))
    ]
    return write_lines(docs.with_name("拒答.jsonl"), lines)


def write_lines(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


class TestCommand:
    def test_one_document_with_all_measures(self, own: Program, docs: Path, questions: Path, refused: Path) -> None:
        ran = own.run("eval", "--docs", docs, "--questions", questions, "--unanswerable", refused, "--json")
        assert ran.code == 0, ran.err
        found = ran.json
        assert found["retrieval"] == {
            "questions": 3,
            "hit_at_1": 1.0,
            "hit_at_5": 1.0,
            "mrr_at_10": 1.0,
            "recall_at_10": 1.0,
        }
        assert list(found["by_kind"]) == ["时间"]
        assert (found["refusal"]["answerable"], found["refusal"]["unanswerable"]) == (3, 2)
        assert found["refusal"]["auroc"] == 1.0
        assert found["answers"]["contains_answer"] == 1.0
        assert 0 < found["answers"]["character_f1"] < 1
        assert found["citations"]["quotes_verbatim"] == 1.0
        assert len(found["score"]["bins"]) == 10
        assert sum(one["passages"] for one in found["score"]["bins"]) == found["score"]["passages"]
        assert found["intervals"]["retrieval"]["hit_at_1"] == {"n": 3, "low": 1.0, "high": 1.0}
        assert found["setup"]["documents"] == 3
        assert found["ablation"] is None
        assert found["missed"] == found["absent"] == []

    def test_what_each_part_is_worth(self, own: Program, docs: Path, questions: Path) -> None:
        ran = own.run("eval", "--docs", docs, "--questions", questions, "--limit", "2", "--no-answers", "--ablate")
        assert ran.code == 0, ran.err
        assert "AUROC" in ran.out
        for part in ("关键词 keyword", "向量 dense", "融合 fusion", "繁简数字 scripts", "拒答门槛 gate"):
            assert sum(line.startswith(part) for line in ran.out.splitlines()) == 1, ran.out
        assert "回答 answers" not in ran.out
        assert "未测 left out: 重排 rerank: KB_RERANKER is not set" in ran.err
        assert "题数 questions 2;" in ran.err
        assert own.run("list", "--json").json == []

    def test_a_folder_without_documents(self, own: Program, questions: Path, tmp_path: Path) -> None:
        line = own.run("eval", "--docs", tmp_path, "--questions", questions).complaint
        assert line.startswith(f"{tmp_path}: no documents")

    def test_answerable_questions_among_those_to_refuse(self, own: Program, docs: Path, questions: Path) -> None:
        line = own.run("eval", "--docs", docs, "--questions", questions, "--unanswerable", questions).complaint
        assert "question '甲' names its document or answer" in line
