"""How a Word paragraph is set: the size of its text, and whether all of it is bold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ingest.document import Look
from ingest.parsers.package import integer, local, q
from ingest.parsers.word_styles import is_on, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.word_styles import Styles

_NOT_SHOWN = frozenset({"del", "moveFrom", "txbxContent", "AlternateContent", "pict", "drawing"})


def look_of(paragraph: Any, styles: Styles) -> Look:
    """The look of a paragraph by its runs, their styles and its own style."""
    sizes: Counter[float] = Counter()
    bold = True
    base = [*styles.chain(paragraph)]
    for run, text in _runs(paragraph):
        around = [run, *styles.chain_of(value_of(run, "w:rPr", "w:rStyle")), *base]
        sizes[_size(around) or styles.size] += len(text)
        bold = bold and _is_bold(around)
    return Look(sizes.most_common(1)[0][0], bold) if sizes else Look()


def _runs(node: Any) -> Iterator[tuple[Any, str]]:
    """The runs that a reader sees in a paragraph, with their text."""
    for child in node:
        name = local(child)
        if name == "r":
            text = "".join(one.text or "" for one in child if local(one) == "t").strip()
            if text and not is_on(child, "w:rPr", "w:vanish"):
                yield child, text
        elif name not in _NOT_SHOWN:
            yield from _runs(child)


def _size(nodes: list[Any]) -> float:
    """The first size that is told, in points."""
    return next((integer(size) / 2 for node in nodes if (size := value_of(node, "w:rPr", "w:sz"))), 0.0)


def _is_bold(nodes: list[Any]) -> bool:
    """What the first node says that speaks of it."""
    for node in nodes:
        if node.find(f"{q('w:rPr')}/{q('w:b')}") is not None:
            return is_on(node, "w:rPr", "w:b")
    return False
