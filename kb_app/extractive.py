"""Answers without a language model: the sentences of the passages that answer a question, word for word. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from kb_app.citations import strip_marks
from kb_app.text import CJK, fold, keyword_pieces, split_sentences
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

COVERAGE, NEIGHBOUR, SCORE, HINT, COSINE = 1.0, 0.4, 0.3, 0.12, 1.0
"""Weights of the parts of a sentence's score, chosen as a whole by trials on one public set."""

KEEP = 0.7
"""A further sentence must reach this share of the best one's score: two sentences an answer on average."""

_ASKING = re.compile(
    r"(?:请问|什么时候|什么样的?|什么|甚么|怎么样|怎样|怎么|如何|为何|为什么|多少|多久|多长|多大|多高|几时|何时|何地|何处|何种"
    r"|哪一?[个些种年月日天位家所座条部里儿]?|是谁|谁|是否|是不是|有没有|能不能|可不可以|吗|呢|吧|几|[的了是有在和与为以]|？|\?)"
    r"|\b(?:what|which|who|whom|whose|when|where|why|how|many|much|is|are|was|were|do|does|did|the|a|an|of|in|to)\b"
)
_NUMBER = re.compile(r"\d|[一二两三四五六七八九十百千万亿]+")
_TIME = re.compile(
    r"\d\s*[年月日时点]|[一二三四五六七八九十〇零]+[年月日]|世纪|年代|\b(?:19|20)\d\d\b|\d:\d\d"
    r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_PLACE = re.compile(r"[省市县区镇村州国路街岛山河湖海港楼层室]|位于|\b(?:in|at|near)\b")
_REASON = re.compile(r"因为|因此|由于|所以|原因|导致|为了|使得|\b(?:because|due|since|therefore)\b")
_HINTS = (
    (re.compile(r"何时|什么时候|几时|哪一?[年月日天]|时间|\bwhen\b"), _TIME),
    (re.compile(r"多少|多久|多长|多大|多高|几|\bhow (?:many|much|long|old)\b"), _NUMBER),
    (re.compile(r"哪里|哪儿|何地|何处|什么地方|位于哪|哪个?[省市县国]|\bwhere\b"), _PLACE),
    (re.compile(r"为什么|为何|原因|\bwhy\b"), _REASON),
)
_GAP = "\n\n"
_TABLE_RULE = re.compile(r"\A\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*\|?\s*\Z")
_CJK_OR_WORD = re.compile(rf"[{CJK}\w]")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or a table row, and its place."""

    passage: int
    index: int
    start: int
    end: int
    text: str
    is_row: bool


def extract(
    question: str, passages: Sequence[Passage], *, similarity: Similarity | None = None, limit: int = 3
) -> list[Citation]:
    """Choose the fewest sentences that answer a question.

    A sentence scores by the share of the question's pieces, weighted by their rarity among the sentences,
    that it holds under its headings and with its neighbours, by its passage's score, by whether it holds
    what the question word asks for (a time, a number, a place, a reason), and by its cosine with the
    question if ``similarity`` is given.

    Args:
        question: In any language.
        passages: Best first.
        similarity: Cosines of the question with sentences.
        limit: Number of sentences at most.

    Returns:
        Verbatim spans, numbered by passage in the order of the answer. A table row brings its header.
    """
    units = [unit for number, passage in enumerate(passages) for unit in _units(number, passage.text)]
    if not units:
        return []
    scores = _scores(question, units, passages, similarity)
    return _as_citations(_choose(units, scores, limit), units, passages)


def compose(citations: Sequence[Citation]) -> str:
    """The quotes as one text, each followed by its mark; the rows of a table stay a table.

    What looks like a mark in a quote itself, a footnote of the document, is left out: it would point at
    another passage. ``Citation.quote`` keeps it.
    """
    parts: list[str] = []
    for citation, following in zip_longest(citations, citations[1:]):
        parts.append(strip_marks(citation.quote))
        if _is_row(citation) and following and _is_row(following) and following.passage is citation.passage:
            parts.append("\n")
        else:
            parts.append(f"{_GAP if _is_row(citation) else ''}[{citation.number}]{_GAP if following else ''}")
    return "".join(parts)


def _is_row(citation: Citation) -> bool:
    return citation.quote.startswith("|")


def question_pieces(question: str) -> list[str]:
    """The pieces of a question that say what it is about: without its question words; all if nothing is left."""
    return keyword_pieces(_ASKING.sub(" ", fold(question))) or keyword_pieces(question)


def _scores(
    question: str, units: Sequence[_Unit], passages: Sequence[Passage], similarity: Similarity | None
) -> list[float]:
    above = [frozenset(keyword_pieces(_headings(passage))) for passage in passages]
    said = [frozenset(keyword_pieces(unit.text)) for unit in units]
    weights = _rarity(question_pieces(question), said)
    held = [pieces | above[unit.passage] for pieces, unit in zip(said, units, strict=True)]
    own = [_share(weights, pieces) for pieces in held]
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    cosines = _spread(similarity(question, [unit.text for unit in units])) if similarity else [0.0] * len(units)
    pattern = _asked_for(question)
    return [
        COVERAGE * own[index]
        + NEIGHBOUR * _near(index, units, held, weights, own)
        + SCORE * passages[unit.passage].score / best
        + (HINT if pattern and pattern.search(fold(unit.text)) else 0.0)
        + COSINE * cosines[index]
        for index, unit in enumerate(units)
    ]


def _near(
    index: int, units: Sequence[_Unit], held: Sequence[frozenset[str]], weights: dict[str, float], own: Sequence[float]
) -> float:
    """What the better neighbour adds to a sentence: answers often follow the sentence that names the subject."""
    around = (near for near in (index - 1, index + 1) if 0 <= near < len(units))
    same = [near for near in around if units[near].passage == units[index].passage]
    return max((_share(weights, held[index] | held[near]) - own[index] for near in same), default=0.0)


def _choose(units: Sequence[_Unit], scores: Sequence[float], limit: int) -> list[int]:
    """The best unit and those that come near it, in the order of their passages and places."""
    ranked = sorted(range(len(units)), key=lambda index: (-scores[index], index))
    enough = KEEP * scores[ranked[0]]
    chosen = [index for index in ranked[:limit] if scores[index] >= enough] or ranked[:1]
    first = list(dict.fromkeys(units[index].passage for index in chosen))
    return sorted(chosen, key=lambda index: (first.index(units[index].passage), index))


def _as_citations(chosen: Sequence[int], units: Sequence[_Unit], passages: Sequence[Passage]) -> list[Citation]:
    numbers: dict[int, int] = {}
    headed: set[int] = set()
    citations: list[Citation] = []
    for unit in (units[index] for index in chosen):
        passage = passages[unit.passage]
        number = numbers.setdefault(unit.passage, len(numbers) + 1)
        places = [(unit.start, unit.end)]
        if unit.is_row and unit.passage not in headed and (header := _header(passage.text)):
            places.insert(0, header)
            headed.add(unit.passage)
        citations += [Citation(number, passage, passage.text[start:end], start, end) for start, end in places]
    return citations


def _units(number: int, text: str) -> Iterator[_Unit]:
    """The sentences and table rows of a text, without those that say nothing and without table headers."""
    header = _header(text)
    for index, (start, end) in enumerate(_places(text)):
        body = text[start:end]
        in_header = header is not None and header[0] <= start < header[1]
        if not in_header and _CJK_OR_WORD.search(body):
            yield _Unit(number, index, start, end, body, body.startswith("|"))


def _places(text: str) -> Iterator[tuple[int, int]]:
    offset = 0
    for line in text.splitlines(keepends=True):
        for piece in [line] if line.lstrip().startswith("|") else split_sentences(line):
            bare = piece.strip()
            if bare:
                start = offset + piece.index(bare)
                yield start, start + len(bare)
            offset += len(piece)


def _header(text: str) -> tuple[int, int] | None:
    """Place of the first table's header row with the rule below it."""
    for (start, end), (rule_start, rule_end) in pairwise(_places(text)):
        if text[start:end].startswith("|") and _TABLE_RULE.match(text[rule_start:rule_end]):
            return start, rule_end
    return None


def _rarity(wanted: Sequence[str], held: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weight of each wanted piece by its rarity among the sentences; one that none holds is worth nothing."""
    counts = Counter(piece for pieces in held for piece in pieces)
    return {piece: math.log(1 + len(held) / counts[piece]) if counts[piece] else 0.0 for piece in dict.fromkeys(wanted)}


def _share(weights: dict[str, float], held: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weight for piece, weight in weights.items() if piece in held) / total if total else 0.0


def _spread(values: Sequence[float]) -> list[float]:
    """Values scaled to [0, 1] within one question; all 0 where they do not differ."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


def _asked_for(question: str) -> re.Pattern[str] | None:
    folded = fold(question)
    return next((sign for asking, sign in _HINTS if asking.search(folded)), None)


def _headings(passage: Passage) -> str:
    return "\n".join([passage.title, *passage.headings])
