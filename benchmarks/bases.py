"""Throw-away knowledge bases for measuring, and the machine that a number belongs to."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingest import sync
from kb_app import KnowledgeBase, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
SETS = {
    "data/eval": (ROOT / "data/eval/docs", ROOT / "data/eval/questions.jsonl"),
    "data/eval/english": (ROOT / "data/eval/english/docs", ROOT / "data/eval/english/questions.jsonl"),
    "CMRC 2018": (
        ROOT.parent / "shared/evaldata/cmrc_dev_open/docs",
        ROOT.parent / "shared/evaldata/cmrc_dev_open/questions.jsonl",
    ),
}


@contextmanager
def throw_away() -> Iterator[KnowledgeBase]:
    """An empty knowledge base in a temporary folder, with the embedded model."""
    with TemporaryDirectory(prefix="kb-bench-") as home:
        settings = Settings(home=Path(home), llm_base_url="none", database_url="", chroma_url="", embedding="embedded")
        with KnowledgeBase.open("bench", settings) as kb:
            yield kb


@contextmanager
def filled(*docs: Path) -> Iterator[KnowledgeBase]:
    """A throw-away knowledge base of folders."""
    with throw_away() as kb:
        sync(docs, kb)
        yield kb


def machine() -> str:
    """Processor and number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    print()
