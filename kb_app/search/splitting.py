"""Takes a question apart that asks for several things, by rule. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.subjects import ASKS, asks_on, form, subject_of
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
_SUPPOSES = re.compile(r"不管|无论|無論|不论|如果|若|要是|假如|[“”\"「」‘’]")
_COMMA = re.compile("[，,]")
_LATER = re.compile(r"后来|之后|然后|随后|原来|现在|目前|又")
"""What begins a part that asks for another value of the same thing."""

_FROM_TO = re.compile(
    r"\A(?P<before>[^，,。？?]{0,24}?)从(?P<first>[^，,。？?]{2,14}?)(?:的[^，,。？?]{1,10})?到(?P<last>[^，,。？?]{2,14}?)"
    r"(?P<of>的[^，,。？?]{1,12}?)?(?:总共|一共|共|又|都)?(?:有(?:什么|哪些)(?:变|调)|(?:上|下)?(?:涨|升|降|调)|增|提高|减|变|差|改)"
)
_SHORTEST, _MOST_CLAUSES = 2, 12
_PUNCTUATION = re.compile(r"[？?。！!]+\Z")


def split_question(question: str) -> list[str]:
    """The questions that one question asks, and the sides of a comparison; the question alone where it asks one.

    Each part must say what it is about by itself: one that only asks on (``怎么申请？``) gets the subject of the part
    before it, and one that says nearly nothing (``多少钱？``) stays with it.
    """
    pieces = [piece for one in _END.split(question) for piece in _JOINED.split(one) if piece and piece.strip()]
    parts = [part.strip() for piece in pieces for part in _at_commas(piece)]
    merged: list[str] = []
    for part in parts:
        if merged and _says_nearly_nothing(part):
            merged[-1] += part
        else:
            merged.append(part)
    compared = [side for part in _completed(merged) for side in _sides(part)]
    return compared[:MOST] if len(compared) > 1 else [question]


def _says_nearly_nothing(part: str) -> bool:
    asks_something = ASKS.search(part) and len("".join(keyword_pieces(ASKS.sub("", part)))) >= _SHORTEST
    return len(set(keyword_pieces(part))) <= _SHORTEST and not asks_something


def _at_commas(piece: str) -> list[str]:
    """A sentence cut at the commas between two clauses that both ask, if the first says what it is about."""
    clauses = _COMMA.split(piece)
    if not 2 <= len(clauses) <= _MOST_CLAUSES or _SUPPOSES.search(piece):
        return [piece]
    cut = [clauses[0]]
    for clause in clauses[1:]:
        if ASKS.search(cut[-1]) and ASKS.search(clause) and (len(cut) > 1 or _subject(cut[0])):
            cut.append(clause)
        else:
            cut[-1] += "，" + clause if "，" in piece else "," + clause
    return cut


def _completed(parts: Sequence[str]) -> list[str]:
    """The parts, each that only asks on behind the subject of the nearest one before it that has one."""
    completed: list[str] = []
    before = ""
    for part in parts:
        lacks = bool(completed) and asks_on(part) and bool(ASKS.search(part))
        completed.append(_subject(before, whole=bool(_LATER.match(part))) + part if lacks else part)
        before = before if lacks else part
    return completed


def _subject(part: str, *, whole: bool = False) -> str:
    """What a question is about: the clauses before the one that asks, or the subject of that one."""
    clauses = _COMMA.split(part)
    asking = next((index for index, clause in enumerate(clauses) if ASKS.search(clause)), len(clauses) - 1)
    if not asking:
        return subject_of(clauses[0], whole=whole)
    return part[: len(part) - len(",".join(clauses[asking:]))]


def _sides(part: str) -> list[str]:
    """The sides of a comparison, each with what is compared; any other question as it is."""
    if stages := _stages(part):
        return stages
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


def _stages(part: str) -> list[str]:
    """Both ends of ``从2023年版到2025年版涨了多少``; none where they are no versions of one thing."""
    match = _FROM_TO.match(part.strip())
    if not match or form(match["first"]) != form(match["last"][: len(match["first"])]):
        return []
    return [one_line(f"{side}{match['of'] or ''}{match['before']}") for side in (match["first"], match["last"])]


def _common_end(sides: Sequence[str]) -> str:
    """What only the last side says of all of them: ``差旅标准`` in ``2023版和2025版差旅标准``."""
    last, first = sides[-1], sides[0]
    if "的" in last:
        return "的" + last.split("的", 1)[1]
    same_form = len(last) > len(first) and form(last[: len(first)]) == form(first)
    return last[len(first) :] if same_form else ""
