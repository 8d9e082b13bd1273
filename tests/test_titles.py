"""Documents that a question names by their titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.search.titles import MOST, Titles
from kb_app.types import Description


def titles(*sources: str) -> Titles:
    named = ((number, source, source.rsplit("/", 1)[-1].rsplit(".", 1)[0]) for number, source in enumerate(sources))
    return Titles([Description(number, source, title, "2024-01-01", {}) for number, source, title in named])


SHOPS = titles(*(f"报价/{place}店报价单.csv" for place in ("东门", "西门", "南城", "北城", "江苑", "河苑")))
OFFICE = titles(
    "制度/差旅费报销办法.docx",
    "制度/差旅费报销办法问答.md",
    "制度/考勤管理规定.pdf",
    "2023年采购合同.docx",
    "2024年采购合同.docx",
)


@pytest.mark.parametrize(
    ("known", "question", "named"),
    [
        (SHOPS, "江苑店的投影仪多少钱？", {4}),
        (SHOPS, "东门店和北城店的投影仪哪个便宜？", {0, 3}),
        (SHOPS, "报价单里投影仪多少钱？", set()),
        (OFFICE, "《差旅费报销办法》规定住宿费上限是多少？", {0}),
        (OFFICE, "差旅費報銷辦法規定住宿費上限是多少？", {0}),
        (OFFICE, "考勤管理规定里迟到怎么处理？", {2}),
        (OFFICE, "2024年的采购合同什么时候到期？", {4}),
        (OFFICE, "迟到怎么处理？", set()),
        (OFFICE, "", set()),
        (titles(), "江苑店的投影仪多少钱？", set()),
        (titles("江苑店报价单.csv"), "江苑店报价单里投影仪多少钱？", set()),  # the only one: nothing to tell apart
    ],
)
def test_which_documents_a_question_names(known: Titles, question: str, named: set[int]) -> None:
    assert known.named(question) == named


def test_what_many_titles_share_names_none_of_them() -> None:
    weekly = titles(
        *(f"仓库周报/第{week}周.txt" for week in range(30)), *(f"仓库周报/盘点说明{n}.txt" for n in range(MOST + 1))
    )
    assert weekly.named("盘点说明怎么写？") == set()


PLACES = ("江苑店", "河苑店", "江苑店分店", "南城店", "北城店")
QUESTIONS = ("江苑店的投影仪多少钱？", "河苑店和南城店谁近？", "北城店报价单里有什么？", "江苑店分店在哪里？")


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from((*PLACES, ""))), max_size=16), st.integers(1, 5))
def test_after_any_changes_those_are_named_that_are_left(changes: list[tuple[int, str]], at_once: int) -> None:
    there: dict[int, Description] = {}
    known = Titles()
    for start in range(0, len(changes), at_once):
        some = {i: Description(i, f"报价/{n}{i % 2}.csv", n, "", {}) for i, n in changes[start : start + at_once]}
        removed = [i for i, one in some.items() if not one.title]
        before, answers = known, [known.named(question) for question in QUESTIONS]
        known = known.after([one for one in some.values() if one.title], removed)
        there = {i: one for i, one in (there | some).items() if one.title}
        anew = Titles(there.values())
        assert [known.named(question) for question in QUESTIONS] == [anew.named(question) for question in QUESTIONS]
        assert [before.named(question) for question in QUESTIONS] == answers
