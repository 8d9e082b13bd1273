"""RTF as tokens, and its bytes as characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
# Windows' numbers for the alphabet of a font.
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip
_CODE_PAGES = {936: "gb18030", 54936: "gb18030", 65001: "utf-8", 10000: "mac_roman", 1361: "johab"}
SYMBOL = "symbol"


class Token(NamedTuple):
    """A piece of RTF.

    Attributes:
        kind: ``"word"`` (a control word), ``"sign"`` (a control sign), ``"byte"`` (an escaped byte), ``"open"``,
            ``"close"``, ``"text"`` or ``"binary"``.
        data: The word's name in ASCII, or the bytes.
        number: The number behind a word, None if there is none.
    """

    kind: str
    data: bytes
    number: int | None = None


def tokens(data: bytes) -> Iterator[Token]:
    """Cut RTF into tokens; line breaks in the source are none."""
    position = 0
    while match := _TOKEN.match(data, position):
        position = match.end()
        word, number, byte, sign, brace, text = match.groups()
        if word == b"bin":
            length = max(int(number or 0), 0)
            yield Token("binary", data[position : position + length])
            position += length
        elif word:
            yield Token("word", word, int(number) if number else None)
        elif byte:
            yield Token("byte", bytes.fromhex(byte.decode("ascii")))
        elif sign:
            yield Token("sign", sign)
        elif brace:
            yield Token("open" if brace == b"{" else "close", brace)
        elif text:
            yield Token("text", text)


def code_page(number: int) -> str:
    """Python's name of a Windows code page."""
    return _CODE_PAGES.get(number, f"cp{number}")


def charset(number: int) -> str:
    """Python's name of a font's alphabet, ``SYMBOL`` for one of signs, empty where the document's holds."""
    return SYMBOL if number == 2 else _CHARSETS.get(number, "")


def characters(data: bytes, encoding: str, default: str) -> str:
    """Decode bytes by their font, else by the document; what fits neither is visibly replaced."""
    if data.isascii():
        return data.decode("ascii")
    for name in dict.fromkeys(filter(None, (encoding, default, "utf-8", "cp1252"))):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def join_surrogates(text: str) -> str:
    """Characters that RTF gave as two halves become whole; a lone half is visibly replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
