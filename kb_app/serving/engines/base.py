"""What an engine is, and the job that it is given."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - a field's type is part of what a reader looks up
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb_app.serving.adapters import Adapter
    from kb_app.serving.catalogue import Model
    from kb_app.serving.fitting import Plan

Source = Literal["huggingface", "modelscope"]


@dataclass(frozen=True, slots=True)
class Job:
    """A model to be served, with all that was decided about it.

    Attributes:
        model: What the catalogue or its files tell.
        weights: Folder, GGUF file or repository.
        plan: How it is loaded.
        name: What requests call it.
        host: Address to listen on.
        port: Port to listen on.
        local: Whether ``weights`` lie on this machine.
        source: Hub of a repository.
        template: Chat template, where the weights bring none.
        adapters: Adapters to load with it.
        runtime_adapters: Whether adapters may come and go while it runs.
        pipeline: Groups of cards, or machines, that share the layers.
        data: Copies of the model that share the questions.
        backend: What joins several cards or machines: ``mp``, ``ray``, or empty for the engine's choice.
        extra: Further flags, as the user wrote them.
    """

    model: Model
    weights: str
    plan: Plan
    name: str
    host: str = "127.0.0.1"
    port: int = 8000
    local: bool = False
    source: Source = "huggingface"
    template: Path | None = None
    adapters: tuple[Adapter, ...] = ()
    runtime_adapters: bool = False
    pipeline: int = 1
    data: int = 1
    backend: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: arguments, and what is added to the environment."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def as_shell(self, *, key: str = "") -> str:
        """The same for a person to copy into a shell.

        Args:
            key: Variable of the engine for the key that is in ``KB_LLM_API_KEY``; the key itself is not shown.
        """
        settings = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*settings, *([f'{key}="$KB_LLM_API_KEY"'] if key else []), shlex.join(self.arguments)])


def offline(job: Job) -> dict[str, str]:
    """Weights that lie here need nothing from elsewhere."""
    return {"HF_HUB_OFFLINE": "1"} if job.local else {}


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that serves models.

    Attributes:
        name: As ``--engine`` takes it.
        title: As its makers write it.
        install: Command that brings it.
        flags: Arguments for a job, behind the program and before the user's own.
        module: Python module that is run; empty where it is a program.
        program: Executable, where it is one.
        since: First release with a server that is started so; empty where that is not a question.
        packages: Names under which Python knows it, the build for processors among them.
        cpu: Package that runs without a graphics card, or ``any``; empty where none does.
        environment: What it is told besides arguments.
        modelscope: Environment that lets it fetch from ModelScope; None where it cannot.
        fetches: Whether it fetches from Hugging Face; otherwise it wants a folder.
        conversions: Ways to convert 16-bit weights while they are loaded: kind, flags, compute capability needed.
        adapters: Adapters that it can be started with.
        key: Variable that holds the key it asks for; never an argument, which every user of the machine can read.
        templates: First release that takes a chat template for weights that bring none; empty where any does, None
            where it takes none.
        names: Whether requests may call the model otherwise than its weights are called.
    """

    name: str
    title: str
    install: str
    flags: Callable[[Job], list[str]]
    module: str = ""
    program: str = ""
    since: str = ""
    packages: tuple[str, ...] = ()
    cpu: str = "any"
    environment: Callable[[Job], dict[str, str]] = offline
    modelscope: Mapping[str, str] | None = None
    fetches: bool = True
    conversions: tuple[tuple[str, tuple[str, ...], float], ...] = ()
    adapters: int = 0
    key: str = ""
    templates: str | None = ""
    names: bool = True


def value(flag: str, what: object) -> list[str]:
    """A flag with its value, or nothing where there is none."""
    return [flag, str(what)] if what else []


def sampling(job: Job, names: Mapping[str, str]) -> list[str]:
    """What the model's makers advise, as the flags of an engine that takes each by itself."""
    advised = job.model.sampling
    return [part for key, flag in names.items() if key in advised for part in (flag, f"{advised[key]:g}")]
