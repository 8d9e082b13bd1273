"""Pages and pictures of a PDF that only OCR can read."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.fonts import system_fonts
from ingest.parsers.pdf.quality import PICTURE, bare_pictures
from ingest.parsers.pdf.shapes import Ready, area, overlap

if TYPE_CHECKING:
    from collections import Counter

    import numpy as np

    from ingest.parsers.pdf.shapes import Box, Page

_MAX_PIXELS = 40_000_000
_THUMBNAIL = 0.25
_CONTRAST = 40
_OFTEN = 3


class Drawer:
    """Draws pages of a document that is open for its text: opened once more, with the fonts of the system."""

    def __init__(self, data: bytes, password: str) -> None:
        self._data = data
        self._password = password

    def has_ink(self, number: int) -> bool:
        """Whether anything is to be seen on a page."""
        image = self._draw(number, _THUMBNAIL, gray=True)
        return int(image.max()) - int(image.min()) > _CONTRAST

    def image(self, seen: Page, dpi: int) -> np.ndarray:
        """A page in colours, as it is seen."""
        pixels = max(seen.frame.width * seen.frame.height, 1.0)
        return self._draw(seen.number, min(dpi / 72, (_MAX_PIXELS / pixels) ** 0.5), gray=False)

    def _draw(self, number: int, scale: float, *, gray: bool) -> np.ndarray:
        pdfium = import_module("pypdfium2")
        with system_fonts(), pdfium.PdfDocument(self._data, password=self._password or None) as document:
            document.init_forms()
            page = document[number - 1]
            bitmap = page.render(scale=scale, grayscale=gray, rev_byteorder=not gray, prefer_bgrx=False)
            image: np.ndarray = bitmap.to_numpy().copy()
            bitmap.close()
            page.close()
        return image


def whole_page(drawer: Drawer, seen: Page) -> Ready:
    """What OCR reads on a page."""
    ocr = import_module("ingest.ocr")
    elements = ocr.ocr_elements(ocr.read_lines(drawer.image(seen, ocr.PAGE_DPI)), seen.number)
    return Ready(tuple(elements), (0.0, 0.0, seen.frame.width, seen.frame.height))


def pictures(drawer: Drawer, seen: Page, places: Counter[Box]) -> tuple[list[Ready], str]:
    """What OCR reads in the pictures of a page that has a text layer elsewhere, and why it was asked.

    Args:
        drawer: Draws the page.
        seen: What is on it.
        places: How often a picture stood at a place of the pages before: a logo is not read on every page.
    """
    boxes = [box for box in bare_pictures(seen) if places[seen.frame.shares(box)] < _OFTEN]
    places.update(seen.frame.shares(box) for box in boxes)
    if not boxes or seen.frame.turn:
        return [], ""
    ocr = import_module("ingest.ocr")
    image = drawer.image(seen, ocr.PAGE_DPI)
    found = []
    for box in boxes:
        left, top, right, bottom = shares = seen.frame.shares(box)
        height, width = image.shape[:2]
        crop = image[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1]
        lines = [replace(line, box=_outward(line.box, shares)) for line in ocr.read_lines(crop)]
        if lines:
            found.append(Ready(tuple(ocr.ocr_elements(lines, seen.number)), box))
    return found, PICTURE if found else ""


def without_hidden(seen: Page, text_page: Any) -> None:
    """Take out the words that nobody sees: drawn invisibly, and not over the picture that they were read from."""
    raw = import_module("pypdfium2.raw")

    def is_hidden(first: int) -> bool:
        found = raw.FPDFText_GetTextObject(text_page.raw, first) if first >= 0 else None
        return bool(found) and raw.FPDFTextObj_GetTextRenderMode(found) == raw.FPDF_TEXTRENDERMODE_INVISIBLE

    seen.words = [
        word
        for word in seen.words
        if any(overlap(picture, word.box) > 0.5 * area(word.box) for picture in seen.pictures)
        or not is_hidden(word.first)
    ]


def _outward(box: Box, outer: Box) -> Box:
    """From shares of a picture to shares of the page that it is on."""
    left, top, right, bottom = outer
    wide, tall = right - left, bottom - top
    return (left + box[0] * wide, top + box[1] * tall, left + box[2] * wide, top + box[3] * tall)
