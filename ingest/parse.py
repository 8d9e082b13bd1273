"""One function that reads any supported file."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ingest.document import Member, ParsedDocument
from ingest.kinds import MAX_BYTES, kind_of
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ingest.document import Attachment

FINGERPRINT = "parse-3/chunk-3"
"""Changes when the same file would be read or cut differently; stored documents are then read again."""

_READERS = {
    "text": "plain:read_text",
    "markdown": "markup:read_markdown",
    "rst": "restructured:read_rst",
    "json": "structured:read_json",
    "yaml": "source:read_settings",
    "code": "source:read_code",
    "xml": "structured:read_xml",
    "html": "markup:read_html",
    "mhtml": "web:read_mhtml",
    "csv": "plain:read_csv",
    "xlsx": "sheets:read_xlsx",
    "xls": "sheets:read_xls",
    "ods": "opendocument:read_ods",
    "odt": "opendocument:read_odt",
    "odp": "opendocument:read_odp",
    "docx": "word:read_docx",
    "pptx": "slides:read_pptx",
    "rtf": "rtf:read_rtf",
    "epub": "epub:read_epub",
    "doc": "legacy:read_doc",
    "ppt": "legacy:read_ppt",
    "pdf": "pdf:read_pdf",
    "picture": "picture:read_picture",
    "mail": "mail:read_mail",
    "msg": "mail:read_msg",
    "tnef": "tnef:read_tnef",
    "word-xml": "office_xml:read_word_xml",
    "excel-xml": "sheet_xml:read_sheet_xml",
    "office-xml": "office_xml:read_flat_package",
}
_UNPACKERS = {
    "zip": "archive:unpack_zip",
    "tar": "archive:unpack_tar",
    "7z": "archive:unpack_7z",
    "mbox": "mail:unpack_mbox",
}


def parse_file(path: Path, *, name: str = "", scratch: Path | None = None, password: str = "") -> ParsedDocument:
    """Read a file by what it is; whatever a format library raises becomes one clear line.

    Args:
        path: Where it lies.
        name: What it is called, where that differs from its path; the suffix counts.
        scratch: Folder to be made for the files within it: an archive is unpacked into it, attachments are put there.
            Without it they are not read.
        password: For a protected PDF.

    Raises:
        DocumentError: The file is missing, empty, too large, broken, protected, or nothing that can be read.
    """
    _check_size(path)
    kind = _kind(path, name or path.name)
    try:
        parsed = _parsed(kind, path, scratch, password)
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}", 160)
        raise DocumentError(f"cannot be read as {kind} ({reason}); is it broken?") from error
    if not parsed.members and not any(element.text.strip() for element in parsed.elements):
        raise DocumentError("no text found in it; nothing to search for")
    return parsed


def _parsed(kind: str, path: Path, scratch: Path | None, password: str) -> ParsedDocument:
    if kind in _UNPACKERS:
        if scratch is None:
            raise DocumentError("an archive within archives that are nested too deep; unpack it")
        scratch.mkdir(parents=True)
        members: tuple[Member, ...] = _function(_UNPACKERS[kind])(path, scratch)
        return ParsedDocument((), members=members)
    read = _function(_READERS[kind])
    parsed: ParsedDocument = (
        read(path.read_bytes(), password) if kind == "pdf" and password else read(path.read_bytes())
    )
    if not parsed.attachments:
        return parsed
    if scratch is None:
        left = "within files that are nested too deep; take it out"
        return replace(parsed, attachments=(), members=tuple(Member(a.name, path, left) for a in parsed.attachments))
    return replace(parsed, attachments=(), members=tuple(_write(parsed.attachments, scratch)))


def _write(attachments: Iterable[Attachment], scratch: Path) -> Iterator[Member]:
    """Put attachments where members of an archive would be, each below a name of its own."""
    scratch.mkdir(parents=True)
    for number, attachment in enumerate(attachments):
        path = scratch / f"{number:05d}"
        path.write_bytes(attachment.data)
        yield Member(attachment.name, path)


def _kind(path: Path, name: str) -> str:
    kind = kind_of(path, name)
    if kind == "encrypted":
        raise DocumentError("protected by a password; save a copy without one")
    if kind not in _READERS and kind not in _UNPACKERS:
        raise DocumentError(
            f"format {PurePath(name).suffix or '(no suffix)'} is not supported; save it as PDF, DOCX or text"
        )
    return kind


def _function(name: str) -> Callable[..., Any]:
    """A reader; its module is loaded only now."""
    module, function = name.split(":")
    found: Callable[..., Any] = getattr(import_module(f"ingest.parsers.{module}"), function)
    return found


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DocumentError(
            f"cannot be opened: {error.strerror or error}; check that it exists and may be read"
        ) from error
    if size > MAX_BYTES:
        raise DocumentError(f"{size:,} bytes, over the bound of {MAX_BYTES:,}; split the file")
    if not size:
        raise DocumentError("file is empty (0 bytes)")
