"""Takes a question apart that asks for several things, by rule. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.scripts import to_simplified
from kb_app.search.comparing import sides_of
from kb_app.subjects import ASKS, asks_on, subject_of
from kb_app.text import CJK, keyword_pieces

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
_SUPPOSES = re.compile(r"不管|无论|無論|不论|如果|若|要是|假如|[“”\"「」‘’]")
_COMMA = re.compile("[，,]")
_AT_ANOTHER_TIME = re.compile(r"后来|之后|然后|随后|原来|以前|现在|目前|如今|又")
"""What begins a part that asks for another value of the same thing, and not for something else about it."""

_SHORTEST, _MOST_CLAUSES = 2, 12


def split_question(question: str) -> list[str]:
    """The questions that one question asks, and the sides of a comparison; the question alone where it asks one.

    Each part must say what it is about by itself: one that only asks on (``怎么申请？``) gets the subject of the part
    before it, and one that says nearly nothing (``多少钱？``) stays with it.
    """
    # The words to split at are written in simplified characters, one for each traditional one.
    simplified = to_simplified(question)
    written = str.maketrans(dict(zip(reversed(simplified), reversed(question), strict=True)))
    parts = [part.translate(written) for part in _split(simplified)]
    return parts[:MOST] if len(parts) > 1 else [question]


def _split(question: str) -> list[str]:
    pieces = [piece for one in _END.split(question) for piece in _JOINED.split(one) if piece and piece.strip()]
    parts = [part.strip() for piece in pieces for part in _at_commas(piece)]
    merged: list[str] = []
    for part in parts:
        if merged and _says_nearly_nothing(part):
            merged[-1] += part
        else:
            merged.append(part)
    return [side for part in _completed(merged) for side in sides_of(part)]


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
        of_another_time = bool(_AT_ANOTHER_TIME.match(part))
        lacks = bool(completed and ASKS.search(part)) and (of_another_time or asks_on(part))
        completed.append(_subject(before, whole=of_another_time) + part if lacks else part)
        before = before if lacks else part
    return completed


def _subject(part: str, *, whole: bool = False) -> str:
    """What a question is about: the clauses before the one that asks, or the subject of that one."""
    clauses = _COMMA.split(part)
    asking = next((index for index, clause in enumerate(clauses) if ASKS.search(clause)), len(clauses) - 1)
    if not asking:
        return subject_of(clauses[0], whole=whole)
    return part[: len(part) - len(",".join(clauses[asking:]))]
