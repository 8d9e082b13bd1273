"""The language of a text, by its characters alone."""

from __future__ import annotations

from functools import cache

_SAMPLE = 20_000
_ENOUGH = 0.1


def language_of(text: str) -> str:
    """``zh-Hans``, ``zh-Hant``, ``ja``, ``ko`` or ``en``; empty where the characters do not tell.

    Han without kana is Chinese, in the script whose own characters are more; Latin letters are taken for English.
    """
    letters = [ch for ch in text[:_SAMPLE] if ch.isalpha()]
    if not letters:
        return ""
    kana = sum("\u3040" <= ch <= "\u30ff" for ch in letters)
    hangul = sum("\uac00" <= ch <= "\ud7a3" for ch in letters)
    han = [ch for ch in letters if "\u4e00" <= ch <= "\u9fff"]
    latin = sum(ch.isascii() for ch in letters)
    if hangul > _ENOUGH * len(letters):
        return "ko"
    if kana > _ENOUGH * len(letters):
        return "ja"
    # A Han character says as much as a word of several letters.
    if 3 * len(han) >= latin:
        return _script(han) if han else ""
    return "en"


def _script(han: list[str]) -> str:
    simplified = sum(map(_is_simplified, han))
    traditional = sum(map(_is_traditional, han))
    return "zh-Hant" if traditional > simplified else "zh-Hans"


@cache
def _is_simplified(ch: str) -> bool:
    return _has(ch, "gb2312") and not _has(ch, "big5")


@cache
def _is_traditional(ch: str) -> bool:
    return _has(ch, "big5") and not _has(ch, "gb2312")


def _has(ch: str, encoding: str) -> bool:
    try:
        ch.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
