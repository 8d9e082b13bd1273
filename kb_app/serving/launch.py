"""A server as a process: started in a group of its own, waited for, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from kb_app.errors import BusyError, ModelError
from kb_app.serving import log, record
from kb_app.serving.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb_app.serving.choosing import Choice

LOG = "serve.log"
_POLL = 0.3
_HTTP_SECONDS = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - recognised, not bound


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started here.

    Attributes:
        record: What is remembered about it.
        process: The process itself.
    """

    record: Record
    process: subprocess.Popen[bytes]


def address(host: str, port: int) -> str:
    """Where programs on this machine reach a server that listens there, with ``/v1``."""
    reachable = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{port}/v1"


@contextmanager
def starting(home: Path) -> Iterator[None]:
    """Keep a second ``kb serve`` out while one starts a server.

    Raises:
        BusyError: One is at it, or a server runs already.
    """
    home.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / "serve.lock", timeout=0):
            running = record.read(home)
            if running and running.runs:
                raise BusyError(
                    f"{running.model} is served at {running.url} already (process {running.pid}); "
                    f"end it with `kb serve --stop`"
                )
            yield
    except Timeout as error:
        raise BusyError("another `kb serve` is just starting a server; wait for it, or press Ctrl-C there") from error


def start(choice: Choice, home: Path, *, key: str = "") -> Server:
    """Start a server and remember it; its words go to ``serve.log``.

    Args:
        choice: What to start.
        home: Folder of the log and of what is remembered.
        key: What requests must show, where the engine can ask for it.

    Raises:
        ModelError: The port is taken, or the program cannot be run.
    """
    job, command = choice.job, choice.command
    _refuse_taken(job.host, job.port)
    secret = {choice.engine.key: key} if key and choice.engine.key else {}
    path = home / LOG
    try:
        with path.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - arguments, no shell
                command.arguments,
                env={**os.environ, **command.environment, **secret},
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except OSError as error:
        raise ModelError(f"{command.arguments[0]} cannot be run: {error}; install the engine again") from error
    began = record.started(process.pid)
    kept = Record(address(job.host, job.port), job.name, choice.engine.title, process.pid, str(path), began)
    try:
        record.write(home, kept)
    except OSError:
        record.end(kept)
        raise
    return Server(kept, process)


def wait(server: Server, seconds: float, tell: Callable[[str], None]) -> None:
    """Wait until a server answers.

    Args:
        server: What was started.
        seconds: How long to wait.
        tell: Is given the newest line of its log, again and again.

    Raises:
        ModelError: It ended, or it does not answer in time.
    """
    path = Path(server.record.log)
    end = time.monotonic() + seconds
    while not (_alive(server) and is_ready(server.record.url)):
        if time.monotonic() > end:
            raise ModelError(
                f"{server.record.engine} does not answer after {seconds:g} s, its last words: "
                f"{log.progress(path)[:300]}; wait longer with --timeout, log: {path}"
            )
        tell(log.progress(path))
        time.sleep(_POLL)


def follow(server: Server, home: Path) -> None:
    """Stay until a server ends.

    Raises:
        ModelError: It ended though nobody told it to.
    """
    server.process.wait()
    if record.read(home) == server.record:
        _alive(server)


def stop(home: Path, kept: Record, *, patience: float = 30.0) -> None:
    """End a server and forget it; forgotten first, so that whoever follows it knows that it was meant to end."""
    record.forget(home, kept)
    try:
        record.end(kept, patience=patience)
    except BaseException:
        record.write(home, kept)  # interrupted: what is left can be ended once more
        raise


@contextmanager
def ended_with_us(home: Path, server: Server) -> Iterator[None]:
    """End a server where the block is left by an error, by Ctrl-C, or because this process is told to end."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    try:
        yield
    except BaseException:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # being impatient would leave half of it behind
            signal.signal(number, signal.SIG_IGN)
        stop(home, server.record)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise


def is_ready(url: str) -> bool:
    """Whether a server is healthy and answers to ``/v1/models``; one without a page for its health must list one."""
    health, _ = _get(f"{url.removesuffix('/v1')}/health")
    if health not in {200, 404}:
        return False
    status, listed = _get(f"{url}/models")
    return status > 0 if health == 200 else status == 200 and b'"id"' in listed


def _get(url: str) -> tuple[int, bytes]:
    """Status and text of a page, 0 where nobody answers; through no proxy, since it lies on this machine."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=_HTTP_SECONDS)
    try:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def _alive(server: Server) -> bool:
    """True; where the process ended, the reason is raised."""
    status = server.process.poll()
    if status is None:
        return True
    path = Path(server.record.log)
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    raise ModelError(f"{server.record.engine} {how}: {log.reason(path)} (log: {path})")


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ModelError(f"cannot listen on {host}:{port} ({error.strerror}); choose another --port") from error
