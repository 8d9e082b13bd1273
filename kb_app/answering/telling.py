"""Which sentences tell something: not headings, questions, lines that only lead to a list. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.answering.lists import LEAD_IN, MARKER
from kb_app.text import keyword_pieces, squash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kb_app.answering.units import Unit
    from kb_app.types import Passage

ASKS = re.compile(r"[？?][”’」』）】》\"')\]]*\s*\Z")
"""How a question ends."""

_LABEL = re.compile(rf"(?:{MARKER.pattern})?\**([^\s，,。；:：|*]{{2,12}})\**(?:[：:]\**|。\**(?=[^\S\n]+\S))")
_LONGEST_CAPTION = 30
_TELLING = re.compile(r"[。！!；;，,：:.、\d%]|[是为有应须需按由可请得]|不")
_SHORT_NAME = re.compile(r"以下(?:统一?)?简?称|\bhereinafter\b|[(（][\"“‘']the \w", re.IGNORECASE)
_PARTIES = 2  # of one thing a sentence may say more than its short name
_ASKS_NAME = re.compile(
    r"谁|哪|简称|全称|名称|叫什么|双方|当事人|who\b|which\b|between\b|parties|called", re.IGNORECASE
)
_NUMBER = re.compile(r"[\d.,]*\d|[〇零一二两三四五六七八九十百千万亿]+")
_LONG = 12


def label_of(line: str) -> str:
    """What a paragraph names before it begins to tell: ``押金`` of ``押金：每间五百元。退房时结清。``."""
    label = _LABEL.match(line.strip())
    return label[1] if label else ""


def tells(unit: Unit, passage: Passage) -> bool:
    """Whether a unit can be an answer: all rows, and sentences that are more than the name of what follows."""
    if unit.cells:
        return True
    if LEAD_IN.search(unit.text) or ASKS.search(unit.text):
        return False
    if (label := _LABEL.match(passage.text, unit.start)) and label.end() >= unit.end:
        return False
    if not unit.lead and _is_caption(unit, passage.text):
        return False
    above = {squash(MARKER.sub("", heading, count=1)) for heading in (passage.title, *passage.headings)}
    return squash(unit.text) not in above


def only_names(unit: Unit, question: str) -> bool:
    """Whether a sentence gives the thing that is asked about its name, and tells nothing of it.

    That is ``型号：HB-6`` for a question that names HB-6, and who is called what in a contract from here on.
    """
    if unit.cells:
        return False
    if len(_SHORT_NAME.findall(unit.text)) >= _PARTIES and not _ASKS_NAME.search(question):
        return True
    label = label_of(unit.text)
    return bool(label) and unit.pieces <= frozenset(keyword_pieces(f"{label}\n{question}"))


def _is_caption(unit: Unit, text: str) -> bool:
    """Whether a sentence is a line by itself, set apart, that names something and tells nothing: a letterhead."""
    before, behind = text[unit.paragraph : unit.start].strip(), text[unit.end :]
    alone = not before and (
        behind.startswith("\n\n") or bool(re.match(r"[^\S\n]*\n", behind) and MARKER.match(behind.lstrip()))
    )
    return alone and len(unit.text) <= _LONGEST_CAPTION and not _TELLING.search(unit.text)


def first_versions(found: Sequence[tuple[Unit, Passage]]) -> Iterator[Unit]:
    """All units but sentences that a better ranked document says in the same words, if with other numbers.

    They are another version of it, and the ranking knows which one is wanted.
    """
    said: dict[str, str] = {}
    for unit, passage in found:
        form = _NUMBER.sub("0", squash(unit.text))
        if unit.cells or len(form) < _LONG or said.setdefault(form, passage.doc_id) == passage.doc_id:
            yield unit
