"""The commands that measure: ``kb eval``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from kb_app import console
from kb_app.errors import NotFoundError
from kb_app.invocation import scratch_base

Json = Annotated[bool, typer.Option("--json", help="输出 JSON · Print one JSON document")]


def evaluate(
    docs: Annotated[Path, typer.Option(help="文档文件夹 · Folder of documents")],
    questions: Annotated[Path, typer.Option(help="问题文件 · JSON lines: id, question, answers, doc")],
    as_json: Json = False,
) -> None:
    """在带答案的问题上测量检索 · Measure retrieval on questions whose documents are known."""
    from ingest import sync
    from kb_app.evaluation import evaluate as measure
    from kb_app.evaluation import read_questions

    asked = read_questions(questions)
    if not docs.exists():
        raise NotFoundError(f"there is no folder {str(docs)!r}; name the folder of the documents with --docs")
    with scratch_base() as base, console.progress_bar() as show:
        report = sync([docs], base, on_progress=show)
        result = measure(base, asked)
    for source, reason in report.errors.items():
        console.complain(f"{source}: {reason}")
    if as_json:
        console.print_json(result)
    else:
        console.print_evaluation(result)
    if report.failed:
        raise typer.Exit(1)
