"""The content of one Word paragraph: its text as a reader sees it, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.parsers.drawing import equation
from ingest.parsers.package import attribute, local, q
from ingest.parsers.word_styles import is_on

if TYPE_CHECKING:
    from collections.abc import Callable

# Deleted and moved text, field codes, properties, the reading aid above a character.
_SKIPPED = frozenset(
    {"del", "moveFrom", "instrText", "delText", "delInstrText", "pPr", "rPr", "rt", "sdtPr", "fldData"}
    | {"wordDocument", "binData"}
)
_CHARACTERS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
# Boxes and ticks of forms, by font and place in it.
_SYMBOLS = {
    ("wingdings", "F0FE"): "☑", ("wingdings", "F0FD"): "☒", ("wingdings", "F0A8"): "☐", ("wingdings", "F06F"): "☐",
    ("wingdings", "F0FC"): "✓", ("wingdings", "F0FB"): "✗", ("wingdings", "F0E0"): "→", ("wingdings", "F06C"): "●",
    ("wingdings 2", "F052"): "☑", ("wingdings 2", "F054"): "☒", ("wingdings 2", "F0A3"): "☐",
    ("wingdings 2", "F050"): "✓", ("wingdings 2", "F04F"): "✗",
}  # fmt: skip


@dataclass(slots=True)
class Inline:
    """A paragraph's content.

    Attributes:
        parts: Pieces of its text.
        notes: Marks of foot- and endnotes and comments: what, and which.
        boxes: The text boxes that are anchored in it.
        links: Pictures, charts, diagrams, embedded files: what, and the id of the relation.
        breaks: Page breaks that Word saw within it, and how many of them before its text.
    """

    parts: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def text(self) -> str:
        """The text without white space around it."""
        return "".join(self.parts).strip()


def read_inline(paragraph: Any) -> Inline:
    """Collect the content of a paragraph."""
    out = Inline()
    _walk(paragraph, out)
    return out


def _walk(node: Any, out: Inline) -> None:
    for child in node:
        name = local(child)
        if name in _SKIPPED:
            continue
        if name == "t":
            out.parts.append(child.text or "")
        elif name in _CHARACTERS:
            out.parts.append(_CHARACTERS[name])
        elif handler := _HANDLERS.get(name):
            handler(child, out)
        else:
            _walk(child, out)


def _run(node: Any, out: Inline) -> None:
    if not is_on(node, "w:rPr", "w:vanish"):
        _walk(node, out)


def _alternate(node: Any, out: Inline) -> None:
    """One of several ways to draw the same thing: the first that says something."""
    for way in node:
        tried = Inline()
        _walk(way, tried)
        if tried.text or tried.boxes or tried.links:
            for name in ("parts", "notes", "boxes", "links"):
                getattr(out, name).extend(getattr(tried, name))
            return


def _break(node: Any, out: Inline) -> None:
    if attribute(node, "type", "textWrapping") == "textWrapping":
        out.parts.append("\n")


def _page_break(_: Any, out: Inline) -> None:
    out.breaks[0] += 1
    out.breaks[1] += not out.text


def _symbol(node: Any, out: Inline) -> None:
    key = (attribute(node, "font").lower(), attribute(node, "char").upper())
    out.parts.append(_SYMBOLS.get(key, ""))


def _word_art(node: Any, out: Inline) -> None:
    out.parts.append(node.get("string", ""))


def _link(kind: str, name: str) -> Callable[[Any, Inline], None]:
    def handler(node: Any, out: Inline) -> None:
        if found := attribute(node, name):
            out.links.append((kind, found))

    return handler


def _note(kind: str) -> Callable[[Any, Inline], None]:
    return lambda node, out: out.notes.append((kind, node.get(q("w:id"), "")))


_HANDLERS: dict[str, Callable[[Any, Inline], None]] = {
    "r": _run,
    "AlternateContent": _alternate,
    "br": _break,
    "lastRenderedPageBreak": _page_break,
    "sym": _symbol,
    "textpath": _word_art,
    "txbxContent": lambda node, out: out.boxes.append(node),
    "oMath": lambda node, out: out.parts.append(equation(node)),
    "footnoteReference": _note("footnote"),
    "endnoteReference": _note("endnote"),
    "commentReference": _note("comment"),
    "blip": _link("picture", "embed"),
    "imagedata": _link("picture", "id"),
    "chart": _link("chart", "id"),
    "relIds": _link("diagram", "dm"),
    "OLEObject": _link("file", "id"),
}
