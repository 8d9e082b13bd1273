"""LangChain: its recipe for retrieval, alone and with the two searches that its documentation merges.

The plain recipe is that of the tutorial on retrieval: chunks of 1,000 characters, 200 of them shared, in Chroma. The
others add BM25 in an ``EnsembleRetriever`` of equal weights. Where BM25 finds no word, its list is in no order, and as
the documentation names it first, equal ranks fall to it. ``jieba`` cuts the words for it, as Chinese users do by
``preprocess_func``; the text is then split at the full-width punctuation that the documentation names for languages
without spaces.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_chroma import Chroma
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.peers.common import DEPTH, MERGED, Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.peers.common import Document
    from benchmarks.vectors import CachedEmbedder

SIZE, OVERLAP, TOP = 1000, 200, 4
CHINESE = ["\n\n", "\n", " ", ".", ",", "\u200b", "\uff0c", "\u3001", "\uff0e", "\u3002", ""]


class _Embeddings(Embeddings):
    """The one model of all systems."""

    def __init__(self, embedder: CachedEmbedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._embedder.embed_documents(texts)]

    def embed_query(self, text: str) -> list[float]:
        return list(self._embedder.embed_query(text).tolist())


class Plain:
    """Splitter and Chroma."""

    hands_on, depth = TOP, DEPTH

    def __init__(self, embedder: CachedEmbedder, folder: Path, *, separators: list[str] | None = None) -> None:
        self._store = Chroma("docs", embedding_function=_Embeddings(embedder), persist_directory=str(folder))
        self._splitter = RecursiveCharacterTextSplitter(
            separators=separators, chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True
        )

    def index(self, documents: Sequence[Document]) -> None:
        """Split and store."""
        self._store.add_documents(self._split(documents))

    def search(self, question: str, k: int) -> list[Hit]:
        """The nearest chunks; Chroma's score is a distance."""
        found = self._store.similarity_search_with_score(question, k=k)
        return [Hit(document.metadata["source"], -distance) for document, distance in found]

    def _split(self, documents: Sequence[Document]) -> list[LangChainDocument]:
        whole = [LangChainDocument(one.text, metadata={"source": one.source}) for one in documents]
        return self._splitter.split_documents(whole)


class Ensemble(Plain):
    """The same with BM25, merged by reciprocal rank; the merged list has no scores."""

    depth = MERGED

    def __init__(
        self,
        embedder: CachedEmbedder,
        folder: Path,
        *,
        separators: list[str] | None = None,
        words: Callable[[], Callable[[str], list[str]]] | None = None,
    ) -> None:
        super().__init__(embedder, folder, separators=separators)
        self._words = words() if words else None

    def index(self, documents: Sequence[Document]) -> None:
        """Split, store, and count words."""
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever

        chunks = self._split(documents)
        self._store.add_documents(chunks)
        options: dict[str, Any] = {"preprocess_func": self._words} if self._words else {}
        self._keyword = BM25Retriever.from_documents(chunks, **options)
        self._dense = self._store.as_retriever()
        self._both = EnsembleRetriever(retrievers=[self._keyword, self._dense], weights=[0.5, 0.5])

    def search(self, question: str, k: int) -> list[Hit]:
        """What both find, ``k`` chunks each."""
        self._keyword.k = k
        self._dense.search_kwargs = {"k": k}
        return [Hit(document.metadata["source"]) for document in self._both.invoke(question)]


def _jieba() -> Callable[[str], list[str]]:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.lcut  # type: ignore[no-any-return]


SYSTEMS = {
    "langchain": Plain,
    "langchain-ensemble": Ensemble,
    "langchain-jieba": partial(Ensemble, separators=CHINESE, words=_jieba),
}
