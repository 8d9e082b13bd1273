"""The citations of an answer, gathered by passage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb_app.page.labels import Labels
    from kb_app.types import Answer, Citation, Passage

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A cited passage: its number in the answer, and the spans of its text that support something."""

    number: int
    passage: Passage
    spans: tuple[Span, ...]


def group_sources(answer: Answer) -> list[Source]:
    """One source for each number, in the order of the numbers."""
    by_number: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        by_number.setdefault(citation.number, []).append(citation)
    return [
        Source(number, group[0].passage, merge_spans((one.start, one.end) for one in group))
        for number, group in sorted(by_number.items())
    ]


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order; those that touch or overlap become one, empty ones go."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def place(passage: Passage, labels: Labels) -> str:
    """Where a passage stands: document, page, headings."""
    title = one_line(passage.title or passage.source)
    headings = [heading for heading in (one_line(one, 40) for one in passage.headings) if heading != title]
    parts = [title]
    if passage.page is not None:
        parts.append(labels("page", page=passage.page))
    if headings:
        parts.append(" › ".join(headings))
    return " · ".join(parts)
