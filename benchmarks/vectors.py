"""Vectors that are computed once: for programs that put the same texts into several knowledge bases."""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from kb_app.models.embedding import batched, load_embedder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kb_app.models.embedding import Embedder, Vector

_BATCH = 64


class CachedEmbedder:
    """An embedding model whose vectors are kept, in memory and, where a file is named, from run to run.

    It has the name of the model, so that an index may be built with the one and read with the other.

    Attributes:
        seconds: What the model took for each text, in this run or in the one that filled the file: the time of its
            batch, shared out by length.
        asked: The passages that were asked for, until somebody clears it.
    """

    def __init__(self, embedder: Embedder, file: Path | None = None) -> None:
        """Wrap a model; read the file if it is there."""
        self.name, self.dimension = embedder.name, embedder.dimension
        self.seconds: dict[str, float] = {}
        self.asked: list[str] = []
        self._embedder = embedder
        self._file = file
        self._vectors: dict[str, Vector] = {}
        if file and file.is_file():
            with np.load(file) as stored:
                keys, seconds = (stored[part].tolist() for part in ("keys", "seconds"))
                self._vectors = dict(zip(keys, stored["rows"], strict=True))
            self.seconds = dict(zip(keys, seconds, strict=True))
        self._stored = len(self._vectors)

    @property
    def leave_room(self) -> bool:
        """As the model has it."""
        return self._embedder.leave_room

    @leave_room.setter
    def leave_room(self, value: bool) -> None:
        self._embedder.leave_room = value

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        key = _key("query", text)
        if key not in self._vectors:
            begin = time.perf_counter()
            self._vectors[key] = self._embedder.embed_query(text)
            self.seconds[key] = time.perf_counter() - begin
        return self._vectors[key]

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages, in order."""
        for batch in batched(texts, _BATCH):
            self.asked += batch
            self._embed([text for text in dict.fromkeys(batch) if _key("passage", text) not in self._vectors])
            yield from (self._vectors[_key("passage", text)] for text in batch)

    def cost(self, texts: Iterable[str]) -> float:
        """Seconds that the model took for passages, each counted as often as it stands there."""
        return sum(self.seconds.get(_key("passage", text), 0.0) for text in texts)

    def question_cost(self, questions: Iterable[str]) -> float:
        """Median seconds that the model took for questions."""
        return statistics.median(self.seconds.get(_key("query", text), 0.0) for text in questions)

    def save(self) -> None:
        """Write the file anew where there are further vectors."""
        if self._file is None or len(self._vectors) == self._stored:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        half = self._file.with_suffix(".half.npz")
        keys = list(self._vectors)
        seconds = np.array([self.seconds.get(key, 0.0) for key in keys])
        np.savez(half, keys=np.array(keys), rows=np.stack([self._vectors[key] for key in keys]), seconds=seconds)
        half.replace(self._file)
        self._stored = len(keys)

    def _embed(self, texts: Sequence[str]) -> None:
        if not texts:
            return
        begin = time.perf_counter()
        vectors = list(self._embedder.embed_documents(texts))
        share = (time.perf_counter() - begin) / max(1, sum(map(len, texts)))
        for text, vector in zip(texts, vectors, strict=True):
            self._vectors[_key("passage", text)] = vector
            self.seconds[_key("passage", text)] = share * len(text)


def cached(file: Path | None = None) -> CachedEmbedder:
    """The embedded model with a cache."""
    return CachedEmbedder(load_embedder("embedded"), file)


def _key(use: str, text: str) -> str:
    return hashlib.blake2b(f"{use}\n{text}".encode("utf-8", "replace"), digest_size=12).hexdigest()
