"""A program that is started like an engine and behaves like one, without a model: it loads, answers, and can fail.

A test puts it in the place of vLLM's server. What goes wrong is said by flags of its own, behind those of vLLM:

    --loads SECONDS    time until it is healthy
    --dies MESSAGE     ends with this error instead of becoming healthy
    --deaf             stays alive, but never answers
    --crashes SECONDS  ends with an error that long after it is healthy
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPDATING = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for flag in ("--model", "--served-model-name", "--host", "--dies"):
        parser.add_argument(flag, default="")
    parser.add_argument("--port", type=int)
    parser.add_argument("--loads", type=float, default=0.0)
    parser.add_argument("--crashes", type=float, default=0.0)
    parser.add_argument("--deaf", action="store_true")
    return parser.parse_known_args()[0]


class Handler(BaseHTTPRequestHandler):
    names: list[str] = []  # noqa: RUF012 - one server a process
    healthy_at = 0.0

    def do_GET(self) -> None:
        if time.monotonic() < self.healthy_at:
            self.answer(503, {})
        elif self.path == "/health":
            self.answer(200, {})
        elif self.path == "/v1/models":
            self.answer(200, {"data": [{"id": name, "max_model_len": 2048} for name in self.names]})
        else:
            self.answer(404, {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/chat/completions":
            self.speak(body["model"])
            return
        name = body.get("lora_name", "")
        if os.environ.get(UPDATING) != "True":
            self.answer(404, {"detail": "Not Found"})
        elif self.path == "/v1/load_lora_adapter" and os.path.isdir(body["lora_path"]):  # noqa: PTH112 - no imports
            self.names.append(name)
            self.answer(200, {})
        elif self.path == "/v1/unload_lora_adapter" and name in self.names:
            self.names.remove(name)
            self.answer(200, {})
        else:
            self.answer(404, {"error": {"message": f"The lora adapter '{name}' cannot be found."}})

    def speak(self, model: str) -> None:
        """An answer in one piece, as a stream; the connection ends it."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for delta, finish in (({"content": f"{model}：年假有五天。[1]"}, None), ({}, "stop")):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def answer(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Requests are not worth a line."""


def main() -> None:
    arguments = read_arguments()
    worker = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"]
    )  # engines have processes of their own
    print("argv", json.dumps(sys.argv[1:]), flush=True)
    print("environment", json.dumps(dict(os.environ)), flush=True)
    print("worker", worker.pid, flush=True)
    print("(EngineCore pid=7) INFO 11-24 10:00:00 [loader.py:1] Loading weights: 10%\rLoading weights: 90%", flush=True)
    if arguments.dies:
        time.sleep(arguments.loads)
        print(f"(EngineCore pid=7) ERROR 11-24 10:00:01 [core.py:9] {arguments.dies}", flush=True)
        worker.kill()
        sys.exit("RuntimeError: Engine core initialization failed. See root cause above.")
    if arguments.deaf:
        time.sleep(600)
    Handler.names = [arguments.served_model_name]
    Handler.healthy_at = time.monotonic() + arguments.loads
    server = ThreadingHTTPServer((arguments.host, arguments.port), Handler)
    if arguments.crashes:
        threading.Timer(arguments.loads + arguments.crashes, crash, [worker]).start()
    server.serve_forever()


def crash(worker: subprocess.Popen[bytes]) -> None:
    print("ValueError: 缓存坏了", flush=True)
    worker.kill()
    os._exit(3)


if __name__ == "__main__":
    main()
