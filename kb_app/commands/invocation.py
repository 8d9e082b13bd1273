"""What every command of ``kb`` does around its one call: open, read options, turn an error into one line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb_app.commands import console
from kb_app.config import Settings
from kb_app.errors import KBError, NotFoundError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from kb_app.knowledge_base import KnowledgeBase

Name = Annotated[str, typer.Option("--kb", metavar="NAME", help="知识库名称 · Knowledge base")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON · Print one JSON document")]

_INTERRUPTED = 130


def open_base(name: str, *, create: bool = False, **settings: Any) -> KnowledgeBase:
    """Open a knowledge base by the settings in force, and those given."""
    from kb_app.knowledge_base import KnowledgeBase

    return KnowledgeBase.open(name, Settings(**settings), create=create)


def open_to_ingest(name: str, *, create: bool, password: str = "") -> AbstractContextManager[KnowledgeBase]:
    """Open a knowledge base; where there is none and none is made, an empty one that is gone afterwards stands in."""
    try:
        return open_base(name, create=create, **({"pdf_password": password} if password else {}))
    except NotFoundError:
        return scratch_base()


@contextmanager
def scratch_base() -> Iterator[KnowledgeBase]:
    """An empty knowledge base that is gone afterwards."""
    from kb_app.connection import address
    from kb_app.knowledge_base import KnowledgeBase

    with TemporaryDirectory(prefix="kb-") as home:
        server = address(Settings())  # of the user's own home, where `kb serve` has written it
        settings = Settings(
            home=Path(home), database_url="", chroma_url="", llm_base_url=server.url, llm_model=server.model
        )
        with KnowledgeBase.open("scratch", settings) as base:
            yield base


def conditions(filters: Sequence[str]) -> dict[str, str]:
    """The filters that were written as ``KEY=VALUE``.

    Raises:
        QuestionError: One is not.
    """
    pairs = [item.partition("=") for item in filters]
    for key, equals, value in pairs:
        if not equals or not value:
            raise QuestionError(f"filter {key!r} is not KEY=VALUE; write for example -f folder=制度")
    return {key: value for key, _, value in pairs}


def prompt() -> str:
    """The next line that a person types, empty at the end; standard output is left to what is printed there."""
    try:
        return input("> " if sys.stdin.isatty() and sys.stdout.isatty() else "").strip()
    except EOFError:
        return ""


def confirmed(question: str) -> bool:
    """Ask a question that is answered by yes or no; no answer is a no."""
    console.say(f"{question} [y/N]")
    return prompt().lower() in {"y", "yes", "是"}


def run(command: Callable[[], object]) -> None:
    """Run the command line; an error that a user can cause is one line and exit status 1."""
    debug = "--debug" in sys.argv
    sys.argv[:] = [argument for argument in sys.argv if argument != "--debug"]
    try:
        command()
    except KBError as error:
        if debug:
            raise
        console.complain(str(error))
        sys.exit(1)
    except SystemExit as ended:  # Typer turns Ctrl-C into this status and says nothing
        if ended.code == _INTERRUPTED:
            console.say(
                "已停止，已写入的都保留，其余下次接着做 · stopped; what is written stays, the next run does the rest"
            )
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if debug:
            raise
        console.complain(f"{error}; free disk space or check permissions, then run again")
        sys.exit(1)
