"""An OpenAI-compatible embeddings endpoint: in order, slow, hanging, talking nonsense, and changing its model."""

from __future__ import annotations

import json
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.errors import ModelError, SettingsError, StorageError
from kb_app.maintenance import diagnose, rebuild
from kb_app.models.embedding import load_embedder
from kb_app.models.embeddings_endpoint import EmbeddingsEndpoint
from tests.embedder_contract import EmbedderContract
from tests.program import Program, write
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kb_app.models.embedding import Embedder

GARDEN = "温室的湿度保持在百分之七十。"


class TestEmbeddingsEndpoint(EmbedderContract):
    @pytest.fixture
    def embedder(self, endpoint: str) -> Embedder:
        return load_embedder(f"openai:good@{endpoint}")


@pytest.mark.parametrize(
    "spec",
    [
        "openai:",
        "openai:bge",
        "openai:@http://127.0.0.1/v1",
        "openai:bge@somewhere",
        "openai:bge@http:///v1",
        "openai:bge@http://[/v1",
        "openai:bge@http://127.0.0.1:99999/v1",
    ],
)
def test_an_endpoint_needs_a_name_and_a_url(spec: str) -> None:
    with pytest.raises(SettingsError, match="openai:NAME@URL"):
        load_embedder(spec)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("status", "status 500"),
        ("html", "nonsense"),
        ("few", "1 vectors for 2"),
        ("many", "3 vectors for 2"),
        ("twice", "not one for each"),
        ("mixed", "one length"),
        ("hollow", "one length"),
        ("infinite", "one length"),
        ("number", "one length"),
        ("fields", "nonsense"),
        ("list", "nonsense"),
        ("text", "nonsense"),
        ("huge", "nonsense"),
        ("nowhere", "nonsense"),
        ("nested", "one length"),
        ("nothing", "0 vectors for 2"),
    ],
)
def test_a_bad_endpoint_gets_one_line(endpoint: str, name: str, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint) as caught:
        list(EmbeddingsEndpoint(name, endpoint).embed_documents(["一", "二"]))
    assert "\n" not in str(caught.value)
    assert "KB_EMBEDDING" in str(caught.value)


def test_an_endpoint_that_is_not_there_gets_one_line() -> None:
    with pytest.raises(ModelError, match="does not answer") as caught:
        EmbeddingsEndpoint("m", "http://127.0.0.1:9/v1").embed_query("年假")
    assert "\n" not in str(caught.value)


