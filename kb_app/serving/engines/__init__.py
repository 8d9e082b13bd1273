"""The engines that serve a model: how each is started, and what it can and cannot do.

A table of data and pure functions from a :class:`Job` to arguments; nothing is run here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.serving.engines.base import Command, Engine, Job
from kb_app.serving.engines.others import OTHERS
from kb_app.serving.engines.vllm import VLLM
from kb_app.serving.fitting import Offer

if TYPE_CHECKING:
    from kb_app.serving.catalogue import Model
    from kb_app.serving.weights import Target

__all__ = ["ENGINES", "Command", "Engine", "Job", "by_hand", "command", "offers"]

ENGINES = {engine.name: engine for engine in (VLLM, *OTHERS)}
_SHRINK = {"int8": 0.6, "int4": 0.4}
"""Share of 16 bit that remains where the catalogue does not tell: scales are added, embeddings stay as they are."""
_BITS = {"fp8": "int8"}


def command(engine: Engine, job: Job, python: str) -> Command:
    """The command that serves a job; flags of the user come last, so they win.

    Args:
        engine: What runs it.
        job: What to serve.
        python: Interpreter of the environment that holds the engine.

    Raises:
        ModelError: The engine cannot do what the job asks for.
    """
    _refuse(engine, job)
    start = (python, "-m", engine.module) if engine.module else (engine.program,)
    fetch = engine.modelscope if job.source == "modelscope" and not job.local else None
    return Command((*start, *engine.flags(job), *job.extra), {**engine.environment(job), **(fetch or {})})


def by_hand(job: Job) -> str:
    """What to do where an engine does not take the chat template that the weights lack."""
    return f"copy {job.template} into their folder as chat_template.jinja and name that with --from DIR"


def offers(engine: Engine, target: Target) -> list[Offer]:
    """Weights of a model that an engine can load, also by converting them while it does."""
    model = target.model
    if target.path:
        main = [Offer(target.kind, memory=model.memory.get(target.kind, 0.0))]
    elif engine.name != "llamacpp" and (model.huggingface or model.modelscope):
        main = [Offer("bf16", model.huggingface, model.modelscope, model.memory.get("bf16", 0.0))]
    else:
        main = []
    published = [
        Offer(variant.kind, variant.huggingface, variant.modelscope, variant.memory)
        for variant in model.variants
        if engine.name in variant.engines and not target.path
    ]
    converted = [
        Offer(kind, one.huggingface, one.modelscope, _converted(model, one.memory, kind), flags, capability)
        for one in main
        if one.kind == "bf16" and one.memory
        for kind, flags, capability in engine.conversions
    ]
    return [*main, *published, *converted]


def _converted(model: Model, memory: float, kind: str) -> float:
    """GiB that remain of weights in 16 bit."""
    size = _BITS.get(kind, kind)
    return model.memory.get(size, memory * _SHRINK[size])


def _refuse(engine: Engine, job: Job) -> None:
    if engine.name != "vllm" and (job.pipeline > 1 or job.data > 1 or job.backend or job.runtime_adapters):
        asked = "adapters while it runs" if job.runtime_adapters else "several machines or copies"
        raise ModelError(f"`kb serve` starts {engine.title} without {asked}; use --engine vllm")
    if len(job.adapters) > engine.adapters:
        takes = f"{engine.adapters} adapter" if engine.adapters else "no adapters"
        raise ModelError(f"{engine.title} takes {takes}, asked for are {len(job.adapters)}; use --engine vllm")
    if job.template and engine.templates is None:
        raise ModelError(
            f"the weights of {job.model.name} bring no chat template, and {engine.title} takes none; {by_hand(job)}"
        )
    if job.local:
        return
    folder = f"download {job.weights} into a folder and name it with --from DIR"
    if not engine.fetches:
        raise ModelError(f"{engine.title} reads weights from a folder only; {folder}")
    if job.source == "modelscope" and engine.modelscope is None:
        raise ModelError(f"{engine.title} does not fetch from ModelScope; {folder}")
