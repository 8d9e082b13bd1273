"""PDF text through pdfium: lines with their place on the page, joined into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.document import Element, ParsedDocument
from ingest.headings import MAX_HEADING, mark_headings, numbering
from kb_app.errors import DocumentError
from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDE = re.compile(rf"[{CJK}\u3000-\u303f\uff00-\uffef“”‘’…—]")
_ENDS = tuple("。！？；：…”』」）!?;:.")
_STARTS_ANEW = re.compile(
    r"[●•·■◆▪○►]|[(（]?\d{1,3}[)）、]|\d{1,2}\.\s|第[一二三四五六七八九十百0-9]+[编章节条]|[一二三四五六七八九十]+、"
)
_PAGE_NUMBER = re.compile(r"[-–—·\s]*(?:第\s*)?\d{1,4}\s*页?(?:\s*[/,，共of]*\s*\d{1,4}\s*页?)?[-–—·\s]*")
_HYPHEN = "\u00ad"
# pdfium puts U+FFFE for the hyphen at the end of a line, and for a character that the font does not name.
_BROKEN_WORD = re.compile(r"(?<=[A-Za-z])[\x02\ufffe](?=[a-z])")
_BROKEN_NAME = re.compile(r"(?<=[A-Za-z])[\x02\ufffe](?=[A-Z0-9])")
_UNNAMED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_NO_TITLE = re.compile(r"(?:microsoft |untitled|未命名|无标题|幻灯片|powerpoint).*|.*\.\w{2,5}|[\W\d_]*", re.IGNORECASE)
_LARGER = 1.2
_AROUND = 4
_NARROWEST = 0.4
_MAX_TITLE_SIZES = 3


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    page: int


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str
    page: int
    size: float


def read_pdf(data: bytes, password: str = "") -> ParsedDocument:
    """Read the text layer of a PDF; pages without one are passed over if others have it."""
    document = _open(data)
    try:
        paragraphs = list(_paragraphs(_pages(document)))
        title, pages = document.get_metadata_dict().get("Title", ""), len(document)
    finally:
        document.close()
    if not paragraphs:
        raise DocumentError(f"no text layer on any of {pages} pages (a scan?); scans cannot be read yet")
    elements = mark_headings(_elements(paragraphs))
    return ParsedDocument(tuple(elements), title=_title(title, elements), pages=pages)


def _open(data: bytes) -> Any:
    pdfium = import_module("pypdfium2")
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == 4 or "password" in str(error).lower():
            raise DocumentError("protected by a password; save a copy without one") from error
        raise DocumentError("broken or truncated: not a readable PDF; export it anew") from error


def _title(title: str, elements: list[Element]) -> str:
    flat = " ".join(title.split())
    if not _NO_TITLE.fullmatch(flat):
        return flat
    first = elements[0]
    return first.text if first.kind == "heading" else ""


def _pages(document: Any) -> Iterator[list[_Line]]:
    """The lines of one page after the other; nothing of a page is kept once it is read."""
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        try:
            lines = list(_lines(text_page, number + 1))
        finally:
            text_page.close()
            page.close()
        yield [line for i, line in enumerate(lines) if not _is_page_number(lines, i)]


def _is_page_number(lines: list[_Line], i: int) -> bool:
    return i in (0, len(lines) - 1) and _PAGE_NUMBER.fullmatch(lines[i].text) is not None


def _lines(text_page: Any, page: int) -> Iterator[_Line]:
    raw = import_module("pypdfium2.raw")
    offset = 0
    for full in text_page.get_text_range().split("\n"):
        text = _readable(full.strip())
        if text:
            first = offset + _units(full[: len(full) - len(full.lstrip())])
            last = offset + _units(full.rstrip()) - 1
            left, bottom, _, top = _box(raw, text_page, first)
            _, low, right, high = _box(raw, text_page, last)
            # The smaller of both, since a footnote mark at an end stands higher than the line.
            size = max(min(top - bottom, high - low), 0.1)
            yield _Line(text, left, right, min(bottom, low), max(top, high), size, page)
        offset += _units(full) + 1


def _readable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if text.endswith(("\x02", "\ufffe")):
        text = text[:-1] + _HYPHEN
    text = _BROKEN_NAME.sub("-", _BROKEN_WORD.sub("", text))
    return _UNNAMED.sub(" ", text).strip()


def _units(text: str) -> int:
    """Length in UTF-16, which pdfium counts in."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _box(raw: Any, text_page: Any, unit: int) -> tuple[float, float, float, float]:
    index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, unit)
    box: tuple[float, float, float, float] = text_page.get_charbox(max(index, 0), loose=True)
    return box


