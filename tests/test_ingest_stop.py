"""An ingest that is stopped while vectors are made ends soon, loses nothing, and the next run makes the rest."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from benchmarks.corpus import passages
from ingest import sync, watch
from kb_app import KnowledgeBase, Settings
from kb_app.maintenance import diagnose
from kb_app.models.embedding import BATCH
from tests.fakes import HashEmbedder
from tests.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ingest import FileReport, Progress
    from kb_app.models.embedding import Vector

CHUNKS = 300


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """One document that is read at once and has many chunks."""
    folder = tmp_path / "文件"
    folder.mkdir()
    (folder / "汇编.md").write_text("\n\n".join(islice(passages(CHUNKS, seed=5), CHUNKS)), encoding="utf-8")
    return folder


class SlowEmbedder(HashEmbedder):
    """Takes its time over every text."""

    seconds = 0.01

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        for vector in super().embed_documents(texts):
            time.sleep(self.seconds)
            yield vector


@pytest.fixture
def slow() -> SlowEmbedder:
    """A model so slow that all of the folder's vectors take many seconds."""
    return SlowEmbedder()


@pytest.fixture
def kb(tmp_path: Path, slow: SlowEmbedder) -> Iterator[KnowledgeBase]:
    """An empty knowledge base that reads one file after the other."""
    settings = Settings(home=tmp_path / "home", llm_base_url="none", processes=1)
    with KnowledgeBase.open(settings=settings, embedder=slow) as opened:
        yield opened


def check_that_the_rest_is_made(kb: KnowledgeBase, docs: Path, slow: SlowEmbedder) -> None:
    """The next run makes the vectors that are pending, those alone."""
    pending = kb.status().pending_vectors
    made = len(kb.vectors.ids())
    assert 0 < pending == kb.status().chunks - made
    slow.seconds = 0
    assert sync([docs], kb).embedded == pending
    assert kb.status().pending_vectors == 0
    assert diagnose(kb).healthy


def test_an_event_ends_it_and_the_next_run_makes_the_rest(kb: KnowledgeBase, docs: Path, slow: SlowEmbedder) -> None:
    stop = threading.Event()

    def on_progress(progress: Progress) -> None:
        if slow.embedded:
            stop.set()

    report = sync([docs], kb, stop=stop, on_progress=on_progress)
    assert report.added == ["汇编.md"]
    assert report.embedded == CHUNKS - kb.status().pending_vectors
    assert kb.status().pending_keywords == 0
    assert len(slow.embedded) < CHUNKS / 2
    check_that_the_rest_is_made(kb, docs, slow)


def test_a_failure_is_told_at_once_and_not_after_all_vectors(kb: KnowledgeBase, docs: Path, slow: SlowEmbedder) -> None:
    (docs / "短.txt").write_text("值班表每月初公布。", encoding="utf-8")

    def on_file(report: FileReport) -> None:
        if report.source == "短.txt":
            while not slow.embedded:
                time.sleep(0.01)
            raise RuntimeError("who listens is gone")

    with pytest.raises(RuntimeError, match="gone"):
        sync([docs], kb, on_file=on_file)
    assert len(slow.embedded) < CHUNKS / 2
    check_that_the_rest_is_made(kb, docs, slow)


def test_a_watch_ends_with_its_event_while_vectors_are_made(kb: KnowledgeBase, docs: Path, slow: SlowEmbedder) -> None:
    stop = threading.Event()

    def on_progress(progress: Progress) -> None:
        if slow.embedded:
            stop.set()

    reports = list(watch([docs], kb, stop=stop, on_progress=on_progress))
    assert [report.added for report in reports] == [["汇编.md"]]
    assert len(slow.embedded) < CHUNKS / 2
    check_that_the_rest_is_made(kb, docs, slow)


def test_what_is_being_read_is_left_and_read_by_the_next_run(kb: KnowledgeBase, tmp_path: Path) -> None:
    docs = tmp_path / "长"
    docs.mkdir()
    (docs / "流水.txt").write_text("\n" * 8_000_000 + "值班表每月初公布。", encoding="utf-8")
    stop = threading.Event()
    later = threading.Timer(0.5, stop.set)
    later.start()
    report = sync([docs], kb, stop=stop)
    assert (report.added, report.failed) == ([], [])
    assert kb.documents() == []


def test_ctrl_c_ends_the_program_before_the_rest_is_embedded(tmp_path: Path, docs: Path, server: _Server) -> None:
    embedding = f"openai:slow@http://127.0.0.1:{server.server_port}/v1"
    program = Program(tmp_path / "home", {"KB_EMBEDDING": embedding})
    running = program.start("ingest", docs)
    too_long = threading.Timer(60, running.kill)
    too_long.start()
    try:
        assert server.busy.wait(50)
        before = len(server.batches)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=50)
    finally:
        too_long.cancel()
        running.kill()
    assert running.returncode == 130, err
    assert err.splitlines()[-1] == (
        "已停止，已写入的都保留，其余下次接着做 · stopped; what is written stays, the next run does the rest"
    )
    assert len(server.batches) <= before + 1 < CHUNKS // BATCH
    server.hurried.set()
    settings = Settings(home=program.home, llm_base_url="none", embedding=embedding)
    with KnowledgeBase.open(settings=settings) as kb:
        left = kb.status()
        assert (left.documents, left.failed) == (1, 0)
        assert sync([docs], kb).embedded == left.pending_vectors > 0
        assert diagnose(kb).healthy


def test_ctrl_c_pressed_again_does_not_wait_for_a_model_that_hangs(tmp_path: Path, docs: Path, server: _Server) -> None:
    server.seconds = 60
    embedding = f"openai:slow@http://127.0.0.1:{server.server_port}/v1"
    running = Program(tmp_path / "home", {"KB_EMBEDDING": embedding}).start("ingest", docs)
    try:
        assert server.busy.wait(50)
        running.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1.5)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    finally:
        running.kill()
        server.hurried.set()
    assert running.returncode == 130, err
    assert "Traceback" not in err


class _Server(ThreadingHTTPServer):
    """Notes the batches that it is asked for; each takes long until it is hurried."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.batches: list[int] = []
        self.seconds = 2
        self.busy = threading.Event()
        self.hurried = threading.Event()


class _Endpoint(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        if len(texts) > 1:
            self.server.batches.append(len(texts))
            if len(self.server.batches) > 1:
                self.server.busy.set()
                self.server.hurried.wait(self.server.seconds)
        rows = [{"index": i, "embedding": [1.0, float(len(text)), 2.0]} for i, text in enumerate(texts)]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": rows}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    http = _Server()
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()
