"""The marks of each sentence of an answer: kept, set right, or found to hold nothing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb_app.citing.claims import holds_something, is_claim, is_supported, problem, support
from kb_app.citing.facts import stated
from kb_app.citing.frames import is_frame
from kb_app.citing.marks import marks, segments, strip_marks, with_marks
from kb_app.citing.names import missing_names
from kb_app.citing.quotes import find_quote, prepare, read, same_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb_app.citing.quotes import Similarity
    from kb_app.types import Citation, Passage

MIN_CORRECTED = 0.5
"""Least support of a sentence by a passage that it does not name itself."""

_FEW = 3
_ITEM = re.compile(
    r"\s*(?:[-*+•●]\s|\d{1,3}[.、)）]|[(（](?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]|[一二三四五六七八九十]{1,3}、|\|)"
)
_LEAD_IN = re.compile(r"[:：][*_\s]*\Z")
_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*\Z")


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence after the check of its marks, which still have the numbers of the model.

    Attributes:
        text: With the marks that stay.
        cited: For each of their numbers what it is cited for.
        holds: Whether the passages hold all that it claims.
        corrected: How many of its marks were set right.
    """

    text: str
    cited: dict[int, str] = field(default_factory=dict)
    holds: bool = True
    corrected: int = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """Checks sentences against passages.

    Attributes:
        passages: In the order of their numbers, the first is 1.
        similarity: As of ``find_quote``.
    """

    passages: Sequence[Passage]
    similarity: Similarity | None = None

    def check(self, sentence: str, inherited: Sequence[int] = (), *, says: bool = True) -> CheckedSentence:
        """A sentence, each part by the marks behind it.

        Args:
            sentence: With its marks.
            inherited: Those of its list or paragraph, where it has none itself.
            says: Whether it claims something; the head of a table does not.
        """
        if not says:
            return CheckedSentence(sentence, dict.fromkeys(self._own(sentence), strip_marks(sentence).strip()))
        parts = [self._part(part, inherited) for part in _parts(sentence)]
        cited: dict[int, str] = {}
        for part in parts:
            for number, claim in part.cited.items():
                cited[number] = "，".join(filter(None, (cited.get(number), claim)))
        text = "".join(part.text for part in parts)
        holds = all(part.holds for part in parts) or (len(parts) > 1 and self._holds_whole(sentence))
        return CheckedSentence(text, cited, holds, sum(part.corrected for part in parts))

    def _part(self, text: str, inherited: Sequence[int]) -> CheckedSentence:
        claim = strip_marks(text).strip()
        own = self._own(text)
        if not is_claim(claim):
            return CheckedSentence(text, dict.fromkeys(own, claim))
        if is_frame(claim):
            contexts = [prepare(passage).context for passage in self.passages]
            return CheckedSentence(
                text, dict.fromkeys(own, claim), not missing_names(claim, contexts, translated=False)
            )
        numbers = own or list(inherited)
        quotes = self._quotes(claim, numbers)
        if quotes and is_supported(claim, list(quotes.values())):
            return _marked(text, claim, _holders(claim, quotes))
        better = self._better(claim, quotes) if numbers else []
        if better:
            return _marked(text, claim, better, corrected=len(set(own) - set(better)))
        return CheckedSentence(text, dict.fromkeys(own, claim), holds=False)

    def _own(self, text: str) -> list[int]:
        return [number for number in dict.fromkeys(marks(text)) if 0 < number <= len(self.passages)]

    def _quotes(self, claim: str, numbers: Iterable[int]) -> dict[int, Citation]:
        return {n: find_quote(claim, self.passages[n - 1], n, self.similarity) for n in numbers}

    def _better(self, claim: str, quotes: dict[int, Citation]) -> list[int]:
        """The passage that holds a sentence whose own marks do not, alone or beside one of these; none if none does."""
        others = [n for n in range(1, len(self.passages) + 1) if same_script(claim, self.passages[n - 1].text)]
        found = self._quotes(claim, others)
        if not found:
            return self._by_numbers(claim)
        for beside in ({}, {n: quote for n, quote in quotes.items() if holds_something(claim, quote)}):
            held = [(support(claim, [*beside.values(), quote]), -n) for n, quote in found.items() if n not in beside]
            best, number = max(held, default=(0.0, 0))
            if best >= MIN_CORRECTED:
                return sorted([*beside, -number])
        return []

    def _by_numbers(self, claim: str) -> list[int]:
        """The one passage of another language that has all numbers and codes of a sentence; none where two have."""
        reading = read(claim)
        facts = stated(reading.folded, reading.facts)
        if len(facts) <= 1 and all(fact.is_when or not fact.kind for fact in facts):
            return []  # an hour alone stands everywhere
        quotes = self._quotes(claim, range(1, len(self.passages) + 1))
        held = [number for number, quote in quotes.items() if is_supported(claim, [quote])]
        return held if len(held) == 1 else []

    def _holds_whole(self, sentence: str) -> bool:
        """Whether all marks together hold a sentence whose parts are too short to be compared by themselves."""
        claim = strip_marks(sentence).strip()
        quotes = list(self._quotes(claim, self._own(sentence)).values())
        short = [part for part in _parts(sentence) if len(read(strip_marks(part)).items) <= 2 * _FEW]
        return bool(short) and not problem(claim, quotes)


