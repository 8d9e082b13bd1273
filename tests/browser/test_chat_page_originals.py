"""A citation of a PDF opens the page itself, with the cited lines marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.make_pdf import POWER, SAFETY, STORE, drawn, flow, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas

    from tests.browser.served import Reader

pytestmark = pytest.mark.browser

QUESTION = "恢复供电时由谁确认电压稳定？"


def page(canvas: Canvas) -> None:
    say(canvas, 70, 780, "配电间规程", 16)
    for number, text in enumerate((SAFETY, STORE, POWER)):
        flow(canvas, text, y=730 - 110 * number)


def test_the_page_of_a_citation_is_shown_until_the_file_is_gone(
    opens: Callable[[str], Reader], url: str, home: Path
) -> None:
    reader = opens(url)
    reader.creates_base("配电间")
    reader.drops({"name": "配电间.pdf", "mimeType": "application/pdf", "buffer": drawn(page)})
    reader.asks(QUESTION)
    expect(reader.gets_answer()).to_contain_text("由电工确认电压稳定")
    button = reader.page.get_by_role("button", name="原页 [1]")
    reader.shot("40-answer-of-a-pdf")
    button.click()
    dialog = reader.page.get_by_role("dialog")
    part = dialog.get_by_role("img").first
    expect(part).to_be_visible()
    expect(dialog).to_contain_text("第 1 页")
    assert part.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
    reader.shot("41-original")
    seen = part.bounding_box()
    assert seen
    assert seen["y"] + seen["height"] < 860, "the cited lines are seen without scrolling"
    dialog.get_by_text("看整页").click()
    whole = dialog.get_by_role("img").nth(1)
    expect(whole).to_be_visible()
    all_of_it = whole.bounding_box()
    assert all_of_it
    assert all_of_it["height"] > 2 * seen["height"]
    reader.shot("42-whole-page")
    (file,) = (home / "uploads").rglob("配电间.pdf")
    file.unlink()
    reader.page.reload()
    reader.gets_answer()
    expect(button).to_have_count(0)
