"""Takes a question apart that asks for several things, by rule. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.text import CJK, keyword_pieces, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 4
"""Parts, at most, that are searched for."""

# A sign of ASCII also stands in addresses and code, and any of them at the end of a quotation.
_END = re.compile(rf"(?<=[？；])(?![？?！!”’」』）)\"'])\s*|(?<=[?;])(?:\s+|(?=[{CJK}]))|\n+")
_JOINED = re.compile(
    r"[，,]\s*(?:另外|此外|还有|以及|同时|并且|顺便|also\b|and (?=what|how|who|when|where|which))[，,]?\s*",
    re.IGNORECASE,
)
_AND = r"(?:以及|还是|和|与|跟|同|及|、|\s+(?:and|or|versus|vs\.?)\s+)"
_COMPARED = re.compile(
    rf"\A(?:请?(?:比较|对比)(?:一下)?|(?:compare|between)\s+)?(?P<sides>[^，,。？?谁]{{1,24}}?(?:{_AND}[^，,。？?谁]{{1,24}}?){{1,3}})"
    r"(?P<of>的[^，,。？?和与]{1,16}?)?"
    r"(?:(?:之间)?(?:有什么|有何|有哪些|的)?(?:区别|不同|差别|差异|异同|相同)|相比|哪[个种家](?:更|比较)?|分别|各自?(?:是|为|有|要|需)?|比起来)"
    r"(?P<rest>.*)\Z",
    re.DOTALL,
)
_SHORTEST = 2
_PUNCTUATION = re.compile(r"[？?。！!]+\Z")


def split_question(question: str) -> list[str]:
    """The questions that one question asks, and the sides of a comparison; the question alone where it asks one.

    Each part must say what it is about by itself: one that does not (``多少钱？``) stays with the part before it.
    """
    parts = [part for piece in _END.split(question) for part in _JOINED.split(piece) if part and part.strip()]
    merged: list[str] = []
    for part in (one.strip() for one in parts):
        if merged and len(set(keyword_pieces(part))) <= _SHORTEST:
            merged[-1] += part
        else:
            merged.append(part)
    compared = [side for part in merged for side in _sides(part)]
    return compared[:MOST] if len(compared) > 1 else [question]


def _sides(part: str) -> list[str]:
    """The sides of a comparison, each with what is compared; any other question as it is."""
    match = _COMPARED.match(part.strip())
    if not match:
        return [part]
    sides = [side.strip() for side in re.split(_AND, match["sides"])]
    if min(map(len, sides)) < _SHORTEST:
        return [part]
    of = match["of"] or ""
    common = of or _common_end(sides)
    tail = _PUNCTUATION.sub("", match["rest"]).strip()
    return [one_line(f"{side if side.endswith(common) else side + common}{tail}") for side in sides]


def _common_end(sides: Sequence[str]) -> str:
    """What only the last side says of all of them: ``差旅标准`` in ``2023版和2025版差旅标准``."""
    last, first = sides[-1], sides[0]
    if "的" in last:
        return "的" + last.split("的", 1)[1]
    same_form = len(last) > len(first) and _form(last[: len(first)]) == _form(first)
    return last[len(first) :] if same_form else ""


def _form(text: str) -> str:
    """The text with every numeral and Latin letter as one of its kind: versions of one name have one form."""
    return re.sub(r"[a-zA-Z]", "a", re.sub(r"[\d一二三四五六七八九十甲乙丙丁]", "0", text))
