"""Excel, cell by cell.

unstructured takes a sheet through pandas, which writes 3.14159265 as ``3.141593``, turns ``N/A`` into nothing and
``3`` into ``3.0`` beside an empty cell, and drops merged cells.
"""

from __future__ import annotations

import datetime as dt
import io
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any

from ingest.document import Element, ParsedDocument
from ingest.parsers.archive import check_archive
from ingest.tables import markdown_table
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CELLS = 5_000_000
_Rows = list[list[str]]


def read_xlsx(data: bytes) -> ParsedDocument:
    """Read a workbook: each sheet's name as a heading, its blocks of cells as tables; the sheet is the page."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

    check_archive(data)
    workbook = load_workbook(io.BytesIO(data), data_only=True)
    elements: list[Element] = []
    for page, sheet in enumerate(workbook.worksheets, start=1):
        if blocks := [block for rows in _regions(_texts(sheet)) for block in _block(rows, page)]:
            elements += [Element("heading", sheet.title.strip() or f"Sheet{page}", level=1, page=page), *blocks]
    return ParsedDocument(tuple(elements), title=" ".join((workbook.properties.title or "").split()), pages=page)


def _texts(sheet: Any) -> _Rows:
    """All cells as they are shown, merged ones filled."""
    if sheet.max_row * sheet.max_column > MAX_CELLS:
        raise DocumentError(
            f"sheet {sheet.title!r} spans {sheet.max_row * sheet.max_column:,} cells, over the bound of {MAX_CELLS:,};"
            " delete its empty rows and columns or split it"
        )
    rows = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    for merged in sheet.merged_cells.ranges:
        text = rows[merged.min_row - 1][merged.min_col - 1]
        for row in rows[merged.min_row - 1 : merged.max_row]:
            row[merged.min_col - 1 : merged.max_col] = [text] * (merged.max_col - merged.min_col + 1)
    return rows


def _shown(cell: Any) -> str:
    """A cell's value as a reader sees it, without losing a digit."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        percent = "%" in (cell.number_format or "")
        return f"{value * 100:.10g}%" if percent else f"{value:.15g}" if isinstance(value, float) else str(value)
    return str(value).strip()


def _regions(rows: _Rows) -> Iterator[_Rows]:
    """The blocks of rows between empty rows, without empty columns."""
    for filled, group in groupby(rows, key=any):
        if filled:
            block = list(group)
            used = [i for i in range(len(block[0])) if any(row[i] for row in block)]
            yield [[row[i] for i in used] for row in block]


def _block(rows: _Rows, page: int) -> Iterator[Element]:
    """The captions above a table, one text each, then the table; a single column is text."""
    captions = list(takewhile(_is_caption, rows))
    for row in captions:
        yield Element("text", next(filter(None, row)), page=page)
    if table := markdown_table(rows[len(captions) :]):
        yield Element("table", table, page=page)


def _is_caption(row: list[str]) -> bool:
    return len(set(filter(None, row))) == 1
