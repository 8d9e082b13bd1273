"""The text of a mail that Outlook keeps as RTF: unpacked ([MS-OXRTFCP]), and the HTML within it ([MS-OXRTFEX]).

No library that is kept up gives both; extract-msg is under the GPL.
"""

from __future__ import annotations

import html
import struct
from dataclasses import dataclass, field, replace

from ingest.parsers.rtf_tokens import Token, characters, charset, code_page, join_surrogates, tokens
from kb_app.errors import DocumentError

_WINDOW = 4096
# What the window holds before the first byte; the specification lays it down.
_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _STORED = 0x75465A4C, 0x414C454D
_HTML = b"\\fromhtml1"
_HEAD = 1000
_SIGNS = {b"~": "\xa0", b"_": "-"}
_ESCAPED = frozenset({b"\\", b"{", b"}"})
_CHARACTERS = {
    "par": "\n", "line": "\n", "tab": "\t", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "emdash": "—", "endash": "–",
}  # fmt: skip
_SKIPPED = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "mhtmltag", "generator"})
_MAX_DEPTH = 1000


def unpack_rtf(data: bytes) -> bytes:
    """The RTF of a mail as a file of its own; empty if it holds none.

    Raises:
        DocumentError: It is packed in no way that is known, or broken off.
    """
    if len(data) < 16:
        return b""
    _, size, kind, _ = struct.unpack_from("<IIII", data)
    if kind == _STORED:
        return data[16 : 16 + size]
    if kind != _PACKED:
        raise DocumentError(f"its text is packed in an unknown way (0x{kind:08x}); save the mail in Outlook anew")
    out = _unpacked(data)
    if len(out) < size:
        raise DocumentError(f"truncated: {len(out):,} of the {size:,} bytes of its text are there; save it anew")
    return bytes(out[:size])


def html_within(rtf: bytes) -> str:
    """The HTML that was put into RTF; empty if it was made of something else."""
    if _HTML not in rtf[:_HEAD]:
        return ""
    reader = _Reader()
    for token in tokens(rtf):
        reader.take(token)
    return join_surrogates(reader.text())


def _unpacked(data: bytes) -> bytearray:
    """Bytes, and references to bytes before them; a reference to its own place is the end."""
    out = bytearray(_START)
    position = 16
    while position < len(data):
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            if position + 2 > len(data):
                return out[len(_START) :]
            reference = data[position] << 8 | data[position + 1]
            position += 2
            back = (len(out) - (reference >> 4)) % _WINDOW
            # At a distance of the whole window stands what is about to be overwritten: the mark of the end.
            if not back:
                return out[len(_START) :]
            for _ in range((reference & 15) + 2):
                out.append(out[-back] if back <= len(out) else 0x20)
    return out[len(_START) :]


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits: whether it holds a tag, is passed over, and its font."""

    tag: bool = False
    skipped: bool = False
    shadow: bool = False
    fonts: bool = False
    font: int = -1
    fallback: int = 1


@dataclass(slots=True)
class _Reader:
    """Keeps the tags and the text between them, and drops what RTF says of the same in its own words."""

    _parts: list[str] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _state: _State = field(default_factory=_State)
    _groups: list[_State] = field(default_factory=list)
    _fonts: dict[int, str] = field(default_factory=dict)
    _default: str = "cp1252"
    _starred: bool = False
    _to_skip: int = 0

    def text(self) -> str:
        """What was kept."""
        self._flush()
        return "".join(self._parts)

    def take(self, token: Token) -> None:
        """Follow a token."""
        if token.kind in ("byte", "text") or (token.kind == "sign" and token.data in _ESCAPED):
            skipped = min(self._to_skip, len(token.data))
            self._to_skip -= skipped
            self._bytes += token.data[skipped:]
            return
        self._flush()
        if token.kind == "word":
            self._word(token.data.decode("ascii"), token.number)
        elif token.kind == "sign":
            self._starred = token.data == b"*"
            self._say(_SIGNS.get(token.data, ""))
        elif token.kind == "open":
            if len(self._groups) >= _MAX_DEPTH:
                raise DocumentError(f"groups are nested more than {_MAX_DEPTH} deep; is it broken? Save it anew")
            self._groups.append(self._state)
        elif token.kind == "close":
            self._state = self._groups.pop() if self._groups else _State()
        self._to_skip = self._to_skip if token.kind == "word" else 0

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "u" and number is not None:
            self._say(chr(number % 65536))
            self._to_skip = self._state.fallback
        elif word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif word == "htmltag":
            self._state = replace(self._state, tag=True)
        elif word == "htmlrtf":
            self._state = replace(self._state, shadow=number != 0)
        elif word in _SKIPPED or starred:
            self._state = replace(self._state, skipped=True, fonts=word == "fonttbl")
        else:
            self._alphabet(word, number or 0)

    def _alphabet(self, word: str, number: int) -> None:
        if word == "ansicpg":
            self._default = code_page(number)
        elif word == "uc":
            self._state = replace(self._state, fallback=min(max(number, 0), 10))
        elif word == "f":
            self._state = replace(self._state, font=number)
        elif word == "plain":
            self._state = replace(self._state, font=-1)
        elif word == "fcharset" and self._state.fonts:
            self._fonts[self._state.font] = charset(number)

    def _flush(self) -> None:
        if self._bytes:
            encoding = "" if self._state.tag else self._fonts.get(self._state.font, "")
            self._say(characters(bytes(self._bytes), "" if encoding == "symbol" else encoding, self._default))
            self._bytes.clear()

    def _say(self, text: str) -> None:
        if self._state.skipped:
            return
        if self._state.tag:
            self._parts.append(text)
        elif not self._state.shadow:
            self._parts.append(html.escape(text, quote=False))
