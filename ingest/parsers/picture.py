"""Pictures: scans, photographs and screenshots, read by OCR; every page of a TIFF is a page.

Not through unstructured, whose pictures need programs and models that pip does not bring.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from ingest import pulse
from ingest.document import ParsedDocument
from ingest.headings import mark_headings, opening_title
from ingest.ocr import ocr_elements, read_lines
from ingest.ocr.bitmap import opened, pixels, unreadable
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

    from ingest.document import Element

MAX_PAGES = 1000
REASON = "图片 picture"

_CHANGED, _ARTIST, _DETAILS, _TAKEN = 306, 315, 34665, 36867
_DATE = re.compile(r"(\d{4}):(\d{2}):(\d{2})\b")


def read_picture(data: bytes) -> ParsedDocument:
    """Read the text of a picture; of a moving one, that of its first frame.

    Raises:
        DocumentError: It is too large, broken, cut off, has too many pages or no text.
    """
    with opened(data) as picture:
        pages, size = _pages(picture), f"{picture.width:,} x {picture.height:,} pixels"
    elements: list[Element] = []
    metadata: dict[str, str] = {}
    for page in range(1, pages + 1):
        image, tags = _bitmap(data, page, pages)
        metadata = metadata or tags
        elements += ocr_elements(read_lines(image, partial(pulse.beat, page - 1, pages)), page)
        pulse.beat(page, pages)
    if not elements:
        what = f"picture of {size}" if pages == 1 else f"{pages} pictures"
        raise DocumentError(f"no text found in it ({what}); nothing to search for")
    marked = mark_headings(elements)
    return ParsedDocument(
        tuple(marked), opening_title(marked), pages, metadata, ocr=dict.fromkeys(range(1, pages + 1), REASON)
    )


def _pages(picture: Picture) -> int:
    if picture.format != "TIFF":
        return 1
    try:
        pages = int(getattr(picture, "n_frames", 1))
    except Exception as error:
        raise DocumentError(unreadable(error)) from error
    if pages > MAX_PAGES:
        raise DocumentError(f"{pages:,} pages, over the bound of {MAX_PAGES:,}; split the file")
    return pages


def _bitmap(data: bytes, page: int, pages: int) -> tuple[np.ndarray, dict[str, str]]:
    """A page, decoded, and its tags; opened anew for each, so that the decoder keeps nothing while text is read."""
    try:
        with opened(data) as picture:
            if page > 1:
                picture.seek(page - 1)
            # Tags come last: those of a PNG may stand behind its pixels.
            return pixels(picture), _metadata(picture)
    except DocumentError as error:
        raise DocumentError(f"page {page}: {error}" if pages > 1 else str(error)) from error
    except (EOFError, OSError, ValueError, TypeError, KeyError, SyntaxError) as error:
        raise DocumentError(f"page {page}: {unreadable(error)}") from error


def _metadata(picture: Picture) -> dict[str, str]:
    """Date of the last change, else of the photograph, and the artist; nothing from tags that are broken."""
    try:
        tags = picture.getexif()
        dates = (tags.get(_CHANGED), tags.get_ifd(_DETAILS).get(_TAKEN))
        artist = str(tags.get(_ARTIST) or "").strip("\0 ")
    except Exception:  # noqa: BLE001 - broken tags, of whatever kind, are no reason not to read the text
        return {}
    date = next((m for value in dates if (m := _DATE.match(str(value or "")))), None)
    found = {"author": artist, "date": "-".join(date.groups()) if date else ""}
    return {name: value for name, value in found.items() if value}
