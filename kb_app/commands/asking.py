"""The commands that ask: ``kb search``, ``kb ask`` and ``kb chat``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kb_app.commands import console
from kb_app.commands.invocation import Json, Name, conditions, open_base, prompt
from kb_app.errors import IndexMismatchError, KBError, NotFoundError, SettingsError
from kb_app.notices import NO_MODEL

_ENDS = ("", "exit", "quit", "退出", "结束")
_OF_THE_BASE = (IndexMismatchError, NotFoundError, SettingsError)
"""Errors that the next question meets as well."""

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="问题 · What to look for")]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter", "-f", metavar="KEY=VALUE", help="folder=制度, ext=pdf, after=2024-01-01 · Only these documents"
    ),
]
Template = Annotated[str | None, typer.Option(metavar="NAME", help="提示词模板 · Prompt template")]
Samples = Annotated[
    int | None,
    typer.Option(min=1, max=9, help="回答几次，只留多数一致的内容 · Answers of which the shared claims stay"),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="服务上的模型或 LoRA · Model or adapter of the server")
]
Verify = Annotated[bool | None, typer.Option(help="让模型再逐句核对 · Let the model look at each sentence once more")]


def search(
    question: Question,
    kb: Name = "default",
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="条数 · Number of passages")] = 5,
    filters: Filters = None,
    as_json: Json = False,
) -> None:
    """查找相关段落 · Find the passages that fit a question."""
    with open_base(kb) as base:
        passages = base.search(question, k=k, where=conditions(filters or []))
    if as_json:
        console.print_json(passages)
    else:
        console.print_passages(passages)


def ask(
    question: Question,
    kb: Name = "default",
    template: Template = None,
    model: Model = None,
    samples: Samples = None,
    verify: Verify = None,
    as_json: Json = False,
) -> None:
    """回答问题并给出出处 · Answer a question with its sources."""
    with open_base(kb, **_given(llm_model=model, samples=samples, verify=verify)) as base:
        if as_json:
            console.print_json(base.ask(question, template=template))
        else:
            console.print_stream(base.stream(question, template=template))


def chat(
    kb: Name = "default",
    template: Template = None,
    model: Model = None,
    samples: Samples = None,
    verify: Verify = None,
) -> None:
    """在终端里对话 · A conversation in the terminal."""
    history: list[tuple[str, str]] = []
    known = ""
    with open_base(kb, **_given(llm_model=model, samples=samples, verify=verify)) as base:
        console.say("输入问题；空行或“退出”结束 · type a question; an empty line or `exit` ends")
        while (question := prompt()).lower() not in _ENDS:
            try:
                answer = console.print_stream(base.stream(question, history=history, template=template), known=known)
                history.append((question, answer.text))
                known = NO_MODEL if answer.reason == NO_MODEL else ""
            except _OF_THE_BASE:
                raise
            except KBError as error:  # of this question: what was said before is worth keeping
                console.complain(str(error))


def _given(**options: Any) -> dict[str, Any]:
    """The settings that the command line names; the others come from the environment and the file."""
    return {name: value for name, value in options.items() if value is not None}
