"""One search over both indexes: fused, scored, the wanted versions of documents first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app.parts import ALL
from kb_app.search import versions
from kb_app.search.fusion import HEAD, POOL, convex_combination, reciprocal_rank_fusion
from kb_app.search.scoring import (
    Evidence,
    are_foreign,
    closeness,
    coverage,
    focus,
    missing_numbers,
    sentence_pieces,
)
from kb_app.search.selection import matching_documents
from kb_app.text import han_share, keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kb_app.models.languages import AcrossLanguages, Background
    from kb_app.parts import Parts
    from kb_app.search.fusion import Fused, Ranking
    from kb_app.search.scoring import Score
    from kb_app.storage.catalog import Catalog
    from kb_app.storage.keywords import KeywordIndex
    from kb_app.storage.vectors import Vector, VectorIndex
    from kb_app.types import Passage

ENOUGH_REACH = 0.5
"""Share of a question's pieces that the keyword index must hold for its scores to count in full."""

NO_VECTOR = 0.3


class Searcher:
    """Finds passages in a catalog's keyword and vector indexes."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it searches, and how
        self,
        catalog: Catalog,
        keywords: KeywordIndex,
        vectors: VectorIndex,
        embedder: AcrossLanguages,
        score: Score,
        parts: Parts = ALL,
        rerank: Callable[[str, Sequence[str]], Sequence[float]] | None = None,
    ) -> None:
        """Wire it.

        Args:
            catalog: Holds the passages.
            keywords: Finds by words.
            vectors: Finds by meaning.
            embedder: What made the vectors.
            score: How well a passage fits, from what both searches know.
            parts: What of it is at work.
            rerank: Gives the probabilities that texts answer a question; takes the place of ``score`` where it is set.
        """
        self._catalog = catalog
        self._keywords = keywords
        self._vectors = vectors
        self._embedder = embedder
        self._score = score
        self._parts = parts
        self._rerank = rerank if parts.rerank else None
        self._versions: tuple[int, Mapping[int, versions.Version]] = (-1, {})

    def find(self, question: str, vector: Vector, *, k: int, where: Mapping[str, str] | None = None) -> list[Passage]:
        """The passages that fit a question, best first.

        Args:
            question: In any language.
            vector: Of the question, float32 of shape ``(dimension,)`` and unit length.
            k: Number of passages at most.
            where: Which documents may be found, as in ``kb_app.search.selection``.

        Raises:
            QuestionError: A filter is unknown.
            ModelError: The embedding model or the reranker does not answer.
        """
        known = self.versions()
        scored = [
            replace(passage, score=round(passage.score * _wanted(known, passage, question), 4))
            for passage in self._reranked(
                question, [found for found, _ in self.explain(question, vector, k=k, where=where)]
            )
        ]
        return sorted(scored, key=lambda passage: -passage.score)[:k]

    def explain(
        self, question: str, vector: Vector, *, k: int, where: Mapping[str, str] | None = None
    ) -> list[tuple[Passage, Evidence]]:
        """What both searches bring for a question and what is known of it, in the order of fusing; for fitting a score.

        The arguments are those of ``find``; ``score`` is that of the evidence alone.
        """
        doc_ids = matching_documents(self._catalog.descriptions(), where) if where else None
        keyword = self._keywords.search(question, k=POOL, doc_ids=doc_ids) if self._parts.keyword else []
        dense = self._dense(question, vector, doc_ids) if self._parts.dense else []
        asked = self._asked(question, vector, dense)
        passages = self._catalog.passages({chunk_id for chunk_id, _ in (*keyword, *dense)})
        asked.usual.update(self._usual(question, asked.cosines, passages))
        fused = _settled(self._fused(keyword, asked.ranked(passages), asked.reach), passages)
        return self._with_evidence(asked, passages, fused[: max(k, HEAD)])

    def _dense(self, question: str, vector: Vector, doc_ids: Collection[int] | None) -> Ranking:
        """Chunks near the question, and near the question as if it had been asked in the other language."""
        moved = self._embedder.moved(vector, han_share(question))
        found = [chunk_id for chunk_id, _ in self._vectors.search(moved, k=POOL, doc_ids=doc_ids)]
        near = dict(self._vectors.search(vector, k=POOL, doc_ids=doc_ids))
        others = self._vectors.vectors([chunk_id for chunk_id in found if chunk_id not in near])
        return [*near.items(), *((chunk_id, float(stored @ vector)) for chunk_id, stored in others.items())]

    def _usual(self, question: str, chunk_ids: Collection[int], passages: Mapping[int, Passage]) -> dict[int, float]:
        """How near chunks in the other language are to any question: tables and formulas are near to all."""
        share = han_share(question)
        foreign = [i for i in chunk_ids if i in passages and are_foreign(share, han_share(passages[i].text))]
        stored = self._vectors.vectors(foreign) if foreign else {}
        return {chunk_id: self._embedder.usual(vector, share) for chunk_id, vector in stored.items()}

    def _asked(self, question: str, vector: Vector, dense: Ranking) -> _Asked:
        weights = self._keywords.weights(self._keywords.pieces(question))
        return _Asked(
            question, vector, weights, self._keywords.reach(weights), self._embedder.background, dict(dense), {}
        )

    def _fused(self, keyword: Ranking, dense: Ranking, reach: float) -> list[Fused]:
        if not self._parts.fusion:
            return reciprocal_rank_fusion(keyword, dense)
        return convex_combination(keyword, dense, say=min(1.0, reach / ENOUGH_REACH))

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

    def _with_evidence(
        self, asked: _Asked, passages: Mapping[int, Passage], fused: Sequence[Fused]
    ) -> list[tuple[Passage, Evidence]]:
        unknown = [item.id for item in fused if item.id not in asked.cosines]
        for chunk_id, stored in self._vectors.vectors(unknown).items():
            asked.cosines[chunk_id] = float(stored @ asked.vector)
        known = [(item, asked.evidence(item.id, passages[item.id])) for item in fused]
        alone = all(evidence.foreign for _, evidence in known)
        return [
            (replace(passages[item.id], score=self._score(evidence, alone=alone), found_by=item.found_by), evidence)
            for item, evidence in known
        ]

    def _reranked(self, question: str, scored: Sequence[Passage]) -> Sequence[Passage]:
        """The passages with the reranker's probabilities, where there is one; equal ones in the order of the score."""
        if not self._rerank or not scored:
            return scored
        ordered = sorted(scored, key=lambda passage: -passage.score)
        judged = self._rerank(question, [with_headings(passage) for passage in ordered])
        return [replace(passage, score=score) for passage, score in zip(ordered, judged, strict=True)]


