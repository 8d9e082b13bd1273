"""The project's own question set is consistent with its documents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

EVAL = Path(__file__).parent.parent / "data" / "eval"
KINDS = {"literal", "paraphrase", "keyword", "english", "traditional", "multi"}


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EVAL / name).read_text("utf-8").splitlines()]


DOCS = {path.name: path.read_text("utf-8") for path in sorted((EVAL / "docs").iterdir())}
QUESTIONS = read_lines("questions.jsonl")
UNANSWERABLE = read_lines("unanswerable.jsonl")


def files_of(line: dict[str, Any]) -> list[str]:
    return [line["doc"]] if isinstance(line["doc"], str) else line["doc"]


def answers_of(line: dict[str, Any]) -> list[str]:
    """All answers, the required parts of an answer among them."""
    return [answer for part in line["answers"] for answer in ([part] if isinstance(part, str) else part)]


def test_ids_and_questions_are_unique() -> None:
    lines = QUESTIONS + UNANSWERABLE
    assert len({line["id"] for line in lines}) == len(lines)
    assert len({line["question"] for line in lines}) == len(lines)


def test_every_answer_stands_in_its_document() -> None:
    wrong = [
        (line["id"], answer)
        for line in QUESTIONS
        for answer in answers_of(line)
        if not any(answer in DOCS[file] for file in files_of(line))
    ]
    assert wrong == []


def test_every_gold_document_holds_an_answer() -> None:
    wrong = [
        (line["id"], file)
        for line in QUESTIONS
        for file in files_of(line)
        if not any(answer in DOCS[file] for answer in answers_of(line))
    ]
    assert wrong == []


def test_every_document_is_asked_about() -> None:
    assert {file for line in QUESTIONS for file in files_of(line)} == set(DOCS)


def test_kinds_are_known_and_most_questions_are_paraphrases() -> None:
    kinds = Counter(line["kind"] for line in QUESTIONS)
    assert set(kinds) == KINDS
    assert kinds["paraphrase"] > len(QUESTIONS) / 2
    assert all(line["answers"] and (line["kind"] == "multi") == (len(files_of(line)) > 1) for line in QUESTIONS)


def test_an_answer_from_several_documents_has_a_part_for_each() -> None:
    several = [line for line in QUESTIONS if line["kind"] == "multi"]
    assert all(len(line["answers"]) > 1 and isinstance(part, list) for line in several for part in line["answers"])


def test_unanswerable_questions_expect_a_refusal() -> None:
    assert len(UNANSWERABLE) >= 30
    assert all(line["expected"] == "refuse" and line["doc"] is None for line in UNANSWERABLE)


def test_the_demo_asks_three_questions() -> None:
    questions = (EVAL / "demo.txt").read_text("utf-8").splitlines()
    assert len(questions) == 3
    assert all(question.endswith("？") for question in questions)
