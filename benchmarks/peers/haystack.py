"""Haystack: an ``InMemoryDocumentStore`` with its retrievers, as in its tutorials.

``haystack`` splits at spaces, which is the default and leaves a Chinese paragraph as it is. ``haystack-hanlp`` is what
the documentation recommends for Chinese; HanLP fetches its model when it is first used.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from haystack import Document as HaystackDocument
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from benchmarks.peers.common import DEPTH, MERGED, Hit, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers.common import Document
    from benchmarks.vectors import CachedEmbedder

TOP = 10


class Dense:
    """Splitter and retriever by vectors; cosine, which is the measure of the model."""

    hands_on, depth = TOP, DEPTH

    def __init__(
        self, embedder: CachedEmbedder, folder: Path, *, splitter: Callable[[], Any] = DocumentSplitter
    ) -> None:
        del folder  # all is in memory
        self._embedder = embedder
        self._splitter = splitter()
        self._store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._dense = InMemoryEmbeddingRetriever(self._store)

    def index(self, documents: Sequence[Document]) -> None:
        """Split, embed and store."""
        whole = [HaystackDocument(content=one.text, meta={"source": one.source}) for one in documents]
        if hasattr(self._splitter, "warm_up"):
            self._splitter.warm_up()
        chunks = self._splitter.run(documents=whole)["documents"]
        vectors = self._embedder.embed_documents([chunk.content for chunk in chunks])
        embedded = [replace(chunk, embedding=vector.tolist()) for chunk, vector in zip(chunks, vectors, strict=True)]
        self._store.write_documents(embedded)

    def search(self, question: str, k: int) -> list[Hit]:
        """The nearest chunks."""
        return _hits(self._nearest(question, k))

    def _nearest(self, question: str, k: int) -> list[Any]:
        vector = self._embedder.embed_query(question).tolist()
        return list(self._dense.run(query_embedding=vector, top_k=k)["documents"])


class Hybrid(Dense):
    """The same with BM25, joined by reciprocal rank."""

    depth = MERGED

    def index(self, documents: Sequence[Document]) -> None:
        """Split, embed and store; the store counts the words."""
        super().index(documents)
        self._keyword = InMemoryBM25Retriever(self._store)
        self._joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    def search(self, question: str, k: int) -> list[Hit]:
        """What both find, ``k`` chunks each."""
        keyword = self._keyword.run(query=question, top_k=k)["documents"]
        return _hits(self._joiner.run(documents=[keyword, self._nearest(question, k)])["documents"])


def _hits(documents: Sequence[Any]) -> list[Hit]:
    return [Hit(document.meta["source"], document.score) for document in documents]


def _hanlp() -> Any:
    from haystack_integrations.components.preprocessors.hanlp import ChineseDocumentSplitter

    home = Path(os.environ.get("HANLP_HOME", Path.home() / ".hanlp"))
    if not home.is_dir():
        raise UnavailableError("HanLP fetches its models from the network at first use and none is on this machine")
    return ChineseDocumentSplitter()


SYSTEMS = {"haystack": Dense, "haystack-hybrid": Hybrid, "haystack-hanlp": partial(Dense, splitter=_hanlp)}
