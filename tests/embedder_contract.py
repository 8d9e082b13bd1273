"""What every embedding model must do; subclass and provide the ``embedder`` fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb_app.models.embedding import Embedder

TEXTS = ["员工入职满一年的，每年享有7天带薪年假。", "差旅住宿费每晚上限六百元。", "The gateway has two ports."]


class EmbedderContract:
    def test_vectors_are_unit_float32_of_the_dimension(self, embedder: Embedder) -> None:
        for vector in [embedder.embed_query("年假"), *embedder.embed_documents(TEXTS)]:
            assert vector.shape == (embedder.dimension,)
            assert vector.dtype == np.float32
            assert abs(float(np.linalg.norm(vector)) - 1) < 1e-3

    def test_order_is_kept(self, embedder: Embedder) -> None:
        together = list(embedder.embed_documents(TEXTS * 3))
        alone = [next(iter(embedder.embed_documents([text]))) for text in TEXTS]
        assert len(together) == 9
        for number, vector in enumerate(together):
            assert float(vector @ alone[number % 3]) > 0.99

    def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert list(embedder.embed_documents([])) == []

    def test_an_empty_text_has_a_vector(self, embedder: Embedder) -> None:
        assert embedder.embed_query("").shape == (embedder.dimension,)

    def test_texts_are_taken_as_they_are_needed(self, embedder: Embedder) -> None:
        taken: list[int] = []

        def texts() -> Iterator[str]:
            for number in range(1000):
                taken.append(number)
                yield f"第{number}条"

        next(embedder.embed_documents(texts()))
        assert len(taken) <= 64

    def test_a_caller_may_stop_early(self, embedder: Embedder) -> None:
        vectors = embedder.embed_documents(f"第{number}条" for number in range(1000))
        next(vectors)
        vectors.close()  # type: ignore[attr-defined]  # a generator, as every implementation makes
        assert next(vectors, None) is None
        assert len(list(embedder.embed_documents(TEXTS))) == 3

    def test_an_error_of_the_texts_reaches_the_caller(self, embedder: Embedder) -> None:
        def texts() -> Iterator[str]:
            yield from TEXTS
            raise LookupError("no more")

        with pytest.raises(LookupError, match="no more"):
            list(embedder.embed_documents(texts()))

    def test_the_name_says_which_model_it_is(self, embedder: Embedder) -> None:
        assert ":" in embedder.name
