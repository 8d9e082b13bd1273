"""``winmail.dat``: how Outlook packs a mail's files where it believes that Outlook reads it. No library reads it."""

from __future__ import annotations

import codecs
import contextlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.decoding import decode
from ingest.document import Attachment, Element, ParsedDocument
from ingest.parsers.plain import text_elements
from ingest.parsers.rtf_mail import html_within, unpack_rtf
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x78\x9f\x3e\x22"
_CODE_PAGE, _SUBJECT, _BODY, _MESSAGE = 0x9007, 0x8004, 0x800C, 0x9003
_NEXT_FILE, _FILE_NAME, _FILE_DATA, _FILE = 0x9002, 0x8010, 0x800F, 0x9005
_LONG_NAME, _SHORT_NAME, _OBJECT = 0x3707, 0x3704, 0x3701
_PLAIN, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_BYTES_BEFORE_OBJECT = 16
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_EIGHT_BIT, _WIDE, _EMBEDDED, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_VARIABLE = (_EIGHT_BIT, _WIDE, _EMBEDDED, _BINARY)
_MANY = 0x1000


@dataclass(slots=True)
class Packed:
    """What a ``winmail.dat`` holds: the mail's subject and text, as far as they are in it, and the files."""

    subject: str = ""
    html: str = ""
    text: str = ""
    files: list[Attachment] = field(default_factory=list)


def read_tnef(data: bytes) -> ParsedDocument:
    """Read a ``winmail.dat`` that lies in a folder by itself."""
    packed = unpack_tnef(data)
    from ingest.parsers.markup import html_elements

    head = [Element("heading", packed.subject, level=1)] if packed.subject else []
    body = html_elements(packed.html) or text_elements(packed.text)
    return ParsedDocument((*head, *body), title=packed.subject, attachments=tuple(packed.files))


def unpack_tnef(data: bytes) -> Packed:
    """Take the files and the text out; a file that is cut short is left out.

    Raises:
        DocumentError: It is none, or broken before its first file.
    """
    if not data.startswith(SIGNATURE):
        raise DocumentError("not a winmail.dat although it is called so; ask the sender for the file itself")
    packed, names = Packed(), _Names()
    try:
        for kind, value in _attributes(data):
            _take(kind, value, packed, names)
    except (struct.error, IndexError) as error:
        if not packed.files:
            raise DocumentError("broken or truncated winmail.dat; ask the sender for the file itself") from error
    packed.files = [file for file in packed.files if file.data]
    return packed


@dataclass(slots=True)
class _Names:
    """The code page of texts of eight bits."""

    encoding: str = ""

    def text(self, value: bytes) -> str:
        return decode(value.rstrip(b"\0"), self.encoding).strip("\0 ") if value.strip(b"\0") else ""


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes in order: which, and its value."""
    position = 6
    while position + 11 <= len(data):
        _, attribute, length = struct.unpack_from("<BII", data, position)
        value = data[position + 9 : position + 9 + length]
        if len(value) < length:
            raise IndexError
        yield attribute & 0xFFFF, value
        position += 11 + length


def _take(kind: int, value: bytes, packed: Packed, names: _Names) -> None:
    if kind == _CODE_PAGE and len(value) >= 4:
        names.encoding = _known(struct.unpack_from("<I", value)[0])
    elif kind == _SUBJECT:
        packed.subject = " ".join(names.text(value).split())
    elif kind == _BODY:
        packed.text = names.text(value)
    elif kind == _MESSAGE:
        _take_message(dict(_properties(value)), packed, names)
    elif kind == _NEXT_FILE:
        packed.files.append(Attachment("attachment", b""))
    elif packed.files and kind == _FILE_NAME:
        _change(packed, name=names.text(value))
    elif packed.files and kind == _FILE_DATA:
        _change(packed, data=value)
    elif packed.files and kind == _FILE:
        _take_file(dict(_properties(value)), packed, names)


def _take_message(properties: dict[int, tuple[int, bytes]], packed: Packed, names: _Names) -> None:
    packed.text = packed.text or _value_text(properties.get(_PLAIN), names)
    html = properties.get(_HTML)
    if html and html[1].strip():
        packed.html = decode(html[1])
    elif (rtf := properties.get(_RTF)) and not packed.html:
        with contextlib.suppress(DocumentError):  # the files are worth more than how the text looked
            packed.html = html_within(unpack_rtf(rtf[1]))


def _take_file(properties: dict[int, tuple[int, bytes]], packed: Packed, names: _Names) -> None:
    name = _value_text(properties.get(_LONG_NAME) or properties.get(_SHORT_NAME), names)
    if name:
        _change(packed, name=name)
    _, data = properties.get(_OBJECT, (0, b""))
    # A mail within the mail is packed the same way, behind the name of its interface.
    if data[_BYTES_BEFORE_OBJECT:].startswith(SIGNATURE):
        _change(packed, data=data[_BYTES_BEFORE_OBJECT:])


def _change(packed: Packed, *, name: str = "", data: bytes = b"") -> None:
    last = packed.files[-1]
    packed.files[-1] = Attachment(name.replace("\\", "/").rpartition("/")[2] or last.name, data or last.data)


def _value_text(value: tuple[int, bytes] | None, names: _Names) -> str:
    if value is None:
        return ""
    kind, data = value
    return data.decode("utf-16-le", "replace").strip("\0") if kind == _WIDE else names.text(data)


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """The properties of a message or a file: id, then type and first value."""
    count = struct.unpack_from("<I", data)[0]
    position = 4
    for _ in range(count):
        kind, number = struct.unpack_from("<HH", data, position)
        position += 4
        if number >= 0x8000:
            position = _behind_name(data, position)
        base = kind & ~_MANY
        values = 1
        if kind & _MANY or base in _VARIABLE:
            values = struct.unpack_from("<I", data, position)[0]
            position += 4
        first = b""
        for i in range(values):
            value, position = _value(data, position, base)
            first = first if i else value
        yield number, (base, first)


def _behind_name(data: bytes, position: int) -> int:
    """Where the value of a property with a name of its own begins."""
    kind = struct.unpack_from("<I", data, position + 16)[0]
    if kind == 0:
        return position + 24
    length = int(struct.unpack_from("<I", data, position + 20)[0])
    return position + 24 + length + -length % 4


def _value(data: bytes, position: int, kind: int) -> tuple[bytes, int]:
    if kind in _VARIABLE:
        length = struct.unpack_from("<I", data, position)[0]
        start, behind = position + 4, position + 4 + length + -length % 4
    else:
        start, length = position, _FIXED.get(kind, 4)
        behind = start + length
    if start + length > len(data):
        raise IndexError
    return data[start : start + length], behind


def _known(code_page: int) -> str:
    """The name of a code page; none where it is unknown."""
    name = "utf-8" if code_page == 65001 else f"cp{code_page}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
