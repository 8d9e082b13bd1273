"""What stands on page after page at the same height: running heads, footers, page numbers, stamps on the margin."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.headings import numbering
from ingest.parsers.pdf.shapes import Ready, TextLine, body_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.parsers.pdf.shapes import Block, Box, Flow

_MARGIN = 0.15
_OUTER = 0.12
_HEIGHTS = 40
_LARGER = 1.15
_OFTEN = 3
_NUMBER = r"(?:\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7}|[一二三四五六七八九十百]{1,5})"
_BARE = re.compile(rf"{_NUMBER}|{_NUMBER}\s*[-–—./]\s*{_NUMBER}")
_PAGE_NUMBER = re.compile(
    rf"[-–—·•~〜]+\s*{_NUMBER}\s*[-–—·•~〜]+|第\s*{_NUMBER}\s*页(?:\s*[/,，（(]?\s*共\s*{_NUMBER}\s*页\s*[)）]?)?"
    rf"|{_NUMBER}\s*/\s*{_NUMBER}|(?:[Pp]age|PAGE)\s*{_NUMBER}(?:\s*(?:of|/)\s*{_NUMBER})?|共\s*{_NUMBER}\s*页\s*第\s*{_NUMBER}\s*页"
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Place:
    """A text near the edge of a page."""

    text: str
    page: int
    height: float
    size: float

    @property
    def key(self) -> tuple[str, int]:
        """What is the same on every page; left and right pages may have the parts in another order."""
        return ("".join(sorted(_DIGITS.sub("#", "".join(self.text.split())))), round(self.height * _HEIGHTS))


class Furniture:
    """Knows what repeats, once it has seen all pages."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._body = body_size(block for flow in flows for block in flow.blocks)
        places: defaultdict[tuple[str, int], list[_Place]] = defaultdict(list)
        for flow in flows:
            for place in _places(flow):
                places[place.key].append(place)
        self._repeated = {key: found for key, found in places.items() if _repeats(found, len(flows))}
        asides = Counter(text for flow in flows for text in {line.text for line in flow.asides})
        self._stamps = {text for text, count in asides.items() if count >= _OFTEN}

    def without(self, flow: Flow) -> Flow:
        """A page without what repeats, and without its number."""
        kept = [block for i, block in enumerate(flow.blocks) if not self._is_furniture(flow, i, block)]
        asides = tuple(line for line in flow.asides if line.text not in self._stamps)
        return replace(flow, blocks=tuple(map(self._without_numbers, kept)), asides=asides)

    def _is_furniture(self, flow: Flow, i: int, block: Block) -> bool:
        if not isinstance(block, TextLine):
            return False
        outermost = i in {0, len(flow.blocks) - 1}
        place = _place(block.text, flow.number, flow.frame.shares(block.box), block.size)
        return _is_number(block.text, place.height, outermost=outermost) or self._is_repeated(place)

    def _is_repeated(self, place: _Place) -> bool:
        found = self._repeated.get(place.key)
        if not found or not _is_marginal(place.height):
            return False
        # In letters larger than the text it may be a heading: it stays where it stands first.
        return not (place.size > _LARGER * self._body > 0 and place.page == found[0].page)

    def _without_numbers(self, block: Block) -> Block:
        if not isinstance(block, Ready):
            return block
        kept = tuple(
            element
            for element in block.elements
            if not (
                element.lines
                and (
                    _is_number(element.text, _middle(element.lines[0].box), outermost=True)
                    or self._is_repeated(_place(element.text, element.page or 0, element.lines[0].box, 0.0))
                )
            )
        )
        return replace(block, elements=kept)


def _places(flow: Flow) -> Iterator[_Place]:
    for block in flow.blocks:
        if isinstance(block, TextLine):
            found = [_place(block.text, flow.number, flow.frame.shares(block.box), block.size)]
        elif isinstance(block, Ready):
            found = [_place(e.text, flow.number, e.lines[0].box, 0.0) for e in block.elements if e.lines]
        else:
            found = []
        yield from (place for place in found if _is_marginal(place.height))


def _place(text: str, page: int, box: Box, size: float) -> _Place:
    return _Place(text, page, _middle(box), size)


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _is_marginal(height: float) -> bool:
    return height < _MARGIN or height > 1 - _MARGIN


def _is_number(text: str, height: float, *, outermost: bool) -> bool:
    if not outermost:
        return False
    bare = (height < _OUTER or height > 1 - _OUTER) and _BARE.fullmatch(text)
    return bool(bare or _PAGE_NUMBER.fullmatch(text))


def _repeats(found: Sequence[_Place], pages: int) -> bool:
    """Whether the same text is on page after page; with other numbers only if they count the pages."""
    numbers = sorted({place.page for place in found})
    if len(numbers) < min(_OFTEN, max(pages, 2)):
        return False
    if pages > 2 and not _is_dense(numbers):
        return False
    if len({"".join(sorted(place.text)) for place in found}) == 1:
        return True
    return not any(numbering(place.text) for place in found) and _counts(found)


def _is_dense(pages: Sequence[int]) -> bool:
    """Whether most of these pages are next to each other, or next but one, as left and right pages are."""
    near = sum(b - a <= 2 for a, b in pairwise(pages))
    return near >= 0.5 * (len(pages) - 1)


def _counts(found: Sequence[_Place]) -> bool:
    """Whether some number in the texts grows with the pages."""
    offsets: Counter[tuple[int, int]] = Counter()
    for place in found:
        for i, digits in enumerate(_DIGITS.findall(place.text)):
            offsets[i, int(digits[:9]) - place.page] += 1
    return bool(offsets) and offsets.most_common(1)[0][1] >= 0.6 * len(found)
