"""Word, PowerPoint and Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from tests import make_files

if TYPE_CHECKING:
    from ingest.document import ParsedDocument

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def outline(parsed: ParsedDocument) -> list[tuple[int, str]]:
    return [(e.level, e.text) for e in parsed.elements if e.kind == "heading"]


def tables(parsed: ParsedDocument) -> list[str]:
    return [e.text for e in parsed.elements if e.kind == "table"]


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> ParsedDocument:
    return parse_file(make_files.write_docx(tmp_path_factory.mktemp("docx") / "手册.docx"))


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> ParsedDocument:
    return parse_file(make_files.write_pptx(tmp_path_factory.mktemp("pptx") / "培训.pptx"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> ParsedDocument:
    return parse_file(make_files.write_xlsx(tmp_path_factory.mktemp("xlsx") / "名册.xlsx"))


def test_word_headings_by_style_then_numbering(word: ParsedDocument) -> None:
    levels = {text: level for level, text in outline(word)}
    assert list(levels) == ["员工手册", "休假管理", "病假", "一、申请材料"]
    assert levels["员工手册"] < levels["休假管理"] < levels["病假"] < levels["一、申请材料"]


def test_word_text_and_title(word: ParsedDocument) -> None:
    assert word.title == "员工手册 2026"
    assert [e.text for e in word.elements if e.kind == "text"] == [
        make_files.LEAVE,
        make_files.SICK,
        "申请时交下列材料，缺一不可。",
    ]


def test_word_merged_cells(word: ParsedDocument) -> None:
    (table,) = tables(word)
    lines = table.split("\n")
    assert lines[0] == "| 假别 | 天数 最少 | 天数 最多 |"
    assert lines[2:] == ["| 年休假 | 5 | 15 |"]


def test_slides(slides: ParsedDocument) -> None:
    assert slides.pages == 2
    assert [(e.kind, e.page, e.text) for e in slides.elements][:4] == [
        ("heading", 1, "休假培训"),
        ("text", 1, "年休假五天"),
        ("text", 1, "病假要证明"),
        ("text", 1, "备注：讲到这里请停顿提问。"),
    ]
    assert outline(slides)[1] == (1, "天数一览")
    assert tables(slides)[0].startswith("| 假别 | 天数 | 工资 |")


def test_sheets_are_headings_and_pages(book: ParsedDocument) -> None:
    assert outline(book) == [(1, "员工名册"), (1, "假期")]
    assert [e.page for e in book.elements if e.kind == "heading"] == [1, 3]
    assert book.pages == 3


def test_sheet_keeps_every_digit(book: ParsedDocument) -> None:
    assert book.elements[1].text == "2026 年在册员工"
    assert tables(book)[0].split("\n") == [
        "| 工号 | 姓名 | 入职 | 系数 |",
        "| --- | --- | --- | --- |",
        "| 007 | 林小满 | 2024-03-01 | 3.14159265358 |",
        "| N/A | 待定 |  | 3 |",
        "| 12 | 周到\\|齐 | 2025-01-02 09:30:00 | 15% |",
    ]


def test_sheet_merged_cells(book: ParsedDocument) -> None:
    assert tables(book)[1].split("\n")[3:] == ["| 婚假 | 10 | 全额 |", "| 病假 | 10 | 八成 |"]
