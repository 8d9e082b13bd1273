"""Excel, cell by cell, through openpyxl and xlrd.

unstructured takes a sheet through pandas, which writes 3.14159265 as ``3.141593``, turns ``N/A`` into nothing and
``3`` into ``3.0`` beside an empty cell, and drops merged cells.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from ingest.document import Element, ParsedDocument
from ingest.parsers.cells import CHINESE_DATES, shown
from ingest.parsers.drawing import chart, paragraph_text
from ingest.parsers.grid import Grid, check_cells, grid_elements
from ingest.parsers.package import Package, attribute, children, local, marked, metadata
from ingest.pulse import beat
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_STRINGS = 200_000_000
"""Bytes of the table of texts; it is read as a whole."""

_BEAT = 1000


def read_xlsx(data: bytes) -> ParsedDocument:
    """Read a workbook: each sheet's name as a heading, its blocks of cells as tables; the sheet is the page."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

    package = Package(data)
    _check_strings(data)
    with warnings.catch_warnings(action="ignore"):
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        elements: list[Element] = []
        count = 0
        for page, sheet in enumerate(workbook.worksheets, start=1):
            grid = _read_sheet(workbook, sheet, count)
            count += sum(map(len, grid.rows.values()))
            notes = [*_drawn(package, sheet._worksheet_path), *_comments(package, sheet._worksheet_path)]
            hidden = sheet.sheet_state != "visible"
            elements += sheet_elements(sheet.title, grid, notes, page=page, hidden=hidden)
    title, fields = package.core()
    return ParsedDocument(tuple(elements), title=title, pages=len(workbook.worksheets), metadata=fields)


def read_xls(data: bytes) -> ParsedDocument:
    """Read a workbook of Excel 97 to 2003, the same way."""
    import xlrd  # type: ignore[import-untyped]  # ships no types

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, on_demand=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise DocumentError("protected by a password; save a copy without one") from error
        raise DocumentError(f"broken or truncated ({error}); open it in Excel and save it as XLSX") from error
    elements: list[Element] = []
    count = 0
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        grid = _read_old_sheet(book, sheet, count)
        count += sum(map(len, grid.rows.values()))
        notes = [
            marked("comment", note.text.strip(), f"{note.author} {xlrd.cellname(*place)}".strip())
            for place, note in sorted(sheet.cell_note_map.items())
            if note.text.strip()
        ]
        elements += sheet_elements(sheet.name, grid, notes, page=number + 1, hidden=bool(sheet.visibility))
        book.unload_sheet(number)
    return ParsedDocument(tuple(elements), pages=book.nsheets, metadata=metadata(book.user_name or "", ""))


