"""Tables that rules are drawn around: cells where the rules leave them, merged cells filled."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.parsers.pdf.joining import cell_text
from ingest.parsers.pdf.shapes import Row, Table, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.parsers.pdf.shapes import Box, Word

_NEAR = 3.0
_MAX_CELLS = 20_000
_FILLED = 0.25


def ruled_tables(rules: Sequence[Box], words: Sequence[Word], page: int) -> list[Table]:
    """The tables of a page, from above to below."""
    tables = []
    for group in _connected(rules):
        flat = _strokes([rule for rule in group if _is_flat(rule)], axis=1)
        upright = _strokes([rule for rule in group if not _is_flat(rule)], axis=0)
        table = _table(flat, upright, words, page)
        if table:
            tables.append(table)
    inner = [t for t in tables if not any(o is not t and _within(t.box, o.box) for o in tables)]
    return sorted(inner, key=lambda table: (table.box[1], table.box[0]))


def _within(box: Box, other: Box) -> bool:
    return other[0] - 1 <= box[0] and other[1] - 1 <= box[1] and box[2] <= other[2] + 1 and box[3] <= other[3] + 1


def _is_flat(rule: Box) -> bool:
    return rule[2] - rule[0] >= rule[3] - rule[1]


def _connected(rules: Sequence[Box]) -> list[list[Box]]:
    """Rules that touch each other, directly or through others."""
    sets = Sets(len(rules))
    order = sorted(range(len(rules)), key=lambda i: rules[i][1])
    active: list[int] = []
    for i in order:
        left, top, right, _ = rules[i]
        active = [j for j in active if rules[j][3] + _NEAR >= top]
        for j in active:
            if rules[j][0] - _NEAR <= right and left <= rules[j][2] + _NEAR:
                sets.unite(i, j)
        active.append(i)
    groups: defaultdict[int, list[Box]] = defaultdict(list)
    for i in order:
        groups[sets.root(i)].append(rules[i])
    return [group for group in groups.values() if len(group) >= 4]


def _strokes(rules: Iterable[Box], axis: int) -> dict[float, list[tuple[float, float]]]:
    """By position, the stretches that are drawn there; positions that are almost the same are one."""
    along = 1 - axis
    places: list[tuple[float, tuple[float, float]]] = sorted(
        ((rule[axis] + rule[axis + 2]) / 2, (rule[along], rule[along + 2])) for rule in rules
    )
    strokes: dict[float, list[tuple[float, float]]] = {}
    last = None
    for place, stretch in places:
        if last is None or place - last > _NEAR:
            last = place
            strokes[last] = []
        strokes[last].append(stretch)
    return strokes


def _table(
    flat: dict[float, list[tuple[float, float]]],
    upright: dict[float, list[tuple[float, float]]],
    words: Sequence[Word],
    page: int,
) -> Table | None:
    ys, xs = _with_ends(flat, upright), _with_ends(upright, flat)
    rows, columns = len(ys) - 1, len(xs) - 1
    if rows < 1 or columns < 2 or rows * columns > _MAX_CELLS or len(upright) < 2 or len(flat) < 2:
        return None
    box = (xs[0], ys[0], xs[-1], ys[-1])
    areas = _areas(xs, ys, flat, upright)
    held: defaultdict[int, list[Word]] = defaultdict(list)
    for word in words:
        if holds(box, word.box):
            x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
            held[areas[_slot(ys, y)][_slot(xs, x)]].append(word)
    texts = {area: cell_text(inside, page) for area, inside in held.items()}
    cells = [[texts.get(area, "") for area in row] for row in areas]
    if not _is_table(cells, areas):
        return None
    return Table(
        tuple(Row(tuple(row), (xs[0], ys[r], xs[-1], ys[r + 1]), page) for r, row in enumerate(cells) if any(row)),
        box,
        tuple(xs),
    )


def _with_ends(
    strokes: dict[float, list[tuple[float, float]]], across: dict[float, list[tuple[float, float]]]
) -> list[float]:
    """The positions of rules, and where the rules that cross them end: a table may be open at its sides."""
    places = sorted(strokes)
    stretches = [stretch for found in across.values() for stretch in found]
    if places and stretches:
        first, last = min(s[0] for s in stretches), max(s[1] for s in stretches)
        if places[0] - first > 4 * _NEAR:
            places.insert(0, first)
        if last - places[-1] > 4 * _NEAR:
            places.append(last)
    return places


def _slot(places: Sequence[float], value: float) -> int:
    return max(0, min(len(places) - 2, sum(place <= value for place in places) - 1))


def _areas(
    xs: Sequence[float],
    ys: Sequence[float],
    flat: dict[float, list[tuple[float, float]]],
    upright: dict[float, list[tuple[float, float]]],
) -> list[list[int]]:
    """A number for each cell of the grid, the same for those that no rule divides."""
    rows, columns = len(ys) - 1, len(xs) - 1
    cells = Sets(rows * columns)
    for r in range(rows):
        for c in range(columns):
            x, y = (xs[c] + xs[c + 1]) / 2, (ys[r] + ys[r + 1]) / 2
            if c and not _drawn(upright.get(xs[c], []), y):
                cells.unite(r * columns + c - 1, r * columns + c)
            if r and not _drawn(flat.get(ys[r], []), x):
                cells.unite((r - 1) * columns + c, r * columns + c)
    return [[cells.root(r * columns + c) for c in range(columns)] for r in range(rows)]


class Sets:
    """Numbers that belong together, by the one that stands for them."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, i: int) -> int:
        """The number that stands for ``i``."""
        while self._parents[i] != i:
            self._parents[i] = self._parents[self._parents[i]]
            i = self._parents[i]
        return i

    def unite(self, one: int, other: int) -> None:
        """Put two and all that belong to them together."""
        self._parents[self.root(other)] = self.root(one)


def _drawn(stretches: Iterable[tuple[float, float]], at: float) -> bool:
    return any(begin - 1 <= at <= end + 1 for begin, end in stretches)


def _is_table(cells: Sequence[Sequence[str]], areas: Sequence[Sequence[int]]) -> bool:
    """Whether enough cells hold a text, in several rows and columns: the lines of a chart enclose nothing."""
    filled = {areas[r][c] for r, row in enumerate(cells) for c, text in enumerate(row) if text}
    every = {area for row in areas for area in row}
    rows = sum(len({row[c] for c in range(len(row)) if cells[r][c]}) >= 2 for r, row in enumerate(areas))
    columns = sum(any(column) for column in zip(*cells, strict=True))
    enough = (rows >= 2 and len(filled) >= 4) or (len(cells) == 1 and rows == 1)
    return enough and columns >= 2 and len(filled) >= _FILLED * len(every)
