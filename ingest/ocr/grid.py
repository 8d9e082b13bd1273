"""Ruled tables in a picture: the cells between their lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from ingest.ocr.lines import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

_Box = tuple[int, int, int, int]
_Area = tuple[int, int, int, int, int]

# Lines stay visible when a picture is reduced to this.
_SIDE = 2000
_SMALLEST = 8
_LONG_PIECE = 3
_FULL = 0.85
_COVERED = 0.85


@dataclass(frozen=True, slots=True)
class _Region:
    """The inside of a cell, in pixels of the straightened picture."""

    left: float
    top: float
    right: float
    bottom: float
    cell: Cell


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of the tables in a picture.

    Attributes:
        regions: Their insides, in the picture once it is straight.
        straighten: Matrix that turns a point (x, y, 1) of the picture to where it stands in the straight one.
    """

    regions: tuple[_Region, ...]
    straighten: np.ndarray

    def parts(self, corners: np.ndarray) -> list[tuple[np.ndarray, Cell | None]]:
        """A piece of text with its cell, cut where it runs through several cells of a row."""
        import cv2
        import numpy as np

        if not self.regions:
            return [(corners, None)]
        points = corners @ self.straighten[:, :2].T + self.straighten[:, 2]
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        y = (top + bottom) / 2
        beside = sorted((r for r in self.regions if r.top <= y <= r.bottom), key=lambda r: r.left)
        spans = [(max(left, r.left), min(right, r.right), r.cell) for r in beside]
        covered = [span for span in spans if span[1] - span[0] > (bottom - top) / 2]
        if len(covered) < 2:
            x = (left + right) / 2
            return [(corners, next((r.cell for r in beside if r.left <= x <= r.right), None))]
        back = cv2.invertAffineTransform(self.straighten)
        boxes = [np.array([[a, top], [b, top], [b, bottom], [a, bottom]]) for a, b, _ in covered]
        return [(box @ back[:, :2].T + back[:, 2], cell) for box, (_, _, cell) in zip(boxes, covered, strict=True)]


def find_grid(image: np.ndarray, corners: Sequence[np.ndarray]) -> Grid:
    """The cells of every table whose cells all have lines around them; a mere frame is no table.

    Args:
        image: Upright, about straight.
        corners: The pieces of text in it, which tell how much it is askew.
    """
    import cv2

    height, width = image.shape[:2]
    straighten = cv2.getRotationMatrix2D((width / 2, height / 2), _skew(corners), 1.0)
    scale = min(1.0, _SIDE / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    turn = straighten.copy()
    turn[:, 2] *= scale
    size = (small.shape[1], small.shape[0])
    straight = cv2.warpAffine(small, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Grid(tuple(_regions(_lines(straight), scale)), straighten)


def _skew(corners: Sequence[np.ndarray]) -> float:
    """Degrees by which lines of text fall to the right."""
    angles = []
    for a, b, _, d in corners:
        across, down = b - a, d - a
        if math.hypot(*across) > _LONG_PIECE * math.hypot(*down):
            angles.append(math.degrees(math.atan2(across[1], across[0])))
    return median(angles or [0.0])


def _regions(mask: np.ndarray, scale: float) -> Iterator[_Region]:
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    number = 0
    for i in sorted(range(1, len(stats)), key=lambda i: (stats[i][1], stats[i][0])):
        x, y, width, height = (int(side) for side in stats[i][:4])
        if min(width, height) < 4 * _SMALLEST:
            continue
        cells = _table(_insides(labels[y : y + height, x : x + width] == i), number)
        number += bool(cells)
        for (left, top, right, bottom), cell in cells:
            yield _Region((x + left) / scale, (y + top) / scale, (x + right) / scale, (y + bottom) / scale, cell)


def _lines(image: np.ndarray) -> np.ndarray:
    """Where long straight lines are, across or down."""
    import cv2

    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if gray.mean() < 127:
        gray = 255 - gray
    dark = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 10)
    long = max(24, max(gray.shape) // 40)
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (long, 1)))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (1, long)))
    # A line that is a little askew is found in steps, which this joins.
    return cv2.dilate(cv2.bitwise_or(across, down), cv2.getStructuringElement(cv2.MORPH_RECT, (5, 5)))


def _insides(lines: np.ndarray) -> list[_Area]:
    """The areas that lines enclose: left, top, right, bottom, pixels."""
    import cv2
    import numpy as np

    free = np.pad((~lines).astype(np.uint8), 1, constant_values=1)
    _, _, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    boxes = [tuple(int(n) for n in row) for row in stats[1:]]
    # The first area is the one around all.
    return [(x - 1, y - 1, x - 1 + w, y - 1 + h, n) for x, y, w, h, n in boxes if x > 0 and min(w, h) >= _SMALLEST]


def _table(insides: Sequence[_Area], number: int) -> list[tuple[_Box, Cell]]:
    """The cells of one table with their boxes; none if the areas are not those of a table."""
    if any(n < _FULL * (r - x) * (b - y) for x, y, r, b, n in insides):
        return []
    columns = _edges([x for x, *_ in insides])
    rows = _edges([y for _, y, *_ in insides])
    if len(columns) < 2 or len(rows) < 2:
        return []
    cells = []
    for x, y, r, b, _ in insides:
        column, row = _index(columns, x), _index(rows, y)
        wide = sum(edge < r - _SMALLEST for edge in columns) - column
        high = sum(edge < b - _SMALLEST for edge in rows) - row
        cells.append(((x, y, r, b), Cell(number, row, column, max(high, 1), max(wide, 1))))
    places = sum(cell.rows * cell.columns for _, cell in cells)
    return cells if _COVERED <= places / (len(columns) * len(rows)) <= 1 else []


def _edges(values: Sequence[int]) -> list[int]:
    """Values that are about the same, once."""
    edges: list[int] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 2 * _SMALLEST:
            edges.append(value)
    return edges


def _index(edges: Sequence[int], value: int) -> int:
    return max(i for i, edge in enumerate(edges) if edge <= value)
