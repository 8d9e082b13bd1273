"""Speed of search on synthetic chunks: ``python -m benchmarks.search [--chunks 20000 200000]``.

The vectors are random but near those of questions: what is measured is the search, not its quality.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bases import machine, print_table, throw_away
from benchmarks.corpus import passages, questions
from kb_app.evaluation import percentiles
from kb_app.storage.catalog import Content, FileRecord
from kb_app.types import Chunk

if TYPE_CHECKING:
    from kb_app import KnowledgeBase

_DOCUMENT = 100
_QUESTIONS = 200


def fill(kb: KnowledgeBase, chunks: int) -> None:
    """Store synthetic chunks with random unit vectors."""
    texts = passages(chunks)
    with kb.writing("benchmark") as indexer:
        for number in range(chunks // _DOCUMENT):
            body = [Chunk(text, i * 1000, i * 1000 + len(text)) for i, text in enumerate(islice(texts, _DOCUMENT))]
            kb.catalog.save(FileRecord(f"/synthetic/{number}.md", f"{number}.md"), Content(tuple(body)))
        indexer.update_keywords()
        generator = np.random.default_rng(0)
        while page := kb.pending.without_vector(limit=2000):
            vectors = generator.normal(size=(len(page), kb.embedder.dimension)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            kb.vectors.add([chunk.id for chunk in page], list(vectors), [chunk.doc_id for chunk in page])
            kb.pending.mark_vectors([chunk.id for chunk in page])


def measure(kb: KnowledgeBase) -> dict[str, dict[str, float]]:
    """Seconds to embed a question and to search with it."""
    seconds: dict[str, list[float]] = {"embed": [], "search": [], "one folder": []}
    for question in questions(_QUESTIONS, seed=1):
        begin = time.perf_counter()
        vector = kb.embedder.embed_query(question)
        middle = time.perf_counter()
        kb.find(question, vector, k=5)
        end = time.perf_counter()
        kb.find(question, vector, k=5, where={"name": "1*.md"})
        seconds["embed"].append(middle - begin)
        seconds["search"].append(end - middle)
        seconds["one folder"].append(time.perf_counter() - end)
    return {stage: percentiles(values) for stage, values in seconds.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[20_000, 200_000])
    sizes = parser.parse_args().chunks
    print(f"Search on {machine()}\n")
    rows = []
    for size in sizes:
        with throw_away() as kb:
            fill(kb, size)
            rows += [
                (f"{size:,}", stage, f"{times['p50'] * 1000:.1f}", f"{times['p95'] * 1000:.1f}")
                for stage, times in measure(kb).items()
            ]
    print_table(("chunks", "stage", "p50, ms", "p95, ms"), rows)


if __name__ == "__main__":
    main()
