"""The parts of a MIME message: the forms of its text, and the files in it, by names that are readable."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Any

from ingest.decoding import decode, html_charset
from ingest.document import Attachment
from ingest.parsers.tnef import SIGNATURE, unpack_tnef
from kb_app.errors import DocumentError
from kb_app.text import one_line

_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))
SMALLEST_PICTURE = 2000
"""Bytes; what is smaller is a logo, a line or a point that counts readers."""

_LONGEST_NAME = 150


@dataclass(slots=True)
class Parts:
    """What a message is made of.

    Attributes:
        texts: Texts that follow each other, each in one or more forms: ``"html"``, ``"plain"``.
        files: Its attachments, forwarded mails among them.
    """

    texts: list[dict[str, str]] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)


def split(message: Message) -> Parts:
    """Take a message apart."""
    parts = Parts()
    _walk(message, parts, None)
    return parts


def field_text(raw: str) -> str:
    """A header field, decoded, on one line."""
    flat = readable("".join(raw.splitlines()))
    try:
        pieces = [
            part if isinstance(part, str) else _decoded(part, charset or "") for part, charset in decode_header(flat)
        ]
    except (HeaderParseError, ValueError):
        return " ".join(flat.split())
    return " ".join("".join(pieces).split())


def readable(raw: str) -> str:
    """A header as it was meant: bytes that the parser could not place are decoded as a text file's."""
    return _decoded(raw.encode("utf-8", "surrogateescape"), "utf-8")


def text_of(part: Message) -> str:
    """The text of a part, by the charset that it names or that fits."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return ""
    declared = _parameter(part, "content-type", "charset")
    if not declared and part.get_content_subtype() == "html":
        declared = html_charset(data)
    return decode(data, declared)


def file_name(part: Message) -> str:
    """What a part is called, without a path; empty where it has no name."""
    name = _parameter(part, "content-disposition", "filename") or _parameter(part, "content-type", "name")
    return one_line(name.replace("\\", "/").rpartition("/")[2].strip(), _LONGEST_NAME)


def _walk(part: Message, parts: Parts, forms: dict[str, str] | None) -> None:
    kind = part.get_content_type()
    inner: Any = part.get_payload()
    if kind == "message/rfc822" and isinstance(inner, list) and inner:
        parts.files.append(_forwarded(inner[0]))
    elif isinstance(inner, list):
        if kind == "multipart/alternative":
            forms = {}
            parts.texts.append(forms)
        for sub in inner:
            _walk(sub, parts, forms)
    elif _is_body(part, kind):
        if forms is None:
            forms = {}
            parts.texts.append(forms)
        name = "html" if kind == "text/html" else "plain"
        text = text_of(part)
        forms[name] = f"{forms[name]}\n{text}" if name in forms else text
    elif attachment := _attachment(part, kind):
        if attachment.data.startswith(SIGNATURE):
            _unpack(attachment, parts)
        else:
            parts.files.append(attachment)


def _unpack(attachment: Attachment, parts: Parts) -> None:
    """What Outlook packed: its files in place of the pack, its text where the mail has none outside of it."""
    try:
        packed = unpack_tnef(attachment.data)
    except DocumentError:
        # Kept as it is: its own reader says what is wrong with it.
        parts.files.append(attachment)
        return
    parts.files += packed.files
    if not any(text.strip() for forms in parts.texts for text in forms.values()):
        parts.texts.append({"html": packed.html, "plain": packed.text})


def _is_body(part: Message, kind: str) -> bool:
    is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
    return is_text and not file_name(part) and part.get_content_disposition() != "attachment"


def _attachment(part: Message, kind: str) -> Attachment | None:
    name = file_name(part)
    if not name and part.get_content_disposition() == "attachment":
        name = f"attachment{mimetypes.guess_extension(kind) or ''}"
    data = part.get_payload(decode=True)
    if not name or kind in _SIGNATURES or not isinstance(data, bytes) or not data:
        return None
    if kind.startswith("image/") and len(data) < SMALLEST_PICTURE:
        return None
    return Attachment(name, data)


def _forwarded(message: Message) -> Attachment:
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == "subject"), "")
    return Attachment(f"{safe_subject(raw) or 'mail'}.eml", message.as_bytes())


def safe_subject(raw: str) -> str:
    """A subject as a file may be called."""
    return one_line(re.sub(r'[\\/:*?"<>|]+', " ", field_text(raw)).strip(" ."), _LONGEST_NAME)


def _parameter(part: Message, header: str, name: str) -> str:
    """A parameter of a header, in whichever of the three ways it is encoded."""
    raw = next((str(value) for key, value in part.raw_items() if key.lower() == header), "")
    clean = Message()
    clean[header] = readable("".join(raw.splitlines()))
    value = clean.get_param(name, header=header)
    if isinstance(value, tuple):
        charset, _, text = value
        return _decoded(text.encode("raw-unicode-escape"), charset or "")
    return field_text(value) if isinstance(value, str) else ""


def _decoded(data: bytes, charset: str) -> str:
    try:
        return decode(data, charset)
    except DocumentError:
        # One spoilt byte in a name is no reason to refuse the mail; the mark shows that something is missing.
        return data.decode("utf-8", "replace")
