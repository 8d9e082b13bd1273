"""Retrieval scores against what a person works out on paper, and what is said of a file that holds no questions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app.errors import NotFoundError, QuestionError
from kb_app.evaluation import (
    LabelledQuestion,
    RetrievalScores,
    evaluate,
    percentiles,
    read_questions,
    read_unanswerable,
    score,
)
from tests.program import write

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app import KnowledgeBase


def question(*docs: str, kind: str = "", text: str = "灯塔开放吗") -> LabelledQuestion:
    return LabelledQuestion(id=text, question=text, docs=docs, kind=kind)


def ranked(count: int, **places: int) -> list[str]:
    """Names of ``count`` documents, with the given ones at the given ranks."""
    names = [f"别的{number}" for number in range(1, count + 1)]
    for name, rank in places.items():
        names[rank - 1] = name
    return names


class TestScore:
    @pytest.mark.parametrize(
        ("documents", "scores"),
        [
            (ranked(10, 甲=1), RetrievalScores(1, 1.0, 1.0, 1.0, 1.0)),
            (ranked(10, 甲=3), RetrievalScores(1, 0.0, 1.0, 0.3333, 1.0)),
            (ranked(10, 甲=5), RetrievalScores(1, 0.0, 1.0, 0.2, 1.0)),
            (ranked(10, 甲=6), RetrievalScores(1, 0.0, 0.0, 0.1667, 1.0)),
            (ranked(10, 甲=10), RetrievalScores(1, 0.0, 0.0, 0.1, 1.0)),
            (ranked(20, 甲=11), RetrievalScores(1, 0.0, 0.0, 0.0, 0.0)),
            (ranked(3), RetrievalScores(1, 0.0, 0.0, 0.0, 0.0)),
            ([], RetrievalScores(1, 0.0, 0.0, 0.0, 0.0)),
        ],
        ids=["first", "third", "fifth", "sixth", "tenth", "eleventh", "absent", "nothing found"],
    )
    def test_one_question_by_the_rank_of_its_document(self, documents: list[str], scores: RetrievalScores) -> None:
        assert score([(question("甲"), documents)]) == scores

    def test_of_several_documents_the_first_ranks_and_each_is_recalled(self) -> None:
        both = question("甲", "乙")
        assert score([(both, ranked(12, 甲=12, 乙=2))]) == RetrievalScores(1, 0.0, 1.0, 0.5, 0.5)
        assert score([(both, ranked(12, 甲=10, 乙=2))]) == RetrievalScores(1, 0.0, 1.0, 0.5, 1.0)

    def test_several_questions_are_averaged_and_one_without_a_find_is_a_miss(self) -> None:
        pairs = [
            (question("甲"), ["甲"]),
            (question("甲"), ["乙", "甲"]),
            (question("甲"), []),
            (question("甲"), ["丙"]),
        ]
        assert score(pairs) == RetrievalScores(4, hit_at_1=0.25, hit_at_5=0.5, mrr_at_10=0.375, recall_at_10=0.5)

    def test_no_question_has_no_score(self) -> None:
        assert score([]) == RetrievalScores(0, None, None, None, None)


@pytest.mark.parametrize(
    ("values", "median", "high"),
    [
        ([], 0.0, 0.0),
        ([0.5], 0.5, 0.5),
        ([4.0, 1.0, 2.0, 3.0], 2.5, 4.0),
        ([float(number) for number in range(20, 0, -1)], 10.5, 19.0),
        ([float(number) for number in range(1, 101)], 50.5, 95.0),
    ],
)
def test_percentiles_by_nearest_rank(values: list[float], median: float, high: float) -> None:
    assert percentiles(values) == {"p50": median, "p95": high}


class TestEvaluate:
    @pytest.fixture
    def filled(self, kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
        sync([write(tmp_path / "港口", 灯塔="灯塔每周三下午开放参观。", 渡轮="渡轮每小时一班，风大停航。")], kb)
        return kb

    def test_scores_in_all_and_by_kind(self, filled: KnowledgeBase) -> None:
        asked = [
            question("灯塔.txt", kind="literal", text="灯塔哪天开放参观"),
            question("渡轮.txt", kind="literal", text="渡轮多久一班"),
            question("潮汐.txt", kind="absent", text="渡轮风大停航"),
            question(text="没有答案的问题"),
        ]
        result = evaluate(filled, asked)
        assert result.retrieval == RetrievalScores(3, 0.6667, 0.6667, 0.6667, 0.6667)
        assert result.by_kind == {
            "literal": RetrievalScores(2, 1.0, 1.0, 1.0, 1.0),
            "absent": RetrievalScores(1, 0.0, 0.0, 0.0, 0.0),
        }
        assert result.missed == ["渡轮风大停航"]
        assert list(result.seconds) == ["embed", "search"]
        assert all(0 <= times["p50"] <= times["p95"] for times in result.seconds.values())

    def test_in_an_empty_knowledge_base_every_question_is_missed(self, kb: KnowledgeBase) -> None:
        result = evaluate(kb, [question("灯塔.txt")])
        assert result.retrieval == RetrievalScores(1, 0.0, 0.0, 0.0, 0.0)
        assert result.missed == ["灯塔开放吗"]

    def test_many_passages_of_one_document_count_once(self, kb: KnowledgeBase, tmp_path: Path) -> None:
        long = "\n\n".join(f"灯塔记事第{number}则：" + "灯塔开放参观，游客登记后上楼。" * 20 for number in range(20))
        sync([write(tmp_path / "港口", 记事=long, 灯塔="灯塔开放吗？开放。")], kb)
        assert kb.status().chunks > 10
        # Two documents: the right one is first or second, however many passages the other has.
        assert evaluate(kb, [question("灯塔.txt")]).retrieval.mrr_at_10 in {1.0, 0.5}


class TestReadQuestions:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "问题.jsonl"

    def test_a_line_is_a_question(self, path: Path) -> None:
        lines = [
            {"id": "甲", "question": "几点开门", "answers": ["九点"], "doc": "开放.txt", "kind": "literal"},
            {"question": "谁值班", "doc": ["值班.txt", "名册.txt", "值班.txt"]},
            {"id": 3, "question": "没有答案的", "doc": None},
            {"id": "丁", "question": "不该答", "doc": "值班.txt", "expected": "refuse"},
            {"id": "戊", "question": "在哪", "file": "港口/值班.txt", "expected": "answer"},
        ]
        path.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        assert read_questions(path) == [
            LabelledQuestion("甲", "几点开门", ("开放.txt",), "literal", (("九点",),)),
            LabelledQuestion("3", "谁值班", ("值班.txt", "名册.txt")),
            LabelledQuestion("3", "没有答案的", ()),
            LabelledQuestion("丁", "不该答", ("值班.txt",), refuse=True),
            LabelledQuestion("戊", "在哪", ("港口/值班.txt",)),
        ]
        assert [question.answerable for question in read_questions(path)] == [True, True, False, False, True]

    @pytest.mark.parametrize(
        ("fields", "parts"),
        [
            ({"answers": ["九点", "9点", "九点"]}, (("九点", "9点"),)),
            ({"answers": "九点"}, (("九点",),)),
            ({"answers": [["九点", "9点"], ["周三"]]}, (("九点", "9点"), ("周三",))),
            ({"answers": [["九点"], "周三"]}, (("九点",), ("周三",))),
            ({"expected_substrings": ["九点||9点", "周三"]}, (("九点", "9点"), ("周三",))),
            ({"answers": ["九点"], "expected_substrings": ["周三"]}, (("九点",), ("周三",))),
            ({"answers": ["。", "九点", ""]}, (("九点",),)),
            ({"answers": [[], ["！"]]}, ()),
            ({"answers": None}, ()),
        ],
        ids=str,
    )
    def test_answers_are_required_parts_with_alternatives(
        self, path: Path, fields: dict[str, object], parts: tuple[tuple[str, ...], ...]
    ) -> None:
        path.write_text(json.dumps({"question": "几点", "doc": "a.txt"} | fields), encoding="utf-8")
        assert [question.answers for question in read_questions(path)] == [parts]

    def test_an_answer_without_a_document_is_enough_to_be_answerable(self, path: Path) -> None:
        path.write_text('{"question": "几点", "answers": ["九点"]}', encoding="utf-8")
        assert [question.answerable for question in read_questions(path)] == [True]

    def test_history_is_pairs(self, path: Path) -> None:
        path.write_text('{"question": "那周日呢", "doc": "a.txt", "history": [["几点", "九点"]]}', encoding="utf-8")
        assert [question.history for question in read_questions(path)] == [(("几点", "九点"),)]

    def test_all_of_a_file_of_questions_to_refuse(self, path: Path) -> None:
        path.write_text('{"question": "几点"}\n{"question": "谁", "expected": "refuse"}', encoding="utf-8")
        assert [question.refuse for question in read_unanswerable(path)] == [True, True]

    def test_a_byte_order_mark_and_rare_line_breaks_do_no_harm(self, path: Path) -> None:
        path.write_bytes('\ufeff{"question": "上\u2028下\x85右", "doc": "a.txt"}\r\n'.encode())
        (read,) = read_questions(path)
        assert read.question == "上\u2028下\x85右"

    def test_an_empty_question_is_one_that_will_be_missed(self, path: Path) -> None:
        path.write_text('{"question": "", "doc": "a.txt"}\n', encoding="utf-8")
        assert [question.question for question in read_questions(path)] == [""]

    @pytest.mark.parametrize(
        "line",
        [
            "no JSON",
            '{"question": "几点',
            "[]",
            '"几点开门"',
            "null",
            "{}",
            '{"question": 7}',
            '{"question": "几点", "doc": 7}',
            '{"question": "几点", "doc": [7]}',
            '{"question": "几点", "doc": {"a": 1}}',
            '{"question": "几点", "answers": 9}',
            '{"question": "几点", "answers": [9]}',
            '{"question": "几点", "answers": [["九点", 9]]}',
            '{"question": "几点", "answers": [null]}',
            '{"question": "几点", "answers": {"a": 1}}',
            '{"question": "几点", "expected_substrings": "九点"}',
            '{"question": "几点", "expected_substrings": [["九点"]]}',
            '{"question": "几点", "expected": "decline"}',
            '{"question": "几点", "expected": ["refuse"]}',
            '{"question": "几点", "history": "九点"}',
            '{"question": "几点", "history": [["几点"]]}',
            '{"question": "几点", "history": [{"role": "user"}]}',
            '{"question": "\\ud83d"}',
            "[" * 100_000,
        ],
        ids=lambda line: line[:30],
    )
    def test_any_other_line_is_named(self, path: Path, line: str) -> None:
        path.write_text(f'{{"question": "几点开门", "doc": "a.txt"}}\n\n{line}\n', encoding="utf-8")
        with pytest.raises(QuestionError) as caught:
            read_questions(path)
        told = str(caught.value)
        assert told.startswith(f"{path}, line 3: not a question (")
        assert told.endswith('a line is {"id", "question", "answers", "doc"}')
        assert "\n" not in told

    def test_a_line_in_another_encoding_is_named(self, path: Path) -> None:
        path.write_bytes(b'{"question": "a"}\n' + '{"question": "几点"}\n'.encode("gb18030"))
        with pytest.raises(QuestionError, match="line 2: not UTF-8 text; save the file as UTF-8"):
            read_questions(path)

    @pytest.mark.parametrize("content", ["", "\n \n"])
    def test_a_file_without_questions_is_refused(self, path: Path, content: str) -> None:
        path.write_text(content, encoding="utf-8")
        with pytest.raises(QuestionError, match="holds no question"):
            read_questions(path)

    def test_a_file_that_is_not_there(self, path: Path) -> None:
        with pytest.raises(NotFoundError, match="name a JSON-lines file"):
            read_questions(path)
