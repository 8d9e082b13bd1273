"""One writer at a time per knowledge base."""

from __future__ import annotations

import contextlib
import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from kb_app.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writer_lock(folder: Path, name: str, *, purpose: str) -> Iterator[None]:
    """Hold the right to write; the system takes it back when the process ends, however it ends.

    Args:
        folder: Folder of the knowledge base.
        name: Display name, for the message.
        purpose: What the holder does, for the message that others see.

    Raises:
        BusyError: Another process, or another thread of this one, holds it; the message says which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "writer.json"
    lock = FileLock(folder / "writer.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            f"knowledge base {name!r} is being written by {_describe(holder)}; wait for it, or end it"
        ) from error
    try:
        holder.write_text(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": time.strftime("%H:%M:%S")}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError):
        facts = json.loads(holder.read_text())
        return f"process {facts['pid']} ({facts['purpose']}, since {facts['since']})"
    return "another process"
