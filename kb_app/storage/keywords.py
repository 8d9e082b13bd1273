"""Keyword index: BM25 over character pairs and words, in tantivy."""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import tantivy

from kb_app.errors import StorageError
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from kb_app.storage.pending import IndexedChunk

MAX_PIECES = 200
NAME_WEIGHT = 0.3
_HEAP_BYTES = 64 << 20


class KeywordIndex:
    """Chunks by the words they hold. One process writes at a time; any number read."""

    def __init__(self, folder: Path, *, scripts: bool = True) -> None:
        """Open or make the index in ``folder``; ``scripts`` lets traditional and simplified characters meet."""
        self._folder = folder
        self.pieces = partial(keyword_pieces, scripts=scripts)
        self._schema = _schema()
        self._writer: tantivy.IndexWriter | None = None
        self._index = self._open()

    def add(self, chunks: Sequence[IndexedChunk]) -> None:
        """Add chunks, in place of what was there under their ids; readers see them after ``commit``."""
        self.delete([chunk.id for chunk in chunks])
        writer = self._writing()
        with self._explained():
            for chunk in chunks:
                fields = {
                    "chunk": chunk.id,
                    "doc": chunk.doc_id,
                    "body": " ".join(self.pieces(chunk.text)),
                    "name": " ".join(self.pieces(chunk.name)),
                }
                # The constructor would take a number as signed, which these fields are not.
                writer.add_document(tantivy.Document.from_dict(fields, self._schema))

    def delete(self, chunk_ids: Sequence[int]) -> None:
        """Remove chunks; readers see it after ``commit``."""
        if chunk_ids:
            writer = self._writing()
            with self._explained():
                # Deleting by term would take a number as signed too, and find nothing.
                writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "chunk", list(chunk_ids)))

    def commit(self) -> None:
        """Make all changes so far durable and visible."""
        with self._explained():
            if self._writer:
                self._writer.commit()
            self._index.reload()

    def close(self) -> None:
        """End writing and let go of tantivy's lock; uncommitted changes are dropped."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with self._explained():
                writer.wait_merging_threads()

    def reload(self) -> None:
        """See what another process has committed."""
        with self._explained():
            self._index.reload()

    def search(self, question: str, *, k: int, doc_ids: Collection[int] | None = None) -> list[tuple[int, float]]:
        """The chunks that hold the question's words.

        Args:
            question: Any text; its rarest ``MAX_PIECES`` pieces are looked for.
            k: Number of results at most.
            doc_ids: Only these documents; None means all.

        Returns:
            ``(chunk id, BM25 score)``, best first; equal scores by id.
        """
        searcher = self._index.searcher()
        pieces = self._rarest(searcher, question)
        if not pieces or (doc_ids is not None and not doc_ids):
            return []
        with self._explained():
            hits = searcher.search(self._query(pieces, doc_ids), limit=k, count=False).hits
            ids = searcher.fast_field_values("chunk", [address for _, address in hits])
        found = [(int(i or 0), float(score)) for i, (score, _) in zip(ids, hits, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def weights(self, pieces: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of pieces, as BM25 has it: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        searcher = self._index.searcher()
        total = searcher.num_docs
        counts = {piece: searcher.doc_freq("body", piece) for piece in pieces}
        return {piece: math.log(1 + (total - n + 0.5) / (n + 0.5)) for piece, n in counts.items() if n <= total}

    def reach(self, pieces: Collection[str]) -> float:
        """Share of pieces that any chunk holds, in [0, 1]: whether the words of a question can say anything here."""
        searcher = self._index.searcher()
        return sum(searcher.doc_freq("body", piece) > 0 for piece in pieces) / len(pieces) if pieces else 0.0

    def ids(self) -> list[int]:
        """All chunk ids in the index, in order."""
        searcher = self._index.searcher()
        with self._explained():
            hits = searcher.search(tantivy.Query.all_query(), limit=max(searcher.num_docs, 1), count=False).hits
            return sorted(int(i or 0) for i in searcher.fast_field_values("chunk", [address for _, address in hits]))

    def _rarest(self, searcher: tantivy.Searcher, question: str) -> list[str]:
        pieces = list(dict.fromkeys(self.pieces(question)))
        if len(pieces) > MAX_PIECES:
            pieces.sort(key=lambda piece: searcher.doc_freq("body", piece) or math.inf)
        return pieces[:MAX_PIECES]

    def _query(self, pieces: Sequence[str], doc_ids: Collection[int] | None) -> tantivy.Query:
        query, occur = tantivy.Query, tantivy.Occur
        parts = [(occur.Should, query.term_query(self._schema, "body", p, index_option="freq")) for p in pieces]
        names = [(occur.Should, query.term_query(self._schema, "name", p, index_option="freq")) for p in pieces]
        parts.append((occur.Should, query.boost_query(query.boolean_query(names), NAME_WEIGHT)))
        words = query.boolean_query(parts)
        if doc_ids is None:
            return words
        chosen = query.const_score_query(query.term_set_query(self._schema, "doc", list(doc_ids)), 0.0)
        return query.boolean_query([(occur.Must, words), (occur.Must, chosen)])

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            with self._explained():
                self._writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        return self._writer

    def _open(self) -> tantivy.Index:
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            return tantivy.Index(self._schema, path=str(self._folder))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise StorageError(
                f"the keyword index in {self._folder} cannot be used: {error}; "
                "if the disk is full make room and run again, else run `kb rebuild`"
            ) from error


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("chunk", "doc"):
        builder = builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("body", "name"):
        builder = builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
