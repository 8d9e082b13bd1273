"""Tables of OpenDocument: cells that cover others, and cells and rows written once for many."""

from __future__ import annotations

from itertools import groupby, takewhile
from typing import TYPE_CHECKING, Any

from ingest.document import Element
from ingest.parsers.grid import table_elements
from ingest.parsers.package import attribute, children, integer, local
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_PLACES = 2_000_000
"""Places of one table, the empty and the repeated ones too: each takes memory here."""

_MAX_COLUMNS = 16_384
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_ROW_GROUPS = frozenset({"table-header-rows", "table-rows", "table-row-group"})
_CELL_GROUPS = frozenset({"table-header-columns", "table-columns", "table-column-group"})


def table_rows(table: Any) -> Iterator[Any]:
    """The rows of a table, those in groups too."""
    return children(table, ("table-row",), _ROW_GROUPS)


class OdfTable:
    """The texts of a table's cells, row by row; a merged cell stands in each place that it covers."""

    def __init__(self, text_of: Callable[[Any], str]) -> None:
        self.rows: list[list[str]] = []
        self._text_of = text_of
        self._below: dict[int, tuple[str, int]] = {}
        self._places = 0

    def add(self, row: Any) -> None:
        """Append a row, as often as it says.

        Raises:
            DocumentError: The table has more cells than is bearable.
        """
        line = self._line(row)
        # A stretch of empty rows is one: it only tells that there a block ends.
        repeated = max(integer(attribute(row, "number-rows-repeated"), 1), 1) if any(line) else 1
        self._places += repeated * max(len(line), 1)
        if self._places > MAX_PLACES:
            raise DocumentError(
                f"a table of more than {MAX_PLACES:,} cells; delete its repeated rows or split the file"
            )
        self.rows += [list(line) for _ in range(repeated)]

    def _line(self, row: Any) -> list[str]:
        line: list[str] = []
        used = 0
        for cell in children(row, _CELLS, _CELL_GROUPS):
            repeated = max(integer(attribute(cell, "number-columns-repeated"), 1), 1)
            text = "" if local(cell).startswith("covered") else self._text_of(cell)
            for _ in range(min(repeated, _MAX_COLUMNS - len(line))):
                line.append(self._covered(len(line)) or text)
            self._cover(cell, text, len(line) - 1)
            used = len(line) if line and line[-1] else used
        return line[:used]

    def _covered(self, column: int) -> str:
        """The text of the merged cell that reaches here from the left or from above."""
        text, left = self._below.pop(column, ("", 0))
        if left > 1:
            self._below[column] = (text, left - 1)
        return text

    def _cover(self, cell: Any, text: str, column: int) -> None:
        columns = min(max(integer(attribute(cell, "number-columns-spanned"), 1), 1), _MAX_COLUMNS)
        rows = max(integer(attribute(cell, "number-rows-spanned"), 1), 1)
        if not text or (columns == 1 and rows == 1):
            return
        # In its own row a merged cell covers what is to its right, in those below also its own column.
        for i in range(column, column + columns):
            left = rows - (i == column)
            if left:
                self._below[i] = (text, left)


def sheet_blocks(rows: list[list[str]], page: int) -> Iterator[Element]:
    """The blocks between empty rows: captions above a table, one text each, then the table."""
    for filled, group in groupby(rows, key=any):
        if not filled:
            continue
        block = list(_without_empty_columns(list(group)))
        captions = list(takewhile(lambda row: len(set(filter(None, row))) == 1, block))
        for row in captions:
            yield Element("text", next(filter(None, row)), page=page)
        yield from table_elements(block[len(captions) :], page)


def _without_empty_columns(rows: list[list[str]]) -> Iterable[list[str]]:
    used = sorted({i for row in rows for i, text in enumerate(row) if text})
    return ([row[i] if i < len(row) else "" for i in used] for row in rows)
