"""How the scripted model server streams an answer, well or badly."""

from __future__ import annotations

import json
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.scripted_server import ScriptedServer

_HALF = {"dies", "no_end", "reset", "garbage", "error_event", "hollow"}
_FOR_EVER = 20  # seconds; no test waits so long


class Speaker(BaseHTTPRequestHandler):
    """Streams what the script says."""

    played: ScriptedServer

    def _stream(self) -> None:
        script = self.played.script
        pieces = list(self.played.next_answer())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in script.reasoning:
                self._event({"reasoning_content": piece})
            for piece in pieces[: len(pieces) // 2 if script.fault in _HALF else len(pieces)]:
                self._event({"content": piece})
            self._end()
        except OSError:
            self.played.hung_up.set()
            self.close_connection = True

    def _end(self) -> None:
        """End well, or as the fault wants it."""
        fault = self.played.script.fault
        if fault in {"dies", "reset"}:
            self._drop(rudely=fault == "reset")
            return
        if fault == "garbage":
            self._chunk('data: {"choices": [{"delta": {"content": "半\n\n')
        elif fault == "error_event":
            self._chunk('data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n')
        elif fault in {"hollow", "pings"}:
            self._say_nothing_for_ever(fault)
        elif not fault:
            self._event({}, finish=self.played.script.finish)
            self._chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _drop(self, *, rudely: bool) -> None:
        self.close_connection = True
        if rudely:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _say_nothing_for_ever(self, fault: str) -> None:
        until = time.monotonic() + _FOR_EVER
        while time.monotonic() < until and not self.played.stopped.wait(0.05):
            if fault == "pings":
                self._chunk(": ping\n\n")
            else:
                self._event({"content": ""})

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
        """Say nothing until the other side closes the connection."""
        self.connection.settimeout(0.05)
        until = time.monotonic() + _FOR_EVER
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
