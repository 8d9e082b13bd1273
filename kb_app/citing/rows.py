"""Tables: which rows a sentence names, and whether it gives them what only another row holds. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.citing.facts import collect, stated
from kb_app.citing.quotes import CLAUSE, Reading, read
from kb_app.numbers.quantities import BARE
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.citing.facts import Facts
    from kb_app.numbers.quantities import Quantity

RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*\|?")
_LEAST_NAME, _LEAST_DIGITS = 2, 3
_EITHER, _BOTH = re.compile("[、/,，;；]"), re.compile("[—–~～→-]+|至|到")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        cells: Squashed.
        readings: What each says.
        facts: All its numbers.
    """

    cells: tuple[str, ...]
    readings: tuple[Reading, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a text.

    Attributes:
        head: What the columns are.
        rows: Each with as many cells as the head.
    """

    head: tuple[Reading, ...]
    rows: tuple[Row, ...]

    def named(self, said: str) -> tuple[int, list[Row]]:
        """The column by which a squashed text names rows, and these; none where it names none."""
        for column in range(len(self.head)):
            names = [row.cells[column] for row in self.rows]
            if column and len(set(names)) < len(names):
                continue
            hits = [row for row in self.rows if _names(said, row.cells[column])]
            longest = [
                row
                for row in hits
                if not any(row.cells[column] != x.cells[column] and row.cells[column] in x.cells[column] for x in hits)
            ]
            if longest:
                return column, self._narrowed(longest, column, said)
        return 0, []

    def _narrowed(self, rows: list[Row], column: int, said: str) -> list[Row]:
        """Of several rows of one name those that a further cell names."""
        for other in range(column + 1, len(self.head)):
            if len({row.cells[column] for row in rows}) == 1 < len(rows):
                rows = [row for row in rows if _names(said, row.cells[other])] or rows
        return rows


def row_cells(line: str) -> list[str]:
    """The cells of a line of a table; none for another line."""
    line = line.strip()
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


@lru_cache(maxsize=256)
def tables(text: str) -> tuple[Table, ...]:
    """The tables of a text."""
    found: list[tuple[list[str], list[Row]]] = []
    lines = text.split("\n")
    is_open = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        cells = row_cells(line)
        if not cells:
            is_open = False
        elif RULE.fullmatch(following.strip()):
            found.append((cells, []))
            is_open = True
        elif is_open and len(cells) == len(found[-1][0]) and not RULE.fullmatch(line.strip()):
            found[-1][1].append(_row(cells))
    return tuple(Table(tuple(map(read, head)), tuple(rows)) for head, rows in found if len(rows) > 1)


def is_of_another_row(claim: str, texts: Sequence[str]) -> bool:
    """Whether a sentence names a row of a table and gives it a cell that only another row has.

    Args:
        claim: The sentence.
        texts: Those of the passages that it cites.
    """
    known = [table for text in texts for table in tables(text)]
    if not known:
        return False
    prose = [line for text in texts for line in map(squash, text.split("\n")) if line and not row_cells(line)]
    return any(
        _has_foreign(clause, table, column, rows, prose)
        for table in known
        for clause, column, rows in _clauses(claim, table)
    )


def settles(fact: Quantity, claim: str, texts: Sequence[str]) -> bool:
    """Whether the one row that a sentence names holds a number, and no other of its unit."""
    for table in (table for text in texts for table in tables(text)):
        _, rows = table.named(squash(claim))
        if len(rows) == 1 and fact in rows[0].facts:
            return sum(known[0] == fact.kind for known in rows[0].facts.exact) == 1
    return False


def _row(cells: list[str]) -> Row:
    readings = tuple(map(read, cells))
    facts = collect(fact for reading in readings for fact in reading.facts)
    return Row(tuple(map(squash, cells)), readings, facts)


def _clauses(claim: str, table: Table) -> Iterator[tuple[str, int, list[Row]]]:
    """The clauses of a sentence, each with the rows that it names, or that stand before it."""
    column, rows = 0, list[Row]()
    parts = [claim] if row_cells(claim) else CLAUSE.split(claim)
    for clause in parts:
        own, named = table.named(squash(clause))
        if named and (own == 0 or not rows):
            column, rows = own, named
        if rows:
            yield clause, column, rows


def _names(said: str, cell: str) -> bool:
    """Whether a text has the name in a cell: one of several, both ends of a way."""
    return any(all(_stands(said, part) for part in _BOTH.split(one)) for one in {cell, *_EITHER.split(cell)}) or (
        _stands(said, cell)
    )


def _stands(said: str, name: str) -> bool:
    if len(name) < _LEAST_NAME or not any(char.isalpha() for char in name) or name not in said:
        return False
    before = r"(?<![a-z0-9])" if name[0].isascii() else ""
    behind = r"(?![a-z0-9])" if name[-1].isascii() else ""
    return bool(re.search(before + re.escape(name) + behind, said))


@dataclass(frozen=True, slots=True)
class _Said:
    """A clause of a sentence and the rows that it speaks of; the name of a row is none of its numbers."""

    text: str
    reading: Reading
    facts: list[Quantity]
    rows: list[Row]

    def is_name(self, cell: str, column: int) -> bool:
        """Whether it has a cell without numbers where its rows have another one."""
        own = [row.cells[column] for row in self.rows]
        return (
            not read(cell).facts
            and _stands(self.text, cell)
            and all(one and not _names(self.text, one) for one in own)
            and not any(cell in "|".join(row.cells) for row in self.rows)
        )

    def has_number(self, known: Quantity, column: int, head: Reading) -> bool:
        """Whether it has the number of a cell where its rows have another one."""
        if not all(row.readings[column].facts for row in self.rows):
            return False
        is_meant = bool(head.pieces & self.reading.pieces)
        return any(
            (known.kind, known.value) == (fact.kind, fact.value)
            or (
                known.kind == BARE
                and known.value in {fact.value, fact.raw}
                and (is_meant or len(fact.value) >= _LEAST_DIGITS)
            )
            for fact in self.facts
            if not any(fact in row.facts for row in self.rows)
        )


def _has_foreign(clause: str, table: Table, column: int, rows: list[Row], prose: list[str]) -> bool:
    bare = clause
    for row in rows:
        bare = bare.replace(row.readings[column].folded, " ")
    reading = read(bare)
    said = _Said(squash(clause), reading, stated(reading.folded, reading.facts), rows)
    for other in table.rows:
        for index, cell in enumerate(other.cells):
            if other in rows or index == column or cell in ["", *(row.cells[index] for row in rows)]:
                continue
            if any(cell in line and other.cells[column] not in line for line in prose):
                continue
            if said.is_name(cell, index) or any(
                said.has_number(known, index, table.head[index]) for known in other.readings[index].facts
            ):
                return True
    return False
