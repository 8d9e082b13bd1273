"""Sentences in another language than the question, made comparable with those in its own. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.search.scoring import are_foreign
from kb_app.text import han_share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]
    Background = Callable[[float, float], float]


def across(question: str, passages: Sequence[Passage], similarity: Similarity, background: Background) -> Similarity:
    """Cosines without what a common language adds to them, where the best passage is in another one.

    Elsewhere they stay as they are: the answer to a Chinese question stands in Chinese documents as a rule, and what
    is taken away is a mean.

    Args:
        question: In any language.
        passages: Those that are told from.
        similarity: Cosines of the question with sentences.
        background: Cosine of a question and a text without anything in common, for their shares of Chinese, as
            ``kb_app.models.languages.Background.between`` tells it.
    """
    share = han_share(question)
    best = max(passages, key=lambda passage: passage.score)
    if not are_foreign(share, han_share(best.text)):
        return similarity

    def lifted(asked: str, texts: Sequence[str]) -> list[float]:
        cosines = similarity(asked, texts)
        return [cosine - background(share, han_share(text)) for cosine, text in zip(cosines, texts, strict=True)]

    return lifted
