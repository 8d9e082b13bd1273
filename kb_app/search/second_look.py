"""A second look at passages that answer no question clearly: how near is the nearest of their sentences to it?

The vector of a passage says what all of it is about. A question is about one thing in it, asked in other words as often
as not, and the sentence that tells it lies nearer to the question than its passage does. Each sentence takes a run of
the embedding model, so that only the first passages are looked at, and only where none fits well, and the vectors of
those that were compared last are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.search.holding import sentences_of
from kb_app.storage.memory import Recent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kb_app.storage.vectors import Vector

DOUBT = 0.5
"""Best score, below which passages are looked at again."""

HOPELESS = 0.01
"""Score, below which a passage is not looked at again: no sentence of it could lift it to the cut-off."""

PASSAGES = 10
"""Passages, at most, that are looked at again: the best ones."""

SENTENCES = 16
"""Sentences of each, at most, that are compared: those that hold most of the question's words."""

KEPT = 20_000
"""Sentences whose vectors are kept: 32 MB with 384 numbers."""


class Sentences:
    """The vectors of sentences; threads may share it."""

    def __init__(self, embed: Callable[[Iterable[str]], Iterable[Vector]]) -> None:
        """Made by ``embed``."""
        self._embed = embed
        self._kept: Recent[str, Vector] = Recent()

    def vectors(self, sentences: Sequence[str]) -> list[Vector]:
        """One for each, in order; those that were asked for last are not made again."""
        known = self._kept.known(set(sentences))
        new = list(dict.fromkeys(sentence for sentence in sentences if sentence not in known))
        made = dict(zip(new, self._embed(new), strict=True))
        self._kept.keep(made, at_most=KEPT)
        known.update(made)
        return [known[sentence] for sentence in sentences]


def doubtful(scores: Mapping[int, float]) -> list[int]:
    """The passages to look at again, best first, by their scores; none where one of them fits clearly."""
    best = sorted(scores, key=lambda chunk_id: -scores[chunk_id])[:PASSAGES]
    if not best or scores[best[0]] >= DOUBT:
        return []
    return [chunk_id for chunk_id in best if scores[chunk_id] >= HOPELESS]


def nearest(
    vector: Vector,
    texts: Sequence[str],
    held: Callable[[str], float],
    known: Sentences,
) -> list[float]:
    """The cosine of the nearest sentence of each text with a question.

    Args:
        vector: Of the question, of unit length.
        texts: Each with a sentence at least.
        held: How much of the question a sentence holds; says which ones of a long text are compared.
        known: Has the vectors of sentences.
    """
    chosen = [sorted(_sentences(text), key=held, reverse=True)[:SENTENCES] for text in texts]
    vectors = iter(known.vectors([sentence for sentences in chosen for sentence in sentences]))
    return [max(float(next(vectors) @ vector) for _ in sentences) for sentences in chosen]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in sentences_of(text) if sentence.strip()] or [text]
