"""How a paragraph of OpenDocument is set: the size of its text, and whether all of it is bold."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ingest.document import Look
from ingest.parsers.package import attribute, local

if TYPE_CHECKING:
    from collections.abc import Iterator

_POINTS = re.compile(r"([0-9.]{1,6})pt")
_MAX_PARENTS = 50
_INLINE = frozenset({"span", "a", "meta", "bookmark", "s", "tab"})


class Looks:
    """The styles by name, with what they inherit."""

    def __init__(self, roots: list[Any]) -> None:
        self._nodes = {attribute(node, "name"): node for root in roots for node in root.iter("{*}style")}
        self._size = next(
            (
                size
                for root in roots
                for node in root.iter("{*}default-style")
                if attribute(node, "family") == "paragraph" and (size := _property(node, "font-size", self._nodes))
            ),
            "",
        )

    def look_of(self, paragraph: Any) -> Look:
        """The look of a paragraph by its spans and its style."""
        sizes: Counter[float] = Counter()
        bold = True
        for text, names in _pieces(paragraph, [attribute(paragraph, "style-name")]):
            size = _POINTS.fullmatch(self._told(names, "font-size") or self._size)
            sizes[float(size.group(1)) if size else 0.0] += len(text)
            bold = bold and self._told(names, "font-weight") in ("bold", "700", "800", "900")
        return Look(sizes.most_common(1)[0][0], bold) if sizes else Look()

    def _told(self, names: list[str], name: str) -> str:
        """A property of the innermost style that has it."""
        return next((found for style in names if (found := _property(self._nodes.get(style), name, self._nodes))), "")


def _pieces(node: Any, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The texts of a paragraph, each with the names of its styles, the innermost first."""
    if text := (node.text or "").strip():
        yield text, names
    for child in node:
        if local(child) in _INLINE:
            own = attribute(child, "style-name")
            yield from _pieces(child, [own, *names] if own else names)
        if text := (child.tail or "").strip():
            yield text, names


def _property(node: Any, name: str, nodes: dict[str, Any]) -> str:
    """What a style or one that it is based on says of its text; what it says of Chinese text goes first."""
    for _ in range(_MAX_PARENTS):
        if node is None:
            return ""
        for properties in node.iterfind("{*}text-properties"):
            if found := attribute(properties, f"{name}-asian") or attribute(properties, name):
                return found
        node = nodes.get(attribute(node, "parent-style-name"))
    return ""
