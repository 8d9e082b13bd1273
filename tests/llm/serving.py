"""A model server that ``kb serve`` starts as for a user, watched through what it publishes about itself."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path.home() / ".cache" / "kb-app"
PYTHON = Path(os.environ.get("LLM_VENV") or CACHE / "venv-llm") / "bin" / "python"
MODEL = Path(os.environ.get("LLM_MODEL") or CACHE / "llm-model")
NAME = "smollm2-135m-instruct"
CONTEXT = 2048
START_SECONDS = 300
_ERROR = re.compile(r"\b\w+(?:Error|Exception): .+")
ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    # vLLM imports itself in one process after the other: with one of them less, and compiled once, it starts
    # in a third of the time. Where other programs take the cores, threads that wait for each other hardly move.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "",
}


def environment(home: Path) -> dict[str, str]:
    """That of this machine, but of the settings only where data lies."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return kept | {"KB_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DidNotStartError(AssertionError):
    """A server did not start.

    Attributes:
        cause: The error that its log names last.
        log: All that it wrote.
    """

    def __init__(self, said: str, log: str) -> None:
        self.log = log
        named = [line for line in _ERROR.findall(log) if "Engine core" not in line]
        self.cause = named[-1] if named else said.strip().rpartition("\n")[2]
        super().__init__("\n".join(["`kb serve` failed:", said, *log.splitlines()[-30:]]))


@dataclass(frozen=True)
class Server:
    """A model server that can be started, killed, and started again in the same place.

    Attributes:
        home: Where ``kb serve`` remembers it and writes its log.
        asked: What ``kb serve`` is asked for: a model and options.
        flags: Flags for the engine.
        port: Where it listens, on loopback.
    """

    home: Path
    asked: tuple[str, ...]
    flags: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Its address, without ``/v1``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def start(self) -> None:
        """Start it in the background and wait until it answers.

        Raises:
            DidNotStartError: It did not.
        """
        where = ["--port", str(self.port), "--timeout", str(START_SECONDS), "--detach"]
        done = self._kb("serve", *self.asked, "--python", str(PYTHON), *where, "--", *self.flags)
        if done.returncode:
            raise DidNotStartError(done.stderr, self.log())

    def stop(self) -> None:
        """End it, if it runs."""
        self._kb("serve", "--stop")

    def kill(self) -> None:
        """Let it die at once, with the engine that it started."""
        with suppress(ProcessLookupError):
            os.killpg(json.loads((self.home / "serve.json").read_text("utf-8"))["pid"], signal.SIGKILL)

    def _kb(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kb_app.cli", *arguments],
            env=environment(self.home) | ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            cwd=self.home,
            timeout=START_SECONDS + 60,
        )

    def log(self) -> str:
        """What the server has written."""
        log = self.home / "serve.log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

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
def serving(server: Server) -> Iterator[Server]:
    """Run a server until the block ends."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
