"""Which sentences and rows answer a question: the fewest that hold the answer. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING

from kb_app.answering.codes import codes_in, holds_code
from kb_app.answering.keys import keys_of
from kb_app.answering.members import with_equals
from kb_app.answering.telling import only_names
from kb_app.answering.wanted import wanted_by
from kb_app.search.asking import question_pieces
from kb_app.text import fold, keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb_app.answering.units import Unit
    from kb_app.answering.wanted import Wanted
    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

COVERAGE, SCORE, HINT, COSINE, ALONE = 0.5, 0.35, 0.25, 0.9, 0.4
"""Weights of the parts of a sentence's score.

A softmax over the sentences of a question was fitted to every second question of data/eval and of CMRC 2018, and its
weights rounded; a part that looked at the neighbours of a sentence came out as nothing.
"""

KEYS = 0.8
"""Taken from a row that holds nothing of the question in a whole cell where another one of its table does."""

NAMING = 0.8
"""Taken from a sentence that only names what is asked about."""

EMBEDDED, EMBEDDED_ALONE = 24, 6
"""Sentences, at most, that are compared with the question by the embedding model: under their headings, and of these
the best ones by themselves. No sentence that held an answer came later among those that the weights were fitted to.
"""

KEEP = 0.75
"""A further sentence must reach this share of the best one's score: two sentences an answer on average."""

