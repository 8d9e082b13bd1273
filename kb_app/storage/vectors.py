"""Vector index: one Chroma collection a knowledge base, embedded in this process or on a server."""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from kb_app.errors import StorageError
from kb_app.storage.chroma import Opening, delete_collection
from kb_app.storage.memory import FEW, FILTERS, KEPT_BYTES, KEPT_IDS, Memory, Selected
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Vector = NDArray[np.float32]
    Found = list[list[tuple[int, float]]]

_PAGE = 1000
# Chroma hands every value of a filter to SQLite, which takes 32,766.
_FILTER = 10_000
# The chunks of fewer documents than this may be few; those of more are looked for among so many times the nearest.
_MANY = 20
_WIDER, _WIDEST = 3, 8
_REASON_LENGTH = 300
_SERVER_REMEDY = "start the Chroma server or correct KB_CHROMA_URL; if it runs, run `kb rebuild`"


class VectorIndex:
    """Chunks by the meaning of their text: cosine over unit vectors.

    An embedded Chroma never notices what another process writes; ``reload`` makes it look again.
    """

    def __init__(self, folder: Path, name: str, *, url: str = "") -> None:
        self._folder = folder
        self._name = name
        self._url = url
        self._opening = Opening(folder, name, url=url)
        self._memory = Memory()

    def add(self, ids: Sequence[int], vectors: Sequence[Vector], doc_ids: Sequence[int]) -> None:
        """Store vectors, in place of what was there under their ids; visible and durable on return."""
        with self._explained(), self._changed():
            for at in range(0, len(ids), _PAGE):
                self._collection.upsert(
                    ids=[str(i) for i in ids[at : at + _PAGE]],
                    embeddings=np.asarray(vectors[at : at + _PAGE], dtype=np.float32),
                    metadatas=[{"doc": doc_id} for doc_id in doc_ids[at : at + _PAGE]],
                )

    def delete(self, ids: Sequence[int]) -> None:
        """Remove vectors; ids that are not there are passed over."""
        with self._explained(), self._changed():
            for at in range(0, len(ids), _PAGE):
                self._collection.delete(ids=[str(i) for i in ids[at : at + _PAGE]])

    def search(self, vector: Vector, *, k: int, doc_ids: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The chunks nearest to a vector.

        Returns:
            ``(chunk id, cosine)``, best first; equal cosines by id.
        """
        return self.search_all([vector], k=k, doc_ids=doc_ids)[0]

    def search_all(
        self, vectors: Sequence[Vector], *, k: int, doc_ids: Collection[int] | None = None
    ) -> list[list[tuple[int, float]]]:
        """``search`` for several vectors, in one request."""
        with self._explained():
            found = self._query(vectors, k) if doc_ids is None else self._among(vectors, k, frozenset(doc_ids))
        return [sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k] for pairs in found]

    def _among(self, vectors: Sequence[Vector], k: int, doc_ids: frozenset[int]) -> Found:
        """The nearest of some documents."""
        if not doc_ids:
            return [[] for _ in vectors]
        memory = self._memory  # before anything is read: what is read after a change goes to the next one
        selected = memory.selected.known([doc_ids]).get(doc_ids)
        if selected is None and len(doc_ids) < _MANY:
            selected = self._select(doc_ids, memory)
        if selected is None or selected.vectors is None:
            found = self._among_nearest(vectors, k, doc_ids, memory)
            if min(map(len, found)) >= k:
                return found
        selected = selected or self._select(doc_ids, memory)
        if selected.vectors is not None:
            return [selected.nearest(vector, k) for vector in vectors]
        pages = [self._query(vectors, k, where) for where in _conditions(doc_ids)]
        return [[pair for page in pages for pair in page[at]] for at in range(len(vectors))]

    def _among_nearest(self, vectors: Sequence[Vector], k: int, doc_ids: frozenset[int], memory: Memory) -> Found:
        """Those of wanted documents among the nearest of all; fewer than ``k`` where they are rare there."""
        near = [sorted(pairs, key=lambda pair: -pair[1]) for pairs in self._query(vectors, _WIDEST * k)]
        found: Found = []
        for wider in (_WIDER * k, _WIDEST * k):
            doc_of = self._documents({i for pairs in near for i, _ in pairs[:wider]}, memory)
            found = [[pair for pair in pairs[:wider] if doc_of.get(pair[0]) in doc_ids] for pairs in near]
            fewest = min(map(len, found))
            if fewest >= k or fewest * _WIDEST < k * _WIDER:
                break
        return found

    def _documents(self, ids: Collection[int], memory: Memory) -> dict[int, int]:
        """The documents of chunks."""
        known = memory.doc_ids.known(ids)
        read: dict[int, int] = {}
        for page in self._pages([i for i in ids if i not in known], "metadatas"):
            read |= {int(i): int(data["doc"]) for i, data in zip(page["ids"], page["metadatas"], strict=True)}
        memory.doc_ids.keep(read, at_most=KEPT_IDS)
        return known | read

    def _select(self, doc_ids: frozenset[int], memory: Memory) -> Selected:
        """The chunks of some documents, without their vectors if there are many."""
        ids: list[str] = []
        rows: list[Any] = []
        for where in _conditions(doc_ids):
            page = self._collection.get(where=where, limit=FEW + 1 - len(ids), include=["embeddings"])
            ids += page["ids"]
            rows += [*page["embeddings"]]
            if len(ids) > FEW:
                break
        few = len(ids) <= FEW
        selected = Selected(tuple(map(int, ids)), np.array(rows, np.float32)) if few else Selected()
        memory.selected.keep({doc_ids: selected}, at_most=FILTERS)
        return selected

    def _query(self, vectors: Sequence[Vector], k: int, where: dict[str, Any] | None = None) -> Found:
        page = self._collection.query(query_embeddings=list(vectors), n_results=k, where=where, include=["distances"])
        return [
            [(int(i), 1.0 - float(distance)) for i, distance in zip(*rows, strict=True)]
            for rows in zip(page["ids"], page["distances"], strict=True)
        ]

    def vectors(self, ids: Sequence[int]) -> dict[int, Vector]:
        """The stored vectors of ids; those that are not there are left out."""
        memory = self._memory
        found = memory.vectors.known(ids)
        read = self._read([i for i in ids if i not in found])
        if read:
            size = next(iter(read.values())).nbytes
            memory.vectors.keep(read, at_most=KEPT_BYTES // size)
        return found | read

    def _read(self, ids: Sequence[int]) -> dict[int, Vector]:
        found: dict[int, Vector] = {}
        with self._explained():
            for page in self._pages(ids, "embeddings"):
                # A copy of each row: one that is kept would hold on to the whole page.
                found |= {int(i): np.array(v, np.float32) for i, v in zip(page["ids"], page["embeddings"], strict=True)}
        return found

    def _pages(self, ids: Sequence[int], what: str) -> Iterator[Any]:
        for at in range(0, len(ids), _PAGE):
            yield self._collection.get(ids=[str(i) for i in ids[at : at + _PAGE]], include=[what])

    def ids(self) -> list[int]:
        """All chunk ids in the index, in order."""
        found: list[int] = []
        with self._explained():
            while page := self._collection.get(limit=_PAGE, offset=len(found), include=[])["ids"]:
                found.extend(map(int, page))
        return sorted(found)

    def reload(self) -> None:
        """See what another process has written, at the next use."""
        # A collection that was dropped and made anew has another identity, on a server too. One that is being opened
        # at this moment may be of before, and goes with those who wait for it.
        self._opening = Opening(self._folder, self._name, url=self._url)
        self._memory = Memory()

    def close(self) -> None:
        """Let go of Chroma's files and threads, once nobody searches any more; the next use opens it again."""
        self.reload()

    def drop(self) -> None:
        """Delete the collection on a server; an embedded one goes with its folder."""
        if self._url:
            from chromadb.errors import NotFoundError

            self.reload()
            with self._explained(), contextlib.suppress(NotFoundError):
                delete_collection(self._name, url=self._url)

    @property
    def _collection(self) -> Any:
        return self._opening.collection()

    @contextmanager
    def _changed(self) -> Iterator[None]:
        try:
            yield
        finally:  # half of a change is one too
            self._memory = Memory()

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


def _conditions(doc_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    """One filter for each query that is needed; together they let every document through once."""
    wanted = sorted(doc_ids)
    for at in range(0, len(wanted), _FILTER):
        yield {"doc": {"$in": wanted[at : at + _FILTER]}}
