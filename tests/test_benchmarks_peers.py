"""How systems are compared: the same measures for all, and vectors that are made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.peers.common import Document, Hit, measure, read_documents
from benchmarks.vectors import CachedEmbedder
from kb_app.evaluation import LabelledQuestion
from tests.fakes import HashEmbedder
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ASKED = [
    LabelledQuestion("1", "澡堂几点开门？", ("澡堂.md",)),
    LabelledQuestion("2", "车棚几点锁门？", ("车棚.md",)),
    LabelledQuestion("3", "食堂几点开饭？", ()),
]


class Scripted:
    """Finds what it is told to find, by question."""

    hands_on, depth = 1, 50

    def __init__(self, embedder: CachedEmbedder, found: dict[str, list[Hit]]) -> None:
        self._embedder = embedder
        self._found = found

    def index(self, documents: Sequence[Document]) -> None:
        list(self._embedder.embed_documents(document.text for document in documents))

    def search(self, question: str, k: int) -> list[Hit]:
        return self._found[question][:k]


@pytest.fixture
def documents(tmp_path: Path) -> list[Document]:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in (("澡堂.md", "澡堂下午四点开门。"), ("车棚.md", "车棚晚上十点锁门。"), ("忽略.bin", "x")):
        (folder / name).write_text(text, encoding="utf-8")
    return read_documents(folder)


def test_documents_are_ranked_by_their_best_chunk(documents: list[Document], tmp_path: Path) -> None:
    embedder = CachedEmbedder(HashEmbedder())
    found = {
        ASKED[0].question: [Hit("澡堂.md", 0.9), Hit("车棚.md", 0.5)],
        ASKED[1].question: [Hit("澡堂.md", 0.8), Hit("澡堂.md", 0.7), Hit("车棚.md", 0.6)],
        ASKED[2].question: [Hit("澡堂.md", 0.85)],
    }
    result = measure(lambda _: Scripted(embedder, found), documents, ASKED, embedder, tmp_path / "work")
    assert (result.scores.hit_at_1, result.scores.hit_at_5, result.scores.mrr_at_10) == (0.5, 1.0, 0.75)
    assert result.handed_on == 0.5
    assert result.area == 0.5  # 0.9 is above 0.85, 0.8 is not
    assert result.chunks == 2


def test_a_system_without_scores_has_no_auroc(documents: list[Document], tmp_path: Path) -> None:
    embedder = CachedEmbedder(HashEmbedder())
    found = {question.question: [Hit("澡堂.md")] for question in ASKED}
    result = measure(lambda _: Scripted(embedder, found), documents, ASKED, embedder, tmp_path / "work")
    assert result.area is None


def test_a_text_is_embedded_once_and_from_run_to_run(tmp_path: Path) -> None:
    file = tmp_path / "vectors.npz"
    model = HashEmbedder()
    first = CachedEmbedder(model, file)
    texts = ["澡堂下午四点开门。", "车棚晚上十点锁门。", "澡堂下午四点开门。"]
    vectors = list(first.embed_documents(texts))
    assert model.embedded == texts[:2]
    first.save()
    other = HashEmbedder()
    second = CachedEmbedder(other, file)
    assert all(np.array_equal(*pair) for pair in zip(second.embed_documents(texts), vectors, strict=True))
    assert other.embedded == []
    assert second.cost(texts) == pytest.approx(first.cost(texts))
    assert second.cost(texts) > 0


def test_a_question_and_a_passage_of_the_same_words_are_two(tmp_path: Path) -> None:
    class Sided(HashEmbedder):
        def embed_query(self, text: str) -> np.ndarray:
            return -super().embed_query(text)

    embedder = CachedEmbedder(Sided())
    (passage,) = embedder.embed_documents(["澡堂"])
    assert np.array_equal(embedder.embed_query("澡堂"), -passage)


def test_an_unknown_system_is_refused_by_name(tmp_path: Path) -> None:
    ran = Program(tmp_path / "home").run_python(["-m", "benchmarks.peers", "--set", "eval", "--system", "elsewhere"])
    assert ran.code == 1
    assert "unknown system elsewhere; known are kb" in ran.err
