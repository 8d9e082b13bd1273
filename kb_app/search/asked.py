"""A question as the search knows it, and what it knows of a passage for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kb_app.search.fusion import POOL
from kb_app.search.holding import Wanted
from kb_app.search.scoring import Evidence, are_foreign, closeness, coverage, focus, missing_numbers
from kb_app.text import han_share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.models.languages import Background
    from kb_app.search.fusion import Ranking
    from kb_app.storage.passages import Outline
    from kb_app.storage.vectors import Vector
    from kb_app.types import Passage

NO_VECTOR = 0.3


@dataclass(frozen=True)
class Asked:
    """A question, and the cosines of what was found.

    Attributes:
        question: As it was asked.
        vector: Its vector.
        weights: Its pieces, by rarity.
        reach: Share of its pieces that any chunk holds.
        background: Cosines of texts without anything in common.
        cosines: Of chunks, by id; filled in as they become known.
        usual: Those of chunks in the other language with any question; filled in too.
        named: The documents that the question names; filled in too, as what follows.
        also: Chunks that are scored wherever fusing puts them.
        astray: How far chunks are from the article that the question names.
    """

    question: str
    vector: Vector
    weights: Mapping[str, float]
    reach: float
    background: Background
    cosines: dict[int, float]
    usual: dict[int, float] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    also: set[int] = field(default_factory=set)
    astray: dict[int, float] = field(default_factory=dict)

    @cached_property
    def share(self) -> float:
        """That of Chinese in the question."""
        return han_share(self.question)

    @cached_property
    def _wanted(self) -> Wanted:
        return Wanted(self.weights)

    def foreign(self, outlines: Mapping[int, Outline]) -> list[int]:
        """The chunks with a cosine that are in the other language."""
        found = (i for i in self.cosines if i in outlines)
        return [i for i in found if are_foreign(self.share, han_share(outlines[i].text))]

    def ranked(self, outlines: Mapping[int, Outline]) -> Ranking:
        """The chunks by closeness, for which their language plays no part."""
        close = [
            (i, self.close(i, cosine, han_share(outlines[i].text)))
            for i, cosine in self.cosines.items()
            if i in outlines
        ]
        ordered = sorted(close, key=lambda pair: (-pair[1], pair[0]))
        return ordered[:POOL] + [pair for pair in ordered[POOL:] if pair[0] in self.also]

    def evidence(self, chunk_id: int, passage: Passage) -> Evidence:
        """What is known of a chunk."""
        its = han_share(passage.text)
        sentences = self._wanted.held_by_sentences(passage.text)
        pieces = self._wanted.held(" ".join([passage.title, *passage.headings])).union(*sentences)
        covered = coverage(self.weights, pieces)
        cosine = self.cosines.get(chunk_id)
        # A passage that has no vector yet is judged by its words, and in its favour: it was found by them.
        close = NO_VECTOR + covered / 2 if cosine is None else self.close(chunk_id, cosine, its)
        return Evidence(
            coverage=covered,
            focus=focus(self.question, self.weights, sentences),
            closeness=close,
            missing=self._missing(passage, pieces),
            foreign=are_foreign(self.share, its),
            astray=self.astray.get(chunk_id, 0.0),
            unnamed=bool(self.named) and int(passage.doc_id) not in self.named,
        )

    def held(self, text: str) -> float:
        """Share of its pieces, weighted by rarity, that a text holds."""
        return coverage(self.weights, self._wanted.held(text))

    def _missing(self, passage: Passage, pieces: set[str]) -> float:
        if not missing_numbers(self.weights, pieces):
            return 0.0
        return missing_numbers(self.weights, pieces | self._wanted.held(f"{passage.title}\n{passage.source}"))

    def close(self, chunk_id: int, cosine: float, share: float) -> float:
        """How close a chunk is, or a sentence of it, whose text has this share of Chinese; as in ``Evidence``."""
        background = self.background.between(self.share, share)
        return closeness(cosine, max(background, self.usual.get(chunk_id, background)))
