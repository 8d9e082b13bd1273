"""Whether an engine is installed, in which version, and whether that version runs a model."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.errors import ModelError, NotFoundError
from kb_app.serving.engines import ENGINES, by_hand

if TYPE_CHECKING:
    from kb_app.serving.catalogue import EngineSupport, Model
    from kb_app.serving.engines import Engine, Job

_SECONDS = 60
_ASK = """
import sys
from importlib import metadata
for name in sys.argv[1:]:
    try:
        print(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        pass
"""
_BUILD = re.compile(r"version: *b?(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Installed:
    """An engine that is installed: the package that brings it (empty for a program), and its version."""

    package: str
    version: str


def installed(engine: Engine, python: str) -> Installed:
    """The engine in the environment of an interpreter, or on the path.

    Raises:
        ModelError: It is not installed.
        NotFoundError: There is no such interpreter.
    """
    found = _package(engine, python) if engine.module else _program(engine)
    if found is None:
        where = f"in the environment of {python}" if engine.module else "on the path"
        hint = ", or name the environment that holds it with --python" if engine.module else ""
        raise ModelError(f"{engine.title} is not installed {where}; run {engine.install}{hint}")
    return found


def able(model: Model) -> list[EngineSupport]:
    """The engines that serve a model, the preferred first.

    A release that runs a model may be older than the first one with a server.
    """
    return [
        known
        for known in model.engines
        if (engine := ENGINES.get(known.name)) and within(engine.since or known.until, until=known.until)
    ]


def support(engine: str, model: Model) -> EngineSupport:
    """What the catalogue says about an engine and a model.

    Raises:
        ModelError: The engine does not serve it; the message says which can.
    """
    found = next((one for one in able(model) if one.name == engine), None)
    if found is None:
        raise ModelError(f"{engine} does not serve {model.name}; {_those_that_can(model)}")
    return found


def check(engine: Engine, found: Installed, job: Job, *, has_card: bool) -> None:
    """Refuse a version that does not run a job, or a build that does not run on this machine.

    Raises:
        ModelError: It does not; the message says which can.
    """
    model = job.model
    known = support(engine.name, model)
    if not within(found.version, since=engine.since):
        raise ModelError(f"{engine.title} {found.version} has no such server yet, only from {engine.since}; upgrade it")
    if not within(found.version, since=known.since, until=known.until):
        raise ModelError(
            f"{engine.title} {found.version} does not run {model.name}, only {releases(known)}; "
            f"install such a version or {_those_that_can(model)}"
        )
    if job.template and not within(found.version, since=engine.templates or ""):
        raise ModelError(
            f"the weights of {model.name} bring no chat template, and {engine.title} {found.version} takes none, only "
            f"from {engine.templates}; upgrade it, or {by_hand(job)}"
        )
    needs_card = engine.cpu not in {"any", found.package} and "cpu" not in found.version
    if needs_card and not has_card:
        other = f"install {engine.cpu}" if engine.cpu else "use --engine llamacpp or fastllm"
        raise ModelError(f"{engine.title} {found.version} needs an NVIDIA card, and this machine has none; {other}")


def within(version: str, *, since: str = "", until: str = "") -> bool:
    """Whether a version lies in a range; ``until`` stands for every version that begins with it."""
    this, first, last = _numbers(version), _numbers(since), _numbers(until)
    return this >= first and (not last or this[: len(last)] <= last)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a release, without what marks a build or a candidate."""
    release = re.match(r"[bv]?(\d+(?:\.\d+)*)", version)
    return tuple(map(int, release.group(1).split("."))) if release else ()


def releases(known: EngineSupport) -> str:
    """Which releases of an engine run a model; empty where the catalogue knows no bound."""
    parts = (f"from {known.since}" if known.since else "", f"up to {known.until}" if known.until else "")
    return " ".join(filter(None, parts))


def _those_that_can(model: Model) -> str:
    listed = [f"{one.name} {releases(one)}".strip() for one in able(model)]
    return f"choose with --engine one that can: {', '.join(listed)}" if listed else "no engine is known that does"


def _package(engine: Engine, python: str) -> Installed | None:
    try:
        asked = subprocess.run(  # noqa: S603 - arguments, no shell
            [python, "-c", _ASK, *engine.packages], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotFoundError(f"{python!r} is no Python that can be run ({error}); correct --python") from error
    package, _, version = next(iter(asked.stdout.splitlines()), "").partition(" ")
    return Installed(package, version) if version else None


def _program(engine: Engine) -> Installed | None:
    path = shutil.which(engine.program)
    if path is None:
        return None
    try:
        asked = subprocess.run(  # noqa: S603 - arguments, no shell
            [path, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ModelError(f"{path} does not run ({error}); install it again: {engine.install}") from error
    told = _BUILD.search(asked.stdout + asked.stderr)
    return Installed("", told.group(1) if told else "")
