"""Marks are parsed in all their forms, bounds-checked, renumbered, and held against the passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.citing.attribution import attribute
from kb_app.citing.citations import CitedText, cite, cited_sentences, find_quote, marks, strip_marks
from kb_app.refusal import REFUSAL
from tests.passages import LEAVE, TABLE, WEDDING, passage

PASSAGES = [LEAVE, WEDDING, TABLE]
MARK_PARTS = [
    "[1]",
    "[2]",
    "[0]",
    "[99]",
    "【1】",
    "［3］",
    "[1，2]",
    "[1-3]",
    "[^2]",
    "[",
    "]",
    "年假五天",
    "婚假",
    "。",
    "\n",
    " ",
    "3",
]


def cited(text: str) -> CitedText:
    return cite(text, PASSAGES)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[1]", [1]), ("[1][2]", [1, 2]), ("[1,2]", [1, 2]), ("[1，2]", [1, 2]), ("[1、3]", [1, 3]), ("[1 2]", [1, 2]),
        ("[1-3]", [1, 2, 3]), ("[1–3]", [1, 2, 3]), ("[3-1]", [1, 2, 3]), ("[1-2, 4]", [1, 2, 4]), ("【1】", [1]),
        ("［１］", [1]), ("[^1]", [1]), ("[ 1 ]", [1]), ("[资料1]", [1]), ("[citation:2]", [2]),
        ("[1](http://x/y)", [1]),
        ("[0]", [0]), ("[99]", [99]), ("国发[2019]15号", []), ("[a]", []), ("a[i]", []), ("[]", []), ("(1)", []),
    ],
)  # fmt: skip
def test_marks_in_all_their_forms(text: str, numbers: list[int]) -> None:
    assert marks(text) == numbers


def test_marks_are_renumbered_by_first_use() -> None:
    result = cited("婚假为三天[2]。满一年享有五天年假[1]。婚假须提前两周申请[2]。")
    assert result.text == "婚假为三天[1]。满一年享有五天年假[2]。婚假须提前两周申请[1]。"
    assert [(one.number, one.passage) for one in result.citations] == [(1, WEDDING), (2, LEAVE), (1, WEDDING)]
    assert result.unsupported == ()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("婚假为三天 [99]。", "婚假为三天。"),
        ("婚假为三天[0][2]。", "婚假为三天[1]。"),
        ("婚假为三天[[9]2]。", "婚假为三天[1]。"),
        ("婚假为三天【2，9】。", "婚假为三天[1]。"),
        ("婚假为三天[2][2]。", "婚假为三天[1]。"),
        ("婚假为三天[2](http://evil.example/x.png)。", "婚假为三天[1]。"),
        ("婚假为三天[2]。\n\n参考资料：\n[1] 员工手册.docx\n[2] 婚假.md", "婚假为三天[1]。"),
    ],
)
def test_what_does_not_exist_leaves_the_text(text: str, clean: str) -> None:
    assert cited(text).text == clean


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    assert cited_sentences("年假五天。[1]婚假三天。[2]\n好") == ["年假五天。[1]", "婚假三天。[2]\n", "好"]
    result = cited("满一年享有五天年假。[1]婚假为三天。[2]")
    assert [one.passage for one in result.citations] == [LEAVE, WEDDING]
    assert result.unsupported == ()


def test_the_quote_is_the_sentence_that_says_it() -> None:
    result = cited("满十年的员工有10天年假[1]。")
    assert result.citations[0].quote == "满十年的享有10天年假。"


def test_a_quote_takes_two_sentences_where_the_claim_joins_them() -> None:
    quote = find_quote("满一年享有五天年假，满十年的享有10天年假", LEAVE, 1).quote
    assert quote == "员工入职满一年后享有五天年假。满十年的享有10天年假。"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("婚假为三天。", "no mark"),
        ("婚假为十五天[2]。", "another number, in Chinese"),
        ("婚假为15天[2]。", "another number"),
        ("公司位于上海浦东新区[2]。", "nothing of it is in the passage"),
    ],
)
def test_a_sentence_that_its_passage_does_not_hold_is_unsupported(text: str, why: str) -> None:
    assert cited(text).unsupported == (strip_marks(text),), why


@pytest.mark.parametrize(
    "text",
    [
        "婚假是3天，需要提前两周申请[2]。",
        "婚假共３天[2]。",
        "规定如下：\n1. 满一年享有5天年假[1]\n2. 婚假为三天[2]",
        "## 婚假\n婚假为三天[2]。",
        "北京每日补贴120元[3]。",
        "Wedding leave is 3 days [2].",
    ],
)
def test_what_the_passage_holds_is_supported_in_other_words_too(text: str) -> None:
    assert cited(text).unsupported == ()


def test_two_passages_may_hold_a_sentence_together() -> None:
    assert cited("满一年享有五天年假，婚假为三天[1][2]。").unsupported == ()


def test_an_embedding_chooses_the_quote_across_languages() -> None:
    def similarity(_: str, texts: list[str]) -> list[float]:
        return [float("病假" in text) for text in texts]

    result = cite("Sick leave needs a certificate within 3 days [1].", [LEAVE], similarity=similarity)
    assert result.citations[0].quote == "病假须在三天内提交医院证明。"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("婚假是三天，要提前两周申请。", "婚假是三天，要提前两周申请。[2]"),
        ("年假：\n- 满一年享有5天年假\n- 婚假为三天\n", "年假：\n- 满一年享有5天年假[1]\n- 婚假为三天[2]\n"),
        ("| 北京 | 120 元 |\n", "| 北京 | 120 元[3] |\n"),
        ("婚假为十三天。", "婚假为十三天。"),
        ("年会在十二月举行。", "年会在十二月举行。"),
        ("Wedding leave is 3 days.", "Wedding leave is 3 days."),
        (REFUSAL, REFUSAL),
        ("", ""),
    ],
)
def test_a_sentence_without_a_mark_gets_that_of_the_passage_that_holds_it(text: str, marked: str) -> None:
    assert attribute(text, PASSAGES) == marked


@given(st.lists(st.sampled_from(MARK_PARTS), max_size=25).map("".join), st.integers(0, 3))
def test_attribution_only_adds_marks(text: str, count: int) -> None:
    bare = strip_marks(text)
    assert strip_marks(attribute(bare, PASSAGES[:count])) == bare


@given(st.lists(st.sampled_from(MARK_PARTS), max_size=25).map("".join), st.integers(0, 3))
def test_no_citation_survives_without_its_passage(text: str, count: int) -> None:
    passages = PASSAGES[:count]
    result = cite(text, passages)
    assert set(marks(result.text)) == {one.number for one in result.citations}
    assert list(dict.fromkeys(marks(result.text))) == list(range(1, len(set(marks(result.text))) + 1))
    for one in result.citations:
        assert one.passage in passages
        assert one.passage.text[one.start : one.end] == one.quote != ""


@given(
    st.text(alphabet="年假三天1。！[]\n |-", max_size=60), st.text(alphabet="年假五天。，\n |", min_size=1, max_size=80)
)
def test_every_quote_is_a_span_of_any_passage(claim: str, text: str) -> None:
    one = find_quote(claim, passage(text), 1)
    assert text[one.start : one.end] == one.quote


@given(st.lists(st.sampled_from(MARK_PARTS), max_size=25).map("".join))
def test_joined_sentences_are_the_text(text: str) -> None:
    assert "".join(cited_sentences(text)) == text
