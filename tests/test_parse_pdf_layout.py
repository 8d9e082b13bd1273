"""PDF: columns, footnotes, tables, and what repeats on every page."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from ingest.parsers.pdf import read_pdf
from tests.make_pdf import ENGLISH, HEIGHT, POWER, ROWS, SAFETY, STORE, drawn, flow, lines_of, ruled, say, side_by_side

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

    from ingest.document import Element


def texts(data: bytes) -> list[str]:
    return [element.text for element in read_pdf(data).elements]


def table_of(data: bytes) -> Element:
    (table,) = [element for element in read_pdf(data).elements if element.kind == "table"]
    return table


def cells(table: Element) -> list[list[str]]:
    rows = [line for i, line in enumerate(table.text.split("\n")) if i != 1]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("columns", [[SAFETY * 2, STORE * 2], [SAFETY, STORE, POWER], [ENGLISH * 3, ENGLISH[::-1] * 3]])
def test_columns_with_a_heading_across(columns: list[str]) -> None:
    def draw(canvas: Canvas) -> None:
        say(canvas, 150, 740, "生产车间安全与仓库管理规定汇编", 18)
        side_by_side(canvas, columns)

    found = read_pdf(drawn(draw)).elements
    assert (found[0].kind, found[0].text) == ("heading", "生产车间安全与仓库管理规定汇编")
    read = "".join("".join(element.text.split()) for element in found[1:])
    assert read == "".join("".join(text.split()) for text in columns)


def test_a_heading_between_two_blocks_of_columns() -> None:
    def draw(canvas: Canvas) -> None:
        side_by_side(canvas, [SAFETY, SAFETY], y=780)
        say(canvas, 180, 620, "第二部分 仓库管理的一般规定", 16)
        side_by_side(canvas, [STORE, POWER], y=590)

    assert texts(drawn(draw)) == [SAFETY, SAFETY, "第二部分 仓库管理的一般规定", STORE, POWER]


def test_a_footnote_does_not_interrupt_the_text() -> None:
    first, rest = SAFETY[:40], SAFETY[40:]

    def one(canvas: Canvas) -> None:
        flow(canvas, STORE)
        say(canvas, 70, 120, first)
        say(canvas, 70, 80, "① 光栅的检查方法见设备手册。", 8)

    assert texts(drawn(one, lambda canvas: flow(canvas, rest))) == [STORE, SAFETY, "① 光栅的检查方法见设备手册。"]


def test_footnotes_of_the_left_column_come_after_the_right_one() -> None:
    def draw(canvas: Canvas) -> None:
        side_by_side(canvas, [SAFETY * 6, STORE * 8], y=780)
        say(canvas, 60, 90, "1 保存期限为两年", 7)

    assert texts(drawn(draw))[-1] == "1 保存期限为两年"


def test_a_ruled_table() -> None:
    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        ruled(canvas, ROWS, y=650)
        flow(canvas, STORE, y=500)

    found = read_pdf(drawn(draw)).elements
    assert [element.kind for element in found] == ["text", "table", "text"]
    assert cells(found[1]) == ROWS
    table = found[1]
    assert [table.text[line.start : line.end].split(" | ")[0] for line in table.lines] == [
        "| 设备", "| 冲压机", "| 空压机", "| 行车"
    ]  # fmt: skip
    assert all(one.box[3] == pytest.approx(two.box[1], abs=0.002) for one, two in pairwise(table.lines))
    assert table.lines[0].box[1] == pytest.approx(1 - 650 / HEIGHT, abs=0.002)


def test_merged_cells_are_filled() -> None:
    rows = [["部门", "人数", ""], ["", "男", "女"], ["冲压车间", "31", "12"], ["仓库", "5", "8"]]
    data = drawn(lambda canvas: ruled(canvas, rows, spans=[(0, 0, 2, 1), (0, 1, 1, 2)]))
    assert cells(table_of(data)) == [["部门", "人数", "人数"], ["部门", "男", "女"], *rows[2:]]


def test_a_cell_of_several_lines_is_one_text() -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [["项目", "说明"], ["急停按钮", ""], ["光栅", "每班"]], widths=(100, 150), tall=40)
        say(canvas, 176, 648, "每班开机以前由当班组", 10)
        say(canvas, 176, 634, "长逐项检查", 10)

    assert cells(table_of(drawn(draw)))[1] == ["急停按钮", "每班开机以前由当班组长逐项检查"]


@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_over_two_pages_is_one(repeated: bool) -> None:
    more = [["叉车", "CC-03", "每月"], ["烘箱", "HX-09", "每季"]]

    def one(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        ruled(canvas, ROWS, y=180)
        say(canvas, 290, 30, "1")

    def two(canvas: Canvas) -> None:
        ruled(canvas, [ROWS[0], *more] if repeated else more, y=780)
        flow(canvas, STORE, y=600)
        say(canvas, 290, 30, "2")

    table = table_of(drawn(one, two))
    assert cells(table) == [*ROWS, *more]
    assert [line.page for line in table.lines] == [1, 1, 1, 1, 2, 2]


def test_a_last_row_alone_on_the_next_page_belongs_to_the_table() -> None:
    data = drawn(
        lambda canvas: ruled(canvas, ROWS, y=180), lambda canvas: ruled(canvas, [["叉车", "CC-03", "每月"]], y=780)
    )
    assert cells(table_of(data)) == [*ROWS, ["叉车", "CC-03", "每月"]]


def test_a_table_without_rules() -> None:
    rows = [["物料", "库存", "单价"], ["钢板", "1200", "35.50"], ["螺栓", "86000", "0.12"], ["润滑油", "40", "260.00"]]

    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                say(canvas, 80 + 120 * c, 640 - 18 * r, text)
        flow(canvas, STORE, y=540)

    found = read_pdf(drawn(draw)).elements
    assert [element.kind for element in found] == ["text", "table", "text"]
    assert cells(found[1]) == rows


def test_no_table_where_there_is_none() -> None:
    def boxed(canvas: Canvas) -> None:
        canvas.rect(60, 680, 470, 110)
        flow(canvas, SAFETY)

    def chart(canvas: Canvas) -> None:
        for i in range(8):
            canvas.line(100, 300 + 40 * i, 400, 300 + 40 * i)
            canvas.line(100 + 40 * i, 300, 100 + 40 * i, 580)
            say(canvas, 70, 297 + 40 * i, str(20 * i))
        flow(canvas, STORE)

    def form(canvas: Canvas) -> None:
        for r, (left, right) in enumerate(
            [("姓名：林小满", "部门：设备科"), ("工号：007", "入职：三月"), ("岗位：电工", "班次：夜班")]
        ):
            say(canvas, 70, 760 - 20 * r, left)
            say(canvas, 300, 760 - 20 * r, right)

    def contents(canvas: Canvas) -> None:
        for r, title in enumerate(["总则", "冲压车间", "仓库", "供电"]):
            say(canvas, 70, 760 - 20 * r, f"{title} ..............................")
            say(canvas, 480, 760 - 20 * r, str(3 * r + 1))

    for draw in (boxed, chart, form, contents):
        assert "table" not in {element.kind for element in read_pdf(drawn(draw)).elements}
    assert texts(drawn(boxed)) == [SAFETY]
    assert texts(drawn(form)) == ["姓名：林小满 部门：设备科", "工号：007 入职：三月", "岗位：电工 班次：夜班"]


def test_running_heads_go_and_headings_stay() -> None:
    titles = ["总则", "冲压车间", "仓库", "供电", "附则"]

    def page(number: int) -> object:
        def draw(canvas: Canvas) -> None:
            say(canvas, 70, 810, "江北机械厂安全手册", 9)
            say(canvas, 430, 810, f"版本 3 · 第 {number} 页", 9)
            say(canvas, 70, 770, f"第{number}章 {titles[number - 1]}", 11)
            flow(canvas, f"本章第{number}段。" + (SAFETY, STORE, POWER)[number % 3], y=740)
            say(canvas, 280, 30, f"- {number} -", 9)

        return draw

    elements = read_pdf(drawn(*[page(number) for number in range(1, 6)])).elements
    assert [element.text for element in elements if element.kind == "heading"] == [
        f"第{number}章 {title}" for number, title in enumerate(titles, start=1)
    ]
    assert len(elements) == 10
    assert not any("江北" in element.text or "版本" in element.text or "-" in element.text for element in elements)


def test_a_stamp_on_the_margin_of_every_page_goes() -> None:
    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY, y=600)
        canvas.rotate(90)
        say(canvas, 200, -20, "INTERNAL COPY", 9)

    assert texts(drawn(draw, draw, draw)) == [SAFETY] * 3
    assert texts(drawn(draw)) == [SAFETY, "INTERNAL COPY"]


def test_lines_of_a_text_are_all_there() -> None:
    data = drawn(lambda canvas: flow(canvas, SAFETY * 10))
    (element,) = read_pdf(data).elements
    assert len(element.lines) == len(lines_of(SAFETY * 10, 440))


def test_columns_that_begin_with_headings_at_one_height() -> None:
    def draw(canvas: Canvas) -> None:
        say(canvas, 200, 780, "全厂能耗与整改情况通报", 16)
        say(canvas, 70, 740, "一、总体情况", 12)
        say(canvas, 310, 740, "二、整改措施", 12)
        side_by_side(canvas, [SAFETY, STORE], y=718)

    read = [text for text in texts(drawn(draw)) if text != "全厂能耗与整改情况通报"]
    assert read == ["一、总体情况", SAFETY, "二、整改措施", STORE]


def test_lines_broken_by_the_count_of_their_characters() -> None:
    """Digits are half as wide, and leave room at the end of the line that no word was meant for."""
    plain = "去年全厂用电三百万度，比前年少，各车间按月公布用量，超出定额的部分由车间说明。"
    mixed = "2024 年全厂用电 318.6 万度，比 2023 年少 4.2%，各车间按月公布。"

    def draw(canvas: Canvas) -> None:
        height = 760.0
        for paragraph in (plain, mixed, plain):
            for i in range(0, len(paragraph), 15):
                say(canvas, 70, height, paragraph[i : i + 15])
                height -= 16
            height -= 8

    assert ["".join(text.split()) for text in texts(drawn(draw))] == ["".join(p.split()) for p in (plain, mixed, plain)]


def test_a_list_with_digits_stays_a_list() -> None:
    lines = ["主轴 CK6140 三台，功率 11 千瓦", "行车 10 吨", "空压机 GA37 两台", "冷却塔 1 座，每小时 60 吨"]

    def draw(canvas: Canvas) -> None:
        height = flow(canvas, SAFETY) - 10
        for i, line in enumerate(lines):
            say(canvas, 70, height - 18 * i, line)

    assert texts(drawn(draw)) == [SAFETY, *lines]
