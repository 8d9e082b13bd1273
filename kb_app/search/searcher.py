"""One search over both indexes: fused, scored, the wanted versions of documents first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kb_app.parts import ALL
from kb_app.search import references, second_look, versions
from kb_app.search.asked import Asked
from kb_app.search.documents import Documents
from kb_app.search.fusion import HEAD, POOL, convex_combination, reciprocal_rank_fusion
from kb_app.text import han_share

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kb_app.models.languages import AcrossLanguages
    from kb_app.parts import Parts
    from kb_app.search.fusion import Fused, Ranking
    from kb_app.search.scoring import Evidence, Score
    from kb_app.storage.catalog import Catalog
    from kb_app.storage.keywords import KeywordIndex
    from kb_app.storage.passages import Outline
    from kb_app.storage.vectors import Vector, VectorIndex
    from kb_app.types import Passage

NAMED = 10
"""Chunks, at most, that each search brings from the documents that a question names."""

FIRST = 3
"""Chunks that are scored wherever fusing puts them: the first of each search, and of those in the other language. A
long table, or the documents in the question's language, can fill all places before them."""

LABELLED = 30
"""Chunks, at most, in which the number is looked for by which a question calls a part of a document."""

ENOUGH_REACH = 0.5
"""Share of a question's pieces that the keyword index must hold for its scores to count in full."""


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
        self._documents = Documents(catalog)
        self._keywords = keywords
        self._vectors = vectors
        self._embedder = embedder
        self._sentences = second_look.Sentences(embedder.embed_documents)
        self._score = score
        self._parts = parts
        self._rerank = rerank if parts.rerank else None

    def find(
        self,
        question: str,
        vector: Vector,
        *,
        k: int,
        where: Mapping[str, str] | None = None,
        beside: Sequence[str] = (),
    ) -> list[Passage]:
        """The passages that fit a question, best first.

        Args:
            question: In any language.
            vector: Of the question, float32 of shape ``(dimension,)`` and unit length.
            k: Number of passages at most.
            where: Which documents may be found, as in ``kb_app.search.selection``.
            beside: Other questions that are asked with it: where it names no document, those count that they name.

        Raises:
            QuestionError: A filter is unknown.
            ModelError: The embedding model or the reranker does not answer.
        """
        found = [passage for passage, _ in self.explain(question, vector, k=k, where=where, beside=beside)]
        return versions.in_order(self._reranked(question, found), self._documents.versions(), question)[:k]

    def explain(
        self,
        question: str,
        vector: Vector,
        *,
        k: int,
        where: Mapping[str, str] | None = None,
        beside: Sequence[str] = (),
    ) -> list[tuple[Passage, Evidence]]:
        """What both searches bring for a question and what is known of it, in the order of fusing; for fitting a score.

        The arguments are those of ``find``; ``score`` is that of the evidence alone.
        """
        doc_ids = self._documents.selected(where) if where else None
        head = max(k, HEAD)
        keyword = self._keywords.search(question, k=POOL, doc_ids=doc_ids) if self._parts.keyword else []
        dense = self._dense(question, vector, doc_ids, keyword[:head]) if self._parts.dense else []
        asked = self._asked(question, vector, dense)
        keyword += self._of_named(asked, doc_ids, keyword, beside)
        keyword += self._labelled(asked, doc_ids, keyword)
        outlines = self._catalog.outlines({*asked.cosines, *(chunk_id for chunk_id, _ in keyword)})
        asked.usual.update(self._usual(asked, outlines))
        ranked, foreign = asked.ranked(outlines), set(asked.foreign(outlines))
        first = (keyword[:FIRST], ranked[:FIRST], [pair for pair in ranked if pair[0] in foreign][:FIRST])
        asked.also.update(chunk_id for ranking in first for chunk_id, _ in ranking)
        fused = _settled(self._fused(keyword, ranked, asked.reach), outlines)
        return self._with_evidence(asked, fused[:head] + [item for item in fused[head:] if item.id in asked.also])

    def _of_named(
        self, asked: Asked, doc_ids: frozenset[int] | None, keyword: Ranking, beside: Sequence[str]
    ) -> Ranking:
        """Further chunks by their words of the documents that a question names; those by their meaning go to it."""
        named = self._documents.named(asked.question) or frozenset().union(*map(self._documents.named, beside))
        named = named if doc_ids is None else named & doc_ids
        if not named:
            return []
        asked.named.update(named)
        words = self._keywords.search(asked.question, k=NAMED, doc_ids=named) if self._parts.keyword else []
        near = self._vectors.search(asked.vector, k=NAMED, doc_ids=named) if self._parts.dense else []
        asked.also.update(chunk_id for chunk_id, _ in (*words, *near))
        asked.cosines.update((chunk_id, cosine) for chunk_id, cosine in near if chunk_id not in asked.cosines)
        known = dict(keyword)
        return [pair for pair in words if pair[0] not in known]

    def _labelled(self, asked: Asked, doc_ids: frozenset[int] | None, keyword: Ranking) -> Ranking:
        """Chunks that begin with the number by which the question calls a part: its other words may hide them."""
        wording = references.wording(asked.question) if self._parts.keyword else ""
        if not wording:
            return []
        found = [chunk_id for chunk_id, _ in self._keywords.search(wording, k=LABELLED, doc_ids=doc_ids)]
        begun = references.opening(asked.question, self._catalog.passages(found))
        asked.also.update(begun)
        known = dict(keyword)
        return [(chunk_id, 0.0) for chunk_id in begun if chunk_id not in known]

    def _dense(self, question: str, vector: Vector, doc_ids: Collection[int] | None, keyword: Ranking) -> Ranking:
        """Chunks near the question, and near the question as if it had been asked in the other language."""
        moved = self._embedder.moved(vector, han_share(question))
        near, found = self._vectors.search_all([vector, moved], k=POOL, doc_ids=doc_ids)
        known = dict(near)
        others = dict.fromkeys(chunk_id for chunk_id, _ in found if chunk_id not in known)
        # One request for these and for what fusing may choose by its words alone: the index keeps what it has read.
        stored = self._vectors.vectors([*others, *(i for i, _ in keyword if i not in known and i not in others)])
        return [*near, *((chunk_id, float(stored[chunk_id] @ vector)) for chunk_id in others if chunk_id in stored)]

    def _usual(self, asked: Asked, outlines: Mapping[int, Outline]) -> dict[int, float]:
        """How near chunks in the other language are to any question: tables and formulas are near to all."""
        foreign = asked.foreign(outlines)
        stored = self._vectors.vectors(foreign) if foreign else {}
        return {chunk_id: self._embedder.usual(vector, asked.share) for chunk_id, vector in stored.items()}

    def _asked(self, question: str, vector: Vector, dense: Ranking) -> Asked:
        weights = self._keywords.weights(self._keywords.pieces(question))
        return Asked(question, vector, weights, self._keywords.reach(weights), self._embedder.background, dict(dense))

    def _fused(self, keyword: Ranking, dense: Ranking, reach: float) -> list[Fused]:
        if not self._parts.fusion:
            return reciprocal_rank_fusion(keyword, dense)
        return convex_combination(keyword, dense, say=min(1.0, reach / ENOUGH_REACH))

    def version_note(self, passages: Sequence[Passage], question: str) -> str:
        """One line on which versions of documents the passages are from; empty where there are no others."""
        known = self._documents.versions()
        return versions.note({p.title: known[int(p.doc_id)] for p in passages if int(p.doc_id) in known}, question)

    def _with_evidence(self, asked: Asked, fused: Sequence[Fused]) -> list[tuple[Passage, Evidence]]:
        passages = self._catalog.passages([item.id for item in fused])
        fused = [item for item in fused if item.id in passages]
        unknown = [item.id for item in fused if item.id not in asked.cosines]
        for chunk_id, stored in self._vectors.vectors(unknown).items():
            asked.cosines[chunk_id] = float(stored @ asked.vector)
        asked.astray.update(references.astray(asked.question, passages))
        known = [(item, asked.evidence(item.id, passages[item.id])) for item in fused]
        alone = all(evidence.foreign for _, evidence in known[:HEAD])
        score = partial(self._score, alone=alone)
        if self._parts.second_look and not self._rerank:
            known = self._looked_at_again(asked, known, passages, score)
        least_of = references.least(asked.question, passages)
        scores = [score(one) if one.unnamed else max(score(one), least_of.get(item.id, 0.0)) for item, one in known]
        # Fusing has chosen the head: what a longer list adds stays behind it, so that it begins as a shorter one.
        behind = [place >= HEAD and item.id not in asked.also for place, (item, _) in enumerate(known)]
        least = min((score for score, is_behind in zip(scores, behind, strict=True) if not is_behind), default=1.0)
        return [
            (
                replace(passages[item.id], score=min(score, least if is_behind else 1.0), found_by=item.found_by),
                evidence,
            )
            for (item, evidence), score, is_behind in zip(known, scores, behind, strict=True)
        ]

    def _looked_at_again(
        self,
        asked: Asked,
        known: Sequence[tuple[Fused, Evidence]],
        passages: Mapping[int, Passage],
        score: Callable[[Evidence], float],
    ) -> list[tuple[Fused, Evidence]]:
        """What is known, with the nearest sentences of the best passages where none of them fits clearly."""
        scores = {item.id: score(evidence) for item, evidence in known}
        texts = {chunk_id: passages[chunk_id].text for chunk_id in second_look.doubtful(scores)}
        cosines = second_look.nearest(asked.vector, [*texts.values()], asked.held, self._sentences)
        near = {
            chunk_id: asked.close(chunk_id, cosine, han_share(text))
            for (chunk_id, text), cosine in zip(texts.items(), cosines, strict=True)
        }
        return [(item, replace(evidence, nearest=near.get(item.id))) for item, evidence in known]

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


def _settled(fused: Sequence[Fused], outlines: Mapping[int, Outline]) -> list[Fused]:
    """Equal ones, to six digits, in the order of their places: ids follow the order of reading, which varies."""
    known = [item for item in fused if item.id in outlines]
    return sorted(known, key=lambda item: (-round(item.score, 6), outlines[item.id].source, outlines[item.id].start))


def with_headings(passage: Passage) -> str:
    """What a reranker reads: a passage below the headings that it does not hold itself."""
    above = [heading for heading in passage.headings if heading not in passage.text]
    return "\n".join([" > ".join(above), passage.text]) if above else passage.text
