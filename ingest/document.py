"""What a parser hands on: a document as a sequence of elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app.types import Chunk, Line

ElementKind = Literal["heading", "text", "table", "code"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph is set.

    Attributes:
        size: In points, most of its characters; 0 where it is unknown.
        bold: Whether all of it is.
    """

    size: float = 0.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """A block of a document, in reading order.

    Attributes:
        kind: ``"heading"``, ``"text"`` (a paragraph or list item), ``"table"`` (Markdown, first row the
            header) or ``"code"``.
        text: Verbatim, without surrounding white space.
        level: Depth of a heading, 1 the outermost; 0 for other kinds.
        page: Page, slide or sheet, 1-based, or None where the format has none.
        lines: Where its lines stand on their pages, offsets in ``text``; empty where the format has no places.
        look: How it is set, where the format tells.
    """

    kind: ElementKind
    text: str
    level: int = 0
    page: int | None = None
    lines: tuple[Line, ...] = ()
    look: Look = Look()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file within a file, e.g. of a mail.

    Attributes:
        name: Its name, with a suffix if it has one.
        data: Its bytes.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was unpacked from an archive or taken from a mail.

    Attributes:
        name: Path within the container, with ``/`` separators, never absolute and without ``..``.
        path: Where its bytes lie now, below the scratch folder.
        error: Why it could not be unpacked; its bytes are then not there.
    """

    name: str
    path: Path
    error: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file, read.

    Attributes:
        elements: Its blocks in reading order; empty only for an archive.
        title: From the document itself (title field, first heading); empty where it has none.
        pages: Number of pages, slides or sheets, or None.
        metadata: Further fields that the format has: ``author``, ``date`` (ISO, of the last change or of sending),
            a mail's ``from``, ``to`` and ``cc``.
        ocr: Why a page was read by OCR, by page number.
        attachments: Files within it that are documents of their own.
        members: Files that were unpacked from it, when it is an archive.
    """

    elements: tuple[Element, ...]
    title: str = ""
    pages: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    ocr: dict[int, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    members: tuple[Member, ...] = ()


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
