"""PDF: what is protected, broken, too long or changed by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption

from ingest.parse import parse_file
from ingest.parsers.pdf import read_pdf
from ingest.parsers.pdf.opening import MAX_PAGES
from kb_app.errors import DocumentError
from tests.fuzzing import COUNT, survive
from tests.make_pdf import ROWS, SAFETY, drawn, flow, pages_only, ruled, say

if TYPE_CHECKING:
    from pathlib import Path

    from reportlab.pdfgen.canvas import Canvas


def page(canvas: Canvas) -> None:
    flow(canvas, SAFETY)


def test_password(tmp_path: Path) -> None:
    data = drawn(page, encrypt=StandardEncryption("geheim"))
    with pytest.raises(DocumentError, match=r"^protected by a password; pass it with --password"):
        read_pdf(data)
    with pytest.raises(DocumentError, match=r"^the password is wrong; pass the right one with --password$"):
        read_pdf(data, "falsch")
    assert read_pdf(data, "geheim").elements[0].text == SAFETY
    (tmp_path / "a.pdf").write_bytes(data)
    assert parse_file(tmp_path / "a.pdf", password="geheim").elements[0].text == SAFETY


def test_a_file_that_may_not_be_copied_is_read() -> None:
    data = drawn(page, encrypt=StandardEncryption("", ownerPassword="owner", canCopy=0, canPrint=0))
    assert read_pdf(data).elements[0].text == SAFETY


def test_a_password_that_is_not_needed_does_no_harm() -> None:
    assert read_pdf(drawn(page), "geheim").elements[0].text == SAFETY


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"^file is empty \(0 bytes\)$"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "^broken or truncated"),
        (pages_only(0), "^broken or truncated"),
        (drawn(page)[:700], "^broken or truncated"),
    ],
    ids=["empty", "garbage", "no pages", "cut"],
)
def test_broken(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        read_pdf(data)
    assert "\n" not in str(caught.value)


def test_too_many_pages() -> None:
    with pytest.raises(DocumentError, match=r"^5,001 pages, over the bound of 5,000; split the file$"):
        read_pdf(pages_only(MAX_PAGES + 1))
    with pytest.raises(DocumentError, match=r"^no text found on any of 5,000 pages"):
        read_pdf(pages_only(MAX_PAGES))


def test_mutated_files_give_a_result_or_an_error(tmp_path: Path) -> None:
    def rich(canvas: Canvas) -> None:
        canvas.bookmarkPage("a")
        canvas.addOutlineEntry("冲压车间", "a", 0)
        say(canvas, 10, 90, "冲压车间")
        ruled(canvas, ROWS[:2], widths=(20, 20, 20), y=80)
        canvas.acroForm.textfield(name="name", value="Lin", x=10, y=5, width=40, height=20)

    path = tmp_path / "a.pdf"
    path.write_bytes(drawn(rich, pagesize=(140, 110), pageCompression=0))
    assert 0 < survive("pdf:read_pdf", path) < COUNT
