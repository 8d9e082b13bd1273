"""Which families of the catalogue there are to be served, and the table of what ran."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb_app.serving.formats import find_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kb_app.serving.catalogue import Model

BOUNDED = 3
OWN_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
"""What a model brings whose format the catalogue calls its own."""
HEADER = ("family", "prompt format", "architecture", "engine", "result", "weights", "date")
INTRODUCTION = """# Which families of the catalogue answered on which engine

Made by `pytest -m llm_families tests/llm`, without a graphics card: for each architecture a model of a few thousand
random weights is served by `kb serve`, and asked in the prompt format of each of its families. That shows that the
engine runs the architecture and takes the format; what such a model says means nothing.

Weights `checkpoint` were read from a file, as published ones are; `made up` means that the engine was given only a
configuration, since the program that makes the weights comes with the published ones.

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what became of a family on an engine."""

    model: Model
    engine: str
    result: str
    weights: str = ""

    def cells(self) -> list[str]:
        """As in ``HEADER``."""
        model, today = self.model, datetime.datetime.now(datetime.UTC).date().isoformat()
        names = [model.family, model.prompt_format, model.architecture]
        return [*names, self.engine, self.result.replace("|", "/"), self.weights, today]


def write_table(path: Path, rows: Iterable[Row], order: Sequence[Model]) -> None:
    """Write what ran as Markdown, in the order of the catalogue; lines of families that did not run now are kept."""
    lines = _lines(path) | {tuple(row.cells()[:4]): row.cells() for row in rows}
    places: dict[tuple[str, ...], int] = {
        (one.family, one.prompt_format, one.architecture): place for place, one in enumerate(order)
    }
    kept = sorted((key for key in lines if key[:3] in places), key=lambda key: (places[key[:3]], key[3]))
    table = [HEADER, ["---"] * len(HEADER), *(lines[key] for key in kept)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(INTRODUCTION + "".join(f"| {' | '.join(cells)} |\n" for cells in table), "utf-8")


def _lines(path: Path) -> dict[tuple[str, ...], list[str]]:
    """The lines of the table as it stands, by family, format, architecture and engine."""
    text = path.read_text("utf-8") if path.exists() else ""
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {tuple(line[:4]): line for line in cells}


def representatives(catalogue: Mapping[str, Model]) -> list[Model]:
    """The first model of each family, architecture, prompt format and answer to whether vLLM runs it."""
    kinds = {
        (one.family, one.architecture, one.prompt_format, on_vllm(one)): one
        for one in reversed(list(catalogue.values()))
    }
    chosen = {model.name for model in kinds.values() if model.architecture}
    return [model for model in catalogue.values() if model.name in chosen]


def on_vllm(model: Model) -> bool:
    """Whether the catalogue names vLLM among a model's engines."""
    return any(engine.name == "vllm" for engine in model.engines)


def most_formats(models: Iterable[Model]) -> list[str]:
    """The few architectures that most families share and no vLLM has lost, for a short run; ties by name."""
    lasting = [model for model in models if any(one.name == "vllm" and not one.until for one in model.engines)]
    counted = Counter(model.architecture for model in lasting)
    return sorted(counted, key=lambda name: (-counted[name], name))[:BOUNDED]


def template_of(model: Model) -> str:
    """The chat template that an engine must know to ask this model."""
    return find_format(model.prompt_format).template or OWN_TEMPLATE


def why_not_vllm(model: Model, found: Mapping[str, Any], vllm: str) -> str:
    """Why vLLM cannot serve a model here; empty where it can.

    Args:
        model: A model of the catalogue.
        found: What ``tiny_models.py`` tells of its architecture.
        vllm: Its name and version.
    """
    if not on_vllm(model):
        return f"not for it: {why}" if "vLLM" in (why := model.note.partition(";")[0]) else "not for it"
    if found["until"]:
        return f"{vllm} lacks it; it ran until {found['until']}"
    if not found["vllm"]:
        return f"{vllm} lacks it"
    return "" if found["weights"] else f"not tried: {found['error'].removeprefix('LookupError: ')}"
