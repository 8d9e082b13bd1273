"""OpenDocument's lists: which number or mark its reader counts before a paragraph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.parsers.numbers import format_number, with_gap
from ingest.parsers.package import attribute, integer, local

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTLINE = "\0outline"
"""Name under which the numbering of headings is kept."""

_MAX_LEVEL = 10


@dataclass(slots=True)
class Counts:
    """How far a list is counted, by level."""

    numbers: dict[int, int] = field(default_factory=dict)


class Lists:
    """The list styles of a document, and how far its lists are counted."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._levels: dict[tuple[str, int], Any] = {}
        self._by_style: dict[str, Counts] = {}
        self._by_id: dict[str, Counts] = {}
        for root in roots:
            for node in root.iter("{*}list-style", "{*}outline-style"):
                name = OUTLINE if local(node) == "outline-style" else attribute(node, "name")
                for level in node:
                    if isinstance(level.tag, str):
                        self._levels.setdefault((name, integer(attribute(level, "level"), 1)), level)

    def counts(self, node: Any, style: str) -> Counts:
        """The counts that a list goes on with: new ones unless it continues another."""
        continued = attribute(node, "continue-list")
        if continued in self._by_id:
            found = self._by_id[continued]
        elif attribute(node, "continue-numbering") == "true":
            found = self._by_style.get(style, Counts())
        else:
            found = Counts()
        self._by_style[style] = found
        if own := attribute(node, "id"):
            self._by_id[own] = found
        return found

    def outline(self) -> Counts:
        """The counts of the headings."""
        return self._by_style.setdefault(OUTLINE, Counts())

    def label(self, style: str, level: int, counts: Counts, start: str = "") -> str:
        """Count one on and write the number, with the gap behind it; empty where the style has none."""
        level = min(level, _MAX_LEVEL)
        numbers = counts.numbers
        node = self._levels.get((style, level))
        numbers[level] = integer(start, 1) if start else numbers.get(level, self._start(style, level) - 1) + 1
        for deeper in [one for one in numbers if one > level]:
            del numbers[deeper]
        if node is None:
            return ""
        if local(node).endswith("bullet"):
            mark = attribute(node, "bullet-char")
            return with_gap("•" if any("\ue000" <= ch <= "\uf8ff" for ch in mark) else mark)
        return with_gap(self._number(node, style, level, numbers))

    def _start(self, style: str, level: int) -> int:
        node = self._levels.get((style, level))
        return integer(attribute(node, "start-value"), 1) if node is not None else 1

    def _number(self, node: Any, style: str, level: int, numbers: dict[int, int]) -> str:
        if not attribute(node, "num-format"):
            return ""
        shown = min(max(integer(attribute(node, "display-levels"), 1), 1), level)
        parts = []
        for one in range(level - shown + 1, level + 1):
            definition = self._levels.get((style, one))
            scheme = attribute(definition, "num-format") if definition is not None else ""
            if scheme:
                parts.append(format_number(numbers.get(one, self._start(style, one)), scheme))
        return attribute(node, "num-prefix") + ".".join(parts) + attribute(node, "num-suffix")