def _paragraphs(pages: Iterable[list[_Line]]) -> Iterator[_Paragraph]:
    text, last, margin = "", None, 0.0
    first: _Line | None = None
    for lines in pages:
        for line, right in zip(lines, _right_margins(lines), strict=True):
            if first and last and _continues(last, line, margin):
                text = _join(text, line.text)
            else:
                if first:
                    yield _Paragraph(text.strip(_HYPHEN + " "), first.page, first.size)
                text, first = line.text, line
            last, margin = line, right
    if first:
        yield _Paragraph(text.strip(_HYPHEN + " "), first.page, first.size)


def _right_margins(lines: list[_Line]) -> Iterator[float]:
    """Where the column of each line ends: the farthest right end of the lines around it that begin below it."""
    left = min((line.left for line in lines), default=0.0)
    right = max((line.right for line in lines), default=0.0)
    for i, line in enumerate(lines):
        around = lines[max(0, i - _AROUND) : i + _AROUND + 1]
        near = max(other.right for other in around if _aligned(line, other))
        # Narrower than a column of a page: a list of short lines, each ended on purpose.
        yield right if near - line.left < _NARROWEST * (right - left) else near


def _aligned(line: _Line, other: _Line) -> bool:
    return abs(line.left - other.left) < 2.5 * line.size and abs(line.size - other.size) < 0.15 * line.size


def _continues(last: _Line, line: _Line, margin: float) -> bool:
    """Whether a line goes on with the paragraph of the line before."""
    if last.text[-1] == _HYPHEN:
        return True
    if _is_turned(line) or _is_turned(last):
        return False
    if abs(line.size - last.size) > 0.15 * last.size or _STARTS_ANEW.match(line.text) or numbering(line.text):
        return False
    # A line that had room for the next word was ended on purpose.
    if margin - last.right > _first_word_width(line):
        return False
    if line.page != last.page or line.bottom > last.top:
        return not last.text.endswith(_ENDS) and not numbering(last.text)
    close = last.bottom - line.top < 1.2 * last.size
    indented = line.left - last.left > 1.2 * line.size
    return close and not (indented and last.text.endswith(_ENDS)) and not numbering(last.text)


def _is_turned(line: _Line) -> bool:
    """Whether the line does not run from left to right, as a stamp on the margin."""
    return line.right - line.left < 0.15 * line.size * len(line.text)


def _first_word_width(line: _Line) -> float:
    if _WIDE.match(line.text):
        return 2.2 * line.size
    return (len(line.text.split(maxsplit=1)[0]) + 1) * 0.55 * line.size


def _join(text: str, line: str) -> str:
    if text[-1] == _HYPHEN or (text[-1] == "-" and text[-2:-1].isalpha() and line[0].islower()):
        return text[:-1] + line
    if _WIDE.match(text[-1]) or _WIDE.match(line):
        return text + line
    return f"{text} {line}"


def _elements(paragraphs: list[_Paragraph]) -> list[Element]:
    """Paragraphs in clearly larger letters than most of the text are headings, the larger the higher."""
    weights: Counter[float] = Counter()
    for paragraph in paragraphs:
        weights[round(paragraph.size)] += len(paragraph.text)
    body = weights.most_common(1)[0][0]
    large = {round(p.size) for p in paragraphs if p.size > _LARGER * body and _may_head(p.text)}
    sizes = sorted(large, reverse=True)[:_MAX_TITLE_SIZES]
    levels = {size: level for level, size in enumerate(sizes, start=1)}
    texts = (Element("text", p.text, page=p.page) for p in paragraphs)
    return [
        replace(element, kind="heading", level=levels[round(p.size)])
        if round(p.size) in levels and _may_head(p.text)
        else element
        for p, element in zip(paragraphs, texts, strict=True)
        if element.text
    ]


def _may_head(text: str) -> bool:
    longest = MAX_HEADING if _WIDE.search(text) else 2 * MAX_HEADING
    begins = text[0].isupper() or text[0].isdigit() or _WIDE.match(text)
    return bool(begins) and 1 < len(text) <= longest and not text.endswith(("。", "；", "，", ".", ";", ","))
