"""What a program hands in that is of a wrong type or size is refused in one line that says what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ingest import sync
from kb_app.errors import QuestionError
from tests.program import write

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app import KnowledgeBase

QUESTION = "清河大坝几点放水？"


@pytest.fixture
def river(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    sync(write(tmp_path / "水库", 调度="清河大坝每天早晨六点放水。", 巡查="清河大坝每周巡查两次。"), kb)
    return kb


def refusal(kb: KnowledgeBase, question: Any, **options: Any) -> str:
    """The one line that a search is refused with."""
    with pytest.raises(QuestionError) as caught:
        kb.search(question, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestSearch:
    @pytest.mark.parametrize("k", [0, -3, "5", 2.0, [1]])
    def test_a_number_of_passages_that_is_none(self, river: KnowledgeBase, k: object) -> None:
        assert refusal(river, QUESTION, k=k) == f"k is {k!r}; give a whole number from 1 up"
        with pytest.raises(QuestionError):
            river.as_retriever(k=k).invoke(QUESTION)  # type: ignore[arg-type]
        with pytest.raises(QuestionError):
            river.find(QUESTION, river.embedder.embed_query(QUESTION), k=k)  # type: ignore[arg-type]

    def test_the_number_of_passages(self, river: KnowledgeBase) -> None:
        assert [len(river.search(QUESTION, k=k)) for k in (1, 2, None)] == [1, 2, 2]

    @pytest.mark.parametrize("question", [None, 5, b"abc", ["x"]])
    def test_a_question_that_is_no_text(self, river: KnowledgeBase, question: object) -> None:
        told = f"the question is {question!r}, which is no text; ask in words"
        assert refusal(river, question) == told
        for ask in (river.ask, river.stream):
            with pytest.raises(QuestionError, match=r"which is no text; ask in words"):
                ask(question)  # type: ignore[operator]
        with pytest.raises(QuestionError, match=r"which is no text"):
            river.search_all([QUESTION, question])  # type: ignore[list-item]

    def test_a_filter_that_is_no_text(self, river: KnowledgeBase) -> None:
        told = "filter after=2024 is no text; write '2024' in quotation marks"
        assert refusal(river, QUESTION, where={"after": 2024}) == told
        assert refusal(river, QUESTION, where="folder=制度").startswith("the filter is 'folder=制度'; write for ")
        assert refusal(river, QUESTION, where={"after": None}).startswith("filter after=None is no text")

    def test_a_name_with_or_without_its_suffix(self, river: KnowledgeBase) -> None:
        for name in ("调度", "调度.txt", "调*"):
            assert [passage.source for passage in river.search(QUESTION, where={"name": name})] == ["调度.txt"]
        assert river.search(QUESTION, where={"name": "度"}) == []


@pytest.mark.parametrize("history", [5, True])
def test_a_history_that_is_none(river: KnowledgeBase, history: Any) -> None:
    with pytest.raises(QuestionError, match=r"^the history is .*; give a list of messages or \(question, answer\)"):
        river.ask(QUESTION, history=history)


def test_turns_that_come_one_by_one(river: KnowledgeBase) -> None:
    turns = (turn for turn in [("清河大坝几点放水？", "早晨六点。")])
    assert river.ask("每周巡查几次？", history=turns).text  # type: ignore[arg-type]
