"""One search over both indexes: fused, scored, the wanted versions of documents first."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kb_app import retrieval, versions
from kb_app.selection import matching_documents
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb_app.models.embedding import Embedder
    from kb_app.storage.catalog import Catalog
    from kb_app.storage.keywords import KeywordIndex
    from kb_app.storage.vectors import Vector, VectorIndex
    from kb_app.types import Passage


class Searcher:
    """Finds passages in a catalog's keyword and vector indexes."""

    def __init__(self, catalog: Catalog, keywords: KeywordIndex, vectors: VectorIndex, embedder: Embedder) -> None:
        self._catalog = catalog
        self._keywords = keywords
        self._vectors = vectors
        self._embedder = embedder
        self._versions: tuple[int, Mapping[int, versions.Version]] = (-1, {})

    def find(self, question: str, vector: Vector, *, k: int, where: Mapping[str, str] | None = None) -> list[Passage]:
        """The passages that fit a question, best first.

        Args:
            question: In any language.
            vector: Of the question, float32 of shape ``(dimension,)`` and unit length.
            k: Number of passages at most.
            where: Which documents may be found, as in ``kb_app.selection``.

        Raises:
            QuestionError: A filter is unknown.
        """
        doc_ids = matching_documents(self._catalog.descriptions(), where) if where else None
        keyword = self._keywords.search(question, k=retrieval.POOL, doc_ids=doc_ids)
        dense = self._vectors.search(vector, k=retrieval.POOL, doc_ids=doc_ids)
        fused = retrieval.convex_combination(keyword, dense)
        scored = self._scored(question, vector, dict(dense), fused[: max(k, retrieval.HEAD)])
        return sorted(scored, key=lambda passage: -passage.score)[:k]

    def versions(self) -> Mapping[int, versions.Version]:
        """The documents that others are versions of, by id; looked for anew when the catalog has changed."""
        generation = self._catalog.generation()
        if self._versions[0] != generation:
            self._versions = (generation, versions.find_versions(self._catalog.descriptions()))
        return self._versions[1]

    def version_note(self, passages: Sequence[Passage]) -> str:
        """One line on which versions of documents the passages are from; empty where there are no others."""
        known = self.versions()
        return versions.note({p.title: known[int(p.doc_id)] for p in passages if int(p.doc_id) in known})

    def _scored(
        self, question: str, vector: Vector, cosines: dict[int, float], fused: Sequence[retrieval.Fused]
    ) -> list[Passage]:
        """The passages of ranked chunk ids, each with its score."""
        passages = self._catalog.passages([item.id for item in fused])
        weights = self._keywords.weights(keyword_pieces(question))
        unknown = [item.id for item in fused if item.id in passages and item.id not in cosines]
        for chunk_id, stored in self._vectors.vectors(unknown).items():
            cosines[chunk_id] = float(stored @ vector)
        known = self.versions()
        scored = []
        for item in fused:
            if passage := passages.get(item.id):
                covered = retrieval.coverage(weights, f"{passage.text}\n{' '.join(passage.headings)}")
                close = retrieval.closeness(cosines.get(item.id), covered, background=self.background)
                version = known.get(int(passage.doc_id))
                wanted = versions.weight(version, question) if version else 1.0
                score = round(retrieval.relevance(covered, close) * wanted, 4)
                scored.append(replace(passage, score=score, found_by=item.found_by))
        return scored

    @cached_property
    def background(self) -> float:
        """The mean cosine that the embedding model gives to texts without anything in common."""
        questions = [self._embedder.embed_query(text) for text in retrieval.UNRELATED]
        texts = list(self._embedder.embed_documents(retrieval.UNRELATED))
        cosines = [float(q @ t) for i, q in enumerate(questions) for j, t in enumerate(texts) if i != j]
        return sum(cosines) / len(cosines)
