"""txtai: an ``Embeddings`` of paragraphs, by vectors alone and with its own keyword index (``hybrid``).

Its keyword index cuts by the word boundaries of Unicode, at which every Chinese character stands alone. The vectors
come from a function of ours; the instructions tell it questions from passages.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from txtai import Embeddings
from txtai.pipeline import Segmentation

from benchmarks.peers.common import DEPTH, MERGED, Hit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from benchmarks.peers.common import Document
    from benchmarks.vectors import CachedEmbedder

QUERY, DATA = "query: ", "passage: "


class Paragraphs:
    """Segmentation and embeddings."""

    hands_on = 3

    def __init__(self, embedder: CachedEmbedder, folder: Path, *, hybrid: bool = False) -> None:
        del folder  # all is in memory

        def transform(texts: list[str]) -> NDArray[np.float32]:
            if texts and texts[0].startswith(QUERY):
                return np.stack([embedder.embed_query(text.removeprefix(QUERY)) for text in texts])
            return np.stack(list(embedder.embed_documents(text.removeprefix(DATA) for text in texts)))

        self.depth = MERGED if hybrid else DEPTH
        self._segment = Segmentation(paragraphs=True)
        self._embeddings = Embeddings(
            method="external", transform=transform, instructions={"query": QUERY, "data": DATA}, hybrid=hybrid
        )

    def index(self, documents: Sequence[Document]) -> None:
        """Cut into paragraphs and embed."""
        chunks = [(one.source, text) for one in documents for text in self._segment(one.text) if text]
        self._sources = [source for source, _ in chunks]
        self._embeddings.index([(number, text, None) for number, (_, text) in enumerate(chunks)])

    def search(self, question: str, k: int) -> list[Hit]:
        """The best paragraphs."""
        return [Hit(self._sources[number], score) for number, score in self._embeddings.search(question, k)]


SYSTEMS = {"txtai": Paragraphs, "txtai-hybrid": partial(Paragraphs, hybrid=True)}
