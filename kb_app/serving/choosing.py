"""From what a user asks for to the command that serves it: engine, weights, plan, flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.serving.adapters import read_adapter
from kb_app.serving.engines import ENGINES, Command, Engine, Job, command, offers
from kb_app.serving.fitting import Plan, Wish, fit
from kb_app.serving.formats import find_format
from kb_app.serving.versions import able, support
from kb_app.serving.weights import Target, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb_app.serving.catalogue import Model
    from kb_app.serving.engines.base import Source
    from kb_app.serving.gpu import Gpu

_HUBS: dict[str, Source] = {"huggingface": "huggingface", "modelscope": "modelscope"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for.

    Attributes:
        name: Name of the catalogue, folder, or repository.
        engine: Name of an engine; empty takes the first that runs the model.
        python: Interpreter of the environment that holds the engine.
        called: What requests call the model; empty takes its own name.
        host: Address to listen on.
        port: Port to listen on.
        origin: ``huggingface``, ``modelscope``, or the folder where the weights lie.
        wish: What is decided about loading.
        adapters: Adapters as ``NAME=DIR``.
        runtime_adapters: Whether adapters may come and go while it runs.
        data: Copies of the model.
        backend: ``mp``, ``ray``, or empty.
        extra: Further flags for the engine.
    """

    name: str
    python: str
    engine: str = ""
    called: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    origin: str = "huggingface"
    wish: Wish = field(default_factory=Wish)
    adapters: tuple[str, ...] = ()
    runtime_adapters: bool = False
    data: int = 1
    backend: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: the engine, the model, how it is loaded, and the command."""

    engine: Engine
    model: Model
    job: Job
    command: Command


def choose(request: Request, catalogue: Mapping[str, Model], cards: Sequence[Gpu]) -> Choice:
    """Choose how to serve a model.

    Args:
        request: What is asked for.
        catalogue: Known models by name.
        cards: Graphics cards to plan for; none plans for main memory.

    Raises:
        NotFoundError: The name means nothing.
        ModelError: No engine runs it, it does not fit, or the engine cannot do what is asked.
    """
    folder = "" if request.origin in _HUBS else request.origin
    target = resolve(request.name, catalogue, folder=folder)
    engine = _engine(request.engine, target.model)
    if request.adapters and target.model.name in catalogue and not target.model.lora:
        raise ModelError(f"{target.model.name} takes no adapters while it is served; leave out --adapter")
    share = _share(cards, request)
    plan = fit(target.model, offers(engine, target), share, request.wish, heads=target.heads)
    job = _job(request, target, plan, engine)
    return Choice(engine, target.model, job, command(engine, job, request.python))


def _engine(wanted: str, model: Model) -> Engine:
    if not wanted:
        wanted = next((one.name for one in able(model)), "")
    if not wanted:
        raise ModelError(
            f"no engine is known that serves {model.name} here; set KB_LLM_BASE_URL to a server that has it"
        )
    if wanted not in ENGINES:
        raise ModelError(f"engine {wanted!r} is unknown; choose one of {', '.join(ENGINES)}")
    support(wanted, model)
    return ENGINES[wanted]


def _share(cards: Sequence[Gpu], request: Request) -> Sequence[Gpu]:
    """Cards of one copy and one group of layers; over several machines each has what this one has."""
    parts = 1 if request.backend == "ray" else request.data * request.wish.pipeline
    needed = parts * (request.wish.tensor or 1)
    if (cards or parts > 1) and request.backend != "ray" and needed > len(cards):
        raise ModelError(f"{needed} cards are asked for, here are {len(cards)}; ask for fewer, or for several machines")
    return cards[: len(cards) // parts]


def _job(request: Request, target: Target, plan: Plan, engine: Engine) -> Job:
    source = _HUBS.get(request.origin, "huggingface")
    weights = str(target.path) if target.path else getattr(plan.offer, source)
    if not weights:
        raise ModelError(f"{target.model.name} is not published on {source}; choose another --from")
    return Job(
        target.model,
        weights,
        plan,
        request.called or target.model.name if engine.names else weights,
        request.host,
        request.port,
        local=target.path is not None,
        source=source,
        template=None if target.has_template else find_format(target.model.prompt_format).path,
        adapters=tuple(map(read_adapter, request.adapters)),
        runtime_adapters=request.runtime_adapters,
        pipeline=request.wish.pipeline,
        data=request.data,
        backend=request.backend,
        extra=request.extra,
    )
