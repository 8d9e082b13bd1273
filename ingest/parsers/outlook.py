"""Outlook's MSG files, property by property, through python-oxmsg.

Its ``Message`` decodes text of old Outlook by a code page that is often missing, and skips mails within mails: its
storages are read instead.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import TYPE_CHECKING

from olefile import OleFileIO
from oxmsg.domain import constants as pid
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from ingest.decoding import decode
from ingest.document import Attachment
from ingest.parsers.mime import SMALLEST_PICTURE, safe_subject
from ingest.parsers.rtf import read_rtf
from ingest.parsers.rtf_mail import html_within, unpack_rtf
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNICODE, _EIGHT_BIT, _BINARY = 0x001F, 0x001E, 0x0102
_SMTP_ADDRESS = 0x39FE
_RECIPIENT_TYPE = 0x0C15
_RTF = 0x1009
_HEADER, _HEADER_WITHIN, _HEADER_OF_PART = 32, 24, 8
_MAIL_WITHIN = "__substg1.0_3701000D"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as Outlook keeps it: its fields, its text as HTML, plain and RTF (empty if it has none), its files."""

    fields: dict[str, str]
    html: str
    text: str
    rtf: bytes
    attachments: tuple[Attachment, ...]


def read_outlook(data: bytes) -> Mail:
    """Read an MSG file.

    Raises:
        DocumentError: It is none.
    """
    try:
        with OleFileIO(io.BytesIO(data)) as compound:
            storage = Storage.from_ole(compound)
        return _mail(storage, _HEADER)
    except (OSError, KeyError, IndexError, ValueError, AssertionError) as error:
        raise DocumentError("broken or truncated: not an Outlook mail; save it in Outlook anew") from error


def _mail(storage: Storage, header: int) -> Mail:
    sent = Properties(storage, header).date_prop_value(pid.PID_CLIENT_SUBMIT_TIME)
    fields = {
        "subject": _text(storage, pid.PID_SUBJECT),
        "from": _sender(storage),
        "to": _recipients(storage, 1) or _text(storage, pid.PID_DISPLAY_TO),
        "cc": _recipients(storage, 2) or _text(storage, pid.PID_DISPLAY_CC),
        "date": format_datetime(sent) if sent else "",
    }
    html = _bytes(storage, pid.PID_HTML)
    page = decode(html) if html.strip() else _text(storage, pid.PID_BODY_HTML)
    text = _text(storage, pid.PID_BODY)
    rtf = b"" if page.strip() else _rtf(storage, needed=not text.strip())
    return Mail(
        {name: " ".join(text.split()) for name, text in fields.items() if text.strip()},
        page if page.strip() else html_within(rtf),
        text,
        rtf,
        tuple(_attachments(storage)),
    )


def _rtf(storage: Storage, *, needed: bool) -> bytes:
    """The mail's text as RTF; a broken one is no loss where there is a plain one."""
    try:
        return unpack_rtf(_bytes(storage, _RTF))
    except DocumentError:
        if needed:
            raise
        return b""


def _text(storage: Storage, property_id: int) -> str:
    """A text property; one of eight bits by what fits, since its code page is seldom told."""
    try:
        text = storage.property_stream_bytes(property_id, _UNICODE).decode("utf-16-le")
    except KeyError:
        data = _bytes(storage, property_id, _EIGHT_BIT)
        text = decode(data) if data.strip(b"\0 \r\n") else ""
    return text.replace("\r\n", "\n").strip("\0")


def _bytes(storage: Storage, property_id: int, kind: int = _BINARY) -> bytes:
    try:
        return storage.property_stream_bytes(property_id, kind)
    except KeyError:
        return b""


def _sender(storage: Storage) -> str:
    name = _text(storage, pid.PID_SENDER_NAME) or _text(storage, pid.PID_SENT_REPRESENTING_NAME)
    return _person(name, _text(storage, pid.PID_SENDER_SMTP_ADDRESS) or _text(storage, pid.PID_SENDER_EMAIL_ADDRESS))


def _recipients(storage: Storage, kind: int) -> str:
    people = []
    for part in storage.iter_recipient_storages():
        if Properties(part, _HEADER_OF_PART).int_prop_value(_RECIPIENT_TYPE) == kind:
            address = _text(part, _SMTP_ADDRESS) or _text(part, pid.PID_EMAIL_ADDRESS)
            people.append(_person(_text(part, pid.PID_DISPLAY_NAME), address))
    return ", ".join(filter(None, people))


def _person(name: str, address: str) -> str:
    """Name and address; an address of Exchange's own, which is a path, is left out."""
    name = name.strip().strip("'\"")
    if "@" not in address or name == address:
        return name or address
    return f"{name} <{address}>" if name else address


def _attachments(storage: Storage) -> Iterator[Attachment]:
    for part in storage.iter_attachment_storages():
        within = next((inner for inner in part.storages if inner.name == _MAIL_WITHIN), None)
        if within is not None:
            mail = _mail(within, _HEADER_WITHIN)
            yield Attachment(f"{safe_subject(mail.fields.get('subject', '')) or 'mail'}.eml", _as_eml(mail))
            continue
        names = (pid.PID_ATTACH_LONG_FILENAME, pid.PID_ATTACH_FILENAME, pid.PID_DISPLAY_NAME)
        name = next(filter(None, (_text(part, number).strip() for number in names)), "")
        data = _bytes(part, pid.PID_ATTACH_DATA_BINARY)
        tiny = len(data) < SMALLEST_PICTURE and name.lower().endswith(_PICTURES)
        if name and data and not tiny:
            yield Attachment(name.replace("\\", "/").rpartition("/")[2], data)


def _plain(rtf: bytes) -> str:
    return "\n\n".join(element.text for element in read_rtf(rtf).elements)


def _as_eml(mail: Mail) -> bytes:
    """A mail within a mail as a file that stands for itself."""
    message = MIMEMultipart()
    for name, value in mail.fields.items():
        message[name] = Header(value, "utf-8").encode()
    forms = MIMEMultipart("alternative")
    plain = mail.text if mail.text.strip() or mail.html.strip() or not mail.rtf else _plain(mail.rtf)
    for text, kind in ((plain, "plain"), (mail.html, "html")):
        if text:
            forms.attach(MIMEText(text, kind, "utf-8"))
    message.attach(forms)
    for file in mail.attachments:
        part = MIMEApplication(file.data)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", file.name))
        message.attach(part)
    return message.as_bytes()
