"""RTF, by a reader of its own.

unstructured needs the program pandoc for it, and the small libraries lose the tables, the notes and the code page
of a font, without which Chinese is lost.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest import pulse
from ingest.document import Element, ParsedDocument
from ingest.emphasis import mark_all_headings
from ingest.headings import opening_title
from ingest.parsers.drawing import text_of_picture
from ingest.parsers.package import marked, metadata, sensible_title, with_margins
from ingest.parsers.rtf_flow import Flow
from ingest.parsers.rtf_state import FLOWS, State, Styles, opened, styled
from ingest.parsers.rtf_tokens import SYMBOL, Token, characters, charset, code_page, join_surrogates, tokens
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEPTH = 1000
_MAX_PICTURE = 50_000_000
_BEAT_EVERY = 100_000
_CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "zwj": "\u200d",
    "nestcell": " ", "nestrow": "\n",
}  # fmt: skip
_SIGNS = {b"~": "\xa0", b"_": "-"}
_MERGES = {"clmrg": "left", "clvmrg": "above"}


def read_rtf(data: bytes) -> ParsedDocument:
    """Read RTF: headings by outline level and style, by numbering, by their look; the numbers that its writer counted.

    Raises:
        DocumentError: It does not begin as RTF, or ends before its end.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        raise DocumentError("not an RTF file although it is called so; open it in its program and save it anew")
    reader = _Reader()
    body = reader.read(data)
    info = {key: join_surrogates(value) for key, value in reader.info.items()}
    titled = any(element.kind == "heading" and element.level == 0 for element in body)
    shifted = [replace(e, level=e.level + titled) if e.kind == "heading" else e for e in body]
    margins = [Element("text", marked(kind, text)) for text, kind in reader.margins.items()]
    elements = mark_all_headings(with_margins(shifted, margins))
    author = info.get("author") or info.get("operator", "")
    fields = metadata(author, info.get("revtim") or info.get("creatim", ""))
    title = sensible_title(info.get("title", ""))
    return ParsedDocument(tuple(elements), title or opening_title(elements), metadata=fields)


