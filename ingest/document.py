"""What a parser hands on: a document as a sequence of elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kb_app.types import Chunk

ElementKind = Literal["heading", "text", "table", "code"]


@dataclass(frozen=True, slots=True)
class Element:
    """A block of a document, in reading order.

    Attributes:
        kind: ``"heading"``, ``"text"`` (a paragraph or list item), ``"table"`` (Markdown, first row the
            header) or ``"code"``.
        text: Verbatim, without surrounding white space.
        level: Depth of a heading, 1 the outermost; 0 for other kinds.
        page: Page, slide or sheet, 1-based, or None where the format has none.
    """

    kind: ElementKind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file, read.

    Attributes:
        elements: Its blocks in reading order; never empty.
        title: From the document itself (title field, first heading); empty where it has none.
        pages: Number of pages, slides or sheets, or None.
        metadata: Further fields that the format has, e.g. a mail's ``from`` and ``date``.
    """

    elements: tuple[Element, ...]
    title: str = ""
    pages: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChunkedDocument:
    """A document's text and the chunks that cover it.

    Attributes:
        text: All of the document; what ``Chunk.start`` and ``Chunk.end`` index.
        chunks: In reading order; ``chunk.text == text[chunk.start:chunk.end]``, and no character other
            than white space lies outside of a chunk.
    """

    text: str
    chunks: tuple[Chunk, ...]
