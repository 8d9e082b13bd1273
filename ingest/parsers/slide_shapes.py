"""Where shapes stand on a slide, and which of them holds its title."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.headings import MAX_HEADING
from ingest.parsers.drawing import paragraph_text
from ingest.parsers.package import children, integer, local, q

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTERS = frozenset({"sldNum", "dt"})
"""Shapes that hold the number of a slide or the day."""

_SHAPES = frozenset({"sp", "grpSp", "graphicFrame", "pic", "cxnSp"})
_WRAPPERS = frozenset({"AlternateContent", "Choice"})
_TITLES = frozenset({"title", "ctrTitle"})
# Shapes whose upper edges differ by less (in EMU, 914,400 an inch) stand side by side.
_SAME_ROW = 150_000


def in_order(tree: Any, places: dict[str, tuple[int, int]]) -> Iterator[Any]:
    """The shapes row by row, from left to right; a group's own where the group stands."""
    if tree is None:
        return
    found = [(own_place(shape) or _known_place(shape, places), shape) for shape in children(tree, _SHAPES, _WRAPPERS)]
    found.sort(key=lambda pair: pair[0][0])
    rows: list[list[tuple[tuple[int, int], Any]]] = []
    for pair in found:
        if rows and pair[0][0] - rows[-1][0][0][0] < _SAME_ROW:
            rows[-1].append(pair)
        else:
            rows.append([pair])
    for row in rows:
        for _, shape in sorted(row, key=lambda pair: pair[0][1]):
            yield from in_order(shape, places) if local(shape) == "grpSp" else [shape]


def own_place(shape: Any) -> tuple[int, int] | None:
    """Upper and left edge; None if the shape does not say."""
    frame = next((node for node in shape if local(node) in ("spPr", "grpSpPr", "xfrm")), None)
    offset = next(frame.iter(q("a:off")), None) if frame is not None else None
    return None if offset is None else (integer(offset.get("y")), integer(offset.get("x")))


def _known_place(shape: Any, places: dict[str, tuple[int, int]]) -> tuple[int, int]:
    return next((places[key] for key in place_keys(shape) if key in places), (0, 0))


def place_keys(shape: Any) -> list[str]:
    """How a place of the layout is known: by its number, else by its kind."""
    holder = _holder(shape)
    if holder is None:
        return []
    kind = holder.get("type", "body")
    return [f"#{holder.get('idx', '')}", "title" if kind in _TITLES else kind]


def _holder(shape: Any) -> Any:
    return next((node for part in shape if local(part).startswith("nv") for node in part.iter(q("p:ph"))), None)


def placeholder(shape: Any) -> str:
    """Which place of the layout a shape takes, e.g. ``"title"``; empty if none."""
    holder = _holder(shape)
    return str(holder.get("type", "body")) if holder is not None else ""


def title_of(shapes: list[Any]) -> Any:
    """The shape that holds the title; without one the first shape if its text is short."""
    named = next((one for one in shapes if placeholder(one) in _TITLES and paragraph_text(one)), None)
    if named is not None or not shapes:
        return named
    first = next((one for one in shapes if paragraph_text(one)), None)
    if first is None or local(first) != "sp" or placeholder(first) in (*COUNTERS, "ftr", "hdr"):
        return None
    text = paragraph_text(first)
    return first if len(text) <= MAX_HEADING and "\n" not in text else None
