"""What tables have in common, whatever file they stand in: titles, headers of several rows, merged cells."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from ingest.parse import parse_file
from ingest.parsers.grid import table_elements

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def lines(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [element.text.split("\n") for element in table_elements(rows)]


def test_a_header_of_three_rows() -> None:
    rows = [
        ["姓名", "收入", "收入", "收入", "备注"],
        ["姓名", "固定", "固定", "浮动", ""],
        ["姓名", "基本", "岗位", "浮动", ""],
        ["罗平", "3200", "800", "650", "转正"],
    ]
    ((header, _, row),) = lines(rows)
    assert header == "| 姓名 | 收入 固定 基本 | 收入 固定 岗位 | 收入 浮动 | 备注 |"
    assert row == "| 罗平 | 3200 | 800 | 650 | 转正 |"


@pytest.mark.parametrize(
    "rows",
    [
        # Of a timetable the first lesson is no part of the header, though 节次 covers two columns.
        [["节次", "节次", "星期一"], ["上午", "第1节", "语文"], ["上午", "第2节", "数学"]],
        [["楼层", "用途", "用途"], ["楼层", "120", "35"], ["二楼", "会议", "办公"]],
        [["部门", "分机", "分机"], ["总务", "值班室", "值班室"], ["保卫", "门岗", "监控"]],
    ],
)
def test_a_row_of_values_is_no_header(rows: list[list[str]]) -> None:
    ((header, _, *body),) = lines(rows)
    assert header == f"| {' | '.join(rows[0])} |"
    assert len(body) == 2


def test_a_title_over_the_full_width_stands_above_the_table() -> None:
    title, (header, *_) = lines([["中秋值班安排", "中秋值班安排"], ["日期", "值班员"], ["九月二十九", "宋雨"]])
    assert title == ["中秋值班安排"]
    assert header == "| 日期 | 值班员 |"


def test_a_table_of_one_row_that_is_merged_is_kept() -> None:
    assert lines([["注意防火", "注意防火"]]) == [["| 注意防火 | 注意防火 |", "| --- | --- |"]]


DEEDS = "该同志自入职以来长期坚守在水质化验岗位，累计完成水样检测一万八千余份，无一差错，连续三年被评为先进。"


def test_a_long_text_of_merged_cells_stands_once(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(2, 4)
    book = Workbook()
    for i, row in enumerate((["姓名", "方晓", "性别", "女"], ["主要事迹", DEEDS, "", ""])):
        book.active.append(row)
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    table.cell(1, 1).merge(table.cell(1, 3))
    book.active.merge_cells("B2:D2")
    document.save(str(tmp_path / "a.docx"))
    book.save(tmp_path / "a.xlsx")
    for name in ("a.docx", "a.xlsx"):
        text = "\n".join(element.text for element in parse_file(tmp_path / name).elements)
        assert text.count(DEEDS) == 1
        assert "方晓" in text


def test_the_first_lesson_of_a_workbook_with_merged_cells(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["节次", None, "星期一"], ["上午", "第1节", "语文"], [None, "第2节", "数学"]):
        book.active.append(row)
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    *_, table = parse_file(tmp_path / "a.xlsx").elements
    assert table.text.split("\n")[2:] == ["| 上午 | 第1节 | 语文 |", "| 上午 | 第2节 | 数学 |"]


def test_boxes_and_charts_that_lie_on_a_sheet(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["月份", "用水"], ["一月", 30], ["二月", 28]):
        book.active.append(row)
    chart = BarChart()
    chart.title = "车间用水量对比"
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    book.active.add_chart(chart, "D2")
    path = tmp_path / "a.xlsx"
    book.save(path)
    box = (
        b"<xdr:sp><xdr:txBody><a:p><a:r><a:t>"
        + "数据由能源科核对。".encode()
        + b"</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    )
    box += b"<mc:Fallback xmlns:mc='urn:mc'>" + box + b"</mc:Fallback>"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    drawing = parts["xl/drawings/drawing1.xml"]
    root = drawing[drawing.rindex(b"</") :]
    spaces = (
        b' xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
        b' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    parts["xl/drawings/drawing1.xml"] = drawing.replace(
        root, box.replace(b"<xdr:sp>", b"<xdr:sp" + spaces + b">") + root
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    texts = [element.text for element in parse_file(path).elements if element.kind == "text"]
    assert texts == ["车间用水量对比", "数据由能源科核对。"]
