"""Reads files in a process of its own, so that one that crashes, hangs or grows costs its file alone.

The children of ``multiprocessing`` import the caller's main module, which may be a script without a guard or the
chat page; these import nothing of it. Jobs come pickled on standard input, replies go to standard output.
"""

from __future__ import annotations

import os
import pickle
import select
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest import pulse
from ingest.reading import read
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from typing import BinaryIO

    from ingest.reading import Job, Reading

IDLE_SECONDS = 60
"""Time without a job after which a worker ends and gives its memory back."""

_BEAT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Beat:
    """The file is being read: so many of its pages are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The file cannot be read, and why."""

    reason: str


def main() -> None:
    """Read what is asked for until nobody asks any more."""
    # What a library prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _send_beats(replies)
    while (job := _receive(sys.stdin.buffer)) is not None:
        _send(replies, _reply(job))


def _reply(job: Job) -> Reading | Refusal:
    _limit_memory(job.memory)
    try:
        return read(job)
    except DocumentError as error:
        return Refusal(str(error))
    except MemoryError:
        return Refusal(f"needs more than {job.memory >> 20:,} MiB of memory; raise KB_READ_MEMORY or split the file")


def _receive(jobs: BinaryIO) -> Job | None:
    ready, _, _ = select.select([jobs], [], [], IDLE_SECONDS)
    if not ready:
        return None
    try:
        job: Job = pickle.load(jobs)  # noqa: S301 - written by the parent process
    except EOFError:
        return None
    return job


def _send(replies: BinaryIO, reply: object) -> None:
    pickle.dump(reply, replies, protocol=pickle.HIGHEST_PROTOCOL)
    replies.flush()


def _send_beats(replies: BinaryIO) -> None:
    last = 0.0

    def beat(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _BEAT_SECONDS:
            last = now
            _send(replies, Beat(done, total))

    pulse.listen(beat)


def _limit_memory(bound: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))


if __name__ == "__main__":
    main()
