"""Small to big: what stands around a found passage, so that a model reads the section and not a cutting. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.types import Line, Passage

AROUND = 6
"""Chunks on each side that are looked at."""


def widen(passages: Sequence[Passage], around: Callable[[Passage], Sequence[Passage]], *, limit: int) -> list[Passage]:
    """The sections around passages.

    A passage grows over its neighbours under the same headings, on both sides in turn, as long as its text is not
    longer than ``limit``. Those that touch under the same headings are one, at the place of the best ranked: no text
    is repeated, and such a section may be longer than ``limit``.

    Args:
        passages: Best first.
        around: The chunks around a passage in reading order, itself among them.
        limit: Characters that a passage grows to at most; a longer one stays as it is.

    Returns:
        Sections, best first: ``text`` is that of the document, with ``start`` and ``end`` in it, but for white space
        between chunks, which is line breaks; the score is the best of the passages in it.
    """
    sections: list[Passage] = []
    for passage in passages:
        if any(_holds(section, passage) for section in sections):
            continue
        section = _grown(passage, list(around(passage)), limit)
        touching = [at for at, other in enumerate(sections) if _belongs(other, section)]
        if not touching:
            sections.append(section)
            continue
        best, *rest = touching
        for other in (*(sections[at] for at in rest), sections[best]):
            section = _joined(other, section)
        sections[best] = section
        for at in reversed(rest):
            del sections[at]
    return sections


def _grown(passage: Passage, near: Sequence[Passage], limit: int) -> Passage:
    at = next((index for index, other in enumerate(near) if other.chunk_id == passage.chunk_id), None)
    if at is None or not _is_whole(passage):
        return passage
    before, after = list(near[:at]), list(near[at + 1 :])
    section = passage
    while before or after:
        for side, place in ((after, 0), (before, -1)):
            if not side:
                continue
            other = side.pop(place)
            fits = max(section.end, other.end) - min(section.start, other.start) <= limit
            if fits and _belongs(section, other):
                section = _joined(section, other)
            else:
                side.clear()
    return section


def _belongs(section: Passage, other: Passage) -> bool:
    """Whether a neighbour is of the same section, and its text can be joined without a hole."""
    return other.headings == section.headings and _is_whole(other) and _touch(section, other)


def _is_whole(passage: Passage) -> bool:
    """Whether the text is the document's from ``start`` to ``end``; a part of a table repeats its header."""
    return len(passage.text) == passage.end - passage.start


def _holds(section: Passage, passage: Passage) -> bool:
    return section.doc_id == passage.doc_id and section.start <= passage.start and passage.end <= section.end


def _touch(one: Passage, other: Passage) -> bool:
    """Whether both are of one document with nothing but an empty line between them."""
    return (
        one.doc_id == other.doc_id
        and _is_whole(one)
        and _is_whole(other)
        and max(one.start, other.start) - min(one.end, other.end) <= len(_GAP)
    )


_GAP = "\n\n"


def _joined(better: Passage, other: Passage) -> Passage:
    """Both as one, with the place and the score of the better one."""
    first, second = sorted((better, other), key=lambda passage: (passage.start, passage.end))
    gap = _GAP[: max(0, second.start - first.end)]
    rest = second.text[max(0, first.end - second.start) :]
    text = first.text + gap + rest
    shift = second.start - first.start
    known = {(line.start, line.end) for line in first.lines}
    moved = tuple(replace(line, start=line.start + shift, end=line.end + shift) for line in second.lines)
    lines: tuple[Line, ...] = first.lines + tuple(line for line in moved if (line.start, line.end) not in known)
    return replace(better, text=text, start=first.start, end=first.start + len(text), page=first.page, lines=lines)
