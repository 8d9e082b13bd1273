"""How office programs write the numbers that they count themselves: 3, iii, 三, 叁, 丙, ③."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX = 3999
_WIDE_ENDS = tuple("、．。：）】》")
_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_EVERYDAY = ("零一二三四五六七八九", "千百十")
_LEGAL = ("零壹贰叁肆伍陆柒捌玖", "仟佰拾")
_LEGAL_TRADITIONAL = ("零壹貳參肆伍陸柒捌玖", "仟佰拾")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"


def decimal(n: int) -> str:
    """As 3."""
    return str(n)


def padded(n: int) -> str:
    """As 03."""
    return f"{n:02d}"


def roman(n: int) -> str:
    """As III."""
    text = ""
    for value, letters in _ROMAN:
        text += letters * (n // value)
        n %= value
    return text


def letter(n: int) -> str:
    """As C; behind Z come AA, BB, as Word counts."""
    return chr(ord("A") + (n - 1) % 26) * ((n - 1) // 26 + 1)


def chinese(n: int, digits: str = _EVERYDAY[0], units: str = _EVERYDAY[1]) -> str:
    """As 三, 十二, 一百零五."""
    text = ""
    for digit, unit in zip(f"{n:04d}", [*units, ""], strict=True):
        if digit != "0":
            text += digits[int(digit)] + unit
        elif text and not text.endswith(digits[0]):
            text += digits[0]
    text = text.rstrip(digits[0])
    return text[1:] if 10 <= n < 20 and digits == _EVERYDAY[0] else text


def chinese_digits(n: int) -> str:
    """As 一〇五."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(n))


def circled(n: int) -> str:
    """As ③."""
    for first, last, base in ((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")):
        if first <= n <= last:
            return chr(ord(base) + n - first)
    return str(n)


def full_width(n: int) -> str:
    """As ３."""
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(n))


def _of(characters: str, behind: str = "") -> Callable[[int], str]:
    return lambda n: (characters[n - 1] if n <= len(characters) else str(n)) + behind


_SCHEMES: dict[str, Callable[[int], str]] = {
    # Word
    "decimalZero": padded, "upperRoman": roman, "lowerRoman": lambda n: roman(n).lower(),
    "upperLetter": letter, "lowerLetter": lambda n: letter(n).lower(),
    **dict.fromkeys(("chineseCounting", "chineseCountingThousand", "taiwaneseCounting"), chinese),
    **dict.fromkeys(("taiwaneseCountingThousand", "japaneseCounting", "koreanCounting"), chinese),
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"), chinese_digits),
    "chineseLegalSimplified": lambda n: chinese(n, *_LEGAL),
    "ideographLegalTraditional": lambda n: chinese(n, *_LEGAL_TRADITIONAL),
    "ideographTraditional": _of(_STEMS), "ideographZodiac": _of(_BRANCHES),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), circled),
    "ideographEnclosedCircle": _of("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "decimalEnclosedParen": _of("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _of("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), full_width),
    # OpenDocument names a scheme by its first members.
    "I": roman, "i": lambda n: roman(n).lower(), "A": letter, "a": lambda n: letter(n).lower(), "01": padded,
    "一": chinese, "壹": lambda n: chinese(n, *_LEGAL), "甲": _of(_STEMS), "子": _of(_BRANCHES), "①": circled,
    "１": full_width,
}  # fmt: skip


def with_gap(label: str, gap: str = " ") -> str:
    """A counted label with what separates it from its text; a wide mark at its end is gap enough."""
    return label if not label or label.endswith(_WIDE_ENDS) else label + gap


def format_number(n: int, scheme: str) -> str:
    """A number in a scheme that Word or OpenDocument names; an unknown scheme counts 1, 2, 3."""
    write = _SCHEMES.get(scheme) or _SCHEMES.get(scheme.partition(",")[0].strip(), decimal)
    return write(n) if 0 < n <= _MAX else str(n)
