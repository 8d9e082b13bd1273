"""A model server that follows a script: real HTTP on loopback, with the faults that a healthy engine never shows."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.script import Fault, Script
from tests.scripted_speech import Speaker
from tests.scripted_tokenizer import tokenized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["HTML", "Fault", "Script", "ScriptedServer", "refusing_url", "serve"]

HTML = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>It works!</body></html>"


@dataclass
class ScriptedServer:
    """A running server: where it listens, what it was asked, and whether a reader hung up.

    Attributes:
        requests: Bodies of the chat requests, in the order in which they came.
        tokenized: Bodies of the requests to its tokenizer.
        listed: How often it listed its models.
        running: Chat requests that it answers at the moment.
        most: The most of them at a time.
    """

    script: Script
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    tokenized: list[dict[str, Any]] = field(default_factory=list)
    listed: int = 0
    scraped: int = 0
    running: int = 0
    most: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self) -> Sequence[str]:
        return self.script.answers[min(len(self.requests), len(self.script.answers)) - 1]

    def next_status(self) -> int:
        """The status of the request that came last."""
        asked = len(self.requests)
        return self.script.statuses[asked - 1] if asked <= len(self.script.statuses) else self.script.status

    @contextmanager
    def answering(self, body: dict[str, Any]) -> Iterator[None]:
        with self.lock:
            self.requests.append(body)
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            yield
        finally:
            with self.lock:
                self.running -= 1


@contextmanager
def serve(script: Script | None = None) -> Iterator[ScriptedServer]:
    """Run a scripted server until the block ends."""
    played = ScriptedServer(script or Script())
    http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"played": played}))
    played.base_url = f"http://127.0.0.1:{http.server_port}/v1"
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield played
    finally:
        played.stopped.set()
        http.shutdown()
        http.server_close()


def refusing_url() -> str:
    """An address where nothing listens."""
    with serve() as server:
        return server.base_url


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that hangs up is part of the play."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it came


class _Handler(Speaker, BaseHTTPRequestHandler):
    played: ScriptedServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        script = self.played.script
        if not self._allowed():
            return
        if self.path == "/health":
            self._send(script.health, "")
        elif self.path == "/metrics":
            self._tell_metrics()
        else:
            self.played.listed += 1
            self._list()

    def _tell_metrics(self) -> None:
        texts = self.played.script.metrics
        self.played.scraped += 1
        text = texts[min(self.played.scraped, len(texts)) - 1] if texts else ""
        self._send(200 if texts else 404, text, "text/plain")

    def _list(self) -> None:
        script = self.played.script
        if script.fault == "html":
            self._send(200, HTML, "text/html")
        elif script.fault == "nonsense_json":
            self._send(200, '{"models": 7}')
        elif script.list_status != 200:
            self._refuse(script.list_status, script.trouble)
        else:
            model = {"id": script.model, "object": "model", "max_model_len": script.context, "owned_by": script.engine}
            adapters = [
                {**model, "id": name, "parent": script.model, "max_model_len": None} for name in script.adapters
            ]
            self._send(200, json.dumps({"object": "list", "data": [model, *adapters]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/tokenize":
            self.played.tokenized.append(body)
            self._tokenize(body)
        else:
            with self.played.answering(body):
                self._chat(body)

    def _tokenize(self, body: dict[str, Any]) -> None:
        kind = self.played.script.tokenizer
        if kind == "slow":
            self._wait_for_hang_up()
            return
        answer = tokenized(kind, body)
        self._send(200 if answer else 404 if not kind else 400, json.dumps(answer))

    def _chat(self, body: dict[str, Any]) -> None:
        script = self.played.script
        refused = [name for name in script.refuses if name in body]
        if not self._allowed():
            return
        if script.fault == "silent":
            self._wait_for_hang_up()
        elif script.fault == "html":
            self._send(200, HTML, "text/html")
        elif (status := self.played.next_status()) == 0:
            self._drop(rudely=False)
        elif status != 200:
            self._refuse(status, script.trouble)
        elif refused:
            self._refuse(400, f"Unsupported parameter: {refused[0]}")
        elif body["model"] not in {script.model, *script.adapters}:
            self._refuse(404, f"The model {body['model']} does not exist.")
        elif body.get("stream"):
            self._stream()
        else:
            text = "".join(self.played.next_answer())
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            self._send(200, json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}))

    def _refuse(self, status: int, message: str) -> None:
        """An error with a message, or with a page where that is the message."""
        if message.startswith("<"):
            self._send(status, message, "text/html", self.played.script.headers)
        elif message.startswith("{"):
            self._send(status, message, headers=self.played.script.headers)
        else:
            said = {"error": {"message": message, "code": status}}
            self._send(status, json.dumps(said), headers=self.played.script.headers)

    def _allowed(self) -> bool:
        wanted = self.played.script.key
        if not wanted or self.headers.get("Authorization") == f"Bearer {wanted}":
            return True
        self._send(401, '{"error": {"message": "wrong key"}}')
        return False

    def _send(
        self, status: int, body: str, kind: str = "application/json", headers: Mapping[str, str] | None = None
    ) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
