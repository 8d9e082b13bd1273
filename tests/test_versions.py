"""Versions of one document: the newer one is preferred unless a question asks for the old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.search.versions import ENOUGH, OLDER, Version, Versions, in_order, note, weight
from kb_app.types import Description
from tests.passages import passage


def described(*names: str, kind: str = "docx") -> list[Description]:
    return [Description(i, name, "", "2025-01-01", {"kind": kind}) for i, name in enumerate(names, start=1)]


def find_versions(documents: list[Description]) -> dict[int, Version]:
    return Versions(documents).known


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"),
        ("差旅办法2019年版.docx", "差旅办法2023年修订版.docx"),
        ("制度/差旅办法 v1.2.docx", "归档/差旅办法 V1.10.docx"),
        ("差旅办法（第二版）.pdf", "差旅办法（第十版）.pdf"),
        ("差旅办法_20231231.pdf", "差旅办法_20240101.pdf"),
        ("Travel policy 2022.pdf", "Travel Policy 2024 final.pdf"),
    ],
)
def test_names_that_differ_in_date_or_number_are_versions(older, newer):
    versions = find_versions(described(newer, older))
    assert (versions[2].rank, versions[1].rank) == (0, 1)
    assert versions[1].is_newest


@pytest.mark.parametrize(
    "names",
    [
        ("差旅办法.docx", "采购办法.docx"),
        ("2023年总结.docx", "2023年计划.docx"),
        ("差旅办法.docx", "差旅办法.pdf"),
        ("2023.docx", "2024.docx"),
        ("第一章.docx", "第二章.docx"),
    ],
)
def test_other_names_are_not(names):
    assert find_versions(described(*names)) == {}


def test_mails_of_one_subject_are_a_conversation():
    assert find_versions(described("通知 2023.eml", "通知 2024.eml", kind="mail")) == {}


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("住宿费上限是多少", 2),
        ("2020年版的住宿费上限是多少", 1),
        ("旧版办法里住宿费上限是多少", 1),
        ("修订前住宿费上限是多少", 1),
        ("2024年的住宿费上限", 2),
        ("2018年的住宿费上限", 2),
        ("旧的差旅办法里住宿费上限是多少", 1),
        ("旧规定里住宿费上限是多少", 1),
        ("以前住宿费能报多少", 1),
        ("原来住宿费上限是多少", 1),
        ("6月以前交的发票怎么报", 2),
        ("入职以前的住宿费能报吗", 2),
    ],
)
def test_the_newer_one_is_wanted_unless_the_question_says_otherwise(question, wanted):
    versions = find_versions(described("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"))
    assert {doc: weight(version, question) for doc, version in versions.items()} == {wanted: 1.0, 3 - wanted: OLDER}


@pytest.mark.parametrize(
    "question",
    [
        "旧版和新版差旅办法的住宿费上限",
        "新旧差旅办法的住宿费上限有什么不同",
        "两版差旅办法的住宿费上限各是多少",
        "住宿费上限有什么变化",
        "2020年和2024年的住宿费上限",
    ],
)
def test_who_asks_for_both_gets_both(question):
    versions = find_versions(described("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"))
    assert [weight(version, question) for version in versions.values()] == [1.0, 1.0]


RULES = described("餐厅办法(2020年).md", "餐厅办法(2024年).md", "采购办法(2020年).md", "采购办法(2024年).md")


def ranked(question, **scores):
    """The documents of passages with these scores, best first."""
    names = {"old": "1", "new": "2", "other_old": "3", "other_new": "4"}
    found = [passage(name, doc_id=names[name], score=score) for name, score in scores.items()]
    return [(one.text, one.score) for one in in_order(found, find_versions(RULES), question)]


def test_a_passage_of_the_wanted_version_comes_first_though_its_words_fit_less():
    assert ranked("现在餐费多少", old=0.6, new=0.5) == [("new", 0.5), ("old", 0.4999)]
    assert ranked("以前餐费多少", new=0.6, old=0.5) == [("old", 0.5), ("new", 0.4999)]
    assert ranked("2020年的餐费多少", new=0.6, old=0.43) == [("old", 0.43), ("new", 0.4299)]
    assert ranked("餐费多少", old=0.5, new=0.6) == [("new", 0.6), ("old", 0.46)]


def test_what_only_the_other_version_says_stays_first():
    old, new = ranked("餐费多少", old=0.6, new=0.6 * ENOUGH - 0.01)
    assert old == ("old", round(0.6 * OLDER, 4))
    assert new[0] == "new"
    assert ranked("餐费多少", old=0.6) == [("old", round(0.6 * OLDER, 4))]


def test_versions_of_one_document_do_not_push_those_of_another():
    assert ranked("餐费多少", old=0.6, other_new=0.5) == [("old", 0.552), ("other_new", 0.5)]
    assert [name for name, _ in ranked("2020年的规定", new=0.6, other_old=0.5, old=0.45)] == ["other_old", "old", "new"]


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(0, 1)), max_size=8), st.sampled_from(("餐费", "以前的餐费")))
def test_order_follows_the_scores_and_nothing_is_lost(pairs, question):
    found = [passage("餐费", doc_id=str(doc), chunk_id=str(i), score=score) for i, (doc, score) in enumerate(pairs)]
    ordered = in_order(found, find_versions(RULES), question)
    assert sorted(one.chunk_id for one in ordered) == sorted(one.chunk_id for one in found)
    assert [one.score for one in ordered] == sorted((one.score for one in ordered), reverse=True)
    before = {one.chunk_id: one.score for one in found}
    assert all(0 <= one.score <= before[one.chunk_id] + 0.0001 for one in ordered)


def test_the_note_says_that_no_version_is_of_the_year_that_is_asked_for():
    version = find_versions(RULES)[2]
    assert "没有2018年的版本" in note({"餐厅办法": version}, "2018年版的餐厅办法里餐费多少？")
    for question in ("2020年的餐费多少？", "餐费多少？", "2020年和2018年的餐费？"):
        assert "没有" not in note({"餐厅办法": version}, question)
    numbered = find_versions(described("餐厅办法 v1.md", "餐厅办法 v2.md"))[2]
    assert "没有" not in note({"餐厅办法": numbered}, "2018年的餐费多少？")


def test_the_note_names_the_version_that_was_used_first():
    versions = find_versions(described("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"))
    line = note({"差旅办法": versions[2]})
    assert line.index("2024-03-09") < line.index("2020-11-29")
    assert note({}) == ""


NAMES = (
    "差旅办法2019年版.md",
    "差旅办法2023年版.md",
    "差旅办法（第二版）.md",
    "采购办法2019.md",
    "采购办法2024.md",
    "通知.md",
)


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from((*NAMES, ""))), max_size=12), st.integers(1, 4))
def test_after_any_changes_they_are_those_of_the_documents_that_are_left(changes, at_once):
    there = {}
    versions = Versions()
    for start in range(0, len(changes), at_once):
        some = {i: Description(i, name, "", "2025-01-01", {}) for i, name in changes[start : start + at_once]}
        changed = [one for one in some.values() if one.source]
        removed = [one.doc_id for one in some.values() if not one.source]
        before, known = versions, dict(versions.known)
        versions = versions.after(changed, removed)
        there = {i: one for i, one in (there | some).items() if one.source}
        assert versions.known == Versions(there.values()).known
        assert before.known == known
