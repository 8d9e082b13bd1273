"""What each part is worth: the same questions with and without it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from kb_app.answering.templates import read_template, template_files
from kb_app.evaluation import bootstrap
from kb_app.evaluation.bootstrap import Difference
from kb_app.evaluation.measures import statistics
from kb_app.parts import Parts
from kb_app.resources import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.config import Settings
    from kb_app.evaluation.measuring import Observed

MEASURES = (
    "retrieval.hit_at_1",
    "retrieval.hit_at_5",
    "retrieval.mrr_at_10",
    "refusal.f1",
    "refusal.auroc",
    "answers.refusal_f1",
    "answers.contains_answer",
    "answers.character_f1",
    "citations.sentences_supported",
)

_NEEDS_MODEL = ("sections", "check")


@dataclass(frozen=True, slots=True)
class Worth:
    """What a measure loses without a part, and the 95 % interval of it, question by question; negative is a gain.

    Attributes:
        value: With the part less without it; None where one of both is not defined.
        low: Lower end.
        high: Upper end.
        n: Things measured, the fewer of both runs.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Ablation:
    """What every part is worth.

    Attributes:
        questions: Number of questions, the same in every run.
        full: The measures with all parts.
        parts: By part and measure; ``template: NAME`` is the template in force against another one.
        left_out: Parts that cannot matter in this run, each with the reason.
    """

    questions: int
    full: dict[str, float | None]
    parts: dict[str, dict[str, Worth]]
    left_out: dict[str, str]


def compare(full: Observed, without: Mapping[str, Observed], *, left_out: Mapping[str, str], seed: int = 0) -> Ablation:
    """Compare runs on the same questions."""
    questions = len(full.observations)
    with_all = statistics(full)
    return Ablation(
        questions=questions,
        full={name: bootstrap.value(with_all[name], questions) for name in MEASURES if name in with_all},
        parts={part: _worth(full, other, seed) for part, other in without.items()},
        left_out=dict(left_out),
    )


def all_but(part: str) -> Parts:
    """All parts but one."""
    return replace(Parts(), **{part: False})


def parts_that_matter(settings: Settings, *, answers: bool, model: bool) -> tuple[list[str], dict[str, str]]:
    """The parts that can change a number, and the others with the reason.

    Args:
        settings: Those of the run.
        answers: Whether answers are measured.
        model: Whether a language model gave some of them.
    """
    names = [field.name for field in fields(Parts)]
    left_out = {}
    if not settings.reranker:
        left_out["rerank"] = "KB_RERANKER is not set"
    if not settings.section:
        left_out["sections"] = "KB_SECTION is 0"
    for name in _NEEDS_MODEL:
        if not model:
            left_out[name] = "no language model answers" if answers else "answers are not measured"
    return [name for name in names if name not in left_out], left_out


def other_templates(settings: Settings) -> list[str]:
    """The prompts of answers that are not in force.

    Raises:
        SettingsError: A prompt of the user's own is not valid.
    """
    own = [settings.templates_dir] if settings.templates_dir else []
    files = template_files([*own, resource("prompts")])
    return [name for name, path in files.items() if name != settings.template and read_template(path).kind == "answer"]


def _worth(full: Observed, other: Observed, seed: int) -> dict[str, Worth]:
    questions = len(full.observations)
    one, two = statistics(full), statistics(other)
    differences = {name: Difference(one[name], two[name]) for name in MEASURES if name in one and name in two}
    bounds = bootstrap.intervals(differences, questions, seed=seed)
    return {
        name: Worth(bootstrap.value(measure, questions), bounds[name].low, bounds[name].high, bounds[name].n)
        for name, measure in differences.items()
    }
