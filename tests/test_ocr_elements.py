"""Lines that were read in a picture as paragraphs, headings and tables. No models: the lines are made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.ocr import Cell, OcrLine, ocr_elements, read_lines
from tests.make_pictures import needs_font, page, ruled_table

if TYPE_CHECKING:
    from ingest.document import Element

LEFT, PITCH, EM = 0.1, 0.03, 0.02


def line(text: str, row: float, *, size: float = 1.0, indent: float = 0, turn: int = 0) -> OcrLine:
    """A line at a row of the page; its characters are ``size`` times as large as those of the body."""
    wide = sum(1.0 if character > "\u2e80" else 0.5 for character in text) * EM * size
    left, top = LEFT + indent * EM, 0.1 + row * PITCH
    return OcrLine(text, (left, top, left + wide, top + PITCH * 0.7 * size), 0.99, turn)


def of(elements: list[Element]) -> list[tuple[str, str]]:
    return [(element.kind, element.text) for element in elements]


def quotes(element: Element) -> list[str]:
    return [element.text[place.start : place.end] for place in element.lines]


FULL = "动力车间每月对配电室进行两次全面检查，检查内容包括变压器的温度"


def test_lines_of_a_chinese_paragraph_are_joined_without_a_space() -> None:
    elements = ocr_elements([line(FULL, 0), line("和接地电阻。", 1)], 4)
    assert of(elements) == [("text", FULL + "和接地电阻。")]
    assert quotes(elements[0]) == [FULL, "和接地电阻。"]
    assert [place.page for place in elements[0].lines] == [4, 4]


def test_a_new_paragraph_begins_behind_a_short_line_an_indent_a_number_or_a_gap() -> None:
    short, after = line("检查完毕。", 1), line(FULL, 2)
    assert len(ocr_elements([line(FULL, 0), short, after], 1)) == 2
    assert len(ocr_elements([line(FULL, 0), line(FULL[2:], 1, indent=2)], 1)) == 2
    assert len(ocr_elements([line(FULL, 0), line("2. 检查消防水泵", 1)], 1)) == 2
    assert len(ocr_elements([line(FULL, 0), line(FULL, 2)], 1)) == 2


def test_the_first_line_of_a_paragraph_may_be_indented() -> None:
    assert of(ocr_elements([line(FULL[2:], 0, indent=2), line(FULL, 1), line("完毕。", 2)], 1)) == [
        ("text", FULL[2:] + FULL + "完毕。")
    ]


def test_english_is_joined_with_spaces_and_without_hyphens() -> None:
    rows = ["Every alarm in the control room is acknow-", "ledged by the operator within two", "minutes or less."]
    elements = ocr_elements([line(text, row) for row, text in enumerate(rows)], 1)
    assert elements[0].text == (
        "Every alarm in the control room is acknowledged by the operator within two minutes or less."
    )
    assert quotes(elements[0]) == [rows[0][:-1], *rows[1:]]


def test_larger_lines_are_headings_by_their_size() -> None:
    elements = ocr_elements(
        [line("设备管理办法", 0, size=2), line("巡检要求", 3, size=1.5), line(FULL, 5), line("备件要求", 7, size=1.5)],
        1,
    )
    assert [(e.text, e.level) for e in elements if e.kind == "heading"] == [
        ("设备管理办法", 1),
        ("巡检要求", 2),
        ("备件要求", 2),
    ]


def test_a_large_number_is_no_heading() -> None:
    assert [e.kind for e in ocr_elements([line("5.8", 0, size=3), line(FULL, 4)], 1)] == ["text", "text"]


def test_lines_of_a_turned_page_are_joined_as_those_of_an_upright_one() -> None:
    upright = [line(FULL, 0), line("和接地电阻。", 1)]
    turned = [OcrLine(o.text, (1 - o.box[3], o.box[0], 1 - o.box[1], o.box[2]), o.confidence, 1) for o in upright]
    assert of(ocr_elements(turned, 1)) == of(ocr_elements(upright, 1))


def cell(text: str, row: int, column: int, rows: int = 1, columns: int = 1) -> OcrLine:
    box = (0.1 + column * 0.2, 0.1 + row * 0.05, 0.2 + column * 0.2, 0.13 + row * 0.05)
    return OcrLine(text, box, 0.99, 0, Cell(0, row, column, rows, columns))


def test_cells_are_a_table_in_which_merged_ones_are_filled() -> None:
    lines = [cell("车间", 0, 0, rows=2), cell("一季度", 0, 1, columns=2), cell("计划|初稿", 1, 1), cell("实际", 1, 2)]
    (table,) = ocr_elements(lines, 2)
    assert table.kind == "table"
    assert table.text.split("\n") == [
        "| 车间 | 一季度 | 一季度 |",
        "| --- | --- | --- |",
        "| 车间 | 计划\\|初稿 | 实际 |",
    ]
    assert quotes(table) == ["车间", "一季度", "计划\\|初稿", "实际"]


def test_text_around_a_table_stays_outside() -> None:
    elements = ocr_elements([line("产量统计", -2), cell("车间", 0, 0), cell("吨", 0, 1), line("单位见附件。", 9)], 1)
    assert [element.kind for element in elements] == ["text", "table", "text"]


@given(st.lists(st.tuples(st.text("检查abc-。1 ", min_size=1).filter(str.strip), st.floats(0, 1), st.floats(0, 0.9))))
def test_every_place_points_at_words_of_its_line(parts: list[tuple[str, float, float]]) -> None:
    lines = [OcrLine(text.strip(), (0.1, top, 0.1 + wide, top + 0.02), 0.9) for text, wide, top in parts]
    elements = ocr_elements(lines, 1)
    found = [quote for element in elements for quote in quotes(element)]
    assert [quote.rstrip("-") for quote in found] == [one.text.rstrip("-") for one in lines]


@needs_font
def test_a_page_with_a_title_and_paragraphs() -> None:
    picture = page(
        [("配电室检查规程", 56), FULL, "和电缆的接头。", ("第二章 应急", 44), "停电后先确认备用电源。"], width=1200
    )
    elements = ocr_elements(read_lines(np.asarray(picture)), 1)
    assert [(e.kind, "".join(e.text.split())) for e in elements] == [
        ("heading", "配电室检查规程"),
        ("text", FULL + "和电缆的接头。"),
        ("heading", "第二章应急"),
        ("text", "停电后先确认备用电源。"),
    ]


@needs_font
def test_a_ruled_table_that_is_askew() -> None:
    rows = [["零件编号", "名称", "数量"], ["A-1001", "不锈钢法兰", "24"], ["A-1002", "密封垫片", ""]]
    picture = ruled_table(rows, (200, 260, 140)).rotate(1.5, fillcolor="white")
    (table,) = ocr_elements(read_lines(np.asarray(picture)), 1)
    assert table.text.split("\n")[2:] == ["| A-1001 | 不锈钢法兰 | 24 |", "| A-1002 | 密封垫片 |  |"]


@needs_font
def test_a_mere_frame_is_no_table() -> None:
    picture = ruled_table([["本柜由仓储科保管"]], (400,))
    assert of(ocr_elements(read_lines(np.asarray(picture)), 1)) == [("text", "本柜由仓储科保管")]