_ASKED_LIST = 0.5
"""Least share of a question that the line above a list must hold for its items to be what is asked for."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LEANS = re.compile(
    r"(?:因此|所以|因而|由此|为此|于是|结果|然后|从而|随后|此(?:战|次|举|后|时|类|种)|这(?:次|些|种|一|样|是|个|就))"
    r"|(?:therefore|thus|hence|then|this|these|as a result|after (?:this|that))\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:以下|如下|下列|分[为成]|[有由为].{0,4}?(?:[数几多两三四五六七八九十]|\d+)(?:个|种|点|项|条|方面|类|大|家|部分|步)).{0,16}[。：:]\Z"
    r"|首先|第一[，,、步]|一是|(?<![优事率领原])先(?![生进前后例行])|\bfirst\b"
)
_ENUMERATES = re.compile("[:：][^。！？!?]*[^。！？!?”’」』）】》\\s]\\Z")
"""A sentence of several clauses, too long to be one unit, that names its members from here on."""


def choose(
    question: str, units: Sequence[Unit], passages: Sequence[Passage], similarity: Similarity | None, limit: int
) -> list[int]:
    """The units that answer one question, best first; what a sentence leans on and what it announces count too."""
    wanted = wanted_by(question)
    scores = _by_keys(_scores(question, units, passages, similarity, wanted), units, question)
    ranked = sorted(range(len(units)), key=lambda index: (-scores[index], index))
    enough = KEEP * scores[ranked[0]]
    chosen: list[int] = []
    for place, index in enumerate(ranked[:limit]):
        if place and scores[index] < enough:
            break
        needed = [index] if place else [index, *_needed(index, units, wanted)]
        chosen += [one for one in needed if one not in chosen]
    return with_equals(chosen[:limit], units, question, wanted)


def choose_for_parts(
    question: str,
    parts: Sequence[str],
    units: Sequence[Unit],
    passages: Sequence[Passage],
    similarity: Similarity | None,
) -> list[int]:
    """A unit for each part of a question, in the order of the parts.

    Where the best one answers another part already, that of another document is taken if it comes near. A part that
    names no row is about the row that the question names.
    """
    chosen: list[int] = []
    for part in parts:
        wanted = wanted_by(part)
        about = part if any(keys_of(unit, part) for unit in units) else question
        scores = _by_keys(_scores(part, units, passages, similarity, wanted), units, about)
        theirs = _of_its_year(part, passages)
        ranked = sorted(range(len(units)), key=lambda index: (-scores[index], index))
        best = _first_of(ranked, scores, [index for index in ranked if units[index].passage in theirs])
        if best in chosen:
            document = passages[units[best].passage].doc_id
            others = (index for index in ranked if passages[units[index].passage].doc_id != document)
            best = _first_of([best], scores, list(others)[:1])
        chosen += with_equals([best], units, part, wanted, about)
    return list(dict.fromkeys(chosen))


def _first_of(ranked: Sequence[int], scores: Sequence[float], preferred: Sequence[int]) -> int:
    """The first of those that are preferred, where it comes near the first of all."""
    best = ranked[0]
    return preferred[0] if preferred and scores[preferred[0]] >= KEEP * scores[best] else best


def _of_its_year(part: str, passages: Sequence[Passage]) -> set[int]:
    """The numbers of the passages whose documents are named after a year of a part; of all where none is."""
    years = _YEAR.findall(fold(part))
    named = {
        number
        for number, passage in enumerate(passages)
        if any(year in fold(f"{passage.title} {passage.source}") for year in years)
    }
    return named or set(range(len(passages)))


def _needed(index: int, units: Sequence[Unit], wanted: Wanted) -> list[int]:
    """What a sentence can not be read without: the one before it that it leans on, or those that it announces."""
    unit = units[index]
    beside = [near for near in (index - 1, index + 1, index + 2) if 0 <= near < len(units)]
    line = [near for near in beside if (units[near].passage, units[near].paragraph) == (unit.passage, unit.paragraph)]
    if unit.cells:
        return []
    if wanted.is_list and (_ANNOUNCES.search(unit.text) or _ENUMERATES.search(unit.text)):
        return [near for near in line if near > index]
    return [near for near in line if near < index and _LEANS.match(unit.text)]


def _scores(
    question: str,
    units: Sequence[Unit],
    passages: Sequence[Passage],
    similarity: Similarity | None,
    wanted: Wanted,
) -> list[float]:
    said = _said(question, units, passages)
    held = [pieces | frozenset(keyword_pieces(unit.context)) for pieces, unit in zip(said, units, strict=True)]
    weights = _rarity(question_pieces(question), said)
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    scores = [
        COVERAGE * _share(weights, held[index])
        + SCORE * passages[unit.passage].score / best
        + (HINT if _fits(unit, wanted, weights) else 0.0)
        - (NAMING if only_names(unit, question) else 0.0)
        for index, unit in enumerate(units)
    ]
    if similarity:
        cosines = partial(similarity, question)
        under = [f"{' '.join(unit.context.split())}\n{unit.text}" for unit in units]
        scores = _with_cosines(scores, under, cosines, COSINE, EMBEDDED)
        scores = _with_cosines(scores, [unit.text for unit in units], cosines, ALONE, EMBEDDED_ALONE)
    return scores


def _said(question: str, units: Sequence[Unit], passages: Sequence[Passage]) -> list[frozenset[str]]:
    """The pieces of each unit with those of the names of its document.

    A code counts as a whole, and for all sentences of a passage that has it: only one of them writes it down.
    """
    code = frozenset(keyword_pieces(" ".join(codes_in(question))))
    names = [
        frozenset(keyword_pieces(f"{passage.title}\n{passage.source}")) - code
        | (code if holds_code(question, passage) else frozenset())
        for passage in passages
    ]
    return [(unit.pieces - code) | names[unit.passage] for unit in units]


def _by_keys(scores: Sequence[float], units: Sequence[Unit], question: str) -> list[float]:
    """The scores with what is taken from rows that hold less of the question in their cells than others of a table."""
    held = [keys_of(unit, question) for unit in units]
    most: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for unit, keys in zip(units, held, strict=True):
        most[unit.columns] = max(keys, most[unit.columns])
    lacking = [
        1 - keys / most[unit.columns] if unit.cells and most[unit.columns] else 0.0
        for unit, keys in zip(units, held, strict=True)
    ]
    return [score - KEYS * share for score, share in zip(scores, lacking, strict=True)]


def _with_cosines(
    scores: Sequence[float],
    texts: Sequence[str],
    cosines: Callable[[Sequence[str]], Sequence[float]],
    weight: float,
    most: int,
) -> list[float]:
    """The scores with the cosines of the best texts: to embed each would take too long."""
    best = sorted(range(len(texts)), key=lambda index: (-scores[index], index))[:most]
    found = dict(zip(best, _spread(cosines([texts[index] for index in best])), strict=True))
    return [score + weight * found.get(index, 0.0) for index, score in enumerate(scores)]


def _fits(unit: Unit, wanted: Wanted, weights: Mapping[str, float]) -> bool:
    """Whether a unit has the form of the answer, or is an item of the list that the question asks for."""
    if wanted.sign and wanted.sign.search(fold(unit.text)):
        return True
    return wanted.is_list and bool(unit.lead) and _share(weights, frozenset(keyword_pieces(unit.lead))) >= _ASKED_LIST


def _rarity(wanted: Sequence[str], held: Sequence[frozenset[str]]) -> dict[str, float]:
    """Weight of each wanted piece by its rarity among the sentences; one that none holds is worth nothing."""
    counts = Counter(piece for pieces in held for piece in pieces)
    return {piece: math.log(1 + len(held) / counts[piece]) if counts[piece] else 0.0 for piece in dict.fromkeys(wanted)}


def _share(weights: Mapping[str, float], held: frozenset[str]) -> float:
    total = math.fsum(weights.values())
    return math.fsum(weight for piece, weight in weights.items() if piece in held) / total if total else 0.0


def _spread(values: Sequence[float]) -> list[float]:
    """Values scaled to [0, 1] within one question; all 0 where they do not differ."""
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]
