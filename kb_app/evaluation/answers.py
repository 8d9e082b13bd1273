"""Compares an answer with the right ones. Pure functions of plain values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb_app.text import CJK

if TYPE_CHECKING:
    from collections.abc import Sequence

_SEGMENT = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """The answers against the right ones; a refused question that has an answer is a miss.

    Attributes:
        questions: Number of questions that were asked.
        with_answers: Number of those whose right answer is given.
        contains_answer: Share of these whose answer holds it.
        character_f1: Mean character F1 over these.
        refusal_agreement: Share of all questions that were refused exactly where they should be.
        refusal_precision: As in ``RefusalScores``, of what the answers did.
        refusal_recall: As there.
        refusal_f1: As there.
        sentences: Mean number of sentences of an answer that is no refusal.
        characters: Mean number of its characters without marks and white space.
        by: Number of answers by author: ``"extractive"``, or a model's name.
    """

    questions: int
    with_answers: int
    contains_answer: float | None
    character_f1: float | None
    refusal_agreement: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    refusal_f1: float | None
    sentences: float | None
    characters: float | None
    by: dict[str, int] = field(default_factory=dict)


def bare(text: str) -> str:
    """The text for comparing: NFKC, lower case, without white space, control characters and punctuation."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "PZC")


def contains_answer(text: str, parts: Sequence[Sequence[str]]) -> bool:
    """Whether a text holds every required part, each in one of its alternatives, both without punctuation."""
    held = bare(text)
    return all(any(bare(answer) in held for answer in alternatives) for alternatives in parts)


def contains_any(text: str, parts: Sequence[Sequence[str]]) -> bool:
    """Whether a text holds one of the answers, of whichever part."""
    held = bare(text)
    return any(bare(answer) in held for alternatives in parts for answer in alternatives)


def segments(text: str) -> list[str]:
    """What the F1 counts: each CJK character, and each word or number of another script; no punctuation."""
    return _SEGMENT.findall(unicodedata.normalize("NFKC", text).lower())


def character_f1(text: str, answer: str) -> float:
    """F1 of the longest run of segments that an answer and the right one share, in [0, 1].

    Precision is the length of the run over the length of the text, recall over that of the right answer: the
    formula of the evaluation script of CMRC 2018 (Cui et al., EMNLP 2019), whose common sequence is contiguous.
    Words and numbers of other scripts are whole segments, as there.
    """
    given, right = segments(text), segments(answer)
    shared = _longest_run(given, right)
    return 2 * shared / (len(given) + len(right)) if shared else 0.0


def best_f1(text: str, parts: Sequence[Sequence[str]]) -> float:
    """``character_f1`` with the best alternative; the mean over the parts where several are required."""
    best = [max(character_f1(text, answer) for answer in alternatives) for alternatives in parts]
    return sum(best) / len(best) if best else 0.0


def _longest_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common contiguous sequence."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(other):
        places.setdefault(item, []).append(place)
    longest = 0
    ending: dict[int, int] = {}
    for item in one:
        ending = {place: ending.get(place - 1, 0) + 1 for place in places.get(item, ())}
        longest = max(longest, *ending.values()) if ending else longest
    return longest
