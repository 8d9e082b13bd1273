"""Plain text and CSV.

Both are read here and not by unstructured. Of a text it gives back the lines without their bullets and
blank lines, at 0.1 million characters a second; a CSV it takes through pandas, which turns ``007`` into ``7``
and ``N/A`` into nothing.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.headings import is_title_like, mark_headings, numbering, opening_title
from ingest.parsers.grid import row_elements
from ingest.parsers.text_tables import parts_of
from kb_app.errors import DocumentError
from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK_LINES = re.compile(r"\n\s*\n")
_SENTENCE_ENDS = tuple('。！？；：…”』」）!?;:.)"')
# Two characters between which Chinese has no space; the first ends no sentence.
_MEETS = re.compile(rf"[{CJK}\uff10-\uff19、，“（《][{CJK}\uff10-\uff19、，。；：！？”）》]")
_NARROWEST = 48
_RAGGED = 4
_FEWEST = 2
"""Columns of the narrowest full line, columns by which full lines may differ, lines that are enough to tell."""

_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 10_000_000
_HEAD = 100_000


def read_text(data: bytes) -> ParsedDocument:
    """Read plain text: paragraphs stand between blank lines, headings are known by their numbering.

    A short first line with a blank line behind it is the heading of all.
    """
    elements = text_elements(decode(data), titled=True)
    return ParsedDocument(tuple(elements), title=opening_title(elements))


def text_elements(text: str, *, titled: bool = False) -> list[Element]:
    """The paragraphs and numbered headings of a plain text, each word for word."""
    elements = [element for block in _split(_unwrapped(text), _BLANK_LINES) for element in _block_elements(block)]
    if (
        titled
        and len(elements) > 1
        and elements[0].kind == "text"
        and is_title_like(elements[0].text)
        and not numbering(elements[0].text)
    ):
        elements[0] = replace(elements[0], kind="heading", level=1)
    return mark_headings(elements)


def _block_elements(block: str) -> Iterator[Element]:
    for part in parts_of(block):
        if isinstance(part, str):
            yield from (Element("text", piece.strip()) for piece in _cut_at_headings(part) if piece.strip())
        else:
            yield from row_elements(part)


def read_csv(data: bytes) -> ParsedDocument:
    """Read a CSV file, every cell as it is written; lines above the header that hold one cell are text."""
    text = decode(data)
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    elements: list[Element] = []
    try:
        for row in reader:
            filled = [cell for cell in row if cell.strip()]
            if len(filled) > 1:
                elements += row_elements([row, *reader])
            elif filled:
                elements.append(Element("text", filled[0].strip()))
    except csv.Error as error:
        raise DocumentError(f"not a valid CSV file: {error}; check its quotation marks") from error
    return ParsedDocument(tuple(elements))


def _split(text: str, separator: re.Pattern[str]) -> Iterator[str]:
    start = 0
    for match in separator.finditer(text):
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]


def _unwrapped(text: str) -> str:
    """A text without the line breaks that a program put within its Chinese, wherever a line was full."""
    lines = text.split("\n")
    wrapped = {i for i, (line, following) in enumerate(pairwise(lines)) if _is_cut(line, following)}
    widths = [_columns(lines[i]) for i in wrapped]
    # Lines that end by themselves, as in a list of titles, differ more.
    if len(widths) < _FEWEST or max(widths) - min(widths) > _RAGGED:
        return text
    return "".join(line if i in wrapped else f"{line}\n" for i, line in enumerate(lines))[:-1]


def _is_cut(line: str, following: str) -> bool:
    meet = _MEETS.match(line[-1:] + following[:1]) is not None
    return meet and _columns(line) >= _NARROWEST and numbering(following.strip()) is None


def _columns(line: str) -> int:
    """Width of a line as a terminal shows it: an ideograph takes two columns."""
    return sum(2 if ch >= "\u1100" else 1 for ch in line.rstrip())


def _cut_at_headings(block: str) -> Iterator[str]:
    """Cut a block so that each line which may be a heading stands alone."""
    start = position = 0
    finished = True
    for line in block.split("\n"):
        stripped = line.strip()
        heading = finished and numbering(stripped) is not None
        if heading:
            yield block[start:position]
            yield line
            start = position + len(line) + 1
        finished = heading or stripped.endswith(_SENTENCE_ENDS)
        position += len(line) + 1
    yield block[start:]


def _delimiter(text: str) -> str:
    """The delimiter that stands most often in the first line with one; a comma where there is none."""
    first = next((line for line in text[:_HEAD].split("\n") if any(mark in line for mark in _DELIMITERS)), "")
    return max(_DELIMITERS, key=first.count)
