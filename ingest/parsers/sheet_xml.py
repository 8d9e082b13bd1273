"""Workbooks that Excel 2003, or a program that copies it, saved as XML. No library reads them."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from ingest.document import Element, ParsedDocument
from ingest.parsers.cells import shown
from ingest.parsers.grid import Grid, check_cells
from ingest.parsers.package import attribute, children, integer, local, marked, metadata, parse_xml, sensible_title
from ingest.parsers.sheets import sheet_elements
from ingest.pulse import beat
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 64_000_000
"""Its tree takes about twelve times as much memory."""

_MAX_PLACE = 1_048_576
_FORMATS = {
    "Percent": "0.00%", "Standard": "#,##0.00", "Fixed": "0.00", "Currency": "#,##0.00",
    "Long Date": 'yyyy"年"m"月"d"日"',
}  # fmt: skip


def read_sheet_xml(data: bytes) -> ParsedDocument:
    """Read a workbook: each sheet's name as a heading, its blocks of cells as tables; the sheet is the page.

    Raises:
        DocumentError: It is too large or no workbook.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{len(data):,} bytes, over the bound of {MAX_BYTES:,} for this format; split the file")
    root = parse_xml(data, "the file")
    formats = dict(_formats(root))
    sheets = list(children(root, ("Worksheet",), ()))
    elements: list[Element] = []
    count = 0
    for page, sheet in enumerate(sheets, start=1):
        reader = _Sheet(formats, count)
        reader.read(sheet)
        count = reader.count
        hidden = any("Hidden" in (node.text or "") for node in sheet.iterfind("{*}WorksheetOptions/{*}Visible"))
        elements += sheet_elements(attribute(sheet, "Name"), reader.grid, reader.notes, page=page, hidden=hidden)
        beat(page, len(sheets))
    about = {local(node): (node.text or "").strip() for node in root.iterfind("{*}DocumentProperties/{*}*")}
    return ParsedDocument(
        tuple(elements),
        title=sensible_title(about.get("Title", "")),
        pages=len(sheets),
        metadata=metadata(about.get("Author", ""), about.get("LastSaved") or about.get("Created", "")),
    )


def _formats(root: Any) -> Iterator[tuple[str, str]]:
    """The number formats by the id of their style."""
    for style in root.iterfind("{*}Styles/{*}Style"):
        for node in style.iterfind("{*}NumberFormat"):
            code = attribute(node, "Format")
            yield attribute(style, "ID"), _FORMATS.get(code, code)


class _Sheet:
    """The cells and comments of a sheet while it is read."""

    def __init__(self, formats: dict[str, str], count: int) -> None:
        self._formats = formats
        self.count = count
        self.grid = Grid()
        self.notes: list[str] = []

    def read(self, sheet: Any) -> None:
        """Take in the rows; those and cells that are left out are told by the index of the next."""
        number = 0
        for row in sheet.iterfind("{*}Table/{*}Row"):
            number = _next_place(row, number)
            column = 0
            for cell in row.iterfind("{*}Cell"):
                column = _next_place(cell, column)
                self._cell(cell, number, column)
                column += _span(cell, "MergeAcross")
            check_cells(self.count)

    def _cell(self, cell: Any, row: int, column: int) -> None:
        node = next((one for one in cell if local(one) == "Data"), None)
        text = _text(node, self._formats.get(attribute(cell, "StyleID"), "")) if node is not None else ""
        if text:
            self.grid.rows.setdefault(row, {})[column] = text
            self.count += 1
        across, down = _span(cell, "MergeAcross"), _span(cell, "MergeDown")
        if across or down:
            self.grid.merged.append((row, column, row + down, column + across))
        for comment in cell.iterfind("{*}Comment"):
            said = " ".join("".join(comment.itertext()).split())
            if said:
                self.notes.append(marked("comment", said, attribute(comment, "Author")))


def _next_place(node: Any, before: int) -> int:
    return min(max(integer(attribute(node, "Index"), before + 1), before + 1), _MAX_PLACE)


def _span(cell: Any, name: str) -> int:
    return min(max(integer(attribute(cell, name)), 0), _MAX_PLACE)


def _text(node: Any, number_format: str) -> str:
    """What is seen in a cell."""
    raw = "".join(node.itertext())
    kind = attribute(node, "Type")
    value: object = raw
    with contextlib.suppress(ValueError):
        if kind == "Number":
            value = float(raw)
            value = int(value) if value.is_integer() else value
        elif kind == "DateTime":
            value = dt.datetime.fromisoformat(raw)
        elif kind == "Boolean":
            value = raw.strip() == "1"
    return shown(value, number_format)
