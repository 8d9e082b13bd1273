"""What a run says: every measure with its size and interval."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kb_app.evaluation import bootstrap
from kb_app.evaluation.answers import AnswerScores
from kb_app.evaluation.calibration import ScoreQuality, reliability
from kb_app.evaluation.citations import CitationScores
from kb_app.evaluation.measures import statistics
from kb_app.evaluation.ranking import RetrievalScores, percentiles, score
from kb_app.evaluation.refusal import RefusalScores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.evaluation.ablation import Ablation
    from kb_app.evaluation.bootstrap import Interval
    from kb_app.evaluation.measuring import Observation, Observed

    Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured; a measure that nothing could be measured on is None.

    Attributes:
        retrieval: Over the questions that name a document.
        by_kind: The same by kind of question.
        seconds: Seconds by stage: p50, p95.
        missed: Ids of questions without a right document among the best five.
        setup: Models and settings that change the numbers.
        refusal: The decision by the score.
        score: The score as a probability.
        citations: Where answers were measured.
        answers: Where answers were measured.
        answers_by_kind: The same by kind of question.
        absent: Documents that questions name and that are not there.
        intervals: Sizes and 95 % intervals, by section and measure.
        ablation: What each part is worth, where that was measured.
    """

    retrieval: RetrievalScores
    by_kind: dict[str, RetrievalScores] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    setup: dict[str, str | int | float] = field(default_factory=dict)
    refusal: RefusalScores | None = None
    score: ScoreQuality | None = None
    citations: CitationScores | None = None
    answers: AnswerScores | None = None
    answers_by_kind: dict[str, AnswerScores] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    intervals: dict[str, dict[str, Interval]] = field(default_factory=dict)
    ablation: Ablation | None = None


def summarise(observed: Observed, *, seed: int = 0) -> Evaluation:
    """Score a run, with bootstrap intervals over its questions."""
    seen = observed.observations
    measures = statistics(observed)
    values = {name: bootstrap.value(measure, len(seen)) for name, measure in measures.items()}
    scored = [one.scored for one in seen]
    answerable = sum(one.question.answerable for one in seen)
    return Evaluation(
        retrieval=_retrieval(seen),
        by_kind=_by_kind(seen),
        seconds=_seconds(seen),
        missed=[one.question.id for one in seen if one.ranked and not set(one.question.docs) & set(one.documents[:5])],
        setup=observed.setup | {"seed": seed, "resamples": bootstrap.RESAMPLES},
        refusal=RefusalScores(answerable, len(seen) - answerable, observed.cut_off, **_section(values, "refusal")),
        score=ScoreQuality(sum(map(len, scored)), bins=reliability(scored), **_section(values, "score")),
        citations=_citations(seen, values),
        answers=_answers(seen, values),
        answers_by_kind=_answers_by_kind(observed),
        absent=list(observed.absent),
        intervals=_by_section(bootstrap.intervals(measures, len(seen), seed=seed)),
    )


def _retrieval(seen: Sequence[Observation]) -> RetrievalScores:
    return score([(one.question, one.documents) for one in seen if one.ranked])


def _by_kind(seen: Sequence[Observation]) -> dict[str, RetrievalScores]:
    groups = _kinds([one for one in seen if one.ranked])
    return {kind: _retrieval(group) for kind, group in groups.items()}


def _citations(seen: Sequence[Observation], values: Values) -> CitationScores | None:
    answers = [one.answer for one in seen if one.answer]
    if not answers:
        return None
    return CitationScores(sum(not answer.refused for answer in answers), **_section(values, "citations"))


def _answers(seen: Sequence[Observation], values: Values) -> AnswerScores | None:
    answers = [one.answer for one in seen if one.answer]
    if not answers:
        return None
    return AnswerScores(
        questions=len(answers),
        with_answers=sum(answer.contains is not None for answer in answers),
        by=dict(Counter(answer.author for answer in answers)),
        **_section(values, "answers"),
    )


def _answers_by_kind(observed: Observed) -> dict[str, AnswerScores]:
    found = {}
    for kind, group in _kinds(observed.observations).items():
        measures = statistics(replace(observed, observations=tuple(group)))
        values = {name: bootstrap.value(measure, len(group)) for name, measure in measures.items()}
        if scores := _answers(group, values):
            found[kind] = scores
    return found


def _kinds(seen: Sequence[Observation]) -> dict[str, list[Observation]]:
    """The observations by kind, in the order of the questions; those without a kind are left out."""
    groups: dict[str, list[Observation]] = {}
    for one in seen:
        if one.question.kind:
            groups.setdefault(one.question.kind, []).append(one)
    return groups


def _seconds(seen: Sequence[Observation]) -> dict[str, dict[str, float]]:
    stages: dict[str, list[float]] = {}
    for one in seen:
        for stage, seconds in one.seconds.items():
            stages.setdefault(stage, []).append(seconds)
    return {stage: percentiles(values) for stage, values in stages.items()}


def _section(values: Values, section: str) -> dict[str, Any]:
    """The values of a section by the names of its fields."""
    prefix = f"{section}."
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _by_section(found: dict[str, Interval]) -> dict[str, dict[str, Interval]]:
    sections: dict[str, dict[str, Interval]] = {}
    for name, interval in found.items():
        section, _, measure = name.partition(".")
        sections.setdefault(section, {})[measure] = interval
    return sections
