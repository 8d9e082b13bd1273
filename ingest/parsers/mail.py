"""Mail: the header fields and the body, whatever its charset claims to be."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header
from typing import TYPE_CHECKING

from ingest.decoding import decode
from ingest.document import Element, ParsedDocument
from ingest.parsers.markup import html_elements
from ingest.parsers.plain import text_elements
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from email.message import EmailMessage

_FIELDS = ("subject", "from", "to", "cc", "date")


def read_mail(data: bytes) -> ParsedDocument:
    """Read an EML file: subject as the heading, the fields as the first text, then the body."""
    message = message_from_bytes(data, policy=policy.default)
    fields = _fields(message)
    if not fields:
        raise DocumentError("not a mail: it has neither subject, sender nor date; is it an .eml file?")
    subject = fields.get("subject", "")
    head = [Element("heading", subject, level=1)] if subject else []
    lines = [f"{name.capitalize()}: {value}" for name, value in fields.items() if name != "subject"]
    if lines:
        head.append(Element("text", "\n".join(lines)))
    return ParsedDocument((*head, *_below(_body(message))), title=subject, metadata=fields)


def _fields(message: EmailMessage) -> dict[str, str]:
    """The fields that a reader wants, decoded; the raw header, since the parser drops undeclared bytes."""
    raw: dict[str, object] = {}
    for name, value in message.raw_items():
        raw.setdefault(name.lower(), value)
    decoded = {name: _header_text(str(raw[name])) for name in _FIELDS if name in raw}
    return {name: text for name, text in decoded.items() if text}


def _header_text(value: str) -> str:
    flat = "".join(value.splitlines())
    parts = decode_header(flat)
    pieces = [part if isinstance(part, str) else decode(part, charset or "") for part, charset in parts if part]
    text = "".join(pieces)
    return " ".join(decode(text.encode("utf-8", "surrogateescape")).split())


def _body(message: EmailMessage) -> list[Element]:
    part = message.get_body(preferencelist=("html", "plain"))
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes) or not payload.strip():
        return []
    text = decode(payload, part.get_content_charset() or "")
    return html_elements(text) if part.get_content_subtype() == "html" else text_elements(text)


def _below(elements: list[Element]) -> list[Element]:
    """The body's headings one level under the subject."""
    return [Element(e.kind, e.text, level=e.level + 1) if e.kind == "heading" else e for e in elements]
