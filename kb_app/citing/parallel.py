"""Clauses of a passage that say the same of different things: ``常温库由一部管理，冷藏库由二部管理``. Pure.

A sentence that speaks of one of them must not say of it what only the other one's clause says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from typing import TYPE_CHECKING

from kb_app.citing.facts import Facts, collect, direction, stated
from kb_app.citing.quotes import CLAUSE, read
from kb_app.text import CJK, squash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb_app.citing.quotes import Reading, Source
    from kb_app.numbers.quantities import Quantity

_NEAR = 8
"""How many clauses behind one another may run in parallel."""

_MODIFIER, _SUBJECT, _FEW = 4, 3, 4
_FUNCTION = "的了在是为由应须要也都就将可以并且其该等于后前及与和或不未没能会给到对所从每满达超至按凭经时者再先只"
_BEFORE = "的对给向由请让凡若如"
_NUMERAL = "0123456789一二三四五六七八九十百千万亿两零半"
_PART = re.compile("[，,；;](?![0-9]{3})|[：:](?![0-9])")
_OPENING = re.compile(rf"(?:第[{_NUMERAL}]+[条章节款]|[{_NUMERAL}]+、)?([{CJK}]+)")
_ALSO = re.compile("另|还|也|均|都|同样|相同|一样|照此|同上")


@dataclass(frozen=True, slots=True)
class Section:
    """What a passage says of one of several parallel subjects.

    Attributes:
        rivals: The other subjects.
        pieces: Words of its clauses.
        facts: Their numbers.
        rest: Words of all other clauses of the passage.
        others: These clauses.
    """

    rivals: tuple[str, ...]
    pieces: frozenset[str]
    facts: Facts
    rest: frozenset[str]
    others: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    reading: Reading
    span: int
    is_first: bool

    @property
    def opening(self) -> str:
        """Its first words."""
        match = _OPENING.match(self.text)
        return match[1] if match else ""


def is_swapped(claim: str, sources: Sequence[Source]) -> bool:
    """Whether a sentence says of one subject what the passages say of a parallel one only."""
    known = [_sections(tuple(span.reading.folded for span in source.spans)) for source in sources]
    return any(_is_swapped_in(claim, sections) for sections in known if sections) or _is_mispaired(claim, sources)


def _is_mispaired(claim: str, sources: Sequence[Source]) -> bool:
    """Whether two numbers stand in one clause that two clauses of the passages hold, each with another one."""
    clauses = [part for source in sources for span in source.spans for part in _clauses(span.reading.folded)]
    for clause in _clauses(claim):
        facts = [fact for fact in stated(clause.folded, clause.facts) if not fact.is_when]
        for one, other in permutations(facts, 2):
            held = [known for known in clauses if _has(one, clause, known)]
            elsewhere = [known for known in clauses if _has(other, clause, known)]
            if (
                one.kind != other.kind
                and held
                and all(_has_instead(other, clause, known) for known in held)
                and any(_has_instead(one, clause, known) for known in elsewhere)
            ):
                return True
    return False


def _has(fact: Quantity, clause: Reading, known: Reading) -> bool:
    """Whether another clause has a number, and not as the opposite bound: ``满5元`` is no ``不满5元``."""
    if fact not in known.known:
        return False
    same = [other for other in known.facts if (other.kind, other.value) == (fact.kind, fact.value)]
    sign = direction(clause.folded, fact)
    return not (sign and same and all(direction(known.folded, other) == -sign for other in same))


def _has_instead(fact: Quantity, clause: Reading, known: Reading) -> bool:
    return not _has(fact, clause, known) and any(other.kind == fact.kind for other in known.facts)


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[Reading, ...]:
    return tuple(map(read, CLAUSE.split(text)))


def _is_swapped_in(claim: str, sections: dict[str, Section]) -> bool:
    subject = ""
    for clause in CLAUSE.split(claim):
        said = squash(clause)
        named = [name for name in sections if _speaks_of(said, name)]
        named = [name for name in named if not any(name != other and name in other for other in named)]
        if named:
            subject = named[0] if len(named) == 1 else ""
        if subject and not _ALSO.search(said) and _is_of_rival(read(clause), subject, sections):
            return True
    return False


def _speaks_of(said: str, name: str) -> bool:
    """Whether a clause has a subject, and not as the end of a longer name."""
    place = said.find(name)
    return place == 0 or (place > 0 and (said[place - 1] in _BEFORE or not _OPENING.match(said[place - 1])))


def _is_of_rival(clause: Reading, subject: str, sections: dict[str, Section]) -> bool:
    own = sections[subject]
    facts = [*stated(clause.folded, clause.facts), *(fact for fact in clause.facts if fact.weak)]
    others = [sections[rival] for rival in own.rivals]
    if any(_is_number_of(fact, clause, own, other) for fact in facts for other in others):
        return True
    if any(fact in own.facts for fact in facts):
        return False
    for other in others:
        mine = [piece for piece in _only(own, other) if piece not in subject and piece[0] != subject[-1]]
        theirs = clause.pieces.intersection(_only(other, own))
        if len(theirs) >= (1 if len(mine) <= _FEW else 2) and not clause.pieces.intersection(mine):
            return True
    return False


def _only(one: Section, other: Section) -> list[str]:
    """The words that only one of two sections has, and the passage nowhere else; no pair of the other's characters."""
    characters = set("".join(other.pieces))
    return [piece for piece in sorted(one.pieces - one.rest) if not characters.issuperset(piece)]


