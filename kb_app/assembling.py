"""The pieces that a knowledge base is put together from, each made from others or from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.citing.disagreement import disagreements
from kb_app.errors import IndexMismatchError
from kb_app.search.scoring import log_odds, probability, read_score, shipped_score
from kb_app.search.sections import AROUND, widen
from kb_app.storage import registry
from kb_app.text import one_line
from kb_app.wiring import embedder_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from kb_app.citing.disagreement import Side
    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.models.reranking import Reranker
    from kb_app.search.scoring import Score
    from kb_app.storage.catalog import Catalog
    from kb_app.storage.registry import KnowledgeBaseRecord
    from kb_app.types import Passage

SCORE_FILE = "score.json"
"""The score that ``kb calibrate`` fitted, in the folder of a knowledge base."""

_MOST_DISAGREEMENTS = 3


def registered(
    engine: sa.Engine, name: str, settings: Settings, *, create: bool, embedder: Embedder | None
) -> tuple[KnowledgeBaseRecord, Embedder]:
    """What is known of a knowledge base, made if there is none and ``create`` is true, and its embedding model.

    Raises:
        NotFoundError: There is none of that name and ``create`` is false.
        IndexMismatchError: It was built with another embedding model.
    """
    record = registry.find(engine, name)
    if record is None and not create:
        record = registry.require(engine, name)
    embedder = embedder or embedder_for(settings)
    if record is None:
        record = registry.create(engine, name, embedding=embedder.name, dimension=embedder.dimension)
    if record.embedding != embedder.name:
        raise IndexMismatchError(
            f"knowledge base {name!r} was built with {record.embedding!r}, but KB_EMBEDDING is "
            f"{embedder.name!r}; set it back, or make the vectors anew with `kb rebuild --kb {name}`"
        )
    return record, embedder


def score_in(folder: Path) -> Score:
    """The score fitted to the knowledge base in a folder, or the one that comes with the program."""
    own = folder / SCORE_FILE
    return read_score(own) if own.is_file() else shipped_score()


def rerank_by(reranker: Reranker | None, score: Score) -> Callable[[str, Sequence[str]], list[float]] | None:
    """The probabilities of a reranker, moved by what ``kb calibrate`` found for it; None without one."""
    if reranker is None:
        return None
    added = score.rerankers.get(reranker.name, 0.0)

    def probabilities(question: str, texts: Sequence[str]) -> list[float]:
        return [probability(log_odds(share) + added) for share in reranker.scores(question, texts)]

    return probabilities if added else reranker.scores


def sections_of(catalog: Catalog, limit: int) -> Callable[[Sequence[Passage]], list[Passage]]:
    """Widens passages to what stands around them, up to ``limit`` characters; 0 leaves them as they are."""

    def around(passage: Passage) -> list[Passage]:
        return catalog.neighbours(int(passage.doc_id), passage.start, around=AROUND)

    def sections(passages: Sequence[Passage]) -> list[Passage]:
        return widen(passages, around, limit=limit) if limit else list(passages)

    return sections


def disagreements_in(catalog: Catalog) -> Callable[[Sequence[Passage], str], list[str]]:
    """Says which documents of some passages give different values for the same, each with its date and words."""

    def lines(passages: Sequence[Passage], question: str) -> list[str]:
        doc_ids = {int(passage.doc_id) for passage in passages}
        if len(doc_ids) < 2:
            return []
        dates = {described.source: described.date for described in catalog.descriptions(doc_ids)}
        found = disagreements(passages, question, dates=dates)
        return [f"{_side(pair.one)} ／ {_side(pair.other)}" for pair in found[:_MOST_DISAGREEMENTS]]

    return lines


def _side(side: Side) -> str:
    return f"{side.source}（{side.date}）：“{one_line(side.quote, 80)}”"


def similarity_by(embedder: Embedder) -> Callable[[str, Sequence[str]], list[float]]:
    """Gives the cosines of a text with others."""

    def cosines(text: str, others: Sequence[str]) -> list[float]:
        vector = embedder.embed_query(text)
        return [float(vector @ other) for other in embedder.embed_documents(others)]

    return cosines
