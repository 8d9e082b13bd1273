"""A model server that follows a script: real HTTP on loopback, with the faults that a healthy engine never shows."""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Fault = Literal["", "html", "dies", "no_end", "nonsense_json", "silent"]
"""``dies`` closes the connection after half of the pieces, ``no_end`` does so politely, ``silent`` never speaks."""

HTML = "<!doctype html><html><body>It works!</body></html>"


@dataclass
class Script:
    """What the server says.

    Attributes:
        answers: One list of pieces for each request; the last is repeated.
        reasoning: Pieces that come before, in the field ``reasoning_content``.
        model: Name of the model it lists; another one is answered with 404.
        context: Its ``max_model_len``.
        status: HTTP status of a chat request.
        list_status: HTTP status of the list of models.
        fault: See ``Fault``.
        delay: Seconds before each piece.
        key: Key that it demands.
    """

    answers: Sequence[Sequence[str]] = (("好的",),)
    reasoning: Sequence[str] = ()
    model: str = "scripted"
    context: int | None = 4096
    status: int = 200
    list_status: int = 200
    fault: Fault = ""
    delay: float = 0.0
    key: str = ""


@dataclass
class ScriptedServer:
    """A running server: where it listens, what it was asked, and whether a reader hung up."""

    script: Script
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    listed: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> Sequence[str]:
        return self.script.answers[min(len(self.requests), len(self.script.answers)) - 1]


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


class _Handler(BaseHTTPRequestHandler):
    played: ScriptedServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self.played.listed += 1
        script = self.played.script
        if not self._allowed():
            return
        if script.fault == "html":
            self._send(200, HTML, "text/html")
        elif script.fault == "nonsense_json":
            self._send(200, '{"models": 7}')
        elif script.list_status != 200:
            self._send(script.list_status, '{"error": {"message": "scripted"}}')
        else:
            model = {"id": script.model, "object": "model", "max_model_len": script.context}
            self._send(200, json.dumps({"object": "list", "data": [model]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.played.requests.append(body)
        script = self.played.script
        if not self._allowed():
            return
        if script.fault == "silent":
            self._wait_for_hang_up()
        elif script.fault == "html":
            self._send(200, HTML, "text/html")
        elif script.status != 200:
            self._send(script.status, '{"error": {"message": "scripted trouble", "code": 1}}')
        elif body["model"] != script.model:
            self._send(404, json.dumps({"error": {"message": f"The model {body['model']} does not exist."}}))
        elif body.get("stream"):
            self._stream()
        else:
            text = "".join(self.played.next_answer())
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            self._send(200, json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}))

    def _allowed(self) -> bool:
        wanted = self.played.script.key
        if not wanted or self.headers.get("Authorization") == f"Bearer {wanted}":
            return True
        self._send(401, '{"error": {"message": "wrong key"}}')
        return False

    def _send(self, status: int, body: str, kind: str = "application/json") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        script = self.played.script
        pieces = list(self.played.next_answer())
        said = len(pieces) // 2 if script.fault in {"dies", "no_end"} else len(pieces)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in script.reasoning:
                self._event({"reasoning_content": piece})
            for piece in pieces[:said]:
                self._event({"content": piece})
            if script.fault == "dies":
                self.close_connection = True
                return
            if not script.fault:
                self._event({}, finish="stop")
                self._chunk("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.played.hung_up.set()
            self.close_connection = True

    def _event(self, delta: dict[str, str], finish: str | None = None) -> None:
        if self.played.stopped.wait(self.played.script.delay):
            raise ConnectionAbortedError
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": self.played.script.model}
        self._chunk(f"data: {json.dumps({**event, 'choices': [choice]}, ensure_ascii=False)}\n\n")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _wait_for_hang_up(self) -> None:
        self.connection.settimeout(0.05)
        until = time.monotonic() + 20
        while time.monotonic() < until and not self.played.stopped.is_set():
            try:
                if self.connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.played.hung_up.set()
        self.close_connection = True
