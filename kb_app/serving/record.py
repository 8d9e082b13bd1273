"""What ``kb serve`` remembers about the server that it started, and whether that still runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from kb_app.errors import StorageError

FILE = "serve.json"
_PROC = Path("/proc")
_GROUP_FIELD, _STARTED_FIELD = 2, 19  # of /proc/PID/stat, counted behind the name of the program
_DEAD = {"Z", "X"}


@dataclass(frozen=True, slots=True)
class Record:
    """A server that was started.

    Attributes:
        url: Its address, with ``/v1``.
        model: What requests call the model.
        engine: What serves it.
        pid: Its process, which leads a group of its own.
        log: What it writes.
        started: When the process began, as the system counts; tells it from a later one with the same number.
    """

    url: str
    model: str
    engine: str
    pid: int
    log: str
    started: str

    @property
    def runs(self) -> bool:
        """Whether that very process is alive."""
        return self.started != "" and started(self.pid) == self.started


def read(home: Path) -> Record | None:
    """The server that was started last; None where none was, or it was ended.

    Raises:
        StorageError: The file is damaged.
    """
    path = home / FILE
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(f"{path} cannot be read ({error}); delete it and end the server by hand") from error


def running(home: Path) -> Record | None:
    """The server that was started last, where it still runs; a damaged file counts as none, ``read`` tells of it."""
    try:
        kept = read(home)
    except StorageError:
        return None
    return kept if kept and kept.runs else None


def write(home: Path, record: Record) -> None:
    """Remember a server; a reader sees the whole record or the one before."""
    part = home / f"{FILE}.part"
    part.write_text(json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(home / FILE)


def forget(home: Path, record: Record) -> None:
    """Forget a server, unless another one was started since."""
    if read(home) == record:
        (home / FILE).unlink(missing_ok=True)


def started(pid: int) -> str:
    """When a process began, as a text to compare; empty where it does not live."""
    if _PROC.is_dir():
        fields = _stat(pid)
        if not fields or fields[0] in _DEAD:
            return ""
        boot = _PROC / "sys/kernel/random/boot_id"
        return f"{boot.read_text().strip()}:{fields[_STARTED_FIELD]}" if boot.exists() else fields[_STARTED_FIELD]
    told = subprocess.run(  # noqa: S603 - a fixed program and a number
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def end(record: Record, *, patience: float = 30.0) -> None:
    """End a server and all that it started: by TERM, and by KILL what is left after that many seconds."""
    if not record.runs:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(record.pid, number)
        except ProcessLookupError:
            return
        stop = time.monotonic() + patience
        while group_lives(record.pid) and time.monotonic() < stop:
            time.sleep(0.1)
        if not group_lives(record.pid):
            return


def group_lives(group: int) -> bool:
    """Whether a process of a group still does anything; one that only waits for its parent to notice does not."""
    if not _PROC.is_dir():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True
    processes = (_stat(int(path.name)) for path in _PROC.iterdir() if path.name.isdigit())
    return any(fields and fields[_GROUP_FIELD] == str(group) and fields[0] not in _DEAD for fields in processes)


def _stat(pid: int) -> list[str]:
    """Fields of a process behind its name, which may hold spaces and brackets itself; none where there is no such."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
