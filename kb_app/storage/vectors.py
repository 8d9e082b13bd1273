"""Vector index: one Chroma collection a knowledge base, embedded in this process or on a server."""

from __future__ import annotations

import contextlib
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from kb_app.errors import StorageError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_PAGE = 1000
# Chroma hands every value of a filter to SQLite, which takes 32,766.
_FILTER = 10_000
# A filter of more documents than this is slower than looking through so many times more of the nearest.
_MANY = 20
_WIDER = 8
_REASON_LENGTH = 300
_SERVER_REMEDY = "start the Chroma server or correct KB_CHROMA_URL; if it runs, run `kb rebuild`"
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
        with self._explained():
            found = self._among_nearest(vector, k, doc_ids) if doc_ids else []
            if len(found) < k:
                found = [pair for where in _conditions(doc_ids) for pair in self._query(vector, k, where)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def _among_nearest(self, vector: Vector, k: int, doc_ids: Collection[int]) -> list[tuple[int, float]]:
        """Those of wanted documents among the nearest of all: a long list of ids is slow to search by."""
        if len(doc_ids) < _MANY:
            return []
        page = self._collection.query(
            query_embeddings=[vector], n_results=_WIDER * k, include=["distances", "metadatas"]
        )
        wanted = set(doc_ids)
        rows = zip(page["ids"][0], page["distances"][0], page["metadatas"][0], strict=True)
        return [(int(i), 1.0 - float(distance)) for i, distance, data in rows if data["doc"] in wanted]

    def _query(self, vector: Vector, k: int, where: dict[str, Any] | None) -> Iterator[tuple[int, float]]:
        page = self._collection.query(query_embeddings=[vector], n_results=k, where=where, include=["distances"])
        for i, distance in zip(page["ids"][0], page["distances"][0], strict=True):
            yield int(i), 1.0 - float(distance)

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
        # A collection that was dropped and made anew has another identity, on a server too.
        self._opened = None

    def drop(self) -> None:
        """Delete the collection on a server; an embedded one goes with its folder."""
        if self._url:
            from chromadb.errors import NotFoundError

            self._opened = None
            with self._explained(), contextlib.suppress(NotFoundError):
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
            host, port, is_tls = _server(self._url)
            return chromadb.HttpClient(host=host, port=port, ssl=is_tls, settings=quiet)
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
            remedy = _SERVER_REMEDY if self._url else "run `kb rebuild`, unless the disk is full"
            raise StorageError(
                f"the vector index in {place} cannot be used: {one_line(str(error), _REASON_LENGTH)}; {remedy}"
            ) from error


def remove(folder: Path) -> None:
    """Delete an embedded vector index from disk; a damaged one too."""
    shutil.rmtree(folder, ignore_errors=True)


def _conditions(doc_ids: Collection[int] | None) -> Iterator[dict[str, Any] | None]:
    """One filter for each query that is needed; together they let every document through once."""
    if doc_ids is None:
        yield None
        return
    wanted = sorted(set(doc_ids))
    for at in range(0, len(wanted), _FILTER):
        yield {"doc": {"$in": wanted[at : at + _FILTER]}}


def _server(url: str) -> tuple[str, int, bool]:
    """Host, port and whether to encrypt, of a Chroma server's URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StorageError(f"KB_CHROMA_URL is {url!r}, which is no address; write for example http://127.0.0.1:8000")
    is_tls = parts.scheme == "https"
    return parts.hostname, port or (443 if is_tls else 8000), is_tls
