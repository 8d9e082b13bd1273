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
from typing import TYPE_CHECKING

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.headings import is_title_like, mark_headings, numbering, opening_title
from ingest.parsers.grid import row_elements
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK_LINES = re.compile(r"\n\s*\n")
_SENTENCE_ENDS = tuple('。！？；：…”』」）!?;:.)"')
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
    blocks = (piece for block in _split(text, _BLANK_LINES) for piece in _cut_at_headings(block))
    elements = [Element("text", piece) for block in blocks if (piece := block.strip())]
    if titled and len(elements) > 1 and is_title_like(elements[0].text) and not numbering(elements[0].text):
        elements[0] = replace(elements[0], kind="heading", level=1)
    return mark_headings(elements)


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