class _Reader:
    """Follows the groups and words of an RTF text."""

    def __init__(self) -> None:
        self.info: dict[str, str] = {}
        self.margins: dict[str, str] = {}
        self._state = State()
        self._groups: list[State] = []
        self._flows = [Flow("body")]
        self._starred = False
        self._to_skip = 0
        self._bytes = bytearray()
        self._default = "cp1252"
        self._default_font = -1
        self._fonts: dict[int, str] = {}
        self._styles = Styles()
        self._picture = bytearray()
        self._picture_kind = ""
        self._pictures = 0
        self._notes = 0
        self._author = ""

    def read(self, data: bytes) -> list[Element]:
        """The elements of the body."""
        handlers: dict[str, Callable[[Token], None]] = {
            "word": self._word, "sign": self._sign, "byte": self._raw, "text": self._raw, "binary": self._binary,
            "open": self._open, "close": self._close,
        }  # fmt: skip
        for count, token in enumerate(tokens(data), start=1):
            handlers[token.kind](token)
            if token.kind == "close" and not self._groups:
                break
            if not count % _BEAT_EVERY:
                pulse.beat(count, count)
        if self._groups:
            raise DocumentError(f"truncated: {len(self._groups)} of its groups are not closed; save it anew")
        return self._flows[0].finish()

    # Groups

    def _open(self, _: Token) -> None:
        self._flush()
        self._to_skip = 0
        if len(self._groups) >= _MAX_DEPTH:
            raise DocumentError(f"groups are nested more than {_MAX_DEPTH} deep; is it broken? Save it anew")
        self._groups.append(self._state)
        self._state = replace(self._state, opened=False)

    def _close(self, _: Token) -> None:
        self._flush()
        self._to_skip, self._starred = 0, False
        before = self._groups.pop() if self._groups else State()
        if self._state.opened and len(self._flows) > 1:
            self._end_flow(self._flows.pop())
        if self._state.field == "pict" and before.field != "pict":
            self._end_picture()
        self._state = before

    def _end_flow(self, flow: Flow) -> None:
        elements = flow.finish()
        text = "\n".join(element.text for element in elements)
        if not text:
            return
        if flow.kind in ("header", "footer"):
            if re.search(r"[^\W\d_]", text):
                self.margins.setdefault(text, flow.kind)
        elif flow.kind == "box":
            self._flows[-1].hang(elements)
        else:
            self._notes += flow.kind != "comment"
            by = self._author if flow.kind == "comment" else str(self._notes)
            self._flows[-1].hang([Element("text", marked(flow.kind, text, by))])

    def _destination(self, word: str, *, starred: bool) -> bool:
        """Whether a word says what its group is for; if so the group is treated that way."""
        state = opened(self._state, word, starred=starred)
        if state is None:
            return False
        if state.opened and not self._state.opened:
            self._flows.append(Flow(FLOWS[word]))
            state = replace(state, font=self._default_font)
        if state.field in ("title", "author", "operator") and word in self.info:
            # Some programs write the last author under the same name as the first.
            state = replace(state, field="again")
        self._author = "" if word == "atnauthor" else self._author
        self._state = state
        return True

    # Words

    def _word(self, token: Token) -> None:
        self._flush()
        if self._to_skip:
            self._to_skip -= 1
            return
        word, number = token.data.decode("ascii"), token.number
        starred, self._starred = self._starred, False
        if self._destination(word, starred=starred):
            return
        if word == "u" and number is not None:
            self._say(chr(number % 65536))
            self._to_skip = self._state.fallback
        elif word in _CHARACTERS:
            self._say(_CHARACTERS[word])
        elif self._state.field:
            self._field_word(word, number or 0)
        elif not self._state.skipped:
            self._layout_word(word, number)
            self._state = styled(self._state, word, number, self._default_font)
        self._page_word(word, number)

    def _page_word(self, word: str, number: int | None) -> None:
        """What holds for all that follows."""
        if word == "ansicpg" and number:
            self._default = code_page(number)
        elif word in ("mac", "pc", "pca"):
            self._default = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "deff":
            self._default_font = number or 0
            self._state = replace(self._state, font=self._default_font)
        elif word == "uc":
            self._state = replace(self._state, fallback=min(max(number or 0, 0), 10))
        elif word == "f" and number is not None:
            self._state = replace(self._state, font=number)

    def _field_word(self, word: str, number: int) -> None:
        field = self._state.field
        if field == "fonttbl" and word in ("fcharset", "cpg"):
            self._fonts[self._state.font] = charset(number) if word == "fcharset" else code_page(number)
        elif field == "stylesheet" and word == "s":
            self._state = replace(self._state, style=number)
        elif field == "stylesheet" and word == "outlinelevel" and 0 <= number <= 8:
            self._styles.levels[self._state.style] = number + 1
        elif field in ("revtim", "creatim") and word in ("yr", "mo", "dy"):
            self.info[field] = self.info.get(field, "") + (f"{number:04d}" if word == "yr" else f"-{number:02d}")
        elif field == "pict" and word in ("pngblip", "jpegblip"):
            self._picture_kind = word

    def _layout_word(self, word: str, number: int | None) -> None:
        flow = self._flows[-1]
        if word in ("par", "sect"):
            if self._styles.is_contents(self._state):
                flow.drop_paragraph()
            flow.end_paragraph(self._styles.rank(self._state), in_table=self._state.in_table)
        elif word == "cell":
            flow.end_cell()
        elif word == "row":
            flow.end_row()
        elif word == "trowd":
            flow.start_row()
        elif word in _MERGES:
            flow.merge(_MERGES[word])
        elif word == "cellx":
            flow.define_cell(number or 0)
        elif word == "ftnalt" and flow.kind == "footnote":
            flow.kind = "endnote"

    # Text

    def _sign(self, token: Token) -> None:
        if token.data in (b"\\", b"{", b"}"):
            self._raw(token)
        elif token.data == b"*":
            self._starred = True
        elif token.data in (b"\r", b"\n"):
            self._word(Token("word", b"par"))
        elif token.data in _SIGNS:
            self._flush()
            self._say(_SIGNS[token.data])

    def _raw(self, token: Token) -> None:
        skipped = min(self._to_skip, len(token.data))
        self._to_skip -= skipped
        self._bytes += token.data[skipped:]

    def _binary(self, token: Token) -> None:
        if self._state.field == "pict" and self._picture_kind:
            self._picture = bytearray(token.data[:_MAX_PICTURE])

    def _flush(self) -> None:
        """Decode the bytes since the last word; two of them may be one character."""
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        encoding = self._fonts.get(self._state.font, "")
        if self._state.field == "pict":
            self._picture_hex(data)
        elif encoding == SYMBOL and not self._state.field:
            self._say("•" if self._state.mark else "")
        else:
            self._say(characters(data, "" if encoding == SYMBOL else encoding, self._default))

    def _say(self, text: str) -> None:
        field = self._state.field
        if field == "stylesheet":
            self._styles.names[self._state.style] = self._styles.names.get(self._state.style, "") + text
        elif field == "atnauthor":
            self._author += text
        elif field in ("title", "author", "operator"):
            self.info[field] = self.info.get(field, "") + text
        elif not (field or self._state.skipped or self._state.hidden or self._state.deleted):
            flow = self._flows[-1]
            if self._state.mark:
                flow.add_mark(text)
            else:
                flow.add(text, self._state.look)

    # Pictures

    def _picture_hex(self, data: bytes) -> None:
        digits = re.sub(rb"[^0-9a-fA-F]", b"", data) if self._picture_kind else b""
        if len(self._picture) < _MAX_PICTURE:
            self._picture += bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))

    def _end_picture(self) -> None:
        if self._picture_kind and self._picture:
            self._pictures += 1
            if text := text_of_picture(bytes(self._picture), self._pictures):
                self._flows[-1].hang([Element("text", text)])
        self._picture, self._picture_kind = bytearray(), ""
