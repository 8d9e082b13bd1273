"""What a file is: told by its content, by its suffix only where the content is plain text."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 500_000_000
"""Longest file that is read."""

HEAD = 65_536
"""Bytes from the beginning of a file that are enough to tell what it is."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"GIF8", "picture"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "tar"),
    (b"BZh", "tar"),
    (b"\xfd7zXZ\0", "tar"),
    (b"\x78\x9f\x3e\x22", "tnef"),
)
_ZIPPED = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_MIME = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_STREAMS = (
    ("__properties_version1.0", "msg"),
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
# Office documents that are one XML file, by what such a file names near its beginning.
_OFFICE_XML = (
    (b"http://schemas.microsoft.com/office/word/2003/wordml", "word-xml"),
    (b"urn:schemas-microsoft-com:office:spreadsheet", "excel-xml"),
    (b"http://schemas.microsoft.com/office/2006/xmlpackage", "office-xml"),
)
# What old exports of tables and texts really hold, in the order in which a page begins.
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<meta", b"<style", b"<body", b"<table", b"<div")
_SHEETS = frozenset({"xls", "et", "xlsx"})
_BY_SUFFIX = {
    "md": "markdown", "markdown": "markdown", "rst": "rst",
    "html": "html", "htm": "html", "xhtml": "html", "mht": "mhtml", "mhtml": "mhtml",
    "csv": "csv", "tsv": "csv",
    "json": "json", "jsonl": "json", "ndjson": "json",
    "yaml": "yaml", "yml": "yaml", "toml": "yaml", "ini": "yaml", "cfg": "yaml", "conf": "yaml",
    "xml": "xml", "eml": "mail", "mbox": "mbox",
    **dict.fromkeys(("txt", "text", "log"), "text"),
    **dict.fromkeys(("py", "pyi", "js", "jsx", "ts", "tsx", "java", "kt", "scala", "c", "h", "cc"), "code"),
    **dict.fromkeys(("cpp", "hpp", "cs", "go", "rs", "rb", "php", "swift", "m", "r", "jl", "lua"), "code"),
    **dict.fromkeys(("pl", "sh", "bash", "ps1", "bat", "sql", "css", "scss", "vue", "tex"), "code"),
}  # fmt: skip
# What a file with no signature is by its name: broken, and its reader says so.
_BINARY_SUFFIXES = {
    "pdf": "pdf", "docx": "docx", "docm": "docx", "pptx": "pptx", "pptm": "pptx", "xlsx": "xlsx", "xlsm": "xlsx",
    "odt": "odt", "ods": "ods", "odp": "odp", "rtf": "rtf", "epub": "epub",
    "doc": "doc", "wps": "doc", "dot": "doc", "xls": "xls", "et": "xls", "ppt": "ppt", "pps": "ppt", "dps": "ppt",
    "msg": "msg", "zip": "zip", "7z": "7z",
    **dict.fromkeys(("tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz"), "tar"),
    **dict.fromkeys(("png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "gif"), "picture"),
}  # fmt: skip
SUFFIXES = frozenset(_BY_SUFFIX) | frozenset(_BINARY_SUFFIXES)


def kind_of(path: Path, name: str) -> str:
    """What a file is, e.g. ``"docx"``; ``"encrypted"`` for a protected Office file, empty if nothing tells.

    Args:
        path: Where its bytes lie.
        name: What it is called.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path) or _BINARY_SUFFIXES.get(suffix, "zip")
    if head.startswith(_OLE):
        return _compound(path) or _BINARY_SUFFIXES.get(suffix, "doc")
    return (
        _signed(head)
        or _office_xml(head)
        or _BY_SUFFIX.get(suffix)
        or _plain(head, suffix)
        or _BINARY_SUFFIXES.get(suffix, "")
    )


def _signed(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[257:262] == b"ustar":
        return "tar"
    # Some programs write a line of their own before the signature of a PDF.
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "")


def _office_xml(head: bytes) -> str:
    """An Office document that is one XML file; empty for others, as for a page that Office saved."""
    begin = head[:8192].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not begin.startswith(b"<") or begin.startswith(_PAGE):
        return ""
    return next((kind for name, kind in _OFFICE_XML if name in begin), "")


def _plain(head: bytes, suffix: str) -> str:
    """What a text without a telling suffix is; empty for bytes that are no text."""
    begin = head[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith(_PAGE):
        return "html"
    if begin.startswith((b"return-path:", b"received:", b"delivered-to:")):
        return "mail"
    if begin.startswith(b"mime-version:"):
        return "mhtml"
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    # Programs write tables with tabs or commas and call them after Excel.
    return "csv" if suffix in _SHEETS else "text"


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            mime = _beginning(archive, "mimetype").strip() if "mimetype" in names[:3] else b""
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        EOFError,
    ):
        return ""
    if mime in _MIME:
        return _MIME[mime]
    if "[Content_Types].xml" in names:
        return next((kind for prefix, kind in _ZIPPED if any(name.startswith(prefix) for name in names)), "zip")
    return "zip"


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(100)


def _compound(path: Path) -> str:
    """The kind of an OLE compound file, by the streams at its root."""
    import olefile

    try:
        with olefile.OleFileIO(path) as compound:
            streams = {entry[0] for entry in compound.listdir()}
    except (OSError, ValueError):
        return ""
    return next((kind for stream, kind in _STREAMS if stream in streams), "")