def test_a_proxy_is_not_asked_for_an_endpoint_on_this_machine(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert EmbeddingsEndpoint("good", endpoint).dimension == 3


def test_an_endpoint_that_changes_its_dimension_is_noticed(endpoint: str) -> None:
    changing = EmbeddingsEndpoint("by-count", endpoint)
    assert changing.dimension == 1
    with pytest.raises(ModelError, match="changed its dimension from 1 to 2"):
        list(changing.embed_documents(["一", "二"]))


def test_rows_in_another_order_are_put_right(endpoint: str) -> None:
    first, second = EmbeddingsEndpoint("good", endpoint).embed_documents(["一", "一二三四五六"])
    assert second[1] > first[1]


def test_a_slow_endpoint_is_waited_for(endpoint: str) -> None:
    assert EmbeddingsEndpoint("slow", endpoint, timeout=10).dimension == 3


def test_a_hanging_endpoint_is_given_up() -> None:
    with serve(Script(fault="silent")) as silent:
        begin = time.monotonic()
        with pytest.raises(ModelError, match=r"did not answer within 0\.3 s for model 'm'; check the server"):
            EmbeddingsEndpoint("m", silent.base_url, timeout=0.3).embed_query("湿度")
        assert time.monotonic() - begin < 5
        assert silent.hung_up.wait(5)


def test_a_key_is_sent_and_a_wrong_one_is_told() -> None:
    with serve(Script(key="sk-right")) as guarded:
        with pytest.raises(ModelError, match=r"status 401 \(does it want KB_EMBEDDING_API_KEY\?\)"):
            EmbeddingsEndpoint("scripted", guarded.base_url, api_key="sk-wrong").embed_query("湿度")
        with pytest.raises(ModelError, match="nonsense"):  # the key opens, what it guards embeds nothing
            EmbeddingsEndpoint("scripted", guarded.base_url, api_key="sk-right").embed_query("湿度")


@pytest.mark.parametrize(
    ("script", "told"),
    [(Script(fault="html"), "nonsense"), (Script(status=503), "status 503"), (None, "does not answer")],
    ids=["a web page", "overloaded", "nobody"],
)
def test_the_program_says_it_in_one_line(tmp_path: Path, script: Script | None, told: str) -> None:
    folder = write(tmp_path / "文件", 温室=GARDEN)
    with serve(script) as server:
        url = server.base_url if script else "http://127.0.0.1:9/v1"
        ran = Program(tmp_path / "home").run("ingest", folder, KB_EMBEDDING=f"openai:scripted@{url}")
    assert told in ran.complaint
    assert url in ran.complaint
    assert ran.complaint.endswith("check the server and KB_EMBEDDING")


class TestKnowledgeBase:
    """What an endpoint does while a knowledge base uses it."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return write(tmp_path / "文件", 温室=GARDEN)

    @pytest.fixture
    def settings(self, tmp_path: Path, server: _Server) -> Settings:
        return Settings(home=tmp_path / "home", llm_base_url="none", embedding=f"openai:good@{server.url}")

    def open(self, server: _Server, settings: Settings) -> KnowledgeBase:
        """As a process that starts anew does."""
        return KnowledgeBase.open("园艺", settings, embedder=EmbeddingsEndpoint("good", server.url))

    def test_one_that_fails_while_a_folder_is_read_costs_no_document(
        self, server: _Server, settings: Settings, folder: Path
    ) -> None:
        with self.open(server, settings) as kb:
            server.forced = "status"
            with pytest.raises(ModelError, match="status 500"):
                sync([folder], kb)
            assert (kb.status().documents, kb.status().pending_keywords, kb.status().pending_vectors) == (1, 0, 1)
            server.forced = ""
            assert kb.search("温室湿度", k=1)[0].found_by == ("keyword",)
            report = sync([folder], kb)
            assert (report.unchanged, report.embedded) == (["温室.txt"], 1)
            assert "dense" in kb.search("温室湿度", k=1)[0].found_by
            assert diagnose(kb).healthy

    def test_another_dimension_under_the_same_name_is_one_line_that_names_the_rebuild(
        self, server: _Server, settings: Settings, folder: Path
    ) -> None:
        with self.open(server, settings) as kb:
            sync([folder], kb)
        server.forced = "wide"
        write(folder, 苗圃="苗圃每天浇水两次。")
        with self.open(server, settings) as kb:
            for attempt in (lambda: kb.search("温室湿度"), lambda: sync([folder], kb)):
                with pytest.raises(StorageError, match=r"dimension of 3, got 5.*kb rebuild") as caught:
                    attempt()
                assert "\n" not in str(caught.value)
        assert rebuild("园艺", settings, embedder=EmbeddingsEndpoint("good", server.url)) == 2
        with self.open(server, settings) as kb:
            assert kb.search("温室湿度", k=1)[0].source == "温室.txt"
            assert diagnose(kb).healthy


def _rows(kind: str, count: int, lengths: list[int]) -> object:
    """What the endpoint answers under ``data`` to a model of this name; the rows of a good one come backwards."""
    rows = [{"index": i, "embedding": [1.0, float(length), 2.0]} for i, length in enumerate(lengths)][::-1]
    wrong: dict[str, object] = {
        "few": rows[:1],
        "many": [*rows, {"index": count, "embedding": [1.0, 2.0, 3.0]}],
        "twice": rows[:1] * count,
        "mixed": [*rows[:-1], {"index": 0, "embedding": [1.0]}],
        "hollow": [{"index": i, "embedding": []} for i in range(count)],
        "infinite": [{"index": i, "embedding": [1.0, math.nan]} for i in range(count)],
        "number": [{"index": i, "embedding": 1.0} for i in range(count)],
        "fields": [{"vector": [1.0]}] * count,
        "list": {"0": [1.0]},
        "text": [{"index": i, "embedding": "AACAPw=="} for i in range(count)],
        "huge": [{"index": i, "embedding": [10**400]} for i in range(count)],
        "nowhere": [{"index": math.inf, "embedding": [1.0]}] * count,
        "nested": [{"index": i, "embedding": [[1.0, 2.0]]} for i in range(count)],
        "nothing": [],
        "wide": [{"index": i, "embedding": [1.0] * 5} for i in range(count)],
        "by-count": [{"index": i, "embedding": [1.0] * count} for i in range(count)],
    }
    return wrong.get(kind, rows)


class _Server(ThreadingHTTPServer):
    forced = ""
    """What every model answers as, if not empty."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Endpoint(BaseHTTPRequestHandler):
    """Answers as the model's name says."""

    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, lengths = self.server.forced or body["model"], [len(text) for text in body["input"]]
        time.sleep(0.4 if kind == "slow" else 0)
        payload = "<html>" if kind == "html" else json.dumps({"data": _rows(kind, len(lengths), lengths)})
        self.send_response(500 if kind == "status" else 200)
        self.end_headers()
        self.wfile.write(payload.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    http = _Server(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


@pytest.fixture
def endpoint(server: _Server) -> str:
    return server.url
