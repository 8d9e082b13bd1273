"""What a passage says from one place to another, as a person reads it on one line. Pure."""

from __future__ import annotations

import re

from kb_app.answering.units import cells_of, row_text

_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")


def readable(text: str, start: int = 0, end: int | None = None) -> str:
    """The words without line ends; of a table its rows, each cell behind the name of its column.

    Args:
        text: A whole passage, since a row has its names from above.
        start: Where to begin.
        end: Where to end; at the end of the text if not given.
    """
    end = len(text) if end is None else end
    pieces = [
        _piece(text, line, max(start, line.start()), min(end, line.end()))
        for line in _LINE.finditer(text)
        if line.start() < end and start < line.end()
    ]
    return " ".join((" ".join(filter(None, pieces)) or text[start:end]).split())


def _piece(text: str, line: re.Match[str], start: int, end: int) -> str:
    """The part of a line between two places."""
    row, piece = line.group().strip(), text[start:end].strip()
    if not row.startswith("|"):
        return piece
    following = _LINE.match(text, line.end() + 1)
    if _RULE.fullmatch(row) or (following and _RULE.fullmatch(following.group())):
        return ""  # names of columns, which stand before the cells of each row
    if piece == row:
        begin = line.start() + line.group().index(row)
        return row_text(text, begin, begin + len(row))
    return " · ".join(filter(None, cells_of(piece)))