def inherited_marks(sentences: Sequence[str]) -> dict[int, list[int]]:
    """The marks that count for sentences without one, by their index.

    Those of their list, the next ones of their paragraph, or else all of the answer.
    """
    found = _of_lists(sentences)
    everywhere = list(dict.fromkeys(number for sentence in sentences for number in marks(sentence)))
    ahead: list[int] = []
    for index in reversed(range(len(sentences))):
        if sentences[index].endswith("\n"):
            ahead = []
        ahead = marks(sentences[index]) or ahead
        if not marks(sentences[index]):
            found.setdefault(index, ahead or everywhere)
    return {index: list(dict.fromkeys(numbers)) for index, numbers in found.items() if numbers}


def _of_lists(sentences: Sequence[str]) -> dict[int, list[int]]:
    """The marks for the members of each list that have none: of the line before or behind it, or of any member."""
    found: dict[int, list[int]] = {}
    for block in _lists(sentences):
        before, behind = block[0] - 1, block[-1] + 1
        numbers = [number for index in block for number in marks(sentences[index])]
        if before >= 0 and _LEAD_IN.search(strip_marks(sentences[before]).rstrip()):
            numbers += marks(sentences[before])
        if behind < len(sentences) and not strip_marks(sentences[behind]).strip():
            numbers += marks(sentences[behind])
        found |= {index: numbers for index in block if numbers and not marks(sentences[index])}
    return found


def table_heads(sentences: Sequence[str]) -> set[int]:
    """The indexes of the heads of tables, which claim nothing."""
    return {index - 1 for index, sentence in enumerate(sentences) if index and _RULE.match(strip_marks(sentence))}


def _lists(sentences: Sequence[str]) -> list[list[int]]:
    """The indexes of the sentences of each list or table, one list of them behind another."""
    blocks: list[list[int]] = []
    is_item = False
    for index, sentence in enumerate(sentences):
        starts_line = not index or sentences[index - 1].endswith("\n")
        was_item, is_item = is_item, bool(_ITEM.match(strip_marks(sentence))) or (is_item and not starts_line)
        if is_item and was_item:
            blocks[-1].append(index)
        elif is_item:
            blocks.append([index])
    return blocks


def _parts(sentence: str) -> list[str]:
    """A sentence cut behind its marks, where each part says something; a table row stays whole."""
    if strip_marks(sentence).lstrip().startswith("|"):
        return [sentence]
    parts: list[str] = []
    waiting = ""
    for segment in segments(sentence):
        waiting += segment
        if len(read(strip_marks(waiting)).items) >= _FEW:
            parts.append(waiting)
            waiting = ""
    if waiting and parts:
        parts[-1] += waiting
    return parts or [sentence]


def _marked(text: str, claim: str, numbers: list[int], corrected: int = 0) -> CheckedSentence:
    same = list(dict.fromkeys(marks(text))) == numbers
    return CheckedSentence(
        text if same else with_marks(text, numbers), dict.fromkeys(numbers, claim), corrected=corrected
    )


def _holders(claim: str, quotes: dict[int, Citation]) -> list[int]:
    """Those of several marks whose passages hold some of a sentence; all where none does by itself."""
    if len(quotes) == 1:
        return list(quotes)
    some = [n for n, quote in quotes.items() if is_supported(claim, [quote]) or holds_something(claim, quote)]
    return some if is_supported(claim, [quotes[n] for n in some]) else list(quotes)
