"""Traditional characters as simplified ones, for searching and comparing; never for what is shown."""

from __future__ import annotations

from functools import cache

_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))


def to_simplified(text: str) -> str:
    """The text in simplified characters, one for one, so that places in it stay where they are.

    Characters are looked up alone, not in their words: 乾 becomes 干 in every text, so that equal texts stay equal.
    """
    return text if text.isascii() else text.translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    """The simplified character of each traditional one, by OpenCC."""
    from opencc import OpenCC

    characters = [chr(code) for first, end in _RANGES for code in range(first, end)]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(one): other for one, other in pairs if one != other and len(other) == 1}
