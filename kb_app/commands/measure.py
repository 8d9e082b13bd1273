"""The commands that measure: ``kb eval`` and ``kb calibrate``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb_app.commands import console, console_measure
from kb_app.commands.invocation import Json, Name, open_base, scratch_base
from kb_app.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app.evaluation import Ablation, LabelledQuestion, Observed
    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.parts import Parts

Docs = Annotated[Path, typer.Option(help="文档文件夹 · Folder of documents")]


def evaluate(
    docs: Docs,
    questions: Annotated[Path, typer.Option(help="问题文件 · JSON lines: id, question, answers, doc")],
    unanswerable: Annotated[Path | None, typer.Option(help="应当拒答的问题 · Further questions, to be refused")] = None,
    answers: Annotated[bool, typer.Option(help="也测量回答与引用 · Measure answers and citations too")] = True,
    ablate: Annotated[bool, typer.Option("--ablate", help="逐项关闭，测其作用 · What each part is worth")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="每个文件只取前 N 题 · First N of each file")] = None,
    seed: Annotated[int, typer.Option(min=0, help="区间抽样的种子 · Seed of the intervals")] = 0,
    as_json: Json = False,
) -> None:
    """在带答案的问题上测量检索、拒答、回答与引用 · Measure on questions whose answers are known."""
    from kb_app.evaluation import observe, summarise

    asked = _questions(questions, unanswerable, limit)
    if not docs.exists():
        raise NotFoundError(f"there is no folder {str(docs)!r}; name the folder of the documents with --docs")
    with scratch_base() as base:
        failed = _fill(base, docs)
        with console_measure.counter("提问 questions") as show:
            observed = observe(base, asked, answers=answers, on_progress=show)
        result = summarise(observed, seed=seed)
        if ablate:
            result = replace(result, ablation=_ablation(base, docs, asked, observed, seed))
    if as_json:
        console.print_json(result)
    else:
        console_measure.print_evaluation(result)
    if failed:
        raise typer.Exit(1)


def calibrate(
    kb: Name = "default",
    as_json: Json = False,
) -> None:
    """按本知识库的文档校准分数，无需标注 · Fit the score to the documents of a knowledge base, without labels."""
    from kb_app.assembling import SCORE_FILE
    from kb_app.calibration import calibrate as fit

    with open_base(kb) as base:
        found = fit(base)
        kept = base.folder / SCORE_FILE
    if as_json:
        console.print_json(found)
    else:
        console_measure.print_calibration(found, kept)


def _questions(questions: Path, unanswerable: Path | None, limit: int | None) -> list[LabelledQuestion]:
    from kb_app.evaluation import read_questions, read_unanswerable

    further = read_unanswerable(unanswerable)[:limit] if unanswerable else []
    return read_questions(questions)[:limit] + further


def _fill(base: KnowledgeBase, docs: Path) -> bool:
    """Read the documents and say which could not be; whether there are such.

    Raises:
        NotFoundError: There is no text in them.
    """
    from ingest import sync

    with console.progress_bar() as show:
        report = sync([docs], base, on_progress=show)
    for source, reason in report.errors.items():
        console.complain(f"{source}: {reason}")
    if not base.status().chunks:
        if report.errors:
            raise typer.Exit(1)
        raise NotFoundError(f"no text in {str(docs)!r}; name a folder of documents with --docs")
    return bool(report.failed)


def _ablation(base: KnowledgeBase, docs: Path, asked: list[LabelledQuestion], full: Observed, seed: int) -> Ablation:
    """Ask the same questions without each part, and with every other prompt where a model answers."""
    from kb_app.evaluation import all_but, compare, observe, other_templates, parts_that_matter

    parts, left_out = parts_that_matter(base.settings, answers=full.with_answers, model=full.with_model)
    runs: dict[str, Observed] = {}
    for part in parts:
        with _reopened(base, docs, all_but(part)) as kb, console_measure.counter(f"不用 without {part}") as show:
            runs[part] = observe(kb, asked, answers=full.with_answers, on_progress=show)
    for template in other_templates(base.settings) if full.with_model else ():
        with console_measure.counter(f"模板 template {template}") as show:
            runs[f"template: {template}"] = observe(base, asked, answers=True, template=template, on_progress=show)
    return compare(full, runs, left_out=left_out, seed=seed)


@contextmanager
def _reopened(base: KnowledgeBase, docs: Path, parts: Parts) -> Iterator[KnowledgeBase]:
    """The same documents with other parts; what is built into the indexes needs a base of its own."""
    from ingest import sync
    from kb_app.knowledge_base import KnowledgeBase

    name = base.name if parts.scripts == base.parts.scripts else f"{base.name} otherwise"
    with KnowledgeBase.open(name, base.settings, parts=parts) as kb:
        if name != base.name:
            with console.progress_bar() as show:
                sync([docs], kb, on_progress=show)  # what could not be read has been said
        yield kb
