"""A real sentence-transformers model, carried by a registry package; ``make test-models`` runs this."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
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

LOOK_UPS = """
import socket
hosts = []
def lookup(host, *rest, **options):
    hosts.append(host)
    raise OSError("no network in this test")
socket.getaddrinfo = lookup
from kb_app.models.embedding import load_embedder
try:
    load_embedder("no/such-model")
except Exception as error:
    print(type(error).__name__, hosts)
"""


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


@pytest.mark.parametrize("name", ["no/such-model", "nowhere/at/all", "a name"])
def test_a_model_that_is_not_there_gets_one_line_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    begin = time.monotonic()
    with pytest.raises(ModelError, match="cannot load the embedding model") as caught:
        load_embedder(name)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_model_gets_one_line(folder: Path, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / damage).write_bytes(b"\0\0 nonsense")
    with pytest.raises(ModelError, match="cannot load the embedding model") as caught:
        load_embedder(str(broken))
    assert "\n" not in str(caught.value)


def test_no_hub_is_asked_for_a_name(tmp_path: Path) -> None:
    """In a process of its own, where nothing says offline: every look-up of a host is noted."""
    process = subprocess.run(
        [sys.executable, "-c", LOOK_UPS],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("HF_")}, "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert process.stdout.strip() == "ModelError []"
