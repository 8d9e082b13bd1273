"""How ``kb serve`` tells what it chose, how far it is, and what runs."""

from __future__ import annotations

import shlex
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.text import Text

from kb_app.commands import console
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb_app.config import Settings
    from kb_app.serving.choosing import Choice
    from kb_app.serving.gpu import Gpu
    from kb_app.serving.record import Record

_LOCAL = {"127.0.0.1", "localhost", "::1"}
_TELL_SECONDS = 10.0


def announce(choice: Choice, cards: Sequence[Gpu], settings: Settings, *, version: str = "") -> None:
    """Say what was chosen, and what a person should know about it."""
    plan, job = choice.job.plan, choice.job
    where = f"{plan.tensor * job.pipeline * job.data} x {cards[0].name} {cards[0].memory:.0f} GiB" if cards else "CPU"
    parts = [
        f"{choice.engine.title} {version}".strip(),
        job.weights,
        plan.offer.kind,
        where,
        f"上下文 context {plan.context:,}" if plan.context else "",
        "缓存 cache fp8" if plan.cache == "fp8" else "",
    ]
    console.say(" · ".join(filter(None, parts)))
    if job.host not in _LOCAL and not (choice.engine.key and settings.llm_api_key.get_secret_value()):
        how = "set KB_LLM_API_KEY" if choice.engine.key else "keep it behind a firewall"
        console.say(f"别的机器可不用密钥访问 other machines can ask {job.host} without a key; {how}")


def print_command(choice: Choice, key: str, *, as_json: bool) -> None:
    """Print the command for a shell; as JSON an object with it, its parts, and what was chosen.

    Args:
        choice: What was chosen.
        key: Variable of the engine for the key in ``KB_LLM_API_KEY``; empty where none is set.
        as_json: Whether to print JSON.
    """
    shell = choice.command.as_shell(key=key)
    if not as_json:
        console.out.print(shell, markup=False)
        return
    job = choice.job
    told = {
        "model": job.name,
        "engine": choice.engine.name,
        "weights": job.weights,
        "precision": job.plan.offer.kind,
        "context": job.plan.context,
        "arguments": list(choice.command.arguments),
        "environment": dict(choice.command.environment),
        "key_variable": key,
        "shell": shell,
    }
    console.print_json(told)


def say_ready(choice: Choice, kept: Record, settings: Settings) -> None:
    """Say where it listens, and what a setting must be changed to where it leads elsewhere."""
    console.say(f"就绪 ready: {kept.model} · {kept.url} · 日志 log {kept.log}")
    is_set = "llm_base_url" in settings.model_fields_set  # otherwise what runs here is found
    if is_set and settings.llm_base_url.rstrip("/") != kept.url:
        console.say(f"export KB_LLM_BASE_URL={kept.url}")
    if settings.llm_model not in {"", kept.model} or (is_set and not choice.engine.names):
        console.say(f"export KB_LLM_MODEL={shlex.quote(kept.model)}")


def print_status(kept: Record | None, *, as_json: bool) -> None:
    """Print what runs; as JSON an object with its record and whether it answers, or null."""
    from dataclasses import asdict

    from kb_app.serving import launch

    if as_json:
        console.print_json({**asdict(kept), "ready": launch.is_ready(kept.url)} if kept else None)
    elif kept:
        state = "就绪 ready" if launch.is_ready(kept.url) else "正在启动或无应答 starting, or does not answer"
        rows = [(kept.model, kept.engine, kept.url, kept.pid, state, kept.log)]
        console.table(("模型 model", "引擎 engine", "地址 url", "进程 process", "状态 state", "日志 log"), rows)
    else:
        console.say("没有在运行的服务 · no server runs")


@contextmanager
def starting() -> Iterator[Callable[[str], None]]:
    """Shows the newest line of the server's log: in place on a terminal, elsewhere now and then."""
    if console.err.is_terminal:
        with console.err.status("启动 starting") as shown:
            yield lambda line: shown.update(Text(one_line(line or "启动 starting", 200)))
        return
    told, when = "", time.monotonic()

    def tell(line: str) -> None:
        nonlocal told, when
        if line not in {"", told} and time.monotonic() - when > _TELL_SECONDS:
            told, when = line, time.monotonic()
            console.say(one_line(line, 200))

    yield tell
