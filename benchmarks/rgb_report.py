"""What came of the questions of RGB, and the numbers that are made of it. Pure but for the asking."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.relevance import area
from benchmarks.rgb_items import PLANTED, REJECTION, holds
from kb_app.citing.citations import strip_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.rgb_bases import Question
    from kb_app.types import Answer

CUT_OFFS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
COLUMNS = ("measure", "questions", "refused", "found", "right", "right of answered", "wrong by plant", "error noticed")
_NOTICE = re.compile(
    r"错误|有误|矛盾|不一致|不相符|不符|冲突|contradict|conflict|inconsistent|incorrect", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer, judged.

    Attributes:
        id: Of the item.
        condition: Name of the measure.
        score: Of the best passage, 0 where none was found.
        refused: Whether it was refused.
        found: The passages that were found hold all required parts.
        right: The answer holds all required parts.
        planted: It holds the planted error and not the right answer.
        noticed: It says, in words that are no quote, that something is wrong or contradictory.
        quotes: Number of citations.
        verbatim: How many of their quotes stand so in the file that was read.
        mode: ``"llm"`` or ``"extractive"``.
        model: Name of the language model; empty without one.
    """

    id: str
    condition: str
    score: float
    refused: bool
    found: bool
    right: bool
    planted: bool
    noticed: bool
    quotes: int
    verbatim: int
    mode: str
    model: str

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def outcome(question: Question, *, ask: Callable[[Question], Answer], files: Mapping[str, str]) -> Outcome:
    """Ask a question and judge the answer; ``files`` is what was read, by source."""
    answer = ask(question)
    item, text = question.item, strip_marks(answer.text)
    right = not answer.refused and holds(text, item.answers, rather_than=item.fakes)
    read = "\n".join(passage.text for passage in answer.passages)
    return Outcome(
        id=item.id,
        condition=question.condition,
        score=max((passage.score for passage in answer.passages), default=0.0),
        refused=answer.refused,
        found=holds(read, item.answers, rather_than=item.fakes),
        right=right,
        planted=not (answer.refused or right) and holds(text, item.fakes, rather_than=item.answers),
        noticed=bool(_NOTICE.search(_own_words(answer))),
        quotes=len(answer.citations),
        verbatim=sum(citation.quote in files[citation.passage.source] for citation in answer.citations),
        mode=answer.mode,
        model=answer.model,
    )


def row(name: str, found: Sequence[Outcome]) -> tuple[str | int | float, ...]:
    """A line of the table of measures; its cells are those of ``COLUMNS``."""
    answered = [one for one in found if not one.refused]
    return (
        name,
        len(found),
        share([one.refused for one in found]),
        share([one.found for one in found]),
        share([one.right for one in found]),
        share([one.right for one in answered]),
        share([one.planted for one in found]),
        share([one.noticed for one in found]),
    )


def summary(found: Sequence[Outcome]) -> dict[str, float]:
    """The numbers by which two versions of the program are compared; shares in [0, 1].

    Answerable are all questions with passages that answer, without planted errors.
    """
    rejected = [one for one in found if one.condition == REJECTION.name]
    answerable = _answerable(found)
    planted = [one for one in found if one.condition == PLANTED.name]
    numbers = {
        "rejection rate": share([one.refused for one in rejected]),
        "answerable not refused": share([not one.refused for one in answerable]),
        "AUROC of the best score": area([one.score for one in answerable], [one.score for one in rejected]),
        "accuracy": share([one.right for one in answerable]),
        "quotes word for word": sum(one.verbatim for one in found) / max(1, sum(one.quotes for one in found)),
    }
    if planted:
        numbers["planted errors noticed"] = share([one.noticed for one in planted])
        numbers["planted errors repeated"] = share([one.planted for one in planted])
    return {name: round(number, 4) for name, number in numbers.items() if not math.isnan(number)}


def sweep(found: Sequence[Outcome]) -> list[tuple[str | float, ...]]:
    """What each cut-off of the best score would refuse, by that score alone."""
    yes = [one.score for one in _answerable(found)]
    no = [one.score for one in found if one.condition == REJECTION.name]
    return [
        ("answerable kept", *(share([score >= cut for score in yes]) for cut in CUT_OFFS)),
        ("rejection refused", *(share([score < cut for score in no]) for cut in CUT_OFFS)),
    ]


def share(values: Sequence[bool]) -> float:
    """How many are true, in [0, 1]; 0 where there are none."""
    return round(fmean(values), 4) if values else 0.0


def _answerable(found: Sequence[Outcome]) -> list[Outcome]:
    planted = (PLANTED.name, "counterfactual, half with errors")
    return [one for one in found if one.condition not in (REJECTION.name, *planted)]


def _own_words(answer: Answer) -> str:
    """What an answer says beside its quotes."""
    text = strip_marks(answer.text)
    for citation in answer.citations:
        text = text.replace(strip_marks(citation.quote), " ")
    return f"{text}\n{answer.reason}"
