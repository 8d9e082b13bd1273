"""Tables as Markdown: written from rows, read from HTML with merged cells filled, cut by rows."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from ingest.packing import pack, priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_SPAN = 1000


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first row is the header; empty if no cell holds a text."""
    lines: list[str] = []
    widths: list[int] = []
    for row in rows:
        cells = [_escape(cell) for cell in row]
        if used := _used(cells):
            lines.append(" | ".join(cells[:used]))
            widths.append(used)
    width = max(widths, default=0)
    full = [f"| {line}{' | ' * (width - used)} |" for line, used in zip(lines, widths, strict=True)]
    return "\n".join([full[0], f"| {' | '.join(['---'] * width)} |", *full[1:]]) if full else ""


def split_table(table: str, limit: int) -> list[str]:
    """Cut a Markdown table into parts of at most ``limit`` characters, each with the header.

    A row that is longer than the limit is a part of its own.
    """
    if len(table) <= limit:
        return [table]
    header, separator, *rows = table.split("\n")
    head = f"{header}\n{separator}"
    if not rows:
        return [table]
    bounds = list(accumulate((len(row) + 1 for row in rows), initial=0))
    starts = pack(bounds, [priority(0, row) for row in rows], limit - len(head))
    return ["\n".join([head, *rows[a:b]]) for a, b in pairwise([*starts, len(rows)])]


def html_rows(html: str) -> list[list[str]]:
    """The cells of an HTML table, those that are merged repeated in each place that they cover."""
    parser = _TableParser()
    parser.feed(html)
    parser.close()
    return _fill_spans(parser.rows)


def _escape(cell: str) -> str:
    return cell.strip().replace("|", "\\|").replace("\n", "<br>")


def _used(row: Sequence[str]) -> int:
    return max((i for i, cell in enumerate(row, start=1) if cell), default=0)


class _Cell:
    """A cell while it is read: its pieces of text and how many columns and rows it covers."""

    def __init__(self, attributes: dict[str, str | None]) -> None:
        self.parts: list[str] = []
        self.columns = _span(attributes.get("colspan"))
        self.rows = _span(attributes.get("rowspan"))

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


class _TableParser(HTMLParser):
    """Collects the cells of the rows; a nested table's text becomes text of the cell around it."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[_Cell]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "table"
        if self._depth > 1:
            self._add(" ")
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(_Cell(dict(attrs)))
        elif tag in ("br", "p", "div", "li"):
            self._add(" ")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "table"

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].parts.append(text)


def _span(value: str | None) -> int:
    return min(max(int(value), 1), _MAX_SPAN) if value and value.isdecimal() else 1


def _fill_spans(rows: Sequence[Sequence[_Cell]]) -> list[list[str]]:
    grid: list[list[str]] = []
    pending: dict[int, tuple[str, int]] = {}
    for row in rows:
        line: list[str] = []
        cells = iter(row)
        while (text := _next_cell(line, pending, cells)) is not None:
            line.extend(text)
        grid.append(line)
    return grid


def _next_cell(line: list[str], pending: dict[int, tuple[str, int]], cells: Iterable[_Cell]) -> list[str] | None:
    """The texts for the next columns: from a cell above that reaches down, else from the row's next cell."""
    column = len(line)
    if column in pending:
        text, left = pending.pop(column)
        if left > 1:
            pending[column] = (text, left - 1)
        return [text]
    cell = next(iter(cells), None)
    if cell is None:
        return [""] if any(later > column for later in pending) else None
    if cell.rows > 1:
        pending |= {column + i: (cell.text, cell.rows - 1) for i in range(cell.columns)}
    return [cell.text] * cell.columns
