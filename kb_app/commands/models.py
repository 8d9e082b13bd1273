"""The command ``kb models``: which language models there are, what each needs, and which fit a card."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from kb_app.commands import console
from kb_app.commands.invocation import Json
from kb_app.config import Settings
from kb_app.errors import NotFoundError
from kb_app.serving.catalogue import Engine, find_model, fits, load_catalogue, needed
from kb_app.serving.formats import FORMATS
from kb_app.serving.gpu import gpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb_app.serving.catalogue import EngineSupport, Model
    from kb_app.serving.gpu import Gpu

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[show NAME]", help="某个模型的详情 · All about one model", show_default=False),
]
Memory = Annotated[
    float | None,
    typer.Option(metavar="GIB", min=1, help="只列这么大显存放得下的 · Only what fits a card of this size"),
]
Family = Annotated[str | None, typer.Option(metavar="NAME", help="只列这一系列 · Only this family")]

_TITLES = {
    "vllm": "vLLM",
    "transformers": "transformers",
    "llamacpp": "llama.cpp",
    "fastllm": "fastllm",
    "lmdeploy": "LMDeploy",
    "lightllm": "LightLLM",
}
_THINKING = {"none": "否 no", "always": "总是 always", "switch": "可开关 switch"}
_BEGIN = {
    "template": "模板写开始符 the template writes the beginning of a sequence",
    "tokenizer": "分词器加开始符 the tokenizer adds the beginning of a sequence (add_special_tokens)",
    "none": "没有开始符 no beginning of a sequence",
}
_SERVICE = "KB_LLM_BASE_URL, KB_LLM_MODEL, KB_LLM_API_KEY"


def models(words: Words = None, memory: Memory = None, family: Family = None, as_json: Json = False) -> None:
    """列出大语言模型与所需显存 · List the language models and what each needs; `show NAME` tells all about one."""
    catalogue = load_catalogue(Settings().models)
    name = _named(words or [])
    cards = gpus() if memory is None else []
    gib = memory or max((card.memory for card in cards), default=0.0)
    if name is not None:
        _show(find_model(name, catalogue), gib, as_json=as_json)
        return
    chosen = _of_family(list(catalogue.values()), family)
    if memory is not None:
        chosen = [model for model in chosen if fits(model, memory)]
    if as_json:
        console.print_json([_plain(model, gib) for model in chosen])
    else:
        _list(chosen, gib, cards)


def _named(words: list[str]) -> str | None:
    """The model that is asked for: ``show NAME``, or the name alone."""
    if not words:
        return None
    if len(words) == 2 and words[0] == "show":
        return words[1]
    if len(words) == 1 and words[0] != "show":
        return words[0]
    raise typer.BadParameter(f"{' '.join(words)!r} is not understood; write `kb models` or `kb models show NAME`")


def _of_family(found: list[Model], family: str | None) -> list[Model]:
    if family is None:
        return found
    wanted = family.strip().lower()
    if chosen := [model for model in found if model.family.lower() == wanted]:
        return chosen
    known = ", ".join(dict.fromkeys(model.family for model in found if model.family))
    raise NotFoundError(f"family {family!r} is not in the catalogue; known are {known}")


def _plain(model: Model, gib: float) -> dict[str, Any]:
    """All that is known of a model, and what fits a card."""
    kind = fits(model, gib)
    return asdict(model) | {"fits": kind, "needed": {each: round(needed(model, each), 1) for each in model.memory}}


def _list(chosen: list[Model], gib: float, cards: list[Gpu]) -> None:
    columns = (
        "模型 model",
        "系列 family",
        "参数 B",
        "上下文 context",
        "思考 thinking",
        "权重 GiB bf16/int8/int4",
        "适合 fits",
    )
    console.table(columns, [_row(model, gib) for model in chosen])
    if gib:
        where = " + ".join(f"{card.name} {card.memory:.0f} GiB" for card in cards) or f"{gib:g} GiB"
        console.say(
            f"显存 card: {where} · 适合 fits: 权重、引擎与 8,192 个词元的缓存 weights, engine, 8,192 tokens of cache"
        )
    else:
        console.say(
            "没有 NVIDIA 显卡；用 --memory GIB 看多大显存放得下什么 · no NVIDIA card; --memory GIB shows what fits"
        )
    if len(cards) > 1:
        console.say(
            "适合指一张卡；kb serve 会把大模型分到多张卡上 · fits means one card; `kb serve` spreads a larger model"
        )
    console.say("详情 details: kb models show NAME · 启动 start: kb serve NAME")


def _row(model: Model, gib: float) -> tuple[str, ...]:
    return (
        model.name,
        model.family,
        f"{model.parameters:g}" if model.parameters else "",
        _context(model),
        _THINKING[model.thinking],
        " / ".join(f"{model.memory[kind]:g}" if kind in model.memory else "-" for kind in ("bf16", "int8", "int4"))
        if model.memory
        else "",
        fits(model, gib),
    )


def _context(model: Model) -> str:
    return f"{model.context:,}" if model.context else ""


def _show(model: Model, gib: float, *, as_json: bool) -> None:
    if as_json:
        console.print_json(_plain(model, gib))
        return
    rows = [*_weights(model), *_needs(model, gib), *_talks(model), *_engines(model), ("启动 start", _start(model))]
    console.table(("模型 model", model.name), [row for row in rows if row[1]])


def _weights(model: Model) -> Iterable[tuple[str, str]]:
    yield "系列 family", model.family
    yield "Hugging Face", model.huggingface
    yield "ModelScope", model.modelscope
    yield "许可 licence", model.licence
    yield "架构 architecture", model.architecture
    for variant in model.variants:
        size = f"{variant.memory:g} GiB · {', '.join(_TITLES[engine] for engine in variant.engines)}"
        yield f"版本 {variant.kind}", f"{variant.huggingface or variant.modelscope} · {size}"


def _needs(model: Model, gib: float) -> Iterable[tuple[str, str]]:
    yield "参数 parameters", f"{model.parameters:g} B" if model.parameters else ""
    yield "上下文 context", f"{_context(model)} tokens" if model.context else ""
    yield "权重 weights", ", ".join(f"{kind} {size:g} GiB" for kind, size in model.memory.items())
    yield "连同缓存 with cache", ", ".join(f"{kind} {needed(model, kind):.1f} GiB" for kind in model.memory)
    yield "缓存 cache", f"{model.kv_bytes * 1000 / 2**20:.0f} MiB / 1,000 tokens" if model.kv_bytes else ""
    yield f"适合 fits {gib:g} GiB", (fits(model, gib) or "放不下 nothing fits") if gib and model.memory else ""
    yield "适配器 LoRA", "可以 yes" if model.lora else ""


def _talks(model: Model) -> Iterable[tuple[str, str]]:
    chosen = FORMATS[model.prompt_format]
    yield "提示格式 prompt format", f"{chosen.name} · {chosen.source}" if model.huggingface else ""
    yield "", chosen.note
    yield "序列开始 begin", "" if chosen.shipped else _BEGIN[chosen.begin]
    yield "停止 stop", " ".join(map(repr, model.stop))
    yield "采样 sampling", ", ".join(f"{name} {value:g}" for name, value in model.sampling.items())
    yield "思考 thinking", _THINKING[model.thinking]
    for state, label in (("on", "开 on"), ("off", "关 off")):
        switch = model.thinking_switch.get(state)
        yield label, f"chat_template_kwargs {json.dumps(switch)}" if switch else ""
    parser = f"kb serve {model.name} -- --enable-auto-tool-choice --tool-call-parser {model.tool_parser}"
    yield "供别的程序调用工具 tools", parser if model.tool_parser else ""
    yield "说明 note", model.note


def _engines(model: Model) -> Iterable[tuple[str, str]]:
    """Each engine: from and up to which version it runs the model, or why it does not."""
    known = {support.name: support for support in model.engines}
    reason = f"({model.architecture})" if model.architecture else ""
    for engine in get_args(Engine):
        if engine in known:
            yield f"✓ {_TITLES[engine]}", _versions(known[engine])
        elif model.huggingface:
            yield f"✗ {_TITLES[engine]}", f"不在其支持之列 not among the models it runs {reason}".rstrip()


def _versions(support: EngineSupport) -> str:
    since = f"自 from {support.since}" if support.since else ""
    until = f"到 up to {support.until}" if support.until else ""
    return " · ".join(part for part in (since, until, support.note) if part) or "可以 yes"


def _start(model: Model) -> str:
    if model.engines:
        return f"kb serve {model.name}"
    if model.huggingface:
        return f"用 rwkv 等程序自行启动，再设 serve it with a program of its own, then set {_SERVICE}"
    return f"不用启动，设置 nothing to start, set {_SERVICE}"
