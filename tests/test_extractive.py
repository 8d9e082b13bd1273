"""Answers without a model are words of the passages, few of them, each with its mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.citations import marks
from kb_app.extractive import compose, extract, question_pieces
from tests.passages import LEAVE, TABLE, WEDDING, passage

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ["年假", "五天", "婚假", "。", "！", "\n", "| 北京 | 120 |\n", "| --- | --- |\n", "[3]", " ", "leave. "]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("满十年有几天年假？", "10天"),
        ("婚假须提前多久申请？", "两周"),
        ("病假要交什么？", "医院证明"),
        ("How long is 婚假?", "三天"),
    ],
)
def test_the_first_sentences_hold_the_answer(question: str, holds: str) -> None:
    citations = extract(question, [LEAVE, WEDDING])
    assert holds in "".join(one.quote for one in citations)
    assert len(citations) <= 3


def test_one_sentence_is_enough_where_one_stands_out() -> None:
    noise = passage("".join(f"第{number}号仓库存放办公用品。" for number in "甲乙丙丁戊"), title="仓库", headings=())
    assert [one.quote for one in extract("婚假有几天？", [WEDDING, noise])] == [WEDDING.text]


def test_the_title_counts_for_every_sentence_of_its_document() -> None:
    text = "紫云山步道开放于二〇一一年。全长七公里。周一闭园维护。"
    other = passage("青石湖环线全长九公里。", title="青石湖环线", headings=())
    citations = extract("紫云山步道全长多少？", [passage(text, title="紫云山步道", headings=()), other], limit=1)
    assert citations[0].quote == "全长七公里。"


def test_a_table_row_brings_its_header() -> None:
    citations = extract("成都每日补贴多少？", [TABLE], limit=1)
    assert [one.quote for one in citations] == ["| 城市 | 每日补贴 |\n| --- | --- |", "| 成都 | 90 元 |"]
    assert compose(citations) == "| 城市 | 每日补贴 |\n| --- | --- |\n| 成都 | 90 元 |\n\n[1]"


def test_an_embedding_may_decide() -> None:
    def similarity(_: str, texts: Sequence[str]) -> list[float]:
        return [float("病假" in text) for text in texts]

    assert extract("sick leave", [LEAVE], similarity=similarity, limit=1)[0].quote == "病假须在三天内提交医院证明。"


def test_a_footnote_mark_in_a_document_points_nowhere() -> None:
    citations = extract("年假几天？", [passage("年假为五天[7]。")])
    assert citations[0].quote == "年假为五天[7]。"
    assert compose(citations) == "年假为五天。[1]"


@pytest.mark.parametrize("passages", [[], [passage("")], [passage("——\n  ")]])
def test_nothing_to_say_is_an_empty_answer(passages: list) -> None:
    assert extract("年假？", passages) == []
    assert compose([]) == ""


@pytest.mark.parametrize("question", ["？", "的", "什么", "🙂", "asdf"])
def test_a_question_without_words_still_gets_a_quote(question: str) -> None:
    assert extract(question, [LEAVE])


def test_question_words_do_not_count() -> None:
    assert question_pieces("年假有几天？") == ["年假", "天"]
    assert question_pieces("什么") == ["什么"]


@given(st.lists(TEXTS, max_size=4), st.sampled_from(["年假几天？", "北京多少", "leave", ""]), st.integers(1, 3))
def test_every_quote_is_a_span_and_every_mark_has_one(texts: list[str], question: str, limit: int) -> None:
    passages = [passage(text, chunk_id=str(number)) for number, text in enumerate(texts)]
    citations = extract(question, passages, limit=limit)
    for one in citations:
        assert one.passage.text[one.start : one.end] == one.quote
    assert list(dict.fromkeys(one.number for one in citations)) == list(
        range(1, len({one.number for one in citations}) + 1)
    )
    assert set(marks(compose(citations))) == {one.number for one in citations}
