"""The pages that a citation points at, as pictures with the cited lines marked."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.storage.originals import file_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.page.sources import Source, Span
    from kb_app.types import Line

_MOST_PAGES = 3
_SECONDS = 20
_AROUND = 0.1
"""Of the page's height: what a part shows above and below the cited lines."""

_NEARLY_ALL = 0.7
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Original:
    """A file that is still what it was when it was read, with what an answer cites of it.

    Attributes:
        source: The citation.
        path: The file.
        pages: Numbers of the pages, 1-based, each with the places of its cited lines.
    """

    source: Source
    path: Path
    pages: tuple[tuple[int, tuple[tuple[float, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG.

    Attributes:
        page: Its number, 1-based.
        whole: The page with the cited lines marked.
        part: From a little above the cited lines to a little below them; empty where that is nearly the whole page.
    """

    page: int
    whole: bytes
    part: bytes


def originals(kb: KnowledgeBase, sources: Sequence[Source]) -> list[Original]:
    """What of some sources can be shown as it was printed: PDFs that are still there and unchanged."""
    engine, kb_id = kb.catalog.engine, kb.catalog.kb_id
    found = []
    for source in sources:
        passage = source.passage
        if not passage.source.lower().endswith(".pdf"):
            continue
        path = file_of(engine, kb_id, int(passage.doc_id))
        pages = cited_pages(lines_of(engine, kb_id, passage), source.spans) if path else ()
        if path and pages:
            found.append(Original(source, path, pages))
    return found


def cited_pages(lines: Sequence[Line], spans: Sequence[Span]) -> tuple[tuple[int, tuple[tuple[float, ...], ...]], ...]:
    """The pages, at most three, on which a line touches one of the spans, with the places of those lines."""
    cited = [line for line in lines if any(line.start < end and start < line.end for start, end in spans)]
    numbers = list(dict.fromkeys(line.page for line in cited))[:_MOST_PAGES]
    return tuple((number, tuple(line.box for line in cited if line.page == number)) for number in numbers)


def pictures(original: Original, *, password: str = "") -> list[Picture]:
    """The pages with the cited lines marked; none where they cannot be drawn."""
    drawn = [(page, _draw(original.path, page, boxes, password), boxes) for page, boxes in original.pages]
    return [Picture(page, whole, _part(whole, boxes)) for page, whole, boxes in drawn if whole]


def _part(whole: bytes, boxes: Sequence[Sequence[float]]) -> bytes:
    """What is around the boxes, as wide as the page."""
    from PIL import Image

    top = max(0.0, min(box[1] for box in boxes) - _AROUND)
    bottom = min(1.0, max(box[3] for box in boxes) + _AROUND)
    if bottom - top > _NEARLY_ALL:
        return b""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(whole)) as page:
        page.crop((0, int(top * page.height), page.width, int(bottom * page.height))).save(buffer, "PNG")
    return buffer.getvalue()


def _draw(path: Path, page: int, boxes: Sequence[Sequence[float]], password: str) -> bytes:
    order = {"path": str(path), "page": page, "boxes": boxes, "password": password}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "kb_app.page.drawing"],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("page %s of %s could not be drawn: %s", page, path, error)
        return b""
    return ended.stdout
