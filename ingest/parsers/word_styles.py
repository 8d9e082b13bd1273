"""Word's styles and numbering: how deep a heading is, and which number Word counts before a paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.parsers.numbers import format_number, with_gap
from ingest.parsers.package import integer, local, q

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-9])$", re.IGNORECASE)
_TITLES = frozenset({"title", "标题", "標題"})
CONTENTS_STYLE = re.compile(r"(?:toc|contents|目录|目錄) ?[1-9]$", re.IGNORECASE)
"""Name of a style for the lines of a table of contents that a program writes by itself."""

_LEVELS = 9
_PLACEHOLDER = re.compile("%([1-9])")
_SUFFIX = {"space": " ", "nothing": ""}


class Styles:
    """The paragraph styles by id, with what they inherit."""

    def __init__(self, root: Any) -> None:
        nodes = root.findall(q("w:style")) if root is not None else []
        self._nodes = {node.get(q("w:styleId"), ""): node for node in nodes}
        self._default = next(
            (
                node
                for node in nodes
                if node.get(q("w:type")) == "paragraph" and node.get(q("w:default")) in ("1", "true")
            ),
            None,
        )

        size = value_of(root, "w:docDefaults", "w:rPrDefault", "w:rPr", "w:sz") if root is not None else ""
        self.size = integer(size) / 2
        """Size of text in points where no style tells it; 0 if unknown."""

    def outline(self, paragraph: Any) -> int | None:
        """0 for a document's title, 1 to 9 for a heading, None for other paragraphs."""
        own = value_of(paragraph, "w:pPr", "w:outlineLvl")
        if own:
            return _outline(own)
        for style in self.chain(paragraph):
            name = value_of(style, "w:name")
            if name.lower() in _TITLES:
                return 0
            if match := _HEADING.match(name):
                return int(match.group(1))
            if level := value_of(style, "w:pPr", "w:outlineLvl"):
                return _outline(level)
        return None

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is a line of a table of contents that Word wrote."""
        return any(CONTENTS_STYLE.match(value_of(style, "w:name")) for style in self.chain(paragraph))

    def chain(self, paragraph: Any) -> Iterator[Any]:
        """A paragraph's style, the one that it is based on, and so on."""
        yield from self._based(self._nodes.get(value_of(paragraph, "w:pPr", "w:pStyle"), self._default))

    def chain_of(self, style_id: str) -> Iterator[Any]:
        """A style by its id, the one that it is based on, and so on; nothing for an unknown one."""
        yield from self._based(self._nodes.get(style_id))

    def _based(self, style: Any) -> Iterator[Any]:
        seen: list[Any] = []
        while style is not None and style not in seen:
            seen.append(style)
            yield style
            style = self._nodes.get(value_of(style, "w:basedOn"))

    def linked_numbering(self, style_id: str) -> str:
        """The list that a numbering style stands for."""
        node = self._nodes.get(style_id)
        return value_of(node, "w:pPr", "w:numPr", "w:numId") if node is not None else ""


