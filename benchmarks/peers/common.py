"""What every system is measured by: documents in, ranked chunks out, with one embedding model for all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from benchmarks.relevance import area
from kb_app.evaluation import LabelledQuestion, RetrievalScores, percentiles, read_questions, score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.vectors import CachedEmbedder

DEPTH = 50
"""Chunks that are asked for, so that ten documents can be ranked."""

MERGED = 10
"""Chunks that are asked of each search where two are merged: as many as ten documents need at least.

Reciprocal ranks weigh a chunk up that both searches found; in long lists of few documents that is nearly each.
"""

TEXTS = (".txt", ".md")


class UnavailableError(Exception):
    """A system cannot be set up on this machine as its documentation says."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text file: its path, its name as the questions name it, and its text."""

    path: Path
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found: the document it is from, and its score where the system gives one; more is better."""

    source: str
    score: float | None = None


class System(Protocol):
    """Something that finds chunks.

    ``hands_on`` is the number of chunks that it gives to a model, or that each search brings which it merges, unless it
    is told otherwise; ``depth`` is what it is told where its ranking is measured.
    """

    hands_on: int
    depth: int

    def index(self, documents: Sequence[Document]) -> None:
        """Take in documents, once."""

    def search(self, question: str, k: int) -> list[Hit]:
        """The chunks that it finds when it is told to find ``k``, best first."""


@dataclass(frozen=True, slots=True)
class Result:
    """Numbers of a system on one set.

    Attributes:
        chunks: Texts that it had embedded.
        scores: Of its ranking of documents by their best chunk.
        hands_on: Number of chunks that it hands on by default, or of each search that it merges.
        handed_on: Share of questions whose document is among them.
        area: AUROC of the best score, questions with an answer against those without; None where it has no score.
        index: Seconds to take in the documents when every vector is there already.
        embedding: Seconds that the model took for these texts.
        search: Median seconds of a search, without embedding the question.
        question: Median seconds that the model took for a question.
    """

    chunks: int
    scores: RetrievalScores
    hands_on: int
    handed_on: float
    area: float | None
    index: float
    embedding: float
    search: float
    question: float


def read_documents(folder: Path) -> list[Document]:
    """The text files of a folder, in a fixed order."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in TEXTS)
    return [Document(path, path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8-sig")) for path in paths]


def read_asked(questions: Path, limit: int = 0) -> list[LabelledQuestion]:
    """The questions of a set that have an answer, at most ``limit``, then those that have none; no empty ones."""
    answerable = [question for question in read_questions(questions) if question.docs and question.question.strip()]
    return (answerable[:limit] if limit else answerable) + read_questions(questions.with_name("unanswerable.jsonl"))


def measure(
    make: Callable[[Path], System],
    documents: Sequence[Document],
    asked: Sequence[LabelledQuestion],
    embedder: CachedEmbedder,
    folder: Path,
) -> Result:
    """Take in the documents twice, the second time by the clock, and ask.

    The first time fills the cache of vectors, so that the clock shows the work of the system alone, whichever system
    came first; what the model took for its chunks is told apart from it.
    """
    make(_fresh(folder, "first")).index(documents)
    system = make(_fresh(folder, "second"))
    embedder.asked.clear()
    begin = time.perf_counter()
    system.index(documents)
    index = time.perf_counter() - begin
    texts = list(embedder.asked)
    for question in asked:
        embedder.embed_query(question.question)
    found, seconds = zip(*_answers(system, asked), strict=True)
    pairs = [(question, _documents(hits)) for question, hits in zip(asked, found, strict=True) if question.docs]
    return Result(
        chunks=len(texts),
        scores=score(pairs),
        hands_on=system.hands_on,
        handed_on=_handed_on(system, asked),
        area=_area(asked, found),
        index=index,
        embedding=embedder.cost(texts),
        search=percentiles(seconds)["p50"],
        question=embedder.question_cost(question.question for question in asked),
    )


def _answers(system: System, asked: Sequence[LabelledQuestion]) -> Iterator[tuple[list[Hit], float]]:
    system.search(asked[0].question, system.depth)  # what is loaded at first use is loaded now
    for question in asked:
        begin = time.perf_counter()
        hits = system.search(question.question, system.depth)
        yield hits, time.perf_counter() - begin


def _handed_on(system: System, asked: Sequence[LabelledQuestion]) -> float:
    """Share of the questions whose document is among what the system hands on."""
    answerable = [question for question in asked if question.docs]
    hits = [{hit.source for hit in system.search(one.question, system.hands_on)} & set(one.docs) for one in answerable]
    return sum(map(bool, hits)) / max(1, len(answerable))


def _documents(hits: Sequence[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.source for hit in hits))


def _area(asked: Sequence[LabelledQuestion], found: Sequence[Sequence[Hit]]) -> float | None:
    best = [(hits[0].score if hits else 0.0, bool(one.docs)) for one, hits in zip(asked, found, strict=True)]
    if any(value is None for value, _ in best):
        return None
    return area([v for v, yes in best if yes and v is not None], [v for v, yes in best if not yes and v is not None])


def _fresh(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    return path
