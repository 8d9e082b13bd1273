"""Every measure of a run as a statistic of its questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.evaluation.bootstrap import mean, ratio
from kb_app.evaluation.calibration import score_statistics
from kb_app.evaluation.ranking import NAMES, ranking_values
from kb_app.evaluation.refusal import auroc, decision_statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.evaluation.bootstrap import Statistic
    from kb_app.evaluation.citations import Given
    from kb_app.evaluation.measuring import Observation, Observed


def statistics(observed: Observed) -> dict[str, Statistic]:
    """Every measure of a run as ``section.name``; those of answers only where answers were measured."""
    seen = observed.observations
    found = {
        "retrieval": _of_retrieval(seen),
        "refusal": _of_refusal(seen, observed.cut_off),
        "score": score_statistics([one.scored for one in seen]),
    }
    pairs = [(one, one.answer) for one in seen if one.answer]
    if pairs:
        found |= {"citations": _of_citations(pairs), "answers": _of_answers(pairs)}
    return {f"{section}.{name}": measure for section, group in found.items() for name, measure in group.items()}


def _of_retrieval(seen: Sequence[Observation]) -> dict[str, Statistic]:
    values = [ranking_values(one.question.docs, one.documents) if one.ranked else None for one in seen]
    return {name: mean([row[place] if row else None for row in values]) for place, name in enumerate(NAMES)}


def _of_refusal(seen: Sequence[Observation], cut_off: float) -> dict[str, Statistic]:
    answerable = [one.question.answerable for one in seen]
    refused = [not any(score >= cut_off for score, _ in one.scored) for one in seen]
    return decision_statistics(refused, answerable) | {"auroc": auroc([one.best for one in seen], answerable)}


def _of_citations(pairs: Sequence[tuple[Observation, Given]]) -> dict[str, Statistic]:
    sentences = [given.sentences for _, given in pairs]
    return {
        "quotes_verbatim": ratio([given.verbatim for _, given in pairs], [given.quotes for _, given in pairs]),
        "sentences_cited": ratio([given.cited for _, given in pairs], sentences),
        "sentences_supported": ratio([given.supported for _, given in pairs], sentences),
        "document_precision": mean([_precision(one, given) for one, given in pairs]),
        "document_recall": mean(
            [given.right / len(set(one.question.docs)) if one.ranked else None for one, given in pairs]
        ),
        "only_right": mean([_only_right(one, given) for one, given in pairs]),
    }


def _precision(one: Observation, given: Given) -> float | None:
    return given.right / given.documents if one.ranked and given.documents else None


def _only_right(one: Observation, given: Given) -> float | None:
    return float(0 < given.right == given.documents) if one.ranked and not given.refused else None


def _of_answers(pairs: Sequence[tuple[Observation, Given]]) -> dict[str, Statistic]:
    answerable = [one.question.answerable for one, _ in pairs]
    decisions = decision_statistics([given.refused for _, given in pairs], answerable)
    return {
        "contains_answer": mean([given.contains for _, given in pairs]),
        "character_f1": mean([given.f1 for _, given in pairs]),
        "refusal_agreement": mean([float(given.refused != one.question.answerable) for one, given in pairs]),
        **{f"refusal_{name}": decisions[name] for name in ("precision", "recall", "f1")},
        "sentences": mean([None if given.refused else given.sentences for _, given in pairs]),
        "characters": mean([None if given.refused else given.characters for _, given in pairs]),
    }
