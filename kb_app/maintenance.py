"""Lists, drops, checks and rebuilds knowledge bases."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from kb_app.connection import address
from kb_app.errors import ModelError, StorageError
from kb_app.knowledge_base import KnowledgeBase
from kb_app.models.metrics import server_load
from kb_app.storage import registry
from kb_app.storage.database import open_database
from kb_app.storage.lock import writer_lock
from kb_app.storage.pending import Counts, Pending
from kb_app.storage.vectors import VectorIndex
from kb_app.wiring import embedder_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.models.metrics import ServerLoad


@dataclass(frozen=True, slots=True)
class Overview:
    """A knowledge base in a list: its name, the model of its vectors, its numbers, and its bytes on disk."""

    name: str
    embedding: str
    counts: Counts
    bytes: int


@dataclass(slots=True)
class Diagnosis:
    """Where the indexes and the catalog differ; lists of chunk ids.

    Attributes:
        orphan_keywords: In the keyword index, but in no document.
        orphan_vectors: In the vector index, but in no document.
        missing_keywords: Noted as indexed by keywords, but not in that index.
        missing_vectors: Noted as embedded, but without a vector.
        pending_keywords: Number of chunks that wait for the keyword index.
        pending_vectors: Number of chunks that wait for their vector.
        damaged: Why an index cannot be read at all.
    """

    orphan_keywords: list[int] = field(default_factory=list)
    orphan_vectors: list[int] = field(default_factory=list)
    missing_keywords: list[int] = field(default_factory=list)
    missing_vectors: list[int] = field(default_factory=list)
    pending_keywords: int = 0
    pending_vectors: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def healthy(self) -> bool:
        """Whether both indexes hold exactly what the catalog says."""
        return not any(
            (self.orphan_keywords, self.orphan_vectors, self.missing_keywords, self.missing_vectors)
        ) and not (self.pending_keywords or self.pending_vectors or self.damaged)


@dataclass(frozen=True, slots=True)
class Health:
    """A knowledge base as ``kb status`` shows it.

    Attributes:
        model: The language model that would answer; empty where there is none.
        model_error: Why there is none although a server answers; empty otherwise.
        load: How busy the model server is, where it tells.
        errors: Why files could not be read, by source.
    """

    name: str
    documents: int
    failed: int
    chunks: int
    pending_keywords: int
    pending_vectors: int
    embedding: str
    model: str
    home: str
    bytes: int
    errors: dict[str, str]
    model_error: str = ""
    load: ServerLoad | None = None


def health(kb: KnowledgeBase) -> Health:
    """Numbers, models, load, disk and failures of a knowledge base."""
    model, model_error = _model(kb)
    return Health(
        name=kb.name,
        **asdict(kb.status()),
        embedding=kb.embedder.name,
        model=model,
        model_error=model_error,
        load=_load(kb.settings) if model else None,
        home=str(kb.settings.home),
        bytes=_size(kb.folder),
        errors={document.source: document.error for document in kb.documents() if document.error},
    )


def _model(kb: KnowledgeBase) -> tuple[str, str]:
    """The name of the language model, or why there is none."""
    try:
        served = kb.served_model()
    except ModelError as error:
        return "", str(error)
    return (served.name if served else ""), ""


def _load(settings: Settings) -> ServerLoad | None:
    if not settings.answers_with_model:
        return None
    return server_load(address(settings).url, settings.llm_api_key.get_secret_value())


def overview(settings: Settings) -> list[Overview]:
    """All knowledge bases with their numbers."""
    engine = open_database(settings.home, settings.database_url)
    return [
        Overview(
            record.name,
            record.embedding,
            Pending(engine, record.id).counts(),
            _size(settings.base_folder(record.slug)),
        )
        for record in registry.everything(engine)
    ]


def drop(name: str, settings: Settings) -> None:
    """Delete a knowledge base with its conversations; the files it was read from stay.

    Raises:
        NotFoundError: There is none of that name.
        BusyError: A process is writing to it.
    """
    engine = open_database(settings.home, settings.database_url)
    record = registry.require(engine, name)
    folder = settings.base_folder(record.slug)
    with writer_lock(folder, name, purpose="kb drop"):
        # First what a server that is away can refuse: then nothing else is changed.
        VectorIndex(folder / "chroma", record.slug, url=settings.chroma_url).drop()
        registry.drop(engine, record.id)
    shutil.rmtree(folder, ignore_errors=True)


def rebuild(
    name: str,
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    on_embedded: Callable[[int], None] | None = None,
) -> int:
    """Make both indexes of a knowledge base anew from the catalog, with the embedding model of the settings.

    No file is read again. What is interrupted goes on with the next ``kb ingest`` or ``kb rebuild``.

    Returns:
        The number of texts that were embedded.
    """
    engine = open_database(settings.home, settings.database_url)
    record = registry.require(engine, name)
    embedder = embedder or embedder_for(settings)
    folder = settings.base_folder(record.slug)
    with writer_lock(folder, name, purpose="kb rebuild"):
        VectorIndex(folder / "chroma", record.slug, url=settings.chroma_url).drop()
        Pending(engine, record.id).unmark(keywords=True, vectors=True)
        registry.stamp(engine, record.id, embedding=embedder.name, dimension=embedder.dimension)
        for index in ("keywords", "chroma"):
            shutil.rmtree(folder / index, ignore_errors=True)
    with (
        KnowledgeBase.open(name, settings, create=False, embedder=embedder) as kb,
        kb.writing("kb rebuild") as indexer,
    ):
        return indexer.run(on_embedded=on_embedded)


def diagnose(kb: KnowledgeBase) -> Diagnosis:
    """Compare the catalog with both indexes, in every direction."""
    counts = kb.status()
    found = Diagnosis(pending_keywords=counts.pending_keywords, pending_vectors=counts.pending_vectors)
    rows = list(kb.pending.indexed_ids())
    alive = {chunk_id for chunk_id, _, _ in rows}
    for name, position in (("keywords", 1), ("vectors", 2)):
        try:
            there = set(getattr(kb, name).ids())
        except StorageError as error:
            found.damaged.append(str(error))
            continue
        setattr(found, f"orphan_{name}", sorted(there - alive))
        setattr(found, f"missing_{name}", [row[0] for row in rows if row[position] and row[0] not in there])
    return found


def repair(kb: KnowledgeBase, found: Diagnosis) -> None:
    """Mend what ``diagnose`` found; a damaged index is made anew."""
    if found.damaged:
        rebuild(kb.name, kb.settings, embedder=kb.embedder)
        return
    with kb.writing("kb doctor --repair") as indexer:
        kb.keywords.delete(found.orphan_keywords)
        kb.keywords.commit()
        kb.vectors.delete(found.orphan_vectors)
        if found.missing_keywords:
            kb.pending.unmark(found.missing_keywords, keywords=True)
        if found.missing_vectors:
            kb.pending.unmark(found.missing_vectors, vectors=True)
        indexer.run()


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
