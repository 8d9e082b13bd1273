"""What several answers to one question share: a claim that most of them make stays, another one goes. Pure.

The idea is that of self-consistency (Wang et al., ICLR 2023), on sentences instead of final results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.answering.output import refuses
from kb_app.citing.citations import cited_sentences, is_claim, marks, strip_marks
from kb_app.numbers.numerals import stated_numbers
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

SAME_WORDS = 0.6
"""Share of the pieces of two sentences (Dice) from which they say the same."""

SAME_WORDS_AND_PASSAGE = 0.4
"""The same where both cite one passage."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, as it is compared.

    Attributes:
        pieces: Of its words.
        numbers: That it states.
        passages: Numbers of the passages that it cites.
    """

    pieces: frozenset[str]
    numbers: frozenset[Decimal]
    passages: frozenset[int]

    def same(self, other: Claim) -> bool:
        """Whether both say the same: equal numbers, and words that overlap enough."""
        if self.numbers != other.numbers:
            return False
        overlap = 2 * len(self.pieces & other.pieces) / (len(self.pieces) + len(other.pieces) or 1)
        return overlap >= (SAME_WORDS_AND_PASSAGE if self.passages & other.passages else SAME_WORDS)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several answers agree on.

    Attributes:
        chosen: Index of the answer that shares most with the others.
        text: Of that answer, without the claims that most others do not make; empty where nothing is left.
        dropped: Number of claims that went.
        refused: Whether most answers are refusals.
    """

    chosen: int
    text: str
    dropped: int = 0
    refused: bool = False


def agree(answers: Sequence[str]) -> Agreement:
    """Find what most of the answers say; all of them cite the same numbered passages.

    Args:
        answers: At least one, with their marks.
    """
    refusing = [refuses(answer) for answer in answers]
    if 2 * sum(refusing) > len(answers):
        return Agreement(refusing.index(True), "", refused=True)
    claims = [[] if no else claims_of(answer) for answer, no in zip(answers, refusing, strict=True)]
    chosen = max(range(len(answers)), key=lambda index: (_shared(index, claims), -index))
    kept, dropped = "", 0
    for sentence in cited_sentences(answers[chosen]):
        if not is_claim(strip_marks(sentence).strip()) or _is_common(_claim(sentence), claims):
            kept += sentence
        else:
            dropped += 1
    return Agreement(chosen, kept.strip() if claims_of(kept) else "", dropped)


def claims_of(answer: str) -> list[Claim]:
    """The claims of an answer in their order."""
    return [_claim(sentence) for sentence in cited_sentences(answer) if is_claim(strip_marks(sentence).strip())]


def _claim(sentence: str) -> Claim:
    bare = strip_marks(sentence)
    return Claim(frozenset(keyword_pieces(bare)), frozenset(stated_numbers(bare)), frozenset(marks(sentence)))


def _is_common(claim: Claim, claims: Sequence[Sequence[Claim]]) -> bool:
    """Whether more than half of the answers make the claim."""
    return 2 * sum(any(claim.same(other) for other in answer) for answer in claims) > len(claims)


def _shared(index: int, claims: Sequence[Sequence[Claim]]) -> float:
    """Sum over the other answers of the share of claims that both make (Dice)."""
    mine = claims[index]
    total = 0.0
    for number, others in enumerate(claims):
        if number != index and mine and others:
            common = sum(any(claim.same(other) for other in others) for claim in mine)
            common += sum(any(claim.same(other) for other in mine) for claim in others)
            total += common / (len(mine) + len(others))
    return total
