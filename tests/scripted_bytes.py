"""A server that answers every request with the same bytes, at once or drop by drop."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LISTED = json.dumps({"data": [{"id": "scripted", "max_model_len": 4096}]}).encode()
"""A list of one model."""


def event(text: object, **named: object) -> bytes:
    """An event of a streamed answer with a content of any form; named are fields of its choice."""
    body = {"choices": [{"index": 0, "delta": {"content": text}, **named}]}
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


@contextmanager
def serve_bytes(writes: Sequence[bytes], *, pause: float = 0.0, list_too: bool = False) -> Iterator[str]:
    """Run the server until the block ends; its address.

    Args:
        writes: What a chat request is answered with, one after another; then the connection is closed.
        pause: Seconds between two of them.
        list_too: Answer also the question for its models, and any other, with them.
    """
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_GET(self) -> None:
            self._answer(writes if list_too else [LISTED])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(writes)

        def _answer(self, data: Sequence[bytes]) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                for one in data:
                    self.wfile.write(one)
                    if over.wait(pause):
                        return

    http: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads, http.block_on_close = True, False
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/v1"
    finally:
        over.set()
        http.shutdown()
        http.server_close()
