"""vLLM as a process of its own, watched through what it publishes about itself."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CACHE = Path.home() / ".cache" / "kb-app"
PYTHON = Path(os.environ.get("LLM_VENV") or CACHE / "venv-llm") / "bin" / "python"
MODEL = Path(os.environ.get("LLM_MODEL") or CACHE / "llm-model")
NAME = "smollm2-135m-instruct"
CONTEXT = 2048
START_SECONDS = 300
ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
}


@dataclass(frozen=True)
class Server:
    """A running vLLM.

    Attributes:
        url: Its address, without ``/v1``.
    """

    url: str

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric over all its series with these labels; 0 before the first."""
        text = httpx.get(f"{self.url}/metrics", timeout=10).text
        series = re.findall(rf"^{re.escape(name)}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(float(value) for found, value in series if all(label in found for label in wanted))

    def chats(self) -> float:
        """How many chat completions it was asked for and accepted."""
        return self.metric("http_requests_total", handler="/v1/chat/completions", status="2xx")

    def running(self) -> float:
        """How many requests the model works on at the moment."""
        return self.metric("vllm:num_requests_running")

    def finished(self) -> float:
        """How many requests came to their own end; one that was called off does not count."""
        return self.metric("vllm:request_success_total")


@contextmanager
def serve_model(log: Path) -> Iterator[Server]:
    """Run vLLM on a free port of loopback until the block ends.

    Raises:
        AssertionError: It ended, or did not answer in time; with the end of its log.
    """
    port = _free_port()
    flags = f"--max-model-len {CONTEXT} --host 127.0.0.1 --port {port} --enforce-eager".split()
    served = ["--model", str(MODEL), "--served-model-name", NAME, *flags]
    command = [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server", *served]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=os.environ | ENVIRONMENT, stdout=output, stderr=output, cwd=log.parent, start_new_session=True
        )
    server = Server(f"http://127.0.0.1:{port}")
    try:
        ready = wait_for(lambda: process.poll() is not None or _is_healthy(server), START_SECONDS)
        if not ready or process.poll() is not None:
            last_lines = log.read_text("utf-8", "replace").splitlines()[-30:]
            raise AssertionError("\n".join(["vLLM did not start:", *last_lines]))
        yield server
    finally:
        _end(process)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_healthy(server: Server) -> bool:
    try:
        return httpx.get(f"{server.url}/health", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and the engine that it started; both are in the group of its own session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(30)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
