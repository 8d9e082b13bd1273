"""One function that reads any supported file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ingest.document import ParsedDocument

MAX_BYTES = 500_000_000
FINGERPRINT = "parse-1/chunk-1"
"""Changes when the same file would be read or cut differently; stored documents are then read again."""

_READERS = {
    ".txt": "plain:read_text",
    ".md": "markup:read_markdown",
    ".markdown": "markup:read_markdown",
    ".html": "markup:read_html",
    ".htm": "markup:read_html",
    ".csv": "plain:read_csv",
    ".docx": "office:read_docx",
    ".pptx": "office:read_pptx",
    ".xlsx": "sheets:read_xlsx",
    ".eml": "mail:read_mail",
    ".pdf": "pdf:read_pdf",
}
SUPPORTED = frozenset(_READERS)


def parse_file(path: Path) -> ParsedDocument:
    """Read a file by the format that its suffix names; whatever a format library raises becomes one clear line.

    Raises:
        DocumentError: The file is missing, empty, too large, broken, protected or of another format.
    """
    read = _reader(path)
    data = _bytes(path)
    try:
        parsed = read(data)
    except DocumentError:
        raise
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}", 160)
        raise DocumentError(f"cannot be read as {path.suffix.lower()[1:]} ({reason}); is it broken?") from error
    if not any(element.text.strip() for element in parsed.elements):
        raise DocumentError("no text found in it; nothing to search for")
    return parsed


def _reader(path: Path) -> Callable[[bytes], ParsedDocument]:
    """The function that reads this kind of file; its module is loaded only now."""
    try:
        module, function = _READERS[path.suffix.lower()].split(":")
    except KeyError:
        known = ", ".join(sorted(SUPPORTED))
        raise DocumentError(f"format {path.suffix or '(no suffix)'} is not supported; known are {known}") from None
    reader: Callable[[bytes], ParsedDocument] = getattr(import_module(f"ingest.parsers.{module}"), function)
    return reader


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(f"{size:,} bytes, over the bound of {MAX_BYTES:,}; split the file")
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"cannot be opened: {error.strerror or error}; check that it exists and may be read"
        ) from error
    if not data:
        raise DocumentError("file is empty (0 bytes)")
    return data
