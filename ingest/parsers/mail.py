"""Mail: fields, body and attachments of EML and Outlook MSG files, and the mails of an MBOX file.

unstructured reads a mail's text alone: it drops its attachments and forwarded mails, and believes a body's charset.
The standard library and python-oxmsg give every part.
"""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

from ingest.document import Element, ParsedDocument
from ingest.parsers.markup import html_elements
from ingest.parsers.mime import field_text, safe_subject, split
from ingest.parsers.plain import text_elements
from ingest.parsers.rtf import read_rtf
from ingest.parsers.unpacking import Unpacking
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from email.message import Message
    from pathlib import Path
    from typing import BinaryIO

    from ingest.document import Attachment, Member
    from ingest.parsers.unpacking import Sink

_FIELDS = ("subject", "from", "to", "cc", "date")
_LONGEST_HEADER = 200_000
_LINE = 1 << 16


def read_mail(data: bytes) -> ParsedDocument:
    """Read an EML file: subject as the heading, the fields as the first text, then the body."""
    message = message_from_bytes(data, policy=policy.compat32)
    fields = _fields(message)
    if not fields:
        raise DocumentError("not a mail: it has neither subject, sender nor date; is it an .eml file?")
    parts = split(message)
    body = [element for forms in parts.texts for element in _best(forms)]
    return _document(fields, body, tuple(parts.files))


def read_msg(data: bytes) -> ParsedDocument:
    """Read an MSG file of Outlook, the same way."""
    from ingest.parsers.outlook import read_outlook

    mail = read_outlook(data)
    body = _best({"html": mail.html, "plain": mail.text})
    if not body and mail.rtf:
        body = list(read_rtf(mail.rtf).elements)
    return _document(mail.fields, body, mail.attachments)


def unpack_mbox(path: Path, into: Path) -> tuple[Member, ...]:
    """Take the mails out of an MBOX file, one at a time, each called by its number and subject.

    Raises:
        DocumentError: It holds none, or too many.
    """
    with path.open("rb") as file, Unpacking(into) as unpacking:
        if not file.readline(_LINE).startswith(b"From "):
            raise DocumentError("not a mailbox: its first line does not begin with 'From '; is it an .mbox file?")
        mails = _Mails(file)
        while not mails.ended:
            head = mails.head()
            number = len(unpacking.members) + 1
            unpacking.take(f"{number:04d} {_subject(head)}".strip() + ".eml", partial(mails.copy, head))
        return unpacking.finish()


class _Mails:
    """The mails of a mailbox in order; a line ``From …`` behind an empty line begins the next one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.ended = False

    def head(self) -> bytes:
        """The header of the next mail, with the empty line behind it."""
        lines: list[bytes] = []
        room = _LONGEST_HEADER
        while room > 0 and (line := self._file.readline(_LINE)):
            lines.append(line)
            room = room - len(line) if line.strip() else 0
        return b"".join(lines)

    def copy(self, head: bytes, sink: Sink) -> None:
        """Write a mail, and stand behind the line that begins the next one."""
        sink.write(head)
        blank = begin = True
        while line := self._file.readline(_LINE):
            if begin and blank and line.startswith(b"From "):
                return
            if begin and line.lstrip(b">").startswith(b"From "):
                line = line.removeprefix(b">")
            blank = begin and not line.strip()
            begin = line.endswith(b"\n")
            sink.write(line)
        self.ended = True


def _subject(head: bytes) -> str:
    raw = {name.lower(): str(value) for name, value in message_from_bytes(head, policy=policy.compat32).raw_items()}
    return safe_subject(raw.get("subject", ""))[:80].strip()


def _document(
    fields: Mapping[str, str], body: Iterable[Element], attachments: tuple[Attachment, ...]
) -> ParsedDocument:
    subject = fields.get("subject", "")
    head = [Element("heading", subject, level=1)] if subject else []
    lines = [f"{name.capitalize()}: {value}" for name, value in fields.items() if name != "subject"]
    if lines:
        head.append(Element("text", "\n".join(lines)))
    below = (replace(e, level=e.level + 1) if e.kind == "heading" else e for e in body)
    metadata = {**fields, "date": _day(fields.get("date", ""))}
    return ParsedDocument(
        (*head, *below),
        title=subject,
        metadata={name: value for name, value in metadata.items() if value},
        attachments=attachments,
    )


def _fields(message: Message) -> dict[str, str]:
    """The fields that a reader wants, decoded; the raw header, since the parser spoils undeclared bytes."""
    raw: dict[str, str] = {}
    for name, value in message.raw_items():
        raw.setdefault(name.lower(), str(value))
    decoded = {name: field_text(raw[name]) for name in _FIELDS if name in raw}
    return {name: text for name, text in decoded.items() if text}


def _day(date: str) -> str:
    """The day of sending, where the sender was; empty for a date that is none."""
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, IndexError, TypeError, OverflowError):
        return ""


def _best(forms: Mapping[str, str]) -> list[Element]:
    """A text in the best form that holds one; HTML that cannot be read gives way to plain text."""
    plain = forms.get("plain", "")
    try:
        return html_elements(forms.get("html", "")) or text_elements(plain)
    except Exception:
        if not plain.strip():
            raise
        return text_elements(plain)