def _check_strings(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = max((i.file_size for i in archive.infolist() if "sharedstrings" in i.filename.lower()), default=0)
    if size > MAX_STRINGS:
        raise DocumentError(f"its texts take {size:,} bytes, over the bound of {MAX_STRINGS:,}; split the file")


def sheet_elements(name: str, grid: Grid, notes: list[str], *, page: int, hidden: bool) -> list[Element]:
    """A sheet's name as a heading, its blocks of cells, its comments and boxes; nothing for an empty sheet."""
    blocks = [*grid_elements(grid, page), *(Element("text", note, page=page) for note in notes)]
    title = name.strip() or f"Sheet{page}"
    if hidden:
        title += "（隐藏）" if any(ch >= "\u2e80" for ch in title) else " (hidden)"
    return [Element("heading", title, level=1, page=page), *blocks] if blocks else []


def _read_sheet(workbook: Any, sheet: Any, count: int) -> Grid:
    """The cells of a sheet, from the reader beneath openpyxl's sheets.

    Its read-only sheets lose merged cells and formulas without a result, the others take 50 times the file in memory.
    """
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser  # type: ignore[import-untyped]

    class Parser(WorkSheetParser):  # type: ignore[misc]  # the library ships no types
        def parse_cell(self, element: Any) -> Any:
            cell = super().parse_cell(element)
            if cell["value"] is None and element.find(FORMULA_TAG) is not None:
                formula = self.parse_formula(element)
                cell["value"] = getattr(formula, "text", formula)
            return cell

    with sheet._get_source() as source:
        parser = Parser(
            source, sheet._shared_strings, data_only=True, epoch=workbook.epoch,
            date_formats=workbook._date_formats, timedelta_formats=workbook._timedelta_formats,
        )  # fmt: skip
        rows = dict(_filled_rows(parser, _Styles(workbook), count))
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    return Grid(rows, [(m.min_row, m.min_col, m.max_row, m.max_col) for m in merged])


def _filled_rows(parser: Any, styles: _Styles, count: int) -> Iterator[tuple[int, dict[int, str]]]:
    for done, (number, cells) in enumerate(parser.parse()):
        row = {cell["column"]: text for cell in cells if (text := styles.shown(cell))}
        count += len(row)
        check_cells(count)
        if row:
            yield number, row
        if done % _BEAT == 0:
            beat(number, 0)


class _Styles:
    """The number formats of a workbook's cells."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._formats: dict[int, tuple[int, str]] = {}

    def shown(self, cell: dict[str, Any]) -> str:
        """What is seen in a cell as the parser gives it."""
        value = cell["value"]
        if value is None or isinstance(value, str):
            return shown(value, "")
        known = self._formats.get(cell["style_id"])
        if known is None:
            known = self._formats[cell["style_id"]] = self._format(cell["style_id"])
        number, code = known
        if number in CHINESE_DATES and cell["data_type"] == "n":
            from openpyxl.utils.datetime import from_excel  # type: ignore[import-untyped]

            value = from_excel(value, self._workbook.epoch)
        return shown(value, code)

    def _format(self, style: int) -> tuple[int, str]:
        from openpyxl.styles.numbers import BUILTIN_FORMATS  # type: ignore[import-untyped]

        number = self._workbook._cell_styles[style].numFmtId
        if number >= 164:
            return number, self._workbook._number_formats[number - 164]
        return number, CHINESE_DATES.get(number) or BUILTIN_FORMATS.get(number, "General")


def _drawn(package: Package, sheet: str) -> Iterator[str]:
    """The texts of boxes and the titles of charts that lie on a sheet."""
    for link in package.relations(sheet.lstrip("/")).values():
        root = package.xml(link.target) if link.kind == "drawing" else None
        if root is None:
            continue
        links = package.relations(link.target)
        for node in root.iter():
            name = local(node)
            if next(node.iterancestors("{*}Fallback"), None) is not None:
                continue
            if name == "txBody" and (text := paragraph_text(node)):
                yield text
            elif name == "chart" and (found := links.get(attribute(node, "id"))):
                picture = package.xml(found.target)
                yield from filter(None, [chart(picture)[0] if picture is not None else ""])


def _comments(package: Package, sheet: str) -> Iterator[str]:
    """The comments on a sheet's cells, each with its author and place."""
    for link in package.relations(sheet.lstrip("/")).values():
        root = package.xml(link.target) if link.kind == "comments" else None
        if root is None:
            continue
        authors = [node.text or "" for part in children(root, ["authors"], []) for node in part]
        for comment in children(root, ["comment"], ["commentList"]):
            text = "".join(node.text or "" for node in comment.iter() if local(node) == "t").strip()
            author = attribute(comment, "authorId", "0")
            by = authors[int(author)] if author.isdecimal() and int(author) < len(authors) else ""
            if text:
                yield marked("comment", text, f"{by} {attribute(comment, 'ref')}".strip())


def _read_old_sheet(book: Any, sheet: Any, count: int) -> Grid:
    grid = Grid(merged=[(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells])
    for number in range(sheet.nrows):
        row = {
            column + 1: text
            for column, cell in enumerate(sheet.row(number))
            if cell.ctype not in (0, 6) and (text := _old_text(book, cell))
        }
        count += len(row)
        check_cells(count)
        if row:
            grid.rows[number + 1] = row
        if number % _BEAT == 0:
            beat(number, sheet.nrows)
    return grid


def _old_text(book: Any, cell: Any) -> str:
    import xlrd

    key = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else 0
    code = CHINESE_DATES.get(key) or (book.format_map[key].format_str if key in book.format_map else "General")
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value), code)
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _old_date(xlrd.xldate_as_datetime(cell.value, book.datemode), cell.value, code)
        except (ValueError, OverflowError):
            return shown(cell.value, "General")
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return shown(int(cell.value) if cell.value.is_integer() else cell.value, code)
    return shown(cell.value, code)


def _old_date(value: Any, serial: float, code: str) -> str:
    """A date, or a time where the number has no day."""
    return str(value.time().replace(microsecond=0)) if serial < 1 else shown(value, code)
