"""Lines joined to a text: Chinese without a space, divided English words put together again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.parsers.pdf.rows import WIDE, joined, pieces_of, rows_of
from ingest.parsers.pdf.shapes import TextLine
from ingest.parsers.pdf.words import HYPHEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.pdf.shapes import Word


# A number that a program cut at the end of a line of Chinese.
_NUMBER = re.compile(r"[0-9][.,]?\Z")


def join(text: str, line: str) -> str:
    """A text and the line that goes on with it."""
    head, between = seam(text, line)
    return head + between + line


def seam(text: str, line: str) -> tuple[str, str]:
    """What is left of a text when a line goes on with it, and what comes between them."""
    if text[-1] == HYPHEN:
        return text[:-1], ""
    if text[-1] == "-" and text[-2:-1].isalpha() and line[0].islower():
        return text[:-1], ""
    if WIDE.match(text[-1]) or WIDE.match(line):
        return text, ""
    if line[0].isdigit() and _NUMBER.search(text) and WIDE.search(text):
        return text, ""
    return text, " "


def cell_text(words: Sequence[Word], page: int) -> str:
    """The words of a cell; its lines are joined as those of a paragraph are."""
    text = ""
    for row in rows_of(pieces_of(words)):
        for line in joined(row, page):
            if isinstance(line, TextLine):
                text = join(text, line.text) if text else line.text
    return text
