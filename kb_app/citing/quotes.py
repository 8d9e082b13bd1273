"""The words of a passage that stand behind a sentence: one or two of its sentences, word for word. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.citing.facts import Facts, collect
from kb_app.numbers.numerals import number_forms
from kb_app.numbers.quantities import Quantity, quantities
from kb_app.text import CJK, keyword_pieces, split_sentences, squash
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

_WIDEN = 0.25
"""Least share of a claim that a neighbouring sentence must add to become part of the quote."""

_FACT, _FUNCTION_WORD = 2.0, 0.4
CLAUSE = re.compile("[，；;]|,(?![0-9]{3})|(?<![0-9]),")
_FUNCTION = re.compile("[的了在是为由应须要也都就将可以并且其该等于后前及与和或不能会给到对所有]")
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,6}-[0-9]+[A-Za-z0-9-]*")  # HT-15A: its digits tell it from HT-22A
_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, in a form that is the same for all its writings.

    Attributes:
        folded: The text as it is compared.
        pieces: Its words and pairs of CJK characters, without numbers.
        facts: Its numbers, dates and times.
        words: What is compared without them.
        known: The facts, to be asked for.
    """

    folded: str
    pieces: frozenset[str]
    facts: tuple[Quantity, ...]
    words: str
    known: Facts = field(compare=False)

    @property
    def items(self) -> frozenset[str]:
        """Pieces and facts, each as one string."""
        return self.pieces | {f"#{fact.kind}{fact.value}" for fact in self.facts if not fact.weak}


@dataclass(frozen=True, slots=True)
class Span:
    """A sentence of a passage, without the white space around it.

    Attributes:
        start: Offset in the passage.
        end: Offset after its last character.
        reading: What it says.
        items: Its pieces and facts.
    """

    start: int
    end: int
    reading: Reading
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage made ready for comparing.

    Attributes:
        spans: Its sentences.
        weights: Weight of each piece by its rarity among them.
        facts: All facts of the passage and of what stands above it.
        above: What title, headings and path say.
        context: All its words and those above it, squashed, to look names up.
    """

    spans: tuple[Span, ...]
    weights: Mapping[str, float]
    facts: Facts
    above: Reading
    context: str


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """What a text says; the same texts come again and again while an answer is checked."""
    folded = number_forms(text)
    codes = [match.span() for match in _CODE.finditer(folded)]
    facts = tuple(f for f in quantities(folded) if not any(start <= f.start < end for start, end in codes))
    words, place = [], 0
    for fact in facts:
        words.append(folded[place : fact.start])
        place = fact.end
    words.append(folded[place:])
    # A character alone is what stood between two numbers: 满 in 满一年享有五天.
    rest = _CODE.sub(" ", "\n".join(words))
    pieces = frozenset(piece for piece in keyword_pieces(rest) if len(piece) > 1 or not is_cjk(piece))
    pieces |= {folded[start:end].casefold() for start, end in codes}
    return Reading(folded, pieces, facts, " ".join(words), collect(facts))


@lru_cache(maxsize=256)
def prepare(passage: Passage) -> Source:
    """A passage made ready for comparing."""
    spans = []
    for start, end in _places(passage.text):
        reading = read(passage.text[start:end])
        spans.append(Span(start, end, reading, reading.items))
    above = "\n".join([passage.title, *passage.headings, passage.source])
    overhead = read(above)
    facts = collect([*overhead.facts, *(fact for span in spans for fact in span.reading.facts)])
    weights = rarity([span.items for span in spans])
    return Source(tuple(spans), weights, facts, overhead, squash(passage.text + "\n" + above))


def find_quote(claim: str, passage: Passage, number: int, similarity: Similarity | None = None) -> Citation:
    """The one or two sentences of a passage that hold most of a claim, as a citation."""
    source = prepare(passage)
    wanted = read(claim).items
    wanted = wanted - source.above.pieces or wanted  # words of the title are in no sentence's favour
    if similarity and not same_script(claim, passage.text):
        scores = list(similarity(claim, [passage.text[span.start : span.end] for span in source.spans]))
    else:
        scores = [share(wanted, span.items, source.weights) for span in source.spans]
    start, end = _best_window(source, scores, wanted)
    return Citation(number=number, passage=passage, quote=passage.text[start:end], start=start, end=end)


def rarity(texts: Sequence[AbstractSet[str]]) -> dict[str, float]:
    """Weight of each item by its rarity among texts: 1 where all hold it, more where few do."""
    held_by = Counter(item for text in texts for item in text)
    return {item: 1.0 + math.log(len(texts) / count) for item, count in held_by.items()}


def share(wanted: AbstractSet[str], held: AbstractSet[str], weights: Mapping[str, float]) -> float:
    """Share of the wanted items that are held, by weight; one of unknown weight counts as one."""
    both = wanted & held
    if not both:
        return 0.0
    total = math.fsum(weights.get(item, 1.0) for item in wanted)  # fsum: the order of a set plays no part
    return math.fsum(weights.get(item, 1.0) for item in both) / total


def closeness(wanted: AbstractSet[str], held: AbstractSet[str], near: AbstractSet[str]) -> float:
    """Share of the words and facts of a sentence that a text holds, for the judgement whether it supports it.

    What stands ``near``, elsewhere in the passage, counts half, and so does a pair of characters that stand in the
    text apart. Pairs with a function word count less, since those are what another wording changes; a fact counts
    twice.
    """
    characters = frozenset("".join(piece for piece in held if is_cjk(piece)))
    total = found = 0.0
    for item in sorted(wanted):
        weight = _FACT if item[0] == "#" else _FUNCTION_WORD if _FUNCTION.search(item) else 1.0
        total += weight
        found += (
            weight
            if item in held
            else weight / 2
            if item in near or (is_cjk(item) and characters.issuperset(item))
            else 0.0
        )
    return found / total if total else 0.0


def same_script(one: str, other: str) -> bool:
    """Whether both texts are mostly CJK, or both are not."""
    return is_cjk(one) == is_cjk(other)


@lru_cache(maxsize=4096)  # pieces come again and again
def is_cjk(text: str) -> bool:
    """Whether a third of the letters are CJK, which say more each."""
    letters = sum(char.isalpha() for char in text)
    return 3 * len(_CJK.findall(text)) > letters


def _best_window(source: Source, scores: Sequence[float], wanted: frozenset[str]) -> tuple[int, int]:
    """The best sentence, widened by the neighbour that adds most if it adds enough."""
    spans = source.spans
    best = max(range(len(spans)), key=lambda index: (scores[index], -index))
    start, end = spans[best].start, spans[best].end
    missing = wanted - spans[best].items
    gains = [
        (share(wanted, missing & spans[near].items, source.weights), -near)
        for near in (best - 1, best + 1)
        if 0 <= near < len(spans)
    ]
    gain, near = max(gains, default=(0.0, 0))
    if gain < _WIDEN:
        return start, end
    return min(start, spans[-near].start), max(end, spans[-near].end)


def _places(text: str) -> list[tuple[int, int]]:
    """Place of each sentence, without the white space around it."""
    places, start = [], 0
    for sentence in split_sentences(text):
        bare = sentence.strip()
        if bare:
            begin = start + sentence.index(bare)
            places.append((begin, begin + len(bare)))
        start += len(sentence)
    return places or [(0, len(text))]
