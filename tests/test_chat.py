"""``kb chat`` as a person uses it: how it ends, and what does not end it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.program import Program, write

if TYPE_CHECKING:
    from collections.abc import Iterator

GREENHOUSE = "# 温室守则\n\n温室的湿度保持在百分之七十。参观须提前两天登记。"

VISIT = "参观温室要提前几天登记？"


@contextmanager
def embeddings() -> Iterator[str]:
    """An embeddings endpoint that answers all but what speaks of a power cut."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            texts = [texts] if isinstance(texts, str) else texts
            data = [
                {"index": index, "object": "embedding", "embedding": [1.0, float(len(text) % 7), float(len(text) % 3)]}
                for index, text in enumerate(texts)
            ]
            body = json.dumps({"object": "list", "model": "scripted", "data": data}).encode()
            self.send_response(400 if any("停电" in text for text in texts) else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    place = tmp_path_factory.mktemp("chat")
    folder = write(place / "文件", 温室=GREENHOUSE)
    with embeddings() as url:
        program = Program(place / "home", {"KB_EMBEDDING": f"openai:scripted@{url}"})
        ingested = program.run("ingest", folder)
        assert ingested.code == 0, ingested.err
        yield program


@pytest.mark.parametrize("word", ["exit", "QUIT", "退出"])
def test_a_word_ends_it(kb: Program, word: str) -> None:
    ran = kb.run("chat", stdin=f"{VISIT}\n{word}\n{VISIT}\n")
    assert ran.code == 0
    assert "提前两天登记" in ran.out
    assert ran.out.count("来源 sources") == 1


def test_a_model_that_fails_at_one_question_does_not_end_it(kb: Program) -> None:
    ran = kb.run("chat", stdin=f"停电怎么办？\n{VISIT}\n")
    assert ran.code == 0
    assert "status 400" in ran.err
    assert "提前两天登记" in ran.out


def test_what_asks_nothing_is_told_how_to_ask(kb: Program) -> None:
    ran = kb.run("ask", "。")
    assert ran.code == 0
    assert "Ask a question" in ran.out
    assert "无法回答" not in ran.out
    assert "没有提出问题" in ran.err
