"""PDF: pages, paragraphs, headings, fields."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ingest.parse import parse_file
from ingest.parsers.pdf import read_pdf
from tests import make_files, make_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

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


def test_one_page_without_text(tmp_path: Path) -> None:
    path = make_files.write_pdf(tmp_path / "a.pdf", [[], [(make_files.LEAVE, 11)]])
    assert [(e.page, e.text) for e in parse_file(path).elements] == [(2, make_files.LEAVE)]


def test_many_pages_in_seconds(tmp_path: Path) -> None:
    page = [(LONG, 11)] * 8
    path = make_files.write_pdf(tmp_path / "a.pdf", [page] * 120)
    start = time.process_time()
    assert parse_file(path).pages == 120
    assert 120 / (time.process_time() - start) > 20


def test_every_line_has_its_place_on_the_page() -> None:
    data = make_pdf.drawn(lambda canvas: make_pdf.flow(canvas, make_pdf.SAFETY, x=70, y=760))
    (element,) = read_pdf(data).elements
    assert [element.text[line.start : line.end] for line in element.lines] == make_pdf.lines_of(make_pdf.SAFETY, 440)
    left, top, right, bottom = element.lines[0].box
    assert left == pytest.approx(70 / make_pdf.WIDTH, abs=0.005)
    assert right == pytest.approx(510 / make_pdf.WIDTH, abs=0.01)
    assert top < 1 - 760 / make_pdf.HEIGHT < bottom
    assert all(one.box[3] <= two.box[3] for one, two in zip(element.lines, element.lines[1:], strict=False))


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_places_follow_rotation_and_crop_box(rotation: int, corner: tuple[int, int]) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        canvas.setCropBox((50, 400, 550, 800))
        make_pdf.say(canvas, 55, 780, "左上角的一行字")

    (element,) = read_pdf(make_pdf.drawn(draw)).elements
    left, top, right, bottom = element.lines[0].box
    assert element.text == "左上角的一行字"
    near_x = right > 0.85 if corner[0] else left < 0.15
    near_y = bottom > 0.85 if corner[1] else top < 0.15
    assert near_x
    assert near_y


def test_a_divided_english_word_is_put_together_and_stays_in_its_lines() -> None:
    def draw(canvas: Canvas) -> None:
        make_pdf.say(canvas, 70, 760, "The laboratory checks every measuring instru-")
        make_pdf.say(canvas, 70, 745, "ment twice a year and keeps the certificates.")

    (element,) = read_pdf(make_pdf.drawn(draw)).elements
    assert element.text == "The laboratory checks every measuring instrument twice a year and keeps the certificates."
    assert [element.text[line.start : line.end][-5:] for line in element.lines] == ["nstru", "ates."]


def test_vertical_text_is_read_from_the_right() -> None:
    def draw(canvas: Canvas) -> None:
        for column, text in enumerate(["进入车间的人员一律", "戴好安全帽，不得例", "外。"]):
            for row, character in enumerate(text):
                make_pdf.say(canvas, 500 - 25 * column, 700 - 15 * row, character, 14)

    (element,) = read_pdf(make_pdf.drawn(draw)).elements
    assert element.text == "进入车间的人员一律戴好安全帽，不得例外。"
    assert element.lines[0].box[0] > element.lines[1].box[0]


def test_text_turned_on_its_side() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        make_pdf.flow(canvas, make_pdf.SAFETY, x=100, y=-100, width=500)

    (element,) = read_pdf(make_pdf.drawn(draw)).elements
    assert element.text == make_pdf.SAFETY
    left, top, right, bottom = element.lines[0].box
    assert bottom - top > right - left


def test_form_fields_and_remarks() -> None:
    def draw(canvas: Canvas) -> None:
        make_pdf.say(canvas, 50, 702, "姓名：")
        canvas.acroForm.textfield(name="name", value="Lin Xiaoman", x=100, y=696, width=200, height=20)
        make_pdf.say(canvas, 130, 652, "同意调岗")
        canvas.acroForm.checkbox(name="ok", checked=True, x=100, y=648)
        canvas.textAnnotation("Checked by Zhou", Rect=[400, 700, 420, 720])

    texts = [element.text for element in read_pdf(make_pdf.drawn(draw)).elements]
    assert texts == ["姓名： Lin Xiaoman", "☑ 同意调岗", "Checked by Zhou"]


def test_the_outline_gives_the_levels() -> None:
    def draw(canvas: Canvas) -> None:
        for key, title, level in (("a", "设备管理", 0), ("b", "冲压机", 1)):
            canvas.bookmarkPage(key)
            canvas.addOutlineEntry(title, key, level)
        make_pdf.say(canvas, 70, 780, "设备管理")
        make_pdf.say(canvas, 70, 760, "冲压机")
        make_pdf.flow(canvas, make_pdf.SAFETY, y=740)

    elements = read_pdf(make_pdf.drawn(draw)).elements
    assert [(e.kind, e.level, e.text) for e in elements] == [
        ("heading", 1, "设备管理"), ("heading", 2, "冲压机"), ("text", 0, make_pdf.SAFETY)
    ]  # fmt: skip


def test_author_and_date() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setAuthor("设备科 周到")
        make_pdf.flow(canvas, make_pdf.SAFETY)

    data = make_pdf.drawn(draw, invariant=1)
    assert read_pdf(data).metadata == {"author": "设备科 周到", "date": "2000-01-01"}


def test_a_title_larger_than_what_the_outline_names_stands_above_it() -> None:
    def draw(canvas: Canvas) -> None:
        make_pdf.say(canvas, 70, 800, "白鹭纺织厂", 9)
        make_pdf.say(canvas, 70, 770, "质量手册", 26)
        for i, name in enumerate(("来料检验", "过程检验")):
            canvas.bookmarkPage(f"b{i}")
            canvas.addOutlineEntry(name, f"b{i}", level=0)
            make_pdf.say(canvas, 70, 720 - 200 * i, name, 15)
            make_pdf.flow(canvas, make_pdf.STORE, y=690 - 200 * i)

    parsed = read_pdf(make_pdf.drawn(draw))
    headings = [(element.text, element.level) for element in parsed.elements if element.kind == "heading"]
    assert headings == [("质量手册", 1), ("来料检验", 2), ("过程检验", 2)]
    assert parsed.title == "质量手册"