def merged(found: Sequence[Sequence[Passage]]) -> list[Passage]:
    """Several searches as one, by score, as long as the longest of them; the best passage of each is in it."""
    best: dict[str, Passage] = {}
    for passage in (passage for passages in found for passage in passages):
        known = best.get(passage.chunk_id)
        if known is None or passage.score > known.score:
            best[passage.chunk_id] = passage
    leaders = {passages[0].chunk_id for passages in found if passages}
    ranked = sorted(best.values(), key=lambda passage: (passage.chunk_id not in leaders, -passage.score))
    return sorted(ranked[: max(map(len, found), default=0)], key=lambda passage: -passage.score)


def _settled(fused: Sequence[Fused], passages: Mapping[int, Passage]) -> list[Fused]:
    """Equal ones, to six digits, in the order of their places: ids follow the order of reading, which varies."""
    known = [item for item in fused if item.id in passages]
    return sorted(known, key=lambda item: (-round(item.score, 6), passages[item.id].source, passages[item.id].start))


def _wanted(known: Mapping[int, versions.Version], passage: Passage, question: str) -> float:
    """How much the version of a document that a passage is from counts."""
    version = known.get(int(passage.doc_id))
    return versions.weight(version, question) if version else 1.0


def with_headings(passage: Passage) -> str:
    """What a reranker reads: a passage below the headings that it does not hold itself."""
    above = [heading for heading in passage.headings if heading not in passage.text]
    return "\n".join([" > ".join(above), passage.text]) if above else passage.text


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the search knows it.

    ``cosines`` of chunks, and the ``usual`` ones of those in the other language, are filled in as they become known.
    """

    question: str
    vector: Vector
    weights: Mapping[str, float]
    reach: float
    background: Background
    cosines: dict[int, float]
    usual: dict[int, float]

    def ranked(self, passages: Mapping[int, Passage]) -> Ranking:
        """The chunks by closeness, for which their language plays no part."""
        share = han_share(self.question)
        close = [
            (i, self._close(i, cosine, share, han_share(passages[i].text)))
            for i, cosine in self.cosines.items()
            if i in passages
        ]
        return sorted(close, key=lambda pair: (-pair[1], pair[0]))[:POOL]

    def evidence(self, chunk_id: int, passage: Passage) -> Evidence:
        """What is known of a chunk."""
        mine, its = han_share(self.question), han_share(passage.text)
        sentences = sentence_pieces(passage.text)
        pieces = set(keyword_pieces(" ".join(passage.headings))).union(*sentences)
        covered = coverage(self.weights, pieces)
        cosine = self.cosines.get(chunk_id)
        # A passage that has no vector yet is judged by its words, and in its favour: it was found by them.
        close = NO_VECTOR + covered / 2 if cosine is None else self._close(chunk_id, cosine, mine, its)
        return Evidence(
            coverage=covered,
            focus=focus(self.question, self.weights, sentences),
            closeness=close,
            missing=self._missing(passage, pieces),
            foreign=are_foreign(mine, its),
        )

    def _missing(self, passage: Passage, pieces: set[str]) -> float:
        if not missing_numbers(self.weights, pieces):
            return 0.0
        return missing_numbers(self.weights, pieces | set(keyword_pieces(f"{passage.title}\n{passage.source}")))

    def _close(self, chunk_id: int, cosine: float, question: float, passage: float) -> float:
        background = self.background.between(question, passage)
        return closeness(cosine, max(background, self.usual.get(chunk_id, background)))
