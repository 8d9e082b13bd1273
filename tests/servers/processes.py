"""Chroma and PostgreSQL, each started for the tests and ended by them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHROMA = Path(sys.executable).parent / "chroma"
START_SECONDS = 60
PASSWORD = "p@ss/wörd"  # with marks that a URL must write otherwise
_POSTGRES_FOLDERS = "/usr/lib/postgresql/*/bin"


def free_port() -> int:
    """A port of loopback where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """Run ``chroma run`` with its data in a folder; yields its address once it answers."""
    port = free_port()
    command = [str(CHROMA), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder / "data")]
    quiet = {"ANONYMIZED_TELEMETRY": "False", "OTEL_SDK_DISABLED": "true"}
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(parents=True, exist_ok=True)
    with _running(command, folder / "chroma.log", lambda: _answers(f"{url}/api/v2/heartbeat"), env=os.environ | quiet):
        yield url


@dataclass
class Cluster:
    """A PostgreSQL cluster of the tests' own. PostgreSQL refuses to run as root, who becomes ``postgres``."""

    folder: Path
    binaries: Path
    port: int = field(default_factory=free_port)

    def make(self) -> None:
        """Make it. It sorts by the rules of Chinese, to show that no order depends on the server."""
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            for path in (self.folder, password):
                shutil.chown(path, "postgres", "postgres")
        rules = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-Hans"]
        entry = ["--username=kb", f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"]
        command = [str(self.binaries / "initdb"), "--pgdata", str(self.folder / "data"), *rules, *entry]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=self.folder, **_unprivileged())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let it run until the block ends."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}"]
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-c", "fsync=off"]
        for option in options:
            command += ["-c", option]
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        with _running(
            command,
            self.folder / "server.log",
            lambda: subprocess.run(ready, check=False).returncode == 0,
            end=signal.SIGINT,  # sends clients away; SIGTERM would wait for them
            cwd=self.folder,
            **_unprivileged(),
        ):
            yield

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """The address of a database, as a person writes it into KB_DATABASE_URL."""
        return f"postgresql://kb:{password_in_url(password)}@127.0.0.1:{self.port}/{database}"


def password_in_url(password: str) -> str:
    """A password with the marks that end a part of a URL written as ``%XX``."""
    return "".join(f"%{byte:02X}" if not chr(byte).isalnum() or byte > 127 else chr(byte) for byte in password.encode())


def postgres_binaries() -> Path | None:
    """Where PostgreSQL's programs lie: on the path, or where Debian keeps the newest version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path for path in Path("/").glob(_POSTGRES_FOLDERS[1:]) if (path / "initdb").is_file()]
    return max(folders, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def cluster(binaries: Path) -> Iterator[Cluster]:
    """A new cluster that is not running yet, in a folder that its user can reach."""
    with tempfile.TemporaryDirectory(prefix="kb-postgres-") as folder:
        made = Cluster(Path(folder), binaries)
        made.make()
        yield made


def _unprivileged() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def _running(
    command: list[str], log: Path, ready: Callable[[], bool], *, end: int = signal.SIGTERM, **options: Any
) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
    try:
        limit = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > limit:
                raise AssertionError(f"{command[0]} did not start:\n{log.read_text('utf-8', 'replace')}")
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
