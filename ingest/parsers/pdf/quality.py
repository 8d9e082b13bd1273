"""Whether a page's text layer can be believed: what speaks against it, in words for the reader."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from ingest.decoding import is_everyday
from ingest.parsers.pdf.shapes import area, holds, overlap

if TYPE_CHECKING:
    from ingest.parsers.pdf.shapes import Box, Page
    from ingest.parsers.pdf.words import TextLayer

NO_TEXT = "没有文字层 no text layer"
GARBLED = "文字层是乱码 garbled text layer"
ALMOST_NONE = "图片上几乎没有文字层 hardly any text layer on a picture"
PICTURE = "图片中的文字 text in a picture"

_BAD = 0.15
_STRANGE = 0.3
_MOST_UNMAPPED = 0.3
_FEW = 40
_COVERED = 0.6
_LARGE = 0.04
_MIN_JUDGED = 20


def reason(layer: TextLayer, page: Page, scripts: Counter[str], *, ink: bool) -> str:
    """Why the whole page has to be read by OCR; empty if its text layer is good or there is nothing to read.

    Args:
        layer: Its text.
        page: What is on it.
        scripts: Characters by script on the pages before it.
        ink: Whether anything but text is drawn on it.
    """
    text = Counter("".join(layer.text.split()))
    if not text and not page.words:
        return NO_TEXT if ink else ""
    if is_garbled(text, layer.unmapped, scripts):
        return GARBLED
    covered = max((overlap(box, _whole(page)) for box in page.pictures), default=0.0) / area(_whole(page))
    return ALMOST_NONE if covered >= _COVERED and text.total() <= _FEW else ""


def bare_pictures(page: Page) -> list[Box]:
    """Pictures large enough to hold a text, without a word of the text layer on them."""
    whole = _whole(page)
    clipped = [
        (max(box[0], 0.0), max(box[1], 0.0), min(box[2], whole[2]), min(box[3], whole[3])) for box in page.pictures
    ]
    large = sorted((box for box in clipped if area(box) >= _LARGE * area(whole)), key=area, reverse=True)
    found: list[Box] = []
    for box in large:
        words = any(holds(box, word.box) for word in (*page.words, *page.asides))
        if not words and all(overlap(box, other) < 0.5 * area(box) for other in found):
            found.append(box)
    return sorted(found, key=lambda box: (box[1], box[0]))


def is_garbled(text: Counter[str], unmapped: float, scripts: Counter[str]) -> bool:
    """Whether characters say nothing: of private use, without a map, rare ones throughout, of scripts found nowhere."""
    if not text:
        return False
    bad = sum(count for character, count in text.items() if _is_bad(character)) / text.total()
    if bad > _BAD or unmapped > _MOST_UNMAPPED:
        return True
    found = script_counts(text)
    letters = sum(found.values())
    if letters < _MIN_JUDGED:
        return False
    if found["rare"] > 0.4 * (found["rare"] + found["han"]) and found["rare"] >= _MIN_JUDGED:
        return True
    return (
        found["latin supplement"] > 0.4 * letters or _is_mixed(found, letters) or _is_foreign(found, letters, scripts)
    )


def script_counts(text: Counter[str]) -> Counter[str]:
    """Letters by script; Chinese characters that are hardly ever used are a script of their own."""
    scripts: Counter[str] = Counter()
    for character, count in text.items():
        if character.isalpha():
            scripts[_script(character)] += count
    return scripts


def _whole(page: Page) -> Box:
    return (0.0, 0.0, page.frame.width, page.frame.height)


def _is_bad(character: str) -> bool:
    code = ord(character)
    return (
        0xE000 <= code <= 0xF8FF
        or code >= 0xF0000
        or character in {"\ufffd", "\uffff"}
        or (code < 0x20 and character not in "\x02\t\r\n")
        or (unicodedata.category(character) in {"Cn", "Cs"} and character != "\ufffe")
    )


def _script(character: str) -> str:
    if character.isascii():
        return "latin"
    if "\u4e00" <= character <= "\u9fff":
        return "han" if is_everyday(character) else "rare"
    if "\u0080" <= character <= "\u024f":
        return "latin supplement"
    return unicodedata.name(character, "unnamed").partition(" ")[0].lower()


def _is_mixed(found: Counter[str], letters: int) -> bool:
    """Whether the letters come from many scripts, none of which is at home here."""
    main = sum(count for _, count in found.most_common(1))
    kinds = sum(count >= 0.03 * letters for count in found.values())
    return kinds >= 4 and main < 0.7 * letters and found["han"] + found["latin"] < 0.5 * letters


def _is_foreign(found: Counter[str], letters: int, scripts: Counter[str]) -> bool:
    """Whether much of a page is in scripts that the pages before hardly use."""
    known = sum(scripts.values())
    if known < 10 * _MIN_JUDGED:
        return False
    strange = sum(count for script, count in found.items() if scripts[script] < 0.005 * known and script != "latin")
    return strange > _STRANGE * letters and len(found) >= 3