def _is_number_of(fact: Quantity, clause: Reading, own: Section, other: Section) -> bool:
    """Whether a number is that of a rival, and the subject has another one of its unit."""
    if fact in own.facts or fact not in other.facts:
        return False
    if any(fact in known.known and clause.pieces & known.pieces for known in other.others):
        return False
    return any(kind == fact.kind for kind, _ in own.facts.exact)


@lru_cache(maxsize=256)
def _sections(sentences: tuple[str, ...]) -> dict[str, Section]:
    """What a passage says of each of its parallel subjects, by their names."""
    clauses = [
        _Clause(squash(part), read(part), index, sentence.startswith(part))
        for index, sentence in enumerate(sentences)
        if "|" not in sentence
        for part in _PART.split(sentence)
        if squash(part)
    ]
    rivals: dict[str, dict[str, None]] = {}
    for index, one in enumerate(clauses):
        for other in clauses[index + 1 : index + 1 + _NEAR]:
            left, right = _subjects(one.opening, other.opening)
            if not left and one.is_first and other.is_first and _is_listed(sentences, one.span, other.span):
                left, right = _openings(one.opening, other.opening)
            if left:
                rivals.setdefault(left, {})[right] = None
                rivals.setdefault(right, {})[left] = None
    regions = {name: _region(name, list(rivals), clauses) for name in rivals}
    return {name: _section(regions[name], clauses, _rivals(name, rivals)) for name in rivals}


def _rivals(name: str, rivals: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The rivals of a name, and of what is a longer or shorter form of it."""
    same = [other for other in rivals if other.startswith(name) or name.startswith(other)]
    return tuple(dict.fromkeys(rival for other in same for rival in rivals[other] if rival not in same))


def _subjects(left: str, right: str) -> tuple[str, str]:
    """The subjects with which two clauses open, if both are the same noun with another word before it."""
    for first, second in product(range(1, _MODIFIER + 1), repeat=2):
        noun = left[first : first + 2]
        if len(noun) == 2 and noun == right[second : second + 2] and abs(first - second) <= 1:
            names = left[:first], right[:second]
            if names[0][-1] == names[1][-1] or any(char in _FUNCTION + _NUMERAL for char in "".join(names)):
                return "", ""
            return names[0] + noun[0], names[1] + noun[0]
    return "", ""


def _is_listed(sentences: Sequence[str], first: int, last: int) -> bool:
    """Whether there are only semicolons between two sentences."""
    return first < last and all(one.rstrip().endswith(("；", ";")) for one in sentences[first:last])


def _openings(left: str, right: str) -> tuple[str, str]:
    """The first words of two clauses on both sides of a semicolon, where they differ from the beginning."""
    names = [re.split(f"[{_FUNCTION}{_NUMERAL}]", text, maxsplit=1)[0][:_SUBJECT] for text in (left, right)]
    if min(map(len, names)) < 2 or names[0][:2] == names[1][:2]:
        return "", ""
    return names[0], names[1]


def _region(name: str, names: Sequence[str], clauses: Sequence[_Clause]) -> list[int]:
    """The clauses that open with a subject, and those behind them up to the next subject or the end of the sentence."""
    found: list[int] = []
    span, is_open = -1, False
    for index, clause in enumerate(clauses):
        if clause.span != span:
            span, is_open = clause.span, False
        if clause.opening.startswith(name):
            is_open = True
        elif any(clause.opening.startswith(other) for other in names):
            is_open = False
        if is_open:
            found.append(index)
    return found


def _section(region: Sequence[int], clauses: Sequence[_Clause], rivals: tuple[str, ...]) -> Section:
    own = [clauses[index].reading for index in region]
    rest = [clause.reading for index, clause in enumerate(clauses) if index not in region]
    facts = collect(fact for reading in own for fact in reading.facts)
    return Section(rivals, _words(own), facts, _words(rest), tuple(rest))


def _words(readings: Sequence[Reading]) -> frozenset[str]:
    return frozenset[str]().union(*(reading.pieces for reading in readings))
