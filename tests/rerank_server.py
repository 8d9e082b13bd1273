"""A rerank endpoint that follows a script: real HTTP on loopback, in the form of vLLM, Jina and Cohere."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def shared_pieces(question: str, texts: Sequence[str]) -> list[float]:
    """Share of a question's pieces that each text holds."""
    wanted = set(keyword_pieces(question))
    return [len(wanted & set(keyword_pieces(text))) / len(wanted) for text in texts]


@dataclass
class RerankScript:
    """What the endpoint does.

    Attributes:
        rate: Gives the relevance of the documents.
        rows: Changes the rows of an answer; by default they come best first, as servers send them.
        statuses: Of the first requests; the others are answered.
        trouble: Message of an error.
        headers: Headers of an error.
        body: Sent in place of an answer, if not empty.
        drip: Seconds between the bytes of an answer.
        key: Key that it demands.
    """

    rate: Callable[[str, Sequence[str]], Sequence[float]] = shared_pieces
    rows: Callable[[list[dict[str, Any]]], object] = lambda rows: rows
    statuses: Sequence[int] = ()
    trouble: str = "scripted trouble"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    drip: float = 0.0
    key: str = ""


@dataclass
class RerankServer:
    """A running endpoint: where it listens, and what it was asked."""

    script: RerankScript
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serve_reranker(script: RerankScript | None = None) -> Iterator[RerankServer]:
    """Run it until the block ends."""
    played = RerankServer(script or RerankScript())
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"played": played}))
    http.daemon_threads, http.block_on_close = True, False
    played.url = f"http://127.0.0.1:{http.server_port}/v1"
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield played
    finally:
        played.stopped.set()
        http.shutdown()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    played: RerankServer

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        script = self.played.script
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.played.requests.append(body)
        self.played.paths.append(self.path)
        asked = len(self.played.requests)
        if script.key and self.headers.get("Authorization") != f"Bearer {script.key}":
            self._send(401, json.dumps({"error": {"message": "wrong key"}}))
        elif asked <= len(script.statuses) and script.statuses[asked - 1] != 200:
            self._send(script.statuses[asked - 1], json.dumps({"error": {"message": script.trouble}}))
        else:
            self._send(200, script.body or json.dumps({"model": body["model"], "results": self._results(body)}))

    def _results(self, body: dict[str, Any]) -> object:
        script = self.played.script
        rated = enumerate(script.rate(body["query"], body["documents"]))
        rows = [
            {"index": i, "relevance_score": score, "document": {"text": body["documents"][i]}} for i, score in rated
        ]
        return script.rows(sorted(rows, key=lambda row: -row["relevance_score"]))

    def _send(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in self.played.script.headers.items() if status != 200 else ():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not self.played.script.drip:
            self.wfile.write(data)
            return
        try:
            for byte in data:
                if self.played.stopped.wait(self.played.script.drip):
                    return
                self.wfile.write(bytes([byte]))
        except OSError:
            self.played.hung_up.set()
