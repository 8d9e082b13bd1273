"""From the cells of a sheet to elements: captions, tables with one header row, and rows too wide for a table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from ingest.document import Element
from ingest.parsers.forms import form_table
from ingest.tables import markdown_table
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CELLS = 3_000_000
"""Cells with a text in one file: they take about a gigabyte of memory."""

MAX_COLUMNS = 30
"""Columns of a table; the rows of a wider one are written value by value, each with its column's name."""

_DEEPEST_HEADER = 4
_LONG_CELL = 40
"""Characters up to which the text of a merged cell stands in each column that it covers."""

_AMOUNT = re.compile(r"(?!(?:19|20)\d\d$)[-+¥￥$€£(]*\d[\d,.]*\s*%?\)?")


@dataclass(slots=True)
class Grid:
    """The cells of a sheet that hold something.

    Attributes:
        rows: Texts by row and column, both from 1.
        merged: First row, first column, last row and last column of merged cells.
    """

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows that follow each other, dense, without empty columns."""

    first: int
    rows: list[list[str]]


def grid_elements(grid: Grid, page: int | None = None) -> Iterator[Element]:
    """The blocks between empty rows: the captions above each table, one text each, then the table."""
    _fill(grid)
    wide = {top for top, left, _, right in grid.merged if right > left}
    for block in _blocks(grid.rows):
        yield from _block_elements(block, wide, page)


def table_elements(rows: Sequence[Sequence[str]], page: int | None = None) -> Iterator[Element]:
    """A table with its merged cells filled: titles over its full width as texts, its header rows as one."""
    width = max(map(len, rows), default=0)
    full = [[cell.strip() for cell in (*row, *[""] * (width - len(row)))] for row in rows]
    full = [row for row in full if any(row)]
    titles = list(takewhile(lambda row: width > 1 and len(set(row)) == 1, full))
    if len(titles) + 1 >= len(full):
        titles = []
    yield from (Element("text", row[0], page=page) for row in titles)
    yield from _table(full[len(titles) :], page)


def row_elements(rows: Sequence[Sequence[str]], page: int | None = None) -> Iterator[Element]:
    """A table whose first row is the header, as one table, or row by row where it is wide."""
    if max(map(len, rows), default=0) <= MAX_COLUMNS:
        if table := markdown_table(rows):
            yield Element("table", table, page=page)
        return
    header = rows[0]
    names = [name.strip() for name in header]
    for row in rows[1:] or [header]:
        lines = [
            _named(names[i] if i < len(names) and row is not header else "", value.strip())
            for i, value in enumerate(row)
            if value.strip()
        ]
        if lines:
            yield Element("text", "\n".join(lines), page=page)


def check_cells(count: int) -> None:
    """Refuse a file with more cells than fit into memory.

    Raises:
        DocumentError: It has.
    """
    if count > MAX_CELLS:
        raise DocumentError(f"more than {MAX_CELLS:,} filled cells; split the file")


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if name else value


def _fill(grid: Grid) -> None:
    """Repeat the text of merged cells in each place that they cover, as far as the sheet goes."""
    last_row = max(grid.rows, default=0)
    last_column = max((max(row) for row in grid.rows.values() if row), default=0)
    count = sum(map(len, grid.rows.values()))
    for top, left, bottom, right in grid.merged:
        text = grid.rows.get(top, {}).get(left, "")
        if not text:
            continue
        columns = range(left, max(left, min(right, last_column)) + 1)
        for number in range(top, min(bottom, last_row) + 1):
            grid.rows.setdefault(number, {}).update(dict.fromkeys(columns, text))
            count += len(columns) - 1
            check_cells(count)


def _blocks(rows: dict[int, dict[int, str]]) -> Iterator[_Block]:
    run: list[int] = []
    for number in sorted(number for number, row in rows.items() if row):
        if run and number != run[-1] + 1:
            yield from _side_by_side(rows, run)
            run = []
        run.append(number)
    if run:
        yield from _side_by_side(rows, run)


def _side_by_side(rows: dict[int, dict[int, str]], run: list[int]) -> Iterator[_Block]:
    """Rows as one block, or as several where tables of different heights stand beside each other."""
    groups: list[list[int]] = []
    for column in sorted({column for number in run for column in rows[number]}):
        if groups and column == groups[-1][-1] + 1:
            groups[-1].append(column)
        else:
            groups.append([column])
    parts = [[number for number in run if not rows[number].keys().isdisjoint(group)] for group in groups]
    if len(groups) > 1 and all(_is_run(part) and len(part) > 1 for part in parts) and len(set(map(len, parts))) > 1:
        for part, group in zip(parts, groups, strict=True):
            yield _dense(rows, part, group)
    else:
        yield _dense(rows, run, [column for group in groups for column in group])


def _is_run(numbers: list[int]) -> bool:
    return numbers[-1] - numbers[0] + 1 == len(numbers)


def _dense(rows: dict[int, dict[int, str]], run: list[int], columns: list[int]) -> _Block:
    check_cells(len(columns) * len(run))
    return _Block(run[0], [[rows[number].get(column, "") for column in columns] for number in run])


def _block_elements(block: _Block, wide: set[int], page: int | None) -> Iterator[Element]:
    captions = _captions(block.rows)
    for text in dict.fromkeys("  ".join(dict.fromkeys(filter(None, row))) for row in captions):
        yield Element("text", text, page=page)
    rows = block.rows[len(captions) :]
    if rows:
        yield from _table(rows, page, deep=block.first + len(captions) in wide)


def _captions(rows: list[list[str]]) -> list[list[str]]:
    """The rows above the header: one text, or few in a wide sheet, as a title and a date."""
    titles = list(takewhile(_is_caption, rows))
    few = max(1, len(rows[0]) // 4)
    sparse = list(takewhile(lambda row: len(set(filter(None, row))) <= few, rows))
    return sparse if len(sparse) + 1 < len(rows) else titles


def _is_caption(row: list[str]) -> bool:
    return len(set(filter(None, row))) == 1


def _table(rows: list[list[str]], page: int | None, *, deep: bool = True) -> Iterator[Element]:
    if form := form_table(rows):
        yield from row_elements(form, page)
        return
    depth = _header_depth(rows) if deep else 1
    yield from row_elements([_joined(rows[:depth]), *map(_once, rows[depth:])] if rows else [], page)


def _header_depth(rows: list[list[str]]) -> int:
    """Number of header rows: as deep as its merged cells reach, if no amount stands there."""
    depth = 1
    while depth < min(_DEEPEST_HEADER, len(rows) - 1) and _goes_on(rows[depth - 1], rows[depth]):
        depth += 1
    return 1 if any(_AMOUNT.fullmatch(cell) for row in rows[:depth] for cell in row) else depth


def _goes_on(above: list[str], below: list[str]) -> bool:
    """Whether a row divides what the header row above it puts together, and says nothing new elsewhere."""
    wide = [bool(text) and text in (above[max(i - 1, 0) : i] + above[i + 1 : i + 2]) for i, text in enumerate(above)]
    divided = any(a and b and above[i] == above[i + 1] and below[i] != below[i + 1]
                  for i, (a, b) in enumerate(pairwise(wide)))  # fmt: skip
    rest = [(a, b) for a, b, is_wide in zip(above, below, wide, strict=True) if not is_wide]
    return divided and len(set(above)) > 1 and all(a == b or not a or not b for a, b in rest)


def _once(row: list[str]) -> list[str]:
    """A row in which a long text of merged cells stands only once."""
    return ["" if i and len(text) > _LONG_CELL and text == row[i - 1] else text for i, text in enumerate(row)]


def _joined(rows: list[list[str]]) -> list[str]:
    """Header rows as one: ``上半年 销量``."""
    return [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True)]
