"""From bytes to text: which encoding a file has, decided by what decodes strictly and reads like text."""

from __future__ import annotations

import codecs
import re
from functools import cache

from kb_app.errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSES = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "hz", "big5": "big5hkscs", "us-ascii": "utf-8"}
_SAMPLE = 20_000
# Chinese in its own encoding reaches 0.9, rare names 0.5; in another's, or as Western text, 0.3 or less.
_PLAUSIBLE = 0.4
# Any two letters are an ideograph in UTF-16, some of them everyday ones.
_PLAUSIBLE_PAIRS = 0.7
_FOREIGN = re.compile(rb"[\x80-\xff]")
_COMMON = re.compile(r"[ -~\t\n\r]+")
# An accented letter beside a plain one, or a typographer's mark.
_WESTERN = re.compile(r"(?<=[A-Za-z])[À-ÖØ-öø-ÿŒœŠšŽžŸ]|[À-ÖØ-öø-ÿŒœŠšŽžŸ](?=[a-z])|[“”‘’–—…€£§©®°·•«»¿¡]")
_BLANK_CONTROLS = frozenset("\t\n\r\f\v\x1b")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,20})", re.IGNORECASE)
_HEAD_OF_PAGE = 4096
_LAST_OF_BIG5 = (0xC6, 0x7E)
"""The cell that ends its first level; kana and other signs follow."""


def decode(data: bytes, declared: str = "") -> str:
    """Decode a text file without losing or inventing a character; every line end becomes a line feed.

    Args:
        data: The whole file.
        declared: What the file says of itself, e.g. a mail's charset. It is tried first, not trusted.

    Raises:
        DocumentError: No encoding fits; the file may be binary.
    """
    text = _decode_marked(data)
    if text is None:
        text = _decode_declared(data, declared)
    if text is None:
        text = _decode_utf8(data)
    if text is None:
        text = _decode_guessed(data)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def html_charset(data: bytes) -> str:
    """The encoding that a page names in its head; empty if it names none."""
    declared = _META_CHARSET.search(data, 0, _HEAD_OF_PAGE)
    return declared.group(1).decode("ascii") if declared else ""


def is_everyday(character: str) -> bool:
    """Whether it is among the Chinese characters that the codes of the mainland or of Taiwan put first, by use."""
    return character in _everyday()


def _decode_marked(data: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding)
    return None


def _decode_declared(data: bytes, declared: str) -> str | None:
    name = _ALIASES.get(declared.strip().lower(), declared.strip())
    text = _strict(data, name) if name else None
    return text if text is not None and _is_text(text) else None


def _decode_utf8(data: bytes) -> str | None:
    text = _strict(data, "utf-8")
    return text if text is not None and _is_text(text) else None


def _decode_guessed(data: bytes) -> str:
    """The reading with the most everyday characters: GB18030 also decodes most of Big5, as nonsense."""
    scores = {name: _plausibility(_prefix(_sample(data, name), name)) for name in _GUESSES}
    ranked = sorted(_GUESSES, key=lambda name: -scores[name])
    likely = [name for name in ranked if scores[name] >= (_PLAUSIBLE_PAIRS if name.startswith("utf") else _PLAUSIBLE)]
    for name in likely:
        if (text := _strict(data, name)) is not None:
            return text
    if (western := _decode_western(data)) is not None:
        return western
    for name in ("utf-8", *likely):
        _check_spoilt(data, name)
    raise DocumentError(
        "not readable as text: neither UTF-8, UTF-16, GB18030 nor Big5 (a binary file?); save it as UTF-8"
    )


def _decode_western(data: bytes) -> str | None:
    """Text of Western Europe in the encoding of old Windows: letters with an accent here and there."""
    text = _strict(data, "cp1252")
    if text is None or not _is_text(text):
        return None
    rare = sum(not ch.isascii() for ch in text)
    return text if rare < len(text) / 3 and len(_WESTERN.findall(text)) > 0.8 * rare else None


def _check_spoilt(data: bytes, encoding: str) -> None:
    """Name the byte where a text of that encoding is spoilt, if that is what it is.

    Raises:
        DocumentError: It is.
    """
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        replaced = data.decode(encoding, "replace")
        bad = replaced.count("\ufffd")
        if bad <= 3 + len(replaced) / 1000 and _is_text(replaced) and _plausibility(replaced[:_SAMPLE]) >= _PLAUSIBLE:
            raise DocumentError(
                f"not readable as text: byte 0x{data[error.start]:02x} at offset {error.start:,} is no "
                f"{encoding.upper()}, which the rest of it is; mend that place and save it as UTF-8"
            ) from error


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _sample(data: bytes, encoding: str) -> bytes:
    """Bytes to judge by; where ASCII stands for itself, behind an English beginning."""
    if encoding.startswith("utf"):
        return data[: _SAMPLE * 2]
    first = _FOREIGN.search(data)
    start = first.start() if first else 0
    return data[start : start + _SAMPLE * 2]


def _prefix(sample: bytes, encoding: str) -> str:
    """The sample decoded, without a character that the cut may have halved; empty if it does not decode."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeDecodeError:
        return ""


def _is_text(text: str) -> bool:
    """Whether the beginning holds no control characters, as every binary format does."""
    return "\0" not in text and all(ch >= " " or ch in _BLANK_CONTROLS for ch in text[:_SAMPLE])


def _plausibility(text: str) -> float:
    """Mean weight of what is not ASCII: 1 for everyday characters, less for rare ideographs, below 0 for nonsense."""
    rest = _COMMON.sub("", text)
    return sum(map(_weight, rest)) / len(rest) if rest else 1.0 if text else -1.0


@cache
def _weight(ch: str) -> float:
    if "\u3000" <= ch <= "\u301f" or "\uff01" <= ch <= "\uff5e":
        return 1.0
    if ch in _everyday():
        return 1.0
    # Numbers in circles and brackets, Roman ones, the lines of drawn tables, boxes.
    if "\u2460" <= ch <= "\u25ff" or "\u2160" <= ch <= "\u217f" or ch in "“”‘’…—·–•×÷°℃√★☆→←↑↓%‰￥¥":
        return 1.0
    return 0.3 if "\u3040" <= ch <= "\u9fff" or "\u00a1" <= ch <= "\u024f" else -1.0


@cache
def _everyday() -> frozenset[str]:
    """The first levels of GB 2312 and Big5: the characters ordered by pronunciation or strokes for daily use."""
    simplified = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell))
    cells = ((row, cell) for row in range(0xA4, 0xC7) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    traditional = bytes(b for place in cells if place <= _LAST_OF_BIG5 for b in place)
    # The table of GB 2312 ends in unassigned cells: these are left out here, not in anybody's text.
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("big5"))
