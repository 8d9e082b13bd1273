"""Headings that only their look tells: a short line that is bold, or larger than the text, above a text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.document import Look
from ingest.headings import is_title_like, mark_headings, numbering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.document import Element

_LARGER = 1.15
FEWEST_LETTERS = 2
LARGEST_SHARE = 1 / 3
"""Part of a document's characters that may stand in such lines; where there are more, they are its text."""

LONGEST_RUN = 3
"""Lines of one look that may follow each other; more are a list."""


def mark_all_headings(elements: Sequence[Element]) -> list[Element]:
    """Turn paragraphs into headings by their numbering, then by their look.

    A line that only its look marks stands below the headings that the format itself marks. Against numbered ones it
    is the outer heading where it is larger, or where those are set as the text is.
    """
    structural = max((element.level for element in elements if element.kind == "heading"), default=0)
    marked = mark_headings(elements)
    body = _body_look(marked)
    found = [i for i, element in enumerate(marked) if _stands_out(element, body)]
    found = [i for i in found if i + 1 < len(marked) and not _in_list(marked, i)]
    characters = sum(len(element.text) for element in marked)
    if not found or sum(len(marked[i].text) for i in found) > characters * LARGEST_SHARE:
        return marked
    sizes = sorted({marked[i].look.size for i in found}, reverse=True)
    outer = [size for size in sizes if not structural and _is_outer(size, marked, body)]
    deepest = max((element.level for element in marked if element.kind == "heading"), default=0)
    result = [replace(e, level=e.level + len(outer)) if e.kind == "heading" else e for e in marked]
    for i in found:
        size = marked[i].look.size
        level = outer.index(size) + 1 if size in outer else deepest + sizes.index(size) + 1
        result[i] = replace(marked[i], kind="heading", text=" ".join(marked[i].text.split()), level=level)
    return result


def _body_look(elements: Sequence[Element]) -> Look:
    """How most of the text is set, not counting the lines that may be headings."""
    counts: Counter[Look] = Counter()
    for element in elements:
        if element.kind == "text" and not is_title_like(element.text):
            counts[element.look] += len(element.text)
    return counts.most_common(1)[0][0] if counts else Look()


def _stands_out(element: Element, body: Look) -> bool:
    return (
        element.kind == "text"
        and _is_emphasised(element, body)
        and is_title_like(element.text)
        and numbering(element.text) is None
        and sum(map(str.isalpha, element.text)) >= FEWEST_LETTERS
    )


def _is_emphasised(element: Element, body: Look) -> bool:
    larger = body.size > 0 and element.look.size >= body.size * _LARGER
    return larger or (element.look.bold and not body.bold)


def _in_list(elements: Sequence[Element], i: int) -> bool:
    """Whether a line is one of many of its look that follow each other."""
    first = last = i
    while first > 0 and _is_alike(elements[first - 1], elements[i]):
        first -= 1
    while last + 1 < len(elements) and last - first < LONGEST_RUN and _is_alike(elements[last + 1], elements[i]):
        last += 1
    return last - first >= LONGEST_RUN


def _is_alike(one: Element, other: Element) -> bool:
    return one.kind == "text" and one.look == other.look and len(one.text) <= 2 * len(other.text) + 10


def _is_outer(size: float, elements: Sequence[Element], body: Look) -> bool:
    """Whether lines of a size stand above the numbered headings."""
    numbered = [element for element in elements if element.kind == "heading"]
    emphasised = [element.look.size for element in numbered if _is_emphasised(element, body)]
    return not emphasised or size > max(emphasised)
