"""The command that starts a language model: ``kb serve``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kb_app.commands import console, console_serve
from kb_app.commands.invocation import Json
from kb_app.config import Settings
from kb_app.errors import NotFoundError

if TYPE_CHECKING:
    from kb_app.serving.choosing import Choice, Request

Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="模型名、文件夹或 OWNER/NAME · Model, folder or repository")
]
Extra = Annotated[
    list[str] | None, typer.Argument(metavar="[-- FLAGS...]", help="引擎的其他参数 · Flags of the engine")
]
EngineName = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="vllm, transformers, llamacpp, fastllm, lmdeploy, lightllm")
]
Python = Annotated[
    str,
    typer.Option(
        "--python",
        metavar="PATH",
        help="装有引擎的 Python，默认本程序的 · Interpreter that has the engine, by default this one",
    ),
]
Called = Annotated[str, typer.Option("--name", metavar="NAME", help="请求中的模型名 · What requests call it")]
Origin = Annotated[
    str,
    typer.Option("--from", metavar="HUB|DIR", help="huggingface, modelscope 或文件夹 · or the folder of the weights"),
]
Host = Annotated[str, typer.Option(help="监听地址 · Address to listen on")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="端口 · Port")]
Context = Annotated[
    int, typer.Option("--max-model-len", min=0, help="上下文长度；0 自动 · Tokens of context; 0 chooses")
]
Tensor = Annotated[
    int, typer.Option("--tensor-parallel-size", min=0, help="分担每层的显卡数；0 自动 · Cards that share each layer")
]
Pipeline = Annotated[
    int, typer.Option("--pipeline-parallel-size", min=1, help="分担各层的组数 · Groups that share the layers")
]
Data = Annotated[int, typer.Option("--data-parallel-size", min=1, help="模型副本数 · Copies of the model")]
Backend = Annotated[
    str,
    typer.Option("--distributed-executor-backend", metavar="mp|ray", help="多机用 ray · ray joins several machines"),
]
Share = Annotated[
    float, typer.Option("--memory-share", min=0.1, max=1.0, help="显存占用比例 · Share of a card's memory")
]
Precision = Annotated[
    str, typer.Option(metavar="KIND", help="bf16, fp8, int8, int4, awq, gptq, gguf；空为自动 · empty chooses")
]
Cards = Annotated[
    str,
    typer.Option("--gpus", metavar="COUNTxGIB", help="按这些显卡规划 · Plan for these cards, e.g. 2x80 or 2x24@8.9"),
]
Adapters = Annotated[
    list[str] | None,
    typer.Option(
        "--adapter", metavar="NAME=DIR", help="LoRA；无 NAME 则装入运行中的服务 · into the running server without NAME"
    ),
]
Unload = Annotated[list[str] | None, typer.Option("--unload", metavar="NAME", help="卸下 LoRA · Let an adapter go")]
Runtime = Annotated[
    bool, typer.Option("--runtime-adapters", help="运行中可装卸 LoRA · Adapters may come and go while it runs")
]
Print = Annotated[bool, typer.Option("--print", help="只打印命令 · Only print the command")]
Detach = Annotated[bool, typer.Option("--detach", help="在后台运行 · Leave it running in the background")]
Timeout = Annotated[float, typer.Option(min=1, help="等待就绪的秒数 · Seconds to wait until it answers")]
Stop = Annotated[bool, typer.Option("--stop", help="结束它 · End the server")]
Status = Annotated[bool, typer.Option("--status", help="是否在运行 · Whether one runs")]


def serve(
    name: Name = None,
    extra: Extra = None,
    engine: EngineName = "",
    python: Python = "",
    called: Called = "",
    origin: Origin = "huggingface",
    host: Host = "127.0.0.1",
    port: Port = 8000,
    max_model_len: Context = 0,
    tensor_parallel_size: Tensor = 0,
    pipeline_parallel_size: Pipeline = 1,
    data_parallel_size: Data = 1,
    backend: Backend = "",
    memory_share: Share = 0.9,
    precision: Precision = "",
    cards: Cards = "",
    adapter: Adapters = None,
    unload: Unload = None,
    runtime_adapters: Runtime = False,
    only_print: Print = False,
    detach: Detach = False,
    timeout: Timeout = 3600.0,
    stop: Stop = False,
    status: Status = False,
    as_json: Json = False,
) -> None:
    """启动语言模型服务 · Start a language model server that the knowledge base answers with."""
    from kb_app.serving.choosing import Request
    from kb_app.serving.fitting import Wish

    if stop or status or name is None:
        _manage(adapter or [], unload or [], stop=stop, status=status, as_json=as_json)
        return
    asked = Request(
        name=name,
        python=python or sys.executable,
        engine=engine,
        called=called,
        host=host,
        port=port,
        origin=origin,
        wish=Wish(max_model_len, tensor_parallel_size, pipeline_parallel_size, memory_share, precision, _cpu_cache()),
        adapters=tuple(adapter or ()),
        runtime_adapters=runtime_adapters,
        data=data_parallel_size,
        backend=backend,
        extra=tuple(extra or ()),
    )
    _serve(asked, cards, only_print=only_print, detach=detach, timeout=timeout, as_json=as_json)


def _manage(load: list[str], unload: list[str], *, stop: bool, status: bool, as_json: bool) -> None:
    """What is done to a server that runs already."""
    from kb_app.serving import launch, record

    settings = Settings()
    home = settings.home
    kept = record.read(home)
    if kept and not kept.runs:
        record.forget(home, kept)
        kept = None
    if status:
        console_serve.print_status(kept, as_json=as_json)
        if kept is None:
            raise typer.Exit(1)
    elif stop:
        if kept:
            launch.stop(home, kept)
        console.say(f"已结束 ended: {kept.model}" if kept else "没有在运行的服务 · no server runs")
    elif kept is None:
        raise NotFoundError("no server runs that `kb serve` started; start one with `kb serve NAME`")
    elif not (load or unload):
        raise NotFoundError(f"{kept.model} runs at {kept.url}; say what to do: --stop, --status, --adapter or --unload")
    else:
        _change_adapters(kept.url, load, unload, settings.llm_api_key.get_secret_value())


def _change_adapters(url: str, load: list[str], unload: list[str], key: str) -> None:
    from kb_app.serving import adapters

    for name in unload:
        adapters.unload(url, name, key=key)
        console.say(f"已卸下 unloaded: {name}")
    for text in load:
        adapter = adapters.read_adapter(text)
        adapters.load(url, adapter, key=key)
        console.say(f"已装入 loaded: {adapter.name} · {adapter.path}")


def _serve(asked: Request, described: str, *, only_print: bool, detach: bool, timeout: float, as_json: bool) -> None:
    from kb_app.serving import gpu, versions
    from kb_app.serving.catalogue import load_catalogue
    from kb_app.serving.choosing import choose

    if asked.extra and not asked.extra[0].startswith("-"):
        raise typer.BadParameter(f"{asked.extra[0]!r}: flags of the engine begin with - and come behind --")
    cards = gpu.given(described) if described else gpu.gpus()
    settings = Settings()
    choice = choose(asked, load_catalogue(settings.models), cards)
    if only_print:
        # What is installed where the command will run is not known: say which releases run the model.
        releases = versions.releases(versions.support(choice.engine.name, choice.model))
        console_serve.announce(choice, cards, settings, version=releases)
        key = choice.engine.key if settings.llm_api_key.get_secret_value() else ""
        console_serve.print_command(choice, key, as_json=as_json)
        return
    found = versions.installed(choice.engine, asked.python)
    versions.check(choice.engine, found, choice.job, has_card=bool(cards))
    console_serve.announce(choice, cards, settings, version=found.version)
    _run(choice, settings, detach=detach, timeout=timeout)


def _run(choice: Choice, settings: Settings, *, detach: bool, timeout: float) -> None:
    from kb_app.serving import launch

    home = settings.home
    with launch.starting(home):
        server = launch.start(choice, home, key=settings.llm_api_key.get_secret_value())
    with launch.ended_with_us(home, server):
        with console_serve.starting() as tell:
            launch.wait(server, timeout, tell)
        console_serve.say_ready(choice, server.record, settings)
        if detach:
            console.say(f"在后台运行 in the background: {server.record.pid} · 结束用 end it with `kb serve --stop`")
            return
        try:
            console.say("按 Ctrl-C 结束 · press Ctrl-C to end")
            launch.follow(server, home)
        except KeyboardInterrupt:
            launch.stop(home, server.record)
        console.say("已结束 ended")


def _cpu_cache() -> int:
    """GiB of cache that the user has set for vLLM without a card; 0 where that is not set."""
    text = os.environ.get("VLLM_CPU_KVCACHE_SPACE", "")
    return int(text) if text.isdigit() else 0
