"""A PDF as a whole: opened, with its fields and its outline."""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdf.fonts import squares_for_fonts
from kb_app.errors import DocumentError
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.pdf.heads import Outline

MAX_PAGES = 5_000
"""A PDF with more pages is refused."""

_MAX_BOOKMARKS = 20_000
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_SECURITY = 5  # FPDF_ERR_SECURITY
_DATE = re.compile(r"(?:D:)?\s*(\d{4})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])")


@contextmanager
def opened(data: bytes, password: str) -> Iterator[Any]:
    """The document, closed in the end.

    Raises:
        DocumentError: It cannot be opened, or has no page or too many.
    """
    with squares_for_fonts():
        document = _open(data, password)
        try:
            pages = len(document)
            if not pages:
                raise DocumentError("broken or truncated: a PDF without pages; export it anew")
            if pages > MAX_PAGES:
                raise DocumentError(f"{pages:,} pages, over the bound of {MAX_PAGES:,}; split the file")
            document.init_forms()
            yield document
        finally:
            document.close()


def _open(data: bytes, password: str) -> Any:
    pdfium = import_module("pypdfium2")
    if not data:
        raise DocumentError("file is empty (0 bytes)")
    try:
        return pdfium.PdfDocument(data, password=password or None)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code == _PASSWORD:
            wrong = "the password is wrong; pass the right one with --password"
            missing = "protected by a password; pass it with --password, or save a copy without one"
            raise DocumentError(wrong if password else missing) from error
        if code == _SECURITY:
            raise DocumentError("protected in a way that cannot be undone here; save a copy without it") from error
        raise DocumentError("broken or truncated: not a readable PDF; export it anew") from error


def described(document: Any) -> tuple[str, dict[str, str]]:
    """Title and metadata (author, date of the last change) from the fields of the file."""
    fields = document.get_metadata_dict()
    author = " ".join(fields.get("Author", "").split())
    date = _DATE.match(fields.get("ModDate", "")) or _DATE.match(fields.get("CreationDate", ""))
    metadata = {"author": author, "date": "-".join(date.groups()) if date else ""}
    return " ".join(fields.get("Title", "").split()), {name: value for name, value in metadata.items() if value}


def outline_of(document: Any) -> Outline:
    """The bookmarks by the page that they lead to."""
    outline: Outline = {}
    for bookmark in islice(document.get_toc(), _MAX_BOOKMARKS):
        title = squash(bookmark.get_title() or "")
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if title and page is not None:
            outline.setdefault(page + 1, {}).setdefault(title, bookmark.level + 1)
    return outline
