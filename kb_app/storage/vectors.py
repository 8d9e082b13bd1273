"""Vector index: one Chroma collection a knowledge base, embedded in this process or on a server."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np

from kb_app.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_PAGE = 1000
_reopening = threading.Lock()


class VectorIndex:
    """Chunks by the meaning of their text: cosine over unit vectors.

    An embedded Chroma never notices what another process writes; ``reload`` makes it look again.
    """

    def __init__(self, folder: Path, name: str, *, url: str = "") -> None:
        self._folder = folder
        self._name = name
        self._url = url
        self._opened: Any = None

    def add(self, ids: Sequence[int], vectors: Sequence[Vector], doc_ids: Sequence[int]) -> None:
        """Store vectors, in place of what was there under their ids; visible and durable on return."""
        with self._explained():
            for at in range(0, len(ids), _PAGE):
                self._collection.upsert(
                    ids=[str(i) for i in ids[at : at + _PAGE]],
                    embeddings=np.asarray(vectors[at : at + _PAGE], dtype=np.float32),
                    metadatas=[{"doc": doc_id} for doc_id in doc_ids[at : at + _PAGE]],
                )

    def delete(self, ids: Sequence[int]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        with self._explained():
            for at in range(0, len(ids), _PAGE):
                self._collection.delete(ids=[str(i) for i in ids[at : at + _PAGE]])

    def search(self, vector: Vector, *, k: int, doc_ids: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The chunks nearest to a vector.

        Returns:
            ``(chunk id, cosine)``, best first; equal cosines by id.
        """
        if doc_ids is not None and not doc_ids:
            return []
        where = None if doc_ids is None else {"doc": {"$in": list(doc_ids)}}
        with self._explained():
            found = self._collection.query(query_embeddings=[vector], n_results=k, where=where, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return sorted(((int(i), 1.0 - float(d)) for i, d in pairs), key=lambda pair: (-pair[1], pair[0]))

    def vectors(self, ids: Sequence[int]) -> dict[int, Vector]:
        """The stored vectors of ids; those that are not there are left out."""
        found: dict[int, Vector] = {}
        with self._explained():
            for at in range(0, len(ids), _PAGE):
                page = self._collection.get(ids=[str(i) for i in ids[at : at + _PAGE]], include=["embeddings"])
                found |= {
                    int(i): np.asarray(v, np.float32) for i, v in zip(page["ids"], page["embeddings"], strict=True)
                }
        return found

    def ids(self) -> list[int]:
        """All chunk ids in the index, in order."""
        found: list[int] = []
        with self._explained():
            while page := self._collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
                found.extend(map(int, page))
        return sorted(found)

    def reload(self) -> None:
        """See what another process has written, at the next use."""
        if not self._url:
            self._opened = None

    def drop(self) -> None:
        """Delete the collection on a server; an embedded one goes with its folder."""
        if self._url:
            with self._explained():
                self._client().delete_collection(self._name)

    @property
    def _collection(self) -> Any:
        opened = self._opened
        if opened is None:
            opened = self._opened = self._client().get_or_create_collection(
                self._name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
        return opened

    def _client(self) -> Any:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient
        from chromadb.config import Settings

        quiet = Settings(anonymized_telemetry=False)
        if self._url:
            server = urlsplit(self._url)
            port = server.port or (443 if server.scheme == "https" else 8000)
            return chromadb.HttpClient(
                host=cast("str", server.hostname), port=port, ssl=server.scheme == "https", settings=quiet
            )
        with _reopening:
            # Chroma shares one system per path for the life of the process; a new one sees the disk as it is.
            SharedSystemClient.clear_system_cache()
            return chromadb.PersistentClient(path=str(self._folder), settings=quiet)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        # Chroma raises what its transports and its Rust core raise, a panic (BaseException) included.
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit, StorageError):
            raise
        except BaseException as error:
            place = self._url or str(self._folder)
            remedy = "check that the server runs" if self._url else "run `kb rebuild`, unless the disk is full"
            raise StorageError(f"the vector index in {place} cannot be used: {error}; {remedy}") from error


def remove(folder: Path) -> None:
    """Delete an embedded vector index from disk; a damaged one too."""
    shutil.rmtree(folder, ignore_errors=True)
