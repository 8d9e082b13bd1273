"""Marks are read in every form that models write, and set right where another passage holds the sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.citing.citations import cite, marks, strip_marks
from tests.passages import LEAVE, TABLE, WEDDING, passage

BUS = passage("厂区班车每天7:30从东门发车。访客停车须登记。", source="后勤/班车.md", title="班车", headings=())
PASSAGES = [LEAVE, WEDDING, TABLE, BUS]
ALL = "[1][2][3][4]"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("婚假为三天[0]。", "婚假为三天。"),
        ("婚假为三天[99][2]。", "婚假为三天[1]。"),
        ("婚假为三天【2】。", "婚假为三天[1]。"),
        ("婚假为三天［２］。", "婚假为三天[1]。"),
        ("婚假为三天[^2]。", "婚假为三天[1]。"),
        ("婚假为三天^[2]^。", "婚假为三天[1]。"),
        ("婚假为三天[来源2]。", "婚假为三天[1]。"),
        ("婚假为三天[资料 2]。", "婚假为三天[1]。"),
        ("婚假为三天[来源：2]。", "婚假为三天[1]。"),
        ("婚假为三天 [2] [2]。", "婚假为三天 [1]。"),
        ("婚假为三天[2][2]。", "婚假为三天[1]。"),
        ("婚假为三天。[2]", "婚假为三天。[1]"),
        ("满一年享有五天年假，婚假为三天[1，2]。", "满一年享有五天年假，婚假为三天[1][2]。"),
        ("满一年享有五天年假，婚假为三天[1-2]。", "满一年享有五天年假，婚假为三天[1][2]。"),
        ("（1）婚假为三天[2]。", "（1）婚假为三天[1]。"),
        ("婚假为三天[2]。\n\n[^1]: 员工手册\n[^2]: 婚假规定", "婚假为三天[1]。"),
        ("婚假为三天[2]。\n\n脚注：\n[2] 婚假规定", "婚假为三天[1]。"),
    ],
)
def test_every_form_becomes_one(text: str, clean: str) -> None:
    result = cite(text, PASSAGES)
    assert result.text == clean
    assert set(marks(clean)) == {one.number for one in result.citations}


@pytest.mark.parametrize(
    "text",
    [
        "（1）婚假为三天。",
        "《办法》[2024]第3号规定婚假为三天。",
        "国发〔2019〕15号规定婚假为三天。",
        "见附件(2)：婚假为三天。",
    ],
)
def test_what_only_looks_like_a_mark_keeps_its_words(text: str) -> None:
    assert marks(text) == []
    assert cite(text, PASSAGES).text == text


def test_brackets_in_code_are_no_marks() -> None:
    text = "用 `days[1]` 取值，婚假为三天[2]。\n\n```python\nleave = days[0] + days[2]  # 共12天\n```\n婚假为三天[2]。"
    result = cite(text, PASSAGES)
    assert result.text == text.replace("三天[2]", "三天[1]")
    assert {one.passage for one in result.citations} == {WEDDING}
    assert strip_marks(text) == text.replace("三天[2]", "三天")


def test_a_table_keeps_its_bars_and_each_row_is_checked() -> None:
    text = "| 城市 | 每日补贴 |\n| --- | --- |\n| 北京 | 120 元[3] |\n| 成都 | 80 元[3] |\n"
    result = cite(text, PASSAGES)
    assert result.text == text.replace("[3]", "[1]").strip()
    assert result.unsupported == ("| 成都 | 80 元 |",)


@pytest.mark.parametrize(
    ("text", "right", "holder", "corrected"),
    [
        ("婚假为三天[1]。", "婚假为三天[1]。", WEDDING, 1),
        ("婚假为三天[3][1]。", "婚假为三天[1]。", WEDDING, 2),
        ("班车每天7:30从东门发车[2]。", "班车每天7:30从东门发车[1]。", BUS, 1),
        ("| 成都 | 90 元[4] |", "| 成都 | 90 元[1] |", TABLE, 1),
        ("婚假为三天[2]。", "婚假为三天[1]。", WEDDING, 0),
    ],
)
def test_a_wrong_number_is_set_right(text: str, right: str, holder: object, corrected: int) -> None:
    result = cite(text, PASSAGES)
    assert (result.text, result.corrected, result.unsupported) == (right, corrected, ())
    assert [one.passage for one in result.citations] == [holder]


def test_parts_of_a_sentence_are_checked_by_the_marks_behind_them() -> None:
    result = cite("满一年享有五天年假[2]，婚假为三天[1]。", PASSAGES)
    assert result.text == "满一年享有五天年假[1]，婚假为三天[2]。"
    assert [one.passage for one in result.citations] == [LEAVE, WEDDING]
    assert result.corrected == 2


def test_what_no_passage_holds_is_not_corrected() -> None:
    result = cite("婚假为十五天[1]。", PASSAGES)
    assert (result.text, result.corrected, result.unsupported) == ("婚假为十五天[1]。", 0, ("婚假为十五天。",))


def test_of_all_passages_behind_each_sentence_only_those_stay_that_hold_it() -> None:
    result = cite(f"婚假为三天{ALL}。班车从东门发车{ALL}。满一年享有五天年假，婚假为三天{ALL}。", PASSAGES)
    assert result.text == "婚假为三天[1]。班车从东门发车[2]。满一年享有五天年假，婚假为三天[3][1]。"
    assert result.unsupported == ()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "规定如下：\n- 满一年享有五天年假\n- 满十年享有10天年假\n- 病假须三天内交证明[1]\n",
            "- 满一年享有五天年假[1]\n",
        ),
        ("规定如下[1]：\n- 满一年享有五天年假\n- 满十年享有10天年假\n", "- 满一年享有五天年假[1]\n"),
        ("规定如下：\n1. 满一年享有五天年假\n2. 满十年享有10天年假\n\n[1]", "1. 满一年享有五天年假[1]\n"),
        ("满一年享有五天年假；满十年享有10天年假[1]。", "满一年享有五天年假；[1]满十年享有10天年假[1]。"),
    ],
)
def test_the_mark_of_a_list_counts_for_its_items(text: str, right: str) -> None:
    result = cite(text, PASSAGES)
    assert right in result.text
    assert result.unsupported == ()
    assert result.corrected == 0


def test_an_item_that_the_mark_of_its_list_does_not_hold_stays_without_one() -> None:
    result = cite("规定如下：\n- 满一年享有八天年假\n- 满十年享有10天年假[1]\n", PASSAGES)
    assert result.unsupported == ("- 满一年享有八天年假",)
    assert "- 满一年享有八天年假\n" in result.text


def test_an_item_beside_others_with_marks_gets_its_own_if_a_passage_holds_it() -> None:
    result = cite("- 婚假为三天[2]\n- 满一年享有五天年假\n- 满一年享有八天年假\n- 班车从东门发车[4]\n", PASSAGES)
    assert result.unsupported == ("- 满一年享有八天年假",)
    assert "- 满一年享有五天年假[2]\n" in result.text
    assert (result.citations[1].passage, result.corrected) == (LEAVE, 0)


@pytest.mark.parametrize(("text", "empty"), [("婚假为三天。", ()), ("", ()), ("[1]", ()), ("...[7]", ())])
def test_a_text_without_claims_or_marks_is_kept(text: str, empty: tuple[str, ...]) -> None:
    result = cite(text, PASSAGES)
    assert strip_marks(result.text) == strip_marks(text)


PARTS = [
    *(
        "[1]",
        "[2]",
        "[3]",
        "[4]",
        "[0]",
        "[77]",
        "【2】",
        "[1-3]",
        "[^2]",
        "^[1]^",
        "[",
        "]",
        "`a[1]`",
        "\n```\na[1] = 2\n```\n",
        "\n",
    ),
    *("\n\n", " ", "- ", "1. ", "| ", " |", "| --- |", "。", "；", "，", "：", "婚假为三天", "满一年享有五天年假"),
    *("班车从东门发车", "北京120元", "七天", "x"),
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=20).map("".join)


@given(TEXTS, st.integers(0, 4))
def test_marks_and_quotes_hold_for_any_text(text: str, count: int) -> None:
    passages = PASSAGES[:count]
    result = cite(text, passages)
    used = set(marks(result.text))
    assert used == {one.number for one in result.citations} == set(range(1, 1 + len(used)))
    for one in result.citations:
        assert one.passage in passages
        assert one.quote == one.passage.text[one.start : one.end] != ""


@given(st.lists(st.sampled_from([part for part in PARTS if not marks(part)]), max_size=20).map("".join))
def test_a_text_without_marks_keeps_its_words(text: str) -> None:
    if not marks(text):
        assert cite(text, PASSAGES).text == text.strip()


@given(TEXTS)
def test_a_checked_text_stays_as_it_is(text: str) -> None:
    once = cite(text, PASSAGES)
    used = {one.number: one.passage for one in once.citations}
    passages = [used[number] for number in sorted(used)]
    again = cite(once.text, passages)
    assert again.text == once.text
    assert again.corrected == 0


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=3))
def test_any_text_and_any_passages(text: str, bodies: list[str]) -> None:
    passages = [passage(body) for body in bodies]
    result = cite(text, passages)
    assert all(1 <= number <= len(passages) for number in marks(result.text))
    assert all(one.quote == one.passage.text[one.start : one.end] for one in result.citations)
