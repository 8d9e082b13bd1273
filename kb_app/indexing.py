"""Makes both indexes follow the catalog; whatever was interrupted is taken up where it was."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from kb_app.models.embedding import Embedder, Vector
    from kb_app.storage.keywords import KeywordIndex
    from kb_app.storage.pending import IndexedChunk, Pending
    from kb_app.storage.vectors import VectorIndex

BATCH = 128


class Indexer:
    """Brings what the catalog has to both indexes. Needs the writer's lock."""

    def __init__(self, pending: Pending, keywords: KeywordIndex, vectors: VectorIndex, embedder: Embedder) -> None:
        self._pending = pending
        self._keywords = keywords
        self._vectors = vectors
        self.embedder = embedder

    def run(self, *, on_embedded: Callable[[int], None] | None = None) -> int:
        """Do all that is pending; returns the number of texts that were embedded."""
        self.delete()
        self.update_keywords()
        return self.update_vectors(on_embedded=on_embedded)

    def delete(self) -> None:
        """Take deleted chunks out of both indexes, then out of the catalog."""
        while ids := self._pending.deleted():
            self._keywords.delete(ids)
            self._keywords.commit()
            self._vectors.delete(ids)
            self._pending.forget(ids)

    def update_keywords(self) -> None:
        """Add the chunks that the keyword index does not have; they can be found on return."""
        while chunks := self._pending.without_keywords():
            self._keywords.add(chunks)
            self._keywords.commit()
            self._pending.mark_keywords([chunk.id for chunk in chunks])

    def update_vectors(
        self,
        *,
        wait_for_more: Callable[[], bool] = lambda: False,
        stop: Callable[[], bool] = lambda: False,
        on_embedded: Callable[[int], None] | None = None,
    ) -> int:
        """Embed the chunks that have no vector; those whose text has one elsewhere take that.

        Args:
            wait_for_more: Asked when nothing is left to do; waits a moment and says whether more may come.
            stop: Asked before each text; once it says yes, what is made already is stored and the rest stays pending.
            on_embedded: Told the number of vectors after each batch that was stored.

        Returns:
            The number of texts that were embedded.
        """
        waiting: deque[IndexedChunk] = deque()

        def texts() -> Iterator[str]:
            for chunk in self._fresh(wait_for_more, stop):
                waiting.append(chunk)
                yield chunk.text

        embedded = 0
        vectors = _until_stopped(self.embedder.embed_documents(texts()))
        while batch := list(islice(vectors, BATCH)):
            self._store([waiting.popleft() for _ in batch], batch)
            embedded += len(batch)
            if on_embedded:
                on_embedded(embedded)
        return embedded

    def _fresh(self, wait_for_more: Callable[[], bool], stop: Callable[[], bool]) -> Iterator[IndexedChunk]:
        """Pending chunks as they come, without those that could take the vector of an equal text."""
        last = 0
        may_come = True
        while True:
            _end_if(stop)
            page = self._pending.without_vector(after=last)
            if page:
                last = page[-1].id
                for chunk in self._without_twins(page):
                    _end_if(stop)
                    yield chunk
            elif not may_come:
                return
            else:  # what came while it waited is looked for once more
                may_come = wait_for_more()

    def _without_twins(self, page: list[IndexedChunk]) -> Iterator[IndexedChunk]:
        twins = self._pending.twins([chunk.digest for chunk in page])
        known = self._vectors.vectors(list(twins.values())) if twins else {}
        copies = [chunk for chunk in page if twins.get(chunk.digest) in known]
        if copies:
            self._store(copies, [known[twins[chunk.digest]] for chunk in copies])
        copied = {chunk.id for chunk in copies}
        return (chunk for chunk in page if chunk.id not in copied)

    def _store(self, chunks: list[IndexedChunk], vectors: list[Any]) -> None:
        self._vectors.add([chunk.id for chunk in chunks], vectors, [chunk.doc_id for chunk in chunks])
        self._pending.mark_vectors([chunk.id for chunk in chunks])


class _StoppedError(Exception):
    """Passes through the embedding model: texts that merely ended would have it embed the rest of its batch."""


def _end_if(stop: Callable[[], bool]) -> None:
    if stop():
        raise _StoppedError


def _until_stopped(vectors: Iterator[Vector]) -> Iterator[Vector]:
    with suppress(_StoppedError):
        yield from vectors
