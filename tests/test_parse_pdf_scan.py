"""PDF: pages that have to be read by OCR, and those that must not."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from ingest.parsers.pdf import read_pdf
from kb_app.errors import DocumentError
from tests import make_pictures
from tests.make_pdf import POWER, SAFETY, STORE, drawn, flow, picture_on, say, scan, without_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from reportlab.pdfgen.canvas import Canvas

NOTICE = ["关于夜班交接的通知", "夜班在六点以前交回量具", "并在登记簿上签字"]


def squashed(data: bytes) -> str:
    return "".join("".join(element.text.split()) for element in read_pdf(data).elements)


@make_pictures.needs_font
def test_a_scan_is_read_with_its_page_and_reason() -> None:
    data = scan(make_pictures.page(NOTICE, height=700), make_pictures.page(["第二页的内容"], height=700))
    parsed = read_pdf(data)
    assert parsed.ocr == {1: "没有文字层 no text layer", 2: "没有文字层 no text layer"}
    assert {line.page for element in parsed.elements for line in element.lines} == {1, 2}
    assert "夜班在六点以前交回量具" in squashed(data)
    assert parsed.elements[-1].page == 2


@make_pictures.needs_font
def test_only_the_page_without_text_layer_is_read_by_ocr() -> None:
    picture = make_pictures.page(NOTICE, height=1600)
    data = drawn(lambda canvas: flow(canvas, SAFETY), lambda canvas: picture_on(canvas, picture, 0, 0, 595))
    parsed = read_pdf(data)
    assert list(parsed.ocr) == [2]
    assert parsed.elements[0].text == SAFETY
    assert any("登记簿" in element.text for element in parsed.elements if element.page == 2)


@make_pictures.needs_font
def test_a_picture_between_paragraphs_is_read_in_its_place() -> None:
    picture = make_pictures.page(NOTICE, height=500)

    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        picture_on(canvas, picture, 70, 450, 450)
        flow(canvas, STORE, y=400)

    parsed = read_pdf(drawn(draw))
    assert parsed.ocr == {1: "图片中的文字 text in a picture"}
    texts = [element.text for element in parsed.elements]
    assert (texts[0], texts[-1]) == (SAFETY, STORE)
    assert any("交回量具" in text for text in texts[1:-1])
    line = next(line for element in parsed.elements if "交回量具" in element.text for line in element.lines)
    assert 0.2 < line.box[1] < 0.5


@make_pictures.needs_font
def test_hardly_any_text_on_a_scanned_page() -> None:
    picture = make_pictures.page(NOTICE, height=1600)

    def draw(canvas: Canvas) -> None:
        picture_on(canvas, picture, 0, 0, 595)
        say(canvas, 400, 20, "scanned with an app", 8)

    parsed = read_pdf(drawn(draw))
    assert parsed.ocr == {1: "图片上几乎没有文字层 hardly any text layer on a picture"}


def test_the_invisible_text_of_a_scanner_is_used() -> None:
    picture = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(picture).rectangle((50, 50, 550, 300), fill="gray")

    def draw(canvas: Canvas) -> None:
        picture_on(canvas, picture, 0, 0, 595)
        text = canvas.beginText(70, 700)
        text.setFont("STSong-Light", 11)
        text.setTextRenderMode(3)
        for line in (SAFETY[:40], SAFETY[40:80], SAFETY[80:]):
            text.textLine(line)
        canvas.drawText(text)

    parsed = read_pdf(drawn(draw))
    assert [element.text for element in parsed.elements] == [SAFETY]
    assert parsed.ocr == {}


def test_invisible_text_without_a_picture_is_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        text = canvas.beginText(70, 100)
        text.setFont("STSong-Light", 11)
        text.setTextRenderMode(3)
        text.textLine("谁也看不见的一行字不该被引用")
        canvas.drawText(text)

    assert [element.text for element in read_pdf(drawn(draw)).elements] == [SAFETY]


@pytest.mark.parametrize(
    "mapping",
    [
        lambda letter: chr(0xE000 + ord(letter) % 6000),
        lambda letter: "\ufffd",
        lambda letter: chr(0xC0 + ord(letter) % 60),
        lambda letter: chr((0x4E00 if ord(letter) % 2 else 0x9000) + ord(letter) * 7 % 0xF00),
        lambda letter: chr((0x391, 0x410, 0x5D0, 0x905, 0xE01, 0x531)[ord(letter) % 6] + ord(letter) % 15),
    ],
    ids=["private use", "replaced", "latin supplement", "rare characters", "many scripts"],
)
def test_a_garbled_page_is_noticed_and_that_page_alone(mapping: Callable[[str], str]) -> None:
    data = together(drawn(lambda canvas: flow(canvas, SAFETY * 3)), without_map(STORE + POWER, mapping))
    parsed = read_pdf(data)
    assert parsed.ocr == {2: "文字层是乱码 garbled text layer"}
    assert {element.text for element in parsed.elements if element.page == 1} == {SAFETY * 3}


def test_a_right_map_is_believed() -> None:
    parsed = read_pdf(without_map(STORE + POWER, lambda letter: letter))
    assert parsed.ocr == {}
    assert parsed.elements[0].text == STORE + POWER


@pytest.mark.parametrize(
    "text",
    [
        "進入車間以前，應當檢查安全帽與護目鏡是否齊備，並於交接簿上簽名。" * 2,
        "Größenänderungen müssen schriftlich bestätigt werden. " * 3,
    ],
)
def test_other_languages_are_no_garbage(text: str) -> None:
    data = together(drawn(lambda canvas: flow(canvas, SAFETY * 3)), without_map(text, lambda letter: letter))
    assert read_pdf(data).ocr == {}


def test_a_page_without_ink_is_empty_and_not_read_by_ocr() -> None:
    white = Image.new("RGB", (300, 400), "white")
    data = drawn(
        lambda canvas: flow(canvas, SAFETY), lambda canvas: picture_on(canvas, white, 0, 0, 595), lambda _: None
    )
    parsed = read_pdf(data)
    assert (parsed.pages, parsed.ocr) == (3, {})
    with pytest.raises(DocumentError, match=r"no text found on any of 2 pages, not by OCR either"):
        read_pdf(drawn(lambda _: None, lambda _: None))


@make_pictures.needs_font
def test_a_logo_is_not_read_on_every_page() -> None:
    logo = make_pictures.page(["江北机械"], width=400, height=240)

    def draw(canvas: Canvas) -> None:
        flow(canvas, SAFETY)
        picture_on(canvas, logo, 70, 400, 300)

    assert list(read_pdf(drawn(*[draw] * 6)).ocr) == [1, 2, 3]


def together(*parts: bytes) -> bytes:
    """The pages of several PDFs in one."""
    whole, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    for part in parts:
        with pypdfium2.PdfDocument(part) as document:
            whole.import_pages(document)
    whole.save(out)
    whole.close()
    return out.getvalue()
