"""Versions of one document: the newer one is preferred unless a question asks for the old."""

import pytest

from kb_app.search.versions import OLDER, find_versions, note, weight
from kb_app.types import Description


def described(*names: str, kind: str = "docx") -> list[Description]:
    return [Description(i, name, "", "2025-01-01", {"kind": kind}) for i, name in enumerate(names, start=1)]


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
    ],
)
def test_the_newer_one_is_wanted_unless_the_question_says_otherwise(question, wanted):
    versions = find_versions(described("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"))
    assert {doc: weight(version, question) for doc, version in versions.items()} == {wanted: 1.0, 3 - wanted: OLDER}


def test_the_note_names_the_version_that_was_used_first():
    versions = find_versions(described("差旅办法(2020-11-29).md", "差旅办法(2024-03-09).md"))
    line = note({"差旅办法": versions[2]})
    assert line.index("2024-03-09") < line.index("2020-11-29")
    assert note({}) == ""
