"""Whether a number of a sentence is said of what the sentence speaks of, or of something else. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.citing.names import offices
from kb_app.citing.quotes import CLAUSE, read, share
from kb_app.citing.rows import RULE, row_cells
from kb_app.numbers.quantities import DATE
from kb_app.text import squash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.citing.facts import Facts
    from kb_app.citing.quotes import Reading, Source
    from kb_app.numbers.quantities import Quantity

FEW_PIECES = 3
"""A clause of fewer pieces says too little to be compared by itself."""

_OWN_PIECES = 2
_CLEARLY, _DATE_CLEARLY, _CELL_CLEARLY = 0.33, 0.5, 0.1
"""How much more of a clause what gives another number must hold, as a share; cells differ in one word only."""

_NOTHING, _SOMETHING = 0.0, 0.15


_OFFICE_CLEARLY, _HARDLY = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What the clause of a number speaks of, its dates, and its numbers."""

    pieces: frozenset[str]
    dates: frozenset[str]
    facts: Facts


def is_of_another(fact: Quantity, reading: Reading, sources: Sequence[Source]) -> bool:
    """Whether the passages say this number of something else, and another number of what the sentence speaks of.

    ``婚假为五天`` where the passage says that 婚假 is three days and 年假 five.
    """
    if any(fact in source.above.known for source in sources):
        return False
    # The title speaks for all sentences of a passage.
    if _is_paired(fact, reading, sources):
        return False
    spoken = _spoken(fact, reading)
    pieces = spoken.pieces - frozenset[str]().union(*(source.above.pieces for source in sources))
    spoken = replace(spoken, pieces=pieces or spoken.pieces)
    sentences = [tuple(span.reading for span in source.spans) for source in sources]
    if fact.is_when:  # a date opens a sentence and counts for all of it
        return _is_elsewhere(fact, spoken, sentences, _DATE_CLEARLY)
    if any(cells := [_cells(tuple(one.folded for one in readings)) for readings in sentences]):
        return _is_elsewhere(fact, spoken, cells, _CELL_CLEARLY) or _is_elsewhere(fact, spoken, sentences, _CLEARLY)
    clauses = [tuple(part for one in readings for part in _clauses(one.folded)) for readings in sentences]
    return _is_elsewhere(fact, spoken, sentences, _CLEARLY) or _is_elsewhere(fact, spoken, clauses, _CLEARLY, few=1)


def is_of_another_office(claim: str, sources: Sequence[Source]) -> bool:
    """Whether an office of a sentence does what the passages say of another office of its kind only."""
    known = [part for source in sources for span in source.spans for part in _clauses(span.reading.folded)]
    for clause in _clauses(read(claim).folded):
        for stem, kind, _ in offices(clause.folded):
            said = clause.pieces - read(stem + kind).pieces
            others = [one for one in known if any(other == kind for _, other, _ in offices(one.folded))]
            here = [share(said, one.pieces, {}) for one in known if stem + kind in squash(one.folded)]
            there = [share(said, one.pieces, {}) for one in others if stem not in one.folded]
            best = max(here, default=1.0)
            if best <= _HARDLY and max(there, default=0.0) - best >= _OFFICE_CLEARLY:
                return True
    return False


def _is_paired(fact: Quantity, reading: Reading, sources: Sequence[Source]) -> bool:
    """Whether the passages have a number beside another one of its clause, and this one never without it."""
    known = [part for source in sources for span in source.spans for part in _clauses(span.reading.folded)]
    for clause in _clauses(reading.folded):
        facts = [(one.kind, one.value) for one in clause.facts if not one.weak and not one.is_when]
        if fact.is_when or (fact.kind, fact.value) not in facts:
            continue
        for kind, value in facts:
            beside = [one for one in known if kind != fact.kind and (kind, value) in one.known.exact]
            if beside and all((fact.kind, fact.value) in one.known.exact for one in beside):
                return True
    return False


def _is_elsewhere(
    fact: Quantity, claim: _Spoken, texts: Sequence[Sequence[Reading]], clearly: float, few: int = FEW_PIECES
) -> bool:
    """Whether what speaks of the same gives another number of this kind, and what gives this one hardly does."""
    with_it = without = 0.0
    found = False
    for readings in texts:
        for index, one in enumerate(readings):
            dates = _dates(one) if claim.dates else frozenset()
            if fact in one.known:
                found = True
                if not dates or dates & claim.dates:  # else it is said of another year
                    with_it = max(with_it, share(claim.pieces, _spoken_of(readings, index, few), {}))
            elif any(other.kind == fact.kind and other not in claim.facts for other in one.facts):
                without = max(without, 1.0 if dates & claim.dates else share(claim.pieces, one.pieces, {}))
    if not found:
        return False
    return without - with_it >= clearly or (with_it <= _NOTHING and without >= _SOMETHING and not fact.is_when)


def _dates(reading: Reading) -> frozenset[str]:
    return frozenset(fact.value for fact in reading.facts if fact.kind == DATE)


def _spoken_of(readings: Sequence[Reading], index: int, few: int) -> frozenset[str]:
    """The words of a text; of a short one, those around it too, where its subject may stand."""
    one = readings[index]
    if len(one.pieces) >= few or "|" in one.folded:
        return one.pieces
    return frozenset[str]().union(*(near.pieces for near in readings[max(0, index - 1) : index + 2]))


def _spoken(fact: Quantity, reading: Reading) -> _Spoken:
    """What the clause of a fact says; all of the sentence where it is short."""
    start = max((cut.end() for cut in CLAUSE.finditer(reading.folded, 0, fact.start)), default=0)
    cut = CLAUSE.search(reading.folded, fact.end)
    clause = read(reading.folded[start : cut.start() if cut else None])
    if len(clause.pieces) < _OWN_PIECES:
        clause = reading
    dates = frozenset[str]() if fact.is_when else _dates(clause)
    return _Spoken(clause.pieces, dates if len(dates) == 1 else frozenset(), clause.known)


@lru_cache(maxsize=4096)
def _clauses(folded: str) -> tuple[Reading, ...]:
    return tuple(read(part) for part in CLAUSE.split(folded))


@lru_cache(maxsize=256)
def _cells(lines: tuple[str, ...]) -> tuple[Reading, ...]:
    """What each cell of a table says, with the first cell of its row and the head of its column."""
    head: list[str] = []
    found: list[Reading] = []
    for index, line in enumerate(lines):
        cells = row_cells(line)
        if not cells:
            head = []
        elif index + 1 < len(lines) and RULE.fullmatch(lines[index + 1].strip()):
            head = cells
        elif len(cells) == len(head):
            found += [read(f"{cells[0]} {name} {cell}") for name, cell in zip(head[1:], cells[1:], strict=True)]
    return tuple(found)
