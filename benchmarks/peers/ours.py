"""This knowledge base, with its defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.common import DEPTH, Hit
from ingest import sync
from kb_app import KnowledgeBase, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.peers.common import Document
    from benchmarks.vectors import CachedEmbedder


class Ours:
    """Reads the files themselves."""

    depth = DEPTH

    def __init__(self, embedder: CachedEmbedder, folder: Path) -> None:
        settings = Settings(home=folder, llm_base_url="none", database_url="", chroma_url="", embedding="embedded")
        self.hands_on = settings.top_k
        self._kb = KnowledgeBase.open("bench", settings, embedder=embedder)

    def index(self, documents: Sequence[Document]) -> None:
        """Read the folder of the documents."""
        sync([documents[0].path.parent], self._kb)

    def search(self, question: str, k: int) -> list[Hit]:
        """The passages, by their scores."""
        return [Hit(passage.source, passage.score) for passage in self._kb.search(question, k=k)]


SYSTEMS = {"kb": Ours}
