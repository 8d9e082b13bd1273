"""What is drawn on a page besides text: the rules of tables, and pictures."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.parsers.pdf.shapes import Box

Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MAX_OBJECTS = 20_000
_MAX_RULES = 4_000
_MAX_SEGMENTS = 400
_DEEPEST = 4
_THICKEST = 3.0
_SHORTEST = 5.0
_STRAIGHT = 1.0


@dataclass(slots=True)
class Drawing:
    """Rules and pictures, as pdfium has them: left, bottom, right, top in units of the page."""

    rules: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    ink: bool = False


def read_drawing(page: Any) -> Drawing:
    """Look at the objects of a page, those within others too."""
    raw = import_module("pypdfium2.raw")
    drawing = Drawing()
    for count, (found, kind, matrix) in enumerate(_objects(raw, page.raw)):
        if kind != raw.FPDF_PAGEOBJ_TEXT:
            drawing.ink = True
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            drawing.pictures += _bounds(raw, found, matrix)
        elif kind == raw.FPDF_PAGEOBJ_PATH and len(drawing.rules) < _MAX_RULES:
            drawing.rules += _rules(raw, found, matrix)
        if count >= _MAX_OBJECTS:
            break
    return drawing


def _objects(raw: Any, page: Any) -> Iterator[tuple[Any, int, Matrix]]:
    for i in range(raw.FPDFPage_CountObjects(page)):
        found = raw.FPDFPage_GetObject(page, i)
        kind = raw.FPDFPageObj_GetType(found)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _within(raw, found, _IDENTITY, 1)
        elif found:
            yield found, kind, _IDENTITY


def _within(raw: Any, form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
    """The objects of a form, which has coordinates of its own."""
    if depth > _DEEPEST:
        return
    inner = _times(_matrix(raw, form), matrix)
    for i in range(max(raw.FPDFFormObj_CountObjects(form), 0)):
        found = raw.FPDFFormObj_GetObject(form, i)
        kind = raw.FPDFPageObj_GetType(found)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _within(raw, found, inner, depth + 1)
        elif found:
            yield found, kind, inner


def _matrix(raw: Any, found: Any) -> Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(found, ctypes.byref(matrix)):
        return _IDENTITY
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e, b * x + d * y + f)


def _bounds(raw: Any, found: Any, matrix: Matrix) -> list[Box]:
    corners = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(found, *map(ctypes.byref, corners)):
        return []
    left, bottom, right, top = (corner.value for corner in corners)
    if matrix is _IDENTITY:
        return [(left, bottom, right, top)]
    points = [_moved(matrix, x, y) for x in (left, right) for y in (bottom, top)]
    xs, ys = zip(*points, strict=True)
    return [(min(xs), min(ys), max(xs), max(ys))]


def _rules(raw: Any, path: Any, matrix: Matrix) -> list[Box]:
    """A thin path as a whole, else the straight edges of one whose edges are drawn."""
    bounds = _bounds(raw, path, matrix)
    if not bounds:
        return []
    width, height = bounds[0][2] - bounds[0][0], bounds[0][3] - bounds[0][1]
    if min(width, height) <= _THICKEST:
        return bounds if max(width, height) >= _SHORTEST else []
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    count = raw.FPDFPath_CountSegments(path)
    if not 2 <= count <= _MAX_SEGMENTS:
        return []
    whole = _times(_matrix(raw, path), matrix)
    if stroke.value:
        return list(_edges(raw, path, count, lambda x, y: _moved(whole, x, y)))
    return []


def _edges(raw: Any, path: Any, count: int, place: Callable[[float, float], tuple[float, float]]) -> Iterator[Box]:
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = last = (0.0, 0.0)
    for i in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = place(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield from _edge(last, point)
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _edge(last, begin)
            last = begin


def _edge(one: tuple[float, float], other: tuple[float, float]) -> list[Box]:
    width, height = abs(one[0] - other[0]), abs(one[1] - other[1])
    if min(width, height) > _STRAIGHT or max(width, height) < _SHORTEST:
        return []
    return [(min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))]
