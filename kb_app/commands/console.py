"""How the command line shows things: JSON, tables, passages, answers, progress."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from kb_app.answering.readable import readable
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ingest import FileReport, Progress, SyncReport
    from kb_app.maintenance import Diagnosis, Health
    from kb_app.models.metrics import ServerLoad
    from kb_app.types import Answer, Event, Passage

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_DONE = {
    "added": "新增 added",
    "updated": "更新 updated",
    "renamed": "改名 renamed",
    "unchanged": "未变 unchanged",
    "removed": "移除 removed",
    "failed": "失败 failed",
}

# A document or a model may hold escape sequences that would steer the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_json(value: object, *, compact: bool = False) -> None:
    """Print a dataclass, or a list of them, as one JSON document; a compact one is a single line."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=None if compact else 2) + "\n")
    sys.stdout.flush()


def plain(value: object) -> Any:
    """Dataclasses as dictionaries, tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def say(line: str) -> None:
    """Tell the user something that is not data."""
    err.print(escape(line))


def complain(line: str) -> None:
    """Tell the user what went wrong, on one line."""
    err.print(f"[bold red]错误 error:[/] {escape(one_line(line, 2000))}")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print aligned columns; a name is never cut, since it is what the next command is given."""
    lines = [list(columns), *([one_line(str(cell), 500) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        cells = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        out.print(Text("  ".join(cells).rstrip(), style="" if number else "bold"))


def size(count: float) -> str:
    """A number of bytes as a person reads it."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def print_health(found: Health) -> None:
    """Print the state of a knowledge base, then why files could not be read."""
    table(
        ("知识库 knowledge base", found.name),
        [
            ("文档 documents", found.documents),
            ("读不了 failed", found.failed),
            ("片段 chunks", found.chunks),
            ("待建索引 pending", f"关键词 keywords {found.pending_keywords}, 向量 vectors {found.pending_vectors}"),
            ("向量模型 embedding", found.embedding),
            ("语言模型 language model", found.model or "未连接 none connected: answers are extracts"),
            *([("模型负载 model load", _busy(found.load))] if found.load else []),
            ("数据 home", found.home),
            ("占用 on disk", size(found.bytes)),
        ],
    )
    if found.model_error:
        complain(found.model_error)
    for source, reason in found.errors.items():
        complain(f"{source}: {reason}")


def _busy(load: ServerLoad) -> str:
    """How busy a model server is, as far as it tells."""
    told = (
        ("运行 running {}", load.running),
        ("排队 waiting {}", load.waiting),
        ("缓存 KV cache {:.0%}", load.cache),
        ("{:.0f} 词元/秒 tokens/s", load.tokens_per_second),
    )
    return ", ".join(words.format(value) for words, value in told if value is not None)


def place(passage: Passage) -> str:
    """Where a passage stands: source, page, headings."""
    page = f"第 {passage.page} 页" if passage.page else ""
    return " · ".join(part for part in (passage.source, page, " > ".join(passage.headings)) if part)


def print_passages(passages: Sequence[Passage]) -> None:
    """Print what a search found, best first."""
    for number, passage in enumerate(passages, 1):
        out.print(f"[bold cyan]{number}.[/] {escape(place(passage))}  [dim]{passage.score:.2f}[/]")
        for line in filter(str.strip, _CONTROL.sub("", passage.text).split("\n")):
            out.print(Text(f"   {line}"))
        out.print()
    if not passages:
        say("没有找到相关内容 · nothing found")


def print_stream(events: Iterator[Event], *, known: str = "") -> Answer:
    """Print an answer while it comes, then its sources; returns the complete answer.

    Args:
        events: What ``KnowledgeBase.stream`` yields.
        known: A reason that the reader was told already.
    """
    answer: Answer | None = None
    said = ""
    for event in events:
        if event.kind == "token":
            said += event.text
            out.print(Text(_CONTROL.sub("", event.text)), end="")
        answer = event.answer or answer
    assert answer is not None  # noqa: S101 - the contract of stream
    out.print()
    changed = "".join(answer.text.split()) != "".join(said.split())
    if answer.mode == "llm" and changed:  # marks were set right, or a sentence was marked
        say("核对后的回答 the answer as checked:")
        out.print(Text(_CONTROL.sub("", answer.text)))
    print_sources(answer)
    for line in filter(None, (answer.versions, *map(contradicting, answer.disagreements))):
        say(line)
    if answer.reason and answer.reason != known:
        say(answer.reason)
    return answer


def contradicting(line: str) -> str:
    """A line on documents that contradict one another, as it is told to a reader."""
    return f"资料说法不一 documents differ: {line}"


def print_sources(answer: Answer) -> None:
    """Print the sources of an answer, each with the words that support it."""
    shown: dict[int, list[str]] = {}
    for citation in answer.citations:
        quotes = shown.setdefault(citation.number, [place(citation.passage)])
        quote = readable(citation.passage.text, citation.start, citation.end)
        if quote not in quotes:
            quotes.append(quote)
    if shown:
        out.print("\n[dim]来源 sources[/]")
    for number, (where, *quotes) in sorted(shown.items()):
        out.print(f"[bold cyan]\\[{number}][/] {escape(where)}")
        for quote in quotes:
            out.print(f"    [dim]“{escape(one_line(quote, 200))}”[/]")
    for sentence in answer.unsupported:
        out.print(f"[yellow]未找到依据 no source for:[/] {escape(one_line(sentence, 200))}")


def print_file(file: FileReport) -> None:
    """Print what was read from a file, or why it could not be."""
    if file.error:
        complain(f"{file.source}: {file.error}")
        return
    parts = [
        file.kind,
        f"{file.pages} 页 pages" if file.pages else "",
        f"{file.characters:,} 字 characters",
        f"{file.tables} 表 tables" if file.tables else "",
        f"{len(file.ocr)} 页 OCR ({_reasons(file.ocr)})" if file.ocr else "",
        f"{file.seconds:.1f} s",
    ]
    err.print(f"{escape(one_line(file.source, 200))}  [dim]{escape(' · '.join(filter(None, parts)))}[/]")


def _reasons(ocr: Mapping[int, str]) -> str:
    """Why pages were read by OCR, each reason with its pages."""
    pages: dict[str, list[str]] = {}
    for page, reason in ocr.items():
        pages.setdefault(reason, []).append(str(page))
    if len(pages) == 1:
        return next(iter(pages))
    return "; ".join(f"{reason}: {one_line(', '.join(numbers), 40)}" for reason, numbers in pages.items())


def print_report(report: SyncReport, *, dry_run: bool) -> None:
    """Print what a sync did, first the failures that ``print_file`` was not told of."""
    told = {file.source for file in report.files}
    for source, reason in report.errors.items():
        if source not in told:
            complain(f"{source}: {reason}")
    counts = [(label, getattr(report, name)) for name, label in _DONE.items()]
    numbers = " · ".join(f"{label} {len(sources)}" for label, sources in counts if sources)
    numbers = numbers or "没有文档 no documents"
    if dry_run:
        for name in ("added", "updated", "renamed", "removed"):
            for source in getattr(report, name):
                out.print(f"{_DONE[name]}  {escape(one_line(source, 200))}")
        say(f"试运行，未作更改 dry run, nothing changed: {numbers}")
    else:
        say(f"{numbers} · 片段 chunks {report.chunks} · 向量 embedded {report.embedded} · {report.seconds} s")


def print_diagnosis(found: Diagnosis) -> None:
    """Print where the indexes and the catalog differ."""
    if found.healthy:
        say("目录与索引一致 · the indexes agree with the catalog")
        return
    for name, value in plain(found).items():
        if value:
            out.print(f"{name}: {escape(str(len(value) if name != 'damaged' and isinstance(value, list) else value))}")
    say("运行 run `kb doctor --repair`; 待算的由 pending ones are done by `kb ingest`")


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error that shows files read, chunks embedded, chunks a second and the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with ProgressBar(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        files = bar.add_task("读取 files", total=None, rate="")
        vectors = bar.add_task("向量 chunks", total=None, rate="")

        def show(progress: Progress) -> None:
            page = f"{one_line(progress.current, 30)} {progress.page}/{progress.pages}" if progress.pages else ""
            bar.update(files, completed=progress.files, total=progress.all_files, rate=page)
            speed = bar.tasks[vectors].speed or 0.0
            rate = f"{speed:.0f}/s" if speed else ""
            bar.update(vectors, completed=progress.embedded, total=progress.all_chunks, rate=rate)

        yield show
