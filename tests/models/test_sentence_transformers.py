"""A real sentence-transformers model, carried by a registry package; ``make test-models`` runs this."""

from __future__ import annotations

import math
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
from kb_app.models.reranking import load_reranker
from tests.embedder_contract import EmbedderContract
from tests.reranker_contract import QUESTION, TEXTS, RerankerContract

if TYPE_CHECKING:
    from kb_app.models.embedding import Embedder
    from kb_app.models.reranking import Reranker

pytestmark = pytest.mark.models

LOOK_UPS = """
import socket
import sys
hosts = []
def lookup(host, *rest, **options):
    hosts.append(host)
    raise OSError("no network in this test")
socket.getaddrinfo = lookup
try:
    if sys.argv[1] == "embedding":
        from kb_app.models.embedding import load_embedder as load
    else:
        from kb_app.models.reranking import load_reranker as load
    load("no/such-model")
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


@pytest.mark.parametrize("kind", ["embedding", "reranking"])
def test_no_hub_is_asked_for_a_name(tmp_path: Path, kind: str) -> None:
    """In a process of its own, where nothing says offline: every look-up of a host is noted."""
    process = subprocess.run(
        [sys.executable, "-c", LOOK_UPS, kind],
        env={**{k: v for k, v in os.environ.items() if not k.startswith("HF_")}, "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert process.stdout.strip() == "ModelError []"


def make_cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """A cross-encoder of a few thousand random weights that reads single characters."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(7)
    characters = sorted(set("".join((QUESTION, *TEXTS))) - {" "})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
        num_labels=labels,
        initializer_range=2.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt"), model_max_length=128).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("models") / "judge")


class TestCrossEncoder(RerankerContract):
    @pytest.fixture
    def reranker(self, judge: Path) -> Reranker:
        loaded = load_reranker(str(judge))
        assert loaded is not None
        return loaded

    def test_it_is_the_logistic_function_of_what_the_model_says(self, judge: Path, reranker: Reranker) -> None:
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        logits = CrossEncoder(str(judge), activation_fn=Identity()).predict([(QUESTION, text) for text in TEXTS])
        assert reranker.scores(QUESTION, TEXTS) == pytest.approx([1 / (1 + math.exp(-logit)) for logit in logits])

    def test_it_is_loaded_once_a_process(self, judge: Path, reranker: Reranker) -> None:
        assert load_reranker(str(judge)) is reranker


def test_a_search_is_ordered_by_a_cross_encoder(judge: Path, tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS[:3]):
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    settings = Settings(home=tmp_path / "home", reranker=str(judge), llm_base_url="none")
    with KnowledgeBase.open("rerank", settings) as kb:
        sync(sorted(tmp_path.glob("*.txt")), kb)
        found = kb.search(QUESTION, k=3)
    reranker = load_reranker(str(judge))
    assert reranker is not None
    expected = reranker.scores(QUESTION, [passage.text for passage in found])
    assert len(found) >= 2
    assert [passage.score for passage in found] == pytest.approx(expected, abs=1e-3)
    assert expected == sorted(expected, reverse=True)


@pytest.mark.parametrize("name", ["no/such-model", "nowhere/at/all"])
def test_a_reranker_that_is_not_there_gets_one_line_at_once(name: str) -> None:
    begin = time.monotonic()
    with pytest.raises(ModelError, match=r"cannot load the reranker.*leave KB_RERANKER empty") as caught:
        load_reranker(name)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_damaged_reranker_gets_one_line(judge: Path, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(judge, broken)
    (broken / damage).write_bytes(b"\0\0 nonsense")
    with pytest.raises(ModelError, match="cannot load the reranker") as caught:
        load_reranker(str(broken))
    assert "\n" not in str(caught.value)


def test_a_model_of_another_kind_is_no_reranker(folder: Path, tmp_path: Path) -> None:
    for other in (make_cross_encoder(tmp_path / "three", labels=3), folder):
        with pytest.raises(ModelError, match=r"reranker.*KB_RERANKER empty") as caught:
            load_reranker(str(other))
        assert "\n" not in str(caught.value)
