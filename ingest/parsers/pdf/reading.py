"""One page of a PDF: its words, rules, pictures and remarks, placed as the page is seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.annotations import read_annotations
from ingest.parsers.pdf.drawing import read_drawing
from ingest.parsers.pdf.shapes import Frame, Page, turn_page
from ingest.parsers.pdf.words import Boxes, read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.parsers.pdf.shapes import Box
    from ingest.parsers.pdf.words import TextLayer


@dataclass(frozen=True, slots=True)
class Seen:
    """A page while it is open.

    Attributes:
        page: What is on it.
        layer: Its text as the file has it.
        boxes: Places of single characters.
        ink: Whether anything but text is drawn on it.
    """

    page: Page
    layer: TextLayer
    boxes: Boxes
    ink: bool


def see(page: Any, text_page: Any, form: Any, number: int) -> Seen:
    """Read what is on a page."""
    frame, place = _placing(page)
    layer = read_text(text_page, place)
    drawing = read_drawing(page)
    remarks = read_annotations(page, form, place)
    seen = Page(
        number,
        frame,
        [*layer.words, *remarks.words],
        rules=[place(rule) for rule in drawing.rules],
        pictures=[place(picture) for picture in drawing.pictures],
        notes=remarks.notes,
    )
    return Seen(seen, layer, Boxes(text_page, place), drawing.ink)


def set_upright(page: Page) -> None:
    """Turn the page so that most of its text runs to the right; what still does not is set aside."""
    weights: Counter[int] = Counter()
    for word in page.words:
        weights[word.turn] += len(word.text)
    turn = max(range(4), key=lambda turn: (weights[turn], -turn))
    page.asides = [word for word in page.words if word.turn != turn]
    page.words = [word for word in page.words if word.turn == turn]
    if turn:
        turn_page(page, turn)


def _placing(page: Any) -> tuple[Frame, Callable[[Box], Box]]:
    left, bottom, right, top = page.get_bbox()
    wide, tall = max(right - left, 1.0), max(top - bottom, 1.0)

    def upright(box: Box) -> Box:
        return (box[0] - left, top - box[3], box[2] - left, top - box[1])

    def quarter(box: Box) -> Box:
        return (box[1] - bottom, box[0] - left, box[3] - bottom, box[2] - left)

    def half(box: Box) -> Box:
        return (right - box[2], box[1] - bottom, right - box[0], box[3] - bottom)

    def three(box: Box) -> Box:
        return (top - box[3], right - box[2], top - box[1], right - box[0])

    place = {0: upright, 90: quarter, 180: half, 270: three}.get(page.get_rotation(), upright)
    size = (tall, wide) if place in {quarter, three} else (wide, tall)
    return Frame(*size), place