class Numbering:
    """Counts as Word does; ask for every paragraph once, in order."""

    def __init__(self, root: Any, styles: Styles) -> None:
        nodes = list(root) if root is not None else []
        self._styles = styles
        self._abstract = {node.get(q("w:abstractNumId"), ""): node for node in nodes if local(node) == "abstractNum"}
        self._lists = {node.get(q("w:numId"), ""): node for node in nodes if local(node) == "num"}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(self, paragraph: Any) -> str:
        """The number or mark before a paragraph, with the gap behind it; empty if it has none."""
        list_id, level = self._place(paragraph)
        if list_id not in self._lists:
            return ""
        abstract_id = self._abstract_id(list_id)
        levels = {i: self._level(list_id, abstract_id, i) for i in range(_LEVELS)}
        node = levels[level]
        if node is None:
            return ""
        counts = self._count(list_id, abstract_id, level, levels)
        text = _label(node, counts, levels)
        return with_gap(text, _SUFFIX.get(value_of(node, "w:suff"), " "))

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Which list a paragraph belongs to, and how deep."""
        list_id = value_of(paragraph, "w:pPr", "w:numPr", "w:numId")
        own_level = value_of(paragraph, "w:pPr", "w:numPr", "w:ilvl")
        if list_id:
            return list_id, _clamp(own_level)
        for style in self._styles.chain(paragraph):
            if list_id := value_of(style, "w:pPr", "w:numPr", "w:numId"):
                level = own_level or self._level_of_style(list_id, style.get(q("w:styleId"), ""))
                return list_id, _clamp(level or value_of(style, "w:pPr", "w:numPr", "w:ilvl"))
        return "", 0

    def _level_of_style(self, list_id: str, style_id: str) -> str:
        abstract = self._abstract.get(self._abstract_id(list_id))
        for node in abstract if abstract is not None else ():
            if local(node) == "lvl" and value_of(node, "w:pStyle") == style_id:
                return str(node.get(q("w:ilvl"), ""))
        return ""

    def _abstract_id(self, list_id: str) -> str:
        found = value_of(self._lists[list_id], "w:abstractNumId") if list_id in self._lists else ""
        abstract = self._abstract.get(found)
        link = value_of(abstract, "w:numStyleLink") if abstract is not None else ""
        linked = self._lists.get(self._styles.linked_numbering(link)) if link else None
        return value_of(linked, "w:abstractNumId") if linked is not None else found

    def _level(self, list_id: str, abstract_id: str, level: int) -> Any:
        """The definition of a level: the list's own before the one that it shares."""
        override = self._override(list_id, level)
        own = override.find(q("w:lvl")) if override is not None else None
        if own is not None:
            return own
        return _at_level(self._abstract.get(abstract_id), "w:lvl", level)

    def _override(self, list_id: str, level: int) -> Any:
        return _at_level(self._lists[list_id], "w:lvlOverride", level)

    def _count(self, list_id: str, abstract_id: str, level: int, levels: dict[int, Any]) -> dict[int, int]:
        counts = self._counts.setdefault(abstract_id, {})
        starts = {i: integer(value_of(node, "w:start"), 1) if node is not None else 1 for i, node in levels.items()}
        override = self._override(list_id, level)
        anew = value_of(override, "w:startOverride") if override is not None else ""
        if anew and (list_id, level) not in self._started:
            counts[level] = integer(anew, 1)
        else:
            counts[level] = counts[level] + 1 if level in counts else starts[level]
        self._started.add((list_id, level))
        for i in range(level):
            counts.setdefault(i, starts[i])
        for i in range(level + 1, _LEVELS):
            if levels[i] is None or value_of(levels[i], "w:lvlRestart") != "0":
                counts.pop(i, None)
        return counts


def value_of(node: Any, *path: str) -> str:
    """The ``w:val`` of a descendant, empty if it is not there."""
    for name in path:
        node = node.find(q(name))
        if node is None:
            return ""
    return str(node.get(q("w:val"), ""))


def is_on(node: Any, *path: str) -> bool:
    """Whether a switch such as ``w:vanish`` is there and not turned off."""
    for name in path:
        node = node.find(q(name))
        if node is None:
            return False
    return node.get(q("w:val"), "1") not in ("0", "false", "off")


def _outline(level: str) -> int | None:
    return int(level) + 1 if level in tuple("012345678") else None


def _clamp(level: str) -> int:
    return min(max(integer(level), 0), _LEVELS - 1)


def _at_level(parent: Any, name: str, level: int) -> Any:
    nodes = parent.findall(q(name)) if parent is not None else []
    return next((node for node in nodes if node.get(q("w:ilvl")) == str(level)), None)


def _label(node: Any, counts: dict[int, int], levels: dict[int, Any]) -> str:
    scheme = value_of(node, "w:numFmt")
    text = value_of(node, "w:lvlText")
    if scheme == "bullet":
        # The marks of Wingdings and Symbol lie where Unicode has no characters.
        return "•" if any("\ue000" <= ch <= "\uf8ff" for ch in text) else text
    legal = is_on(node, "w:isLgl")

    def number(match: re.Match[str]) -> str:
        level = int(match.group(1)) - 1
        one = levels[level]
        own = value_of(one, "w:numFmt") if one is not None else ""
        return "" if own == "none" else format_number(counts.get(level, 1), "decimal" if legal else own)

    return _PLACEHOLDER.sub(number, text)
