"""The words of a page with their places, through pdfium's text of it."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.shapes import Word, around

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ingest.parsers.pdf.shapes import Box

HYPHEN = "\u00ad"
"""Stands at the end of a line for the hyphen that divides a word."""

MAX_CHARACTERS = 500_000
"""Characters of one page that are read; a page of a book has 3,000."""

_SAMPLES = 100
# pdfium puts U+FFFE for the hyphen at the end of a line, and for a character that the font does not name.
_BROKEN_WORD = re.compile(r"(?<=[A-Za-z])[\x02\ufffe](?=[a-z])")
_BROKEN_NAME = re.compile(r"(?<=[A-Za-z])[\x02\ufffe](?=[A-Z0-9])")
_UNNAMED = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BREAK = re.compile("[\r\n]")
_DIVIDED = re.compile("(?<=.)[\x02\ufffe](?=.)")
_HALF = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r"(\s*)(\S+)")
_SPACE = re.compile(r"[^\S\u3000]+")


@dataclass(frozen=True, slots=True)
class TextLayer:
    """pdfium's text of a page.

    Attributes:
        text: Its characters, one for each index that pdfium counts.
        words: Its words, in the order of the file.
        unmapped: Share of its characters that the font gives no meaning.
        hidden: Share of its characters that are drawn invisibly.
    """

    text: str
    words: list[Word]
    unmapped: float = 0.0
    hidden: float = 0.0


def read_text(text_page: Any, place: Callable[[Box], Box]) -> TextLayer:
    """The words of a page; ``place`` turns pdfium's boxes (left, bottom, right, top) into places on the page."""
    text = _characters(text_page)
    boxes = Boxes(text_page, place)
    words = [word for start, line in _lines(text, boxes) for word in _line_words(line, start, boxes)]
    every = range(0, len(text), max(1, len(text) // _SAMPLES))
    sample = [i for i in every if not text[i].isspace()] or [word.first for word in words[:1]]
    if not sample:
        return TextLayer(text, [])
    raw = import_module("pypdfium2.raw")
    unmapped = sum(raw.FPDFText_HasUnicodeMapError(text_page.raw, i) == 1 for i in sample)
    hidden = sum(_is_hidden(raw, text_page, i) for i in sample)
    return TextLayer(text, words, unmapped / len(sample), hidden / len(sample))


class Boxes:
    """Places of characters, by pdfium's index."""

    def __init__(self, text_page: Any, place: Callable[[Box], Box]) -> None:
        raw = import_module("pypdfium2.raw")
        self._page = text_page.raw
        self._rect = raw.FS_RECTF()
        self._reference = ctypes.byref(self._rect)
        self._read = raw.FPDFText_GetLooseCharBox
        self._angle = raw.FPDFText_GetCharAngle
        self._place = place

    def box(self, index: int) -> Box:
        """Where a character stands."""
        rect = self._rect
        if not self._read(self._page, index, self._reference):
            return (0.0, 0.0, 0.0, 0.0)
        return self._place((rect.left, rect.bottom, rect.right, rect.top))

    def slanted(self, index: int) -> bool:
        """Whether a character stands neither upright nor on its side nor on its head."""
        angle = self._angle(self._page, index)
        return bool(angle > 0) and abs(angle / (math.pi / 2) - round(angle / (math.pi / 2))) > 0.1


def _characters(text_page: Any) -> str:
    raw = import_module("pypdfium2.raw")
    count = min(max(text_page.count_chars(), 0), MAX_CHARACTERS)
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(text_page.raw, 0, count, buffer)
    text = bytes(buffer).decode("utf-16-le", "surrogatepass")[:-1]
    if written == count + 1 and len(text) == count:
        return text
    # Characters beyond 16 bits, or some that the text leaves out: only one by one do they keep their index.
    return "".join(chr(min(raw.FPDFText_GetUnicode(text_page.raw, i), 0x10FFFF)) for i in range(count))


def _lines(text: str, boxes: Boxes) -> Iterator[tuple[int, str]]:
    start = 0
    for line in _BREAK.split(text):
        begin = 0
        # pdfium goes on behind the hyphen that divides a word, without the end of the line.
        for match in _DIVIDED.finditer(line):
            if boxes.box(start + match.end())[1] > boxes.box(start + match.start() - 1)[3] - 1.0:
                yield start + begin, line[begin : match.end()]
                begin = match.end()
        if not line[begin:].isspace():
            yield start + begin, line[begin:]
        start += len(line) + 1


def _line_words(line: str, start: int, boxes: Boxes) -> list[Word]:
    found = [(match[1], match[2], start + match.start(2)) for match in _TOKEN.finditer(line)]
    if not found:
        return []
    turn = _direction(line, start, found, boxes)
    tokens = [token for part in found for token in _on_one_line(part, turn, boxes)]
    words: list[Word] = []
    for number, (space, text, index, head, tail) in enumerate(tokens):
        readable = _readable(text, last=number == len(tokens) - 1)
        if readable:
            size = head[2] - head[0] if turn % 2 else min(head[3] - head[1], tail[3] - tail[1])
            between = (space if space == " " else _SPACE.sub(" ", space)) if words else ""
            words.append(Word(readable, around((head, tail)), between, index, turn, max(size, 0.1)))
    return words


def _direction(line: str, start: int, found: Sequence[tuple[str, str, int]], boxes: Boxes) -> int:
    """The turn of a line, by its first two characters and its last one."""
    first, last = found[0][2], found[-1][2] + len(found[-1][1]) - 1
    if boxes.slanted(first):
        return 4
    rightmost = not line.isascii() and any(unicodedata.bidirectional(c) in {"R", "AL"} for c in found[0][1])
    second = next((i for i in range(first + 1, last) if not line[i - start].isspace()), last)
    head = boxes.box(first)
    turn = _turn(head, boxes.box(last), last - first + 1, rightmost=rightmost)
    # pdfium takes text right below for the rest of a line; only a line all of which runs down is turned.
    return turn if turn % 2 == 0 or _turn(head, boxes.box(second), 2, rightmost=rightmost) == turn else 0


def _on_one_line(token: tuple[str, str, int], turn: int, boxes: Boxes) -> Iterator[tuple[str, str, int, Box, Box]]:
    """A token with the boxes of its ends, cut where it goes on at another height."""
    space, text, first = token
    head, tail = boxes.box(first), boxes.box(first + len(text) - 1)
    if turn or len(text) < 2 or not _stepped(head, tail):
        yield space, text, first, head, tail
        return
    begin, last = 0, head
    for i in range(1, len(text)):
        box = boxes.box(first + i)
        if _stepped(last, box):
            yield space, text[begin:i], first + begin, head, last
            space, begin, head = "", i, box
        last = box
    yield space, text[begin:], first + begin, head, last


def _stepped(one: Box, other: Box) -> bool:
    """Whether two characters stand at different heights, farther than an exponent does."""
    return abs(one[1] + one[3] - other[1] - other[3]) > 1.4 * min(one[3] - one[1], other[3] - other[1])


def _size(box: Box) -> float:
    return box[3] - box[1]


def _turn(head: Box, tail: Box, count: int, *, rightmost: bool) -> int:
    """The direction of a line from its first to its last character; ``rightmost`` if its script begins at the right."""
    across = (tail[0] + tail[2] - head[0] - head[2]) / 2
    down = (tail[1] + tail[3] - head[1] - head[3]) / 2
    if count < 2 or abs(down) <= abs(across):
        return 2 if count > 2 and across < -_size(head) and not rightmost else 0
    return 1 if down > 0 else 3


def _readable(text: str, *, last: bool) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _HALF.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if last and len(text) > 1 and text.endswith(("\x02", "\ufffe")):
        text = text[:-1] + HYPHEN
    text = _BROKEN_NAME.sub("-", _BROKEN_WORD.sub("", text))
    return _UNNAMED.sub(" ", text).strip()


def _is_hidden(raw: Any, text_page: Any, index: int) -> bool:
    found = raw.FPDFText_GetTextObject(text_page.raw, index)
    return bool(found) and raw.FPDFTextObj_GetTextRenderMode(found) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
