"""Worker processes that read files, each with a bound on its time and memory."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ingest.worker import IDLE_SECONDS, Beat, Refusal
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.reading import Job, Reading

# The path travels as an argument: a worker finds the modules where this process does, and never in the working folder.
_START = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from ingest.worker import main; main()"


class Workers:
    """The worker processes of one run; several threads may read, each then has a worker of its own.

    Workers that are idle are lent to any run of this process, since they have most in memory already.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._busy: list[_Worker] = []
        self._ended = False

    def read(self, job: Job, *, seconds: float, on_beat: Callable[[int, int], None] | None = None) -> Reading:
        """Read a file in a worker process.

        Args:
            job: What to read.
            seconds: Time without a sign of life after which it is given up.
            on_beat: Told how many pages of how many are done.

        Raises:
            DocumentError: It cannot be read, its worker crashed or was given up, or the run has ended.
        """
        worker = self._borrow()
        try:
            return worker.read(job, seconds, on_beat)
        finally:
            self._give_back(worker)

    def end(self) -> None:
        """End the workers that are reading, those of this run alone; it reads nothing more."""
        with _lending:
            self._ended = True
            for worker in self._busy:
                worker.end()

    def _borrow(self) -> _Worker:
        """A worker that is idle, the one that worked last first."""
        with _lending:
            if self._ended:
                raise DocumentError("the run that reads it was stopped; run again")
            while _idle:
                worker = _idle.pop()
                if worker.usable:
                    break
                worker.end()
            else:
                worker = _Worker()
            self._busy.append(worker)
            _lent.append(worker)
        return worker

    def _give_back(self, worker: _Worker) -> None:
        with _lending:
            self._busy.remove(worker)
            _lent.remove(worker)
            if worker.usable:
                _idle.append(worker)


def read_in_worker(job: Job, *, seconds: float, on_beat: Callable[[int, int], None] | None = None) -> Reading:
    """``Workers.read`` for a file that belongs to no run."""
    return Workers().read(job, seconds=seconds, on_beat=on_beat)


class _Worker:
    """One worker process, started when it is first needed."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _START, json.dumps(sys.path)]
        # A session of its own: Ctrl-C reaches this process alone, and whatever the worker starts ends with it.
        self._process = subprocess.Popen(  # noqa: S603 - this program itself
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._ending = threading.Lock()
        self._gave_up = False
        self._last = time.monotonic()

    @property
    def usable(self) -> bool:
        """Whether it lives, and not so long without work that it may be about to end."""
        return self._process.poll() is None and time.monotonic() - self._last < 0.8 * IDLE_SECONDS

    def read(self, job: Job, seconds: float, on_beat: Callable[[int, int], None] | None) -> Reading:
        self._gave_up = False
        try:
            self._send(job)
            while isinstance(reply := self._receive(seconds), Beat):
                if on_beat:
                    on_beat(reply.done, reply.total)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise DocumentError(self._obituary(seconds)) from error
        except BaseException:
            self.end()
            raise
        self._last = time.monotonic()
        if isinstance(reply, Refusal):
            raise DocumentError(reply.reason)
        return reply

    def _send(self, job: Job) -> None:
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        pickle.dump(job, self._process.stdin)
        self._process.stdin.flush()

    def _receive(self, seconds: float) -> Beat | Refusal | Reading:
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        timer = threading.Timer(seconds, self._give_up)
        timer.start()
        try:
            reply: Beat | Refusal | Reading = pickle.load(self._process.stdout)  # noqa: S301 - written by this program
            return reply
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._gave_up = True
        self.end()

    def _obituary(self, seconds: float) -> str:
        if self._gave_up:
            return f"took more than {seconds:g} s without getting on and was given up; split the file or save it anew"
        return "the process that read it crashed (out of memory, or the file is broken); save it anew or split it"

    def end(self) -> None:
        """End the process and whatever it started."""
        with self._ending:
            if self._process.returncode is None:  # else its number may be another's by now
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


_idle: list[_Worker] = []
_lent: list[_Worker] = []
_lending = threading.Lock()


def end_workers() -> None:
    """End all workers of this process, those that are reading too."""
    with _lending:
        for worker in (*_idle, *_lent):
            worker.end()
        _idle.clear()


atexit.register(end_workers)
