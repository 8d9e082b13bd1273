"""Speed of ingest against embedding alone: ``python -m benchmarks.ingest [--chunks 2000]``."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.bases import machine, print_table, throw_away
from benchmarks.corpus import passages
from ingest import sync
from ingest.pool import end_workers

if TYPE_CHECKING:
    from kb_app import KnowledgeBase

_PARAGRAPHS = 10


def write_folder(folder: Path, files: int, paragraphs: int = _PARAGRAPHS) -> None:
    """Markdown files of synthetic paragraphs, each as long as a chunk."""
    texts = passages(files * paragraphs)
    for number in range(files):
        body = "\n\n".join(islice(texts, paragraphs))
        (folder / f"document-{number:05}.md").write_text(f"# 文件 {number}\n\n{body}\n", encoding="utf-8")


def ingest(chunks: int) -> list[tuple[str, object]]:
    """Time of ingest, of embedding the same texts alone, and until keywords find everything."""
    with TemporaryDirectory() as folder, throw_away() as kb:
        write_folder(Path(folder), chunks // _PARAGRAPHS)
        kb.embedder.embed_query("warm up")
        found = _Watch(kb, chunks // _PARAGRAPHS)
        report = sync([folder], kb)
        ids = [chunk_id for chunk_id, _, _ in kb.pending.indexed_ids()]
        texts = [passage.text for passage in kb.catalog.passages(ids).values()]
        begin = time.perf_counter()
        assert sum(1 for _ in kb.embedder.embed_documents(texts)) == report.embedded
        alone = time.perf_counter() - begin
        begin = time.perf_counter()
        again = sync([folder], kb)
        unchanged = time.perf_counter() - begin
    assert again.embedded == 0
    return [
        ("chunks", report.chunks),
        ("ingest, s", report.seconds),
        ("embedding the same texts alone, s", alone),
        ("ingest / embedding (at most 1.15)", report.seconds / alone),
        ("keywords find everything after, share of that (at most 0.1)", found.seconds() / alone),
        (f"a second run over {chunks // _PARAGRAPHS} unchanged files, s", unchanged),
    ]


class _Watch:
    """Notes when the keyword index has every document."""

    def __init__(self, kb: KnowledgeBase, documents: int) -> None:
        self._begin = time.perf_counter()
        self._found = 0.0
        self._thread = threading.Thread(target=self._poll, args=(kb, documents), daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        self._thread.join()
        return self._found

    def _poll(self, kb: KnowledgeBase, documents: int) -> None:
        while True:
            counts = kb.status()
            if counts.documents == documents and counts.pending_keywords == 0:
                self._found = time.perf_counter() - self._begin
                return
            time.sleep(0.1)


def unchanged(files: int = 1000) -> list[tuple[str, object]]:
    """A whole second ``kb ingest`` process over unchanged files, and a one-sentence edit in a long document."""
    with TemporaryDirectory() as folder, throw_away() as kb:
        write_folder(Path(folder), files, 1)
        sync([folder], kb)
        long = Path(folder, "long.md")
        text = "\n\n".join(passages(300, seed=7))
        long.write_text(text, encoding="utf-8")
        sync([folder], kb)
        middle = text.index("。", len(text) // 2) + 1
        long.write_text(text[:middle] + "此处由办公室于年中补充一句说明。" + text[middle:], encoding="utf-8")
        edit = sync([folder], kb)
        command = [sys.executable, "-m", "kb_app.cli", "ingest", folder, "--kb", "bench"]
        time.sleep(2.1)  # times within the resolution of a file system's clock are looked at again
        sync([folder], kb)
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env={"KB_HOME": str(kb.settings.home)})
        seconds = time.perf_counter() - begin
    return [
        (f"`kb ingest` of {files + 1} unchanged files, whole process, s (under 3)", seconds),
        ("chunks embedded after a one-sentence edit in 300 (at most 3)", edit.embedded),
    ]


def peak_memory(files: int) -> str:
    """Peak memory, in MiB, of a process that ingests that many small files, and of the largest that reads them."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--memory", str(files)]
    own, worker = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return f"{own} + {worker} for each reading process"


def _ingest_and_report(files: int) -> None:
    with TemporaryDirectory() as folder, throw_away() as kb:
        write_folder(Path(folder), files, 1)
        sync([folder], kb)
    end_workers()
    own, worker = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(own, worker)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=2000)
    parser.add_argument("--files", type=int, nargs=2, default=(1000, 10_000), help="folders to compare in memory")
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        _ingest_and_report(options.memory)
        return
    print(f"Ingest on {machine()}\n")
    memory = [(f"peak memory at {files} files, MiB", peak_memory(files)) for files in options.files]
    print_table(("measure", "value"), [*ingest(options.chunks), *unchanged(), *memory])


if __name__ == "__main__":
    main()
