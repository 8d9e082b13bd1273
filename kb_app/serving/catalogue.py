"""The catalogue of language models: what each is, what it needs, and which engine runs it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from kb_app.errors import NotFoundError, SettingsError
from kb_app.serving.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

CATALOGUE = Path(__file__).with_name("models.toml")
OVERHEAD = 1.5
"""GiB that an engine needs beside weights and cache: its kernels, activations and the driver."""
USABLE = 0.9
"""Share of a card's memory that an engine may take: the rest is the screen's and other programs'."""
CONVERSATION = 8192
"""Tokens of context that a model must have room for: six passages, a conversation and an answer."""

Engine = Literal["vllm", "transformers", "llamacpp", "fastllm", "lmdeploy", "lightllm"]
Kind = Literal["bf16", "fp8", "int8", "int4", "awq", "gptq", "gguf"]
Thinking = Literal["none", "always", "switch"]

_PRECISIONS = ("bf16", "int8", "int4")
_GIB = 2**30
_CONFIG = ConfigDict(extra="forbid")
_NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EngineSupport:
    """An engine that runs a model.

    Attributes:
        name: The engine.
        since: First version that runs it; empty is unknown or always.
        until: Last version that runs it, inclusive by release prefix: ``0.22`` stands for every 0.22.x too.
        note: What is different from the usual.
    """

    name: Engine
    since: str = ""
    until: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """The same model as other published weights.

    Attributes:
        kind: Number format of the weights.
        huggingface: Repository on Hugging Face; empty where there is none.
        modelscope: Repository on ModelScope; empty where there is none or it is not known.
        memory: GiB of the weights.
        engines: Names of the engines that read it.
    """

    kind: Kind
    huggingface: str = ""
    modelscope: str = ""
    memory: float = 0.0
    engines: tuple[Engine, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One language model. What is empty or 0 is not known: its model card tells.

    Attributes:
        name: What ``kb models show`` and ``kb serve`` are given.
        family: Models of one make share prompt format and engines.
        parameters: Billions of them; 0 for a service.
        huggingface: Repository on Hugging Face, or a folder; empty where the weights are not published there.
        modelscope: Repository on ModelScope.
        licence: As the model card names it.
        architecture: Value of ``architectures`` in its config.json.
        context: Tokens that it can take, question and answer together; 0 for none (recurrent) or unknown.
        prompt_format: Name of a format of :mod:`kb_app.serving.formats`.
        stop: Texts behind which its answer has ended, beside its end-of-sequence token.
        sampling: What its makers publish: temperature, top_p, top_k, repetition_penalty.
        thinking: Whether it thinks aloud before it answers.
        thinking_switch: ``chat_template_kwargs`` for ``on`` and ``off``.
        reasoning_parser: vLLM's ``--reasoning-parser``.
        tool_parser: vLLM's ``--tool-call-parser``, for other programs that ask the same server; ``kb serve`` sets none.
        memory: GiB of the weights by precision; computed from the parameters where an entry does not say.
        kv_bytes: Bytes of cache for each token of context in 16 bit; 0 for recurrent or unknown.
        variants: Other published weights.
        engines: Engines that run it, the preferred first.
        lora: Whether adapters can be put onto it while it is served.
        note: What else a person should know before choosing it.
    """

    name: str
    family: str = ""
    parameters: float = 0.0
    huggingface: str = ""
    modelscope: str = ""
    licence: str = ""
    architecture: str = ""
    context: int = 0
    prompt_format: str = "own"
    stop: tuple[str, ...] = ()
    sampling: dict[str, float] = field(default_factory=dict)
    thinking: Thinking = "none"
    thinking_switch: dict[str, Any] = field(default_factory=dict)
    reasoning_parser: str = ""
    tool_parser: str = ""
    memory: dict[str, float] = field(default_factory=dict)
    kv_bytes: int = 0
    variants: tuple[Variant, ...] = ()
    engines: tuple[EngineSupport, ...] = ()
    lora: bool = False
    note: str = ""


for _entry in (EngineSupport, Variant, Model):
    setattr(_entry, "__pydantic_config__", _CONFIG)  # noqa: B010 - so that pydantic refuses unknown fields


def load_catalogue(extra: Mapping[str, Mapping[str, Any]] = _NOTHING) -> dict[str, Model]:
    """All models by name: those that come with the program, then those a user added.

    An added entry whose name is known changes the fields that it has; one with a known ``family`` takes what it does
    not say from that family.

    Args:
        extra: ``[models.NAME]`` of kb.toml.

    Raises:
        SettingsError: An entry has an unknown field or a value that cannot be used.
    """
    families, entries = _shipped()
    known = {name.lower(): name for name in entries}
    merged = {name: dict(entry) for name, entry in entries.items()}
    for name, entry in extra.items():
        full_name = known.get(name.lower(), name)
        merged[full_name] = {**merged.get(full_name, {}), **entry}
    return {
        name: _verified(name, {**families.get(str(entry.get("family")), {}), **entry}) for name, entry in merged.items()
    }


def find_model(name: str, catalogue: Mapping[str, Model]) -> Model:
    """The model of that name, in whichever case.

    Raises:
        NotFoundError: There is none.
    """
    by_name = {known.lower(): model for known, model in catalogue.items()}
    if found := by_name.get(name.strip().lower()):
        return found
    near = [by_name[close].name for close in get_close_matches(name.strip().lower(), by_name, n=3, cutoff=0.5)]
    hint = f"perhaps {', '.join(near)}; " if near else ""
    raise NotFoundError(f"model {name!r} is not in the catalogue; {hint}`kb models` lists all")


def fits(model: Model, gib: float) -> str:
    """The most exact precision whose weights fit a card with room for a conversation.

    weights + 1.5 GiB for the engine + cache of 8,192 tokens (fewer where the model takes fewer) must stay within
    90 % of the memory.

    Args:
        model: A model of the catalogue.
        gib: Memory of the card in GiB.

    Returns:
        ``bf16``, ``int8`` or ``int4``; empty where nothing fits or the model has no weights.
    """
    return next((kind for kind in _PRECISIONS if kind in model.memory and needed(model, kind) <= USABLE * gib), "")


def needed(model: Model, kind: str) -> float:
    """GiB that a model takes in a precision: weights, engine, and cache of a conversation."""
    tokens = min(model.context or CONVERSATION, CONVERSATION)
    return model.memory[kind] + OVERHEAD + tokens * model.kv_bytes / _GIB


@cache
def _shipped() -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Fields that a family shares, and the entries, as they are written in the file."""
    written = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return written["families"], written["models"]


def _verified(name: str, entry: Mapping[str, Any]) -> Model:
    try:
        model = _reader().validate_python({**_defaults(entry), **entry, "name": name})
    except ValidationError as error:
        raise SettingsError(_explain(name, error)) from error
    for what, problem in _problems(model):
        raise SettingsError(f"model {name!r}, field {what}: {problem}")
    return model


@cache
def _reader() -> TypeAdapter[Model]:
    """Reads an entry; made when the first is, since every command of ``kb`` imports this module."""
    return TypeAdapter(Model)


def _defaults(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the rest of an entry: weights from the parameters, stops from the prompt format."""
    chosen = FORMATS.get(str(entry.get("prompt_format", "")))
    return {"memory": _weights(entry.get("parameters")), "stop": chosen.stop if chosen else ()}


def _weights(parameters: object) -> dict[str, float]:
    """GiB of weights by precision: 2, 1.1 and 0.65 bytes a parameter.

    Quantized weights carry scales, and embeddings stay in 16 bit: hence more than 1 and 0.5.
    """
    if not isinstance(parameters, (int, float)) or parameters <= 0:
        return {}
    bytes_each = zip(_PRECISIONS, (2.0, 1.1, 0.65), strict=True)
    return {kind: round(parameters * 1e9 * each / _GIB, 1) for kind, each in bytes_each}


def _problems(model: Model) -> list[tuple[str, str]]:
    """What the types of the fields cannot tell: which field, and what is wrong."""
    found: list[tuple[str, str]] = []
    if model.prompt_format not in FORMATS:
        found.append(("prompt_format", f"{model.prompt_format!r} is unknown; write one of {', '.join(FORMATS)}"))
    if unknown := sorted(set(model.memory) - set(_PRECISIONS)):
        found.append(("memory", f"{unknown[0]!r} is no precision; write {', '.join(_PRECISIONS)}"))
    if model.thinking == "switch" and set(model.thinking_switch) != {"on", "off"}:
        found.append(("thinking_switch", "a model that can be switched needs `on` and `off`; write both"))
    if min(model.parameters, model.context, model.kv_bytes, *model.memory.values(), 0) < 0:
        found.append(("parameters, context, kv_bytes or memory", "a size is below 0; write 0 where it is unknown"))
    return found


def _explain(name: str, error: ValidationError) -> str:
    """The first thing wrong with an entry, on one line."""
    problem = error.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    if problem["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = Model.__slots__
        near = get_close_matches(where, known, n=1)
        advice = f"write {near[0]}" if near else f"known are {', '.join(known)}"
        return f"model {name!r}, field {where}: there is no such field; {advice}"
    return f"model {name!r}, field {where} is {problem['input']!r}: {problem['msg']}; correct it"
