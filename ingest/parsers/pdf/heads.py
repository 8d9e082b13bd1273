"""Which paragraphs of a PDF are headings: by its outline, else by the size of their letters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.headings import MAX_HEADING
from ingest.parsers.pdf.rows import WIDE
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.document import Element

Outline = dict[int, dict[str, int]]
"""Levels of the bookmarks of each page, by their squashed titles."""

_LARGER = 1.2
_MAX_SIZES = 3


@dataclass(frozen=True, slots=True)
class Sized:
    """An element and the size of its letters; 0 where that is not known."""

    element: Element
    size: float = 0.0


def with_headings(found: Sequence[Sized], outline: Outline) -> list[Element]:
    """Mark the headings."""
    marked = [_level_of(sized.element, outline) for sized in found]
    levels = _size_levels(found, marked)
    if _above_outline(found, marked):
        # A title that is larger than what the outline names stands above all of it.
        marked = [level + 1 if level else 0 for level in marked]
        levels = {size: level + 1 for size, level in levels.items()} | {max(levels): 1}
    return [
        replace(sized.element, kind="heading", level=level) if level else sized.element
        for sized, level in (
            (sized, known or _by_size(sized, levels)) for sized, known in zip(found, marked, strict=True)
        )
    ]


def _above_outline(found: Sequence[Sized], marked: Sequence[int]) -> bool:
    """Whether the first heading of a document with an outline is larger than all that the outline names."""
    named = [sized.size for sized, level in zip(found, marked, strict=True) if level]
    first = next((i for i, level in enumerate(marked) if level), 0)
    large = [sized.size for sized in found[:first] if sized.size and _may_head(sized.element.text)]
    return bool(named and large) and round(max(large)) > round(max(named)) and round(max(large)) == _largest(found)


def _largest(found: Sequence[Sized]) -> int:
    return max(round(sized.size) for sized in found if sized.size and _may_head(sized.element.text))


def _level_of(element: Element, outline: Outline) -> int:
    if element.kind == "table" or element.page is None or len(element.text) > 4 * MAX_HEADING:
        return 0
    return outline.get(element.page, {}).get(squash(element.text), 0)


def _size_levels(found: Sequence[Sized], marked: Sequence[int]) -> dict[int, int]:
    """Levels by size: as the outline uses them, else the larger the higher."""
    weights: Counter[int] = Counter()
    for sized in found:
        weights[round(sized.size)] += len(sized.element.text) if sized.size else 0
    body = weights.most_common(1)[0][0] if weights else 0
    large = {round(s.size) for s in found if s.size > _LARGER * body and _may_head(s.element.text)}
    known: dict[int, int] = {}
    for sized, level in zip(found, marked, strict=True):
        if level and sized.size:
            known.setdefault(round(sized.size), level)
    if not known:
        return {size: level for level, size in enumerate(sorted(large, reverse=True)[:_MAX_SIZES], start=1)}
    lowest = max(marked)
    return {size: known.get(size, 1 if size > max(known) else lowest + 1) for size in large}


def _by_size(sized: Sized, levels: dict[int, int]) -> int:
    if not sized.size or sized.element.kind != "text" or not _may_head(sized.element.text):
        return 0
    return levels.get(round(sized.size), 0)


def _may_head(text: str) -> bool:
    longest = MAX_HEADING if WIDE.search(text) else 2 * MAX_HEADING
    begins = text[0].isupper() or text[0].isdigit() or WIDE.match(text)
    return bool(begins) and 1 < len(text) <= longest and not text.endswith(("。", "；", "，", ".", ";", ","))
