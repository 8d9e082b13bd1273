"""What every reranker must do; subclass and provide the ``reranker`` fixture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kb_app.models.reranking import Reranker

QUESTION = "温室的湿度要保持在多少？"
TEXTS = ["温室的湿度保持在百分之七十。", "苗圃每天清晨浇水两次，雨天不浇。" * 20, "The gateway has two ports.", ""]


class RerankerContract:
    def test_one_probability_for_each_text_in_order(self, reranker: Reranker) -> None:
        together = reranker.scores(QUESTION, TEXTS)
        backwards = reranker.scores(QUESTION, TEXTS[::-1])
        assert len(together) == len(TEXTS)
        assert all(isinstance(score, float) and 0 <= score <= 1 for score in together)
        assert together == pytest.approx(backwards[::-1], abs=1e-4)
        assert len(set(together)) > 1

    def test_no_texts_give_no_scores(self, reranker: Reranker) -> None:
        assert reranker.scores(QUESTION, []) == []

    def test_one_text_is_judged_as_among_others(self, reranker: Reranker) -> None:
        assert reranker.scores(QUESTION, TEXTS[:1]) == pytest.approx(reranker.scores(QUESTION, TEXTS)[:1], abs=1e-4)

    def test_threads_share_it(self, reranker: Reranker) -> None:
        alone = reranker.scores(QUESTION, TEXTS)
        with ThreadPoolExecutor(4) as threads:
            for scores in threads.map(lambda _: reranker.scores(QUESTION, TEXTS), range(8)):
                assert scores == pytest.approx(alone, abs=1e-4)

    def test_the_name_says_which_model_it_is(self, reranker: Reranker) -> None:
        assert ":" in reranker.name
