"""LlamaIndex: a ``VectorStoreIndex`` with its defaults, and the same with BM25 by its fusion of retrievers.

Its splitter ends sentences at Chinese punctuation as well. BM25 is as its documentation sets it up, which has nothing
on Chinese: its pattern of words takes what stands between two signs for one word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_index.core import Document as LlamaDocument
from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter

from benchmarks.peers.common import DEPTH, MERGED, Hit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.peers.common import Document
    from benchmarks.vectors import CachedEmbedder


class _Embedding(BaseEmbedding):
    """The one model of all systems."""

    _embedder: Any = PrivateAttr()

    def __init__(self, embedder: CachedEmbedder) -> None:
        super().__init__(model_name=embedder.name, embed_batch_size=64)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(self._embedder.embed_query(query).tolist())

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._embedder.embed_documents(texts)]


class Vectors:
    """Splitter and index; the name of the file is embedded with each chunk, as metadata are."""

    hands_on, depth = 2, DEPTH

    def __init__(self, embedder: CachedEmbedder, folder: Path) -> None:  # noqa: ARG002 - all is in memory
        self._embedding = _Embedding(embedder)

    def index(self, documents: Sequence[Document]) -> None:
        """Split and embed."""
        whole = [LlamaDocument(text=one.text, metadata={"file_name": one.source}) for one in documents]
        self._nodes = SentenceSplitter().get_nodes_from_documents(whole)
        self._index = VectorStoreIndex(self._nodes, embed_model=self._embedding)

    def search(self, question: str, k: int) -> list[Hit]:
        """The nearest chunks."""
        return _hits(self._index.as_retriever(similarity_top_k=k).retrieve(question))


class Fusion(Vectors):
    """The same with BM25, merged by reciprocal rank; no model makes further questions."""

    depth = MERGED

    def index(self, documents: Sequence[Document]) -> None:
        """Split, embed, and count words."""
        import Stemmer
        from llama_index.retrievers.bm25 import BM25Retriever

        super().index(documents)
        english = Stemmer.Stemmer("english")
        self._keyword = BM25Retriever.from_defaults(
            nodes=self._nodes, similarity_top_k=self.hands_on, stemmer=english, language="english"
        )

    def search(self, question: str, k: int) -> list[Hit]:
        """What both find, merged."""
        from llama_index.core.retrievers import QueryFusionRetriever

        self._keyword.similarity_top_k = min(k, len(self._nodes))
        both = QueryFusionRetriever(
            [self._index.as_retriever(similarity_top_k=k), self._keyword],
            llm=MockLLM(),
            mode="reciprocal_rerank",
            similarity_top_k=k,
            num_queries=1,
            use_async=False,
        )
        return _hits(both.retrieve(question))


def _hits(nodes: Sequence[Any]) -> list[Hit]:
    return [Hit(found.node.metadata["file_name"], found.score) for found in nodes]


SYSTEMS = {"llamaindex": Vectors, "llamaindex-fusion": Fusion}
