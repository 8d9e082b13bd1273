"""PDF: pages, paragraphs, headings, and files without text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from kb_app.errors import DocumentError
from tests import make_files

if TYPE_CHECKING:
    from pathlib import Path

ENGLISH = (
    "Employees who have completed one year of service are entitled to five days of paid annual leave. "
    "Leave that could not be taken within the year may be carried over until the end of March."
)
LONG = make_files.LEAVE + make_files.SICK + make_files.TRAVEL


def test_chinese_lines_are_joined_without_a_space(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[(LONG, 11), (make_files.SICK, 11)]])
    assert [e.text for e in parse_file(path).elements] == [LONG, make_files.SICK]


def test_english_lines_are_joined_by_a_space(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[(ENGLISH, 11), ("A second paragraph, short.", 11)]])
    assert [e.text for e in parse_file(path).elements] == [ENGLISH, "A second paragraph, short."]


def test_headings_by_size_and_numbering(tmp_path: Path) -> None:
    pages = [[("员工手册", 22), ("第一章 总则", 11), (LONG, 11), ("休假办法", 16), ("1.1 年休假", 11), (LONG, 11)]]
    parsed = parse_file(make_files.write_pdf(tmp_path / "a.pdf", pages))
    levels = {e.text: e.level for e in parsed.elements if e.kind == "heading"}
    assert list(levels) == ["员工手册", "第一章 总则", "休假办法", "1.1 年休假"]
    assert levels["员工手册"] < levels["休假办法"] < levels["1.1 年休假"]
    assert parsed.title == "员工手册"


def test_pages_count_from_one_and_page_numbers_go(tmp_path: Path) -> None:
    pages = [[(make_files.LEAVE, 11), ("- 1 -", 9)], [(make_files.SICK, 11), ("第 2 页 共 2 页", 9)]]
    parsed = parse_file(make_files.write_pdf(tmp_path / "a.pdf", pages))
    assert parsed.pages == 2
    assert [(e.page, e.text) for e in parsed.elements] == [(1, make_files.LEAVE), (2, make_files.SICK)]


def test_paragraph_over_a_page_break(tmp_path: Path) -> None:
    first, rest = make_files.LEAVE[:38], make_files.LEAVE[38:]
    path = make_files.write_pdf(tmp_path / "a.pdf", [[("\u3000\u3000" + first, 11)], [(rest, 11)]])
    assert [(e.page, e.text) for e in parse_file(path).elements] == [(1, make_files.LEAVE)]


@pytest.mark.parametrize(
    ("title", "expected"), [("休假制度", "休假制度"), ("Microsoft Word - a.doc", ""), ("a.docx", ""), ("", "")]
)
def test_title_field_if_it_makes_sense(tmp_path: Path, title: str, expected: str) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[(LONG, 11)]], title=title)
    assert parse_file(path).title in (expected, "untitled" if not title else expected)


def test_scan(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[], []])
    with pytest.raises(DocumentError, match=r"no text layer on any of 2 pages \(a scan\?\)"):
        parse_file(path)


def test_one_page_without_text(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[], [(make_files.LEAVE, 11)]])
    assert [(e.page, e.text) for e in parse_file(path).elements] == [(2, make_files.LEAVE)]


def test_password(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[(make_files.LEAVE, 11)]], password="geheim")
    with pytest.raises(DocumentError, match="protected by a password"):
        parse_file(path)


def test_many_pages_in_seconds(tmp_path: Path) -> None:
    page = [(LONG, 11)] * 8
    path = make_files.write_pdf(tmp_path / "a.pdf", [page] * 120)
    start = time.perf_counter()
    assert parse_file(path).pages == 120
    assert 120 / (time.perf_counter() - start) > 10
