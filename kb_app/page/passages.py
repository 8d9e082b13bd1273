"""The text of a passage as HTML: its tables as tables, and what supports an answer marked."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.page.sources import Span

_LINE = re.compile(r"[^\n]+")
_ROW = re.compile(r"\s*\|.*\|\s*")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_WALL = re.compile(r"(?<!\\)\|")
_FEWEST_ROWS = 2  # one line between two strokes is text


def passage_html(text: str, spans: Sequence[Span]) -> str:
    """Paragraphs and tables, escaped, with each span in a ``<mark>``; spans are in order and do not overlap."""
    return "".join(
        _table(text, lines, spans)
        if table
        else f'<p class="kb-passage">{marked(text, lines[0][0], lines[-1][1], spans)}</p>'
        for table, lines in _blocks(text)
    )


def marked(text: str, start: int, end: int, spans: Sequence[Span]) -> str:
    """Escaped text from one place to another, with what of it lies in a span in a ``<mark>``."""
    parts, position = [], start
    for span in spans:
        left, right = max(span[0], start), min(span[1], end)
        if left < right:
            parts += [escape(text[position:left]), f"<mark>{escape(text[left:right])}</mark>"]
            position = right
    return "".join([*parts, escape(text[position:end])])


def _blocks(text: str) -> Iterator[tuple[bool, list[Span]]]:
    """The places of lines that belong together, and whether they are a table."""
    lines = (match.span() for match in _LINE.finditer(text))
    for row, group in groupby(lines, lambda line: _ROW.fullmatch(text, *line) is not None):
        block = list(group)
        yield row and len(block) >= _FEWEST_ROWS, block


def _table(text: str, lines: Sequence[Span], spans: Sequence[Span]) -> str:
    """A Markdown table; what stands above its rule is its head."""
    rule = next((i for i, line in enumerate(lines) if _RULE.fullmatch(text, *line)), -1)
    head, rows = lines[: max(rule, 0)], lines[rule + 1 :]
    thead = "".join(_row(text, line, spans, "th") for line in head)
    tbody = "".join(_row(text, line, spans, "td") for line in rows if not _RULE.fullmatch(text, *line))
    top = f"<thead>{thead}</thead>" if thead else ""
    return f'<div class="kb-table"><table>{top}<tbody>{tbody}</tbody></table></div>'


def _row(text: str, line: Span, spans: Sequence[Span], tag: str) -> str:
    walls = [wall.span() for wall in _WALL.finditer(text, *line)]
    cells = (_cell(text, left, right, spans) for (_, left), (right, _) in pairwise(walls))
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _cell(text: str, left: int, right: int, spans: Sequence[Span]) -> str:
    """What stands between two strokes; a stroke and a line end have another spelling there."""
    inner = text[left:right]
    left += len(inner) - len(inner.lstrip())
    html = marked(text, left, max(left, left + len(inner.strip())), spans)
    return html.replace(r"\|", "|").replace("&lt;br&gt;", "<br />")
