"""Who may ask a server now: so many at once, the others in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque

_shared: dict[str, Slots] = {}
_sharing = threading.Lock()


class Turn:
    """A place in the queue; ``ready`` is set when it is this one's turn."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.granted = False
        self.over = False


class Slots:
    """Gives turns in the order in which they were asked for, ``size`` at a time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._running = 0
        self._waiting: deque[Turn] = deque()
        self._lock = threading.RLock()  # an iterator that nobody reads any more may leave at any moment

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many have their turn."""
        return self._running

    def join(self) -> Turn:
        """Queue up."""
        turn = Turn()
        with self._lock:
            self._waiting.append(turn)
            self._admit()
        return turn

    def leave(self, turn: Turn) -> None:
        """Give the turn back, or leave the queue; a second time does nothing."""
        with self._lock:
            if turn.over:
                return
            turn.over = True
            if turn.granted:
                self._running -= 1
            else:
                self._waiting.remove(turn)
            self._admit()

    def _admit(self) -> None:
        while self._waiting and self._running < self.size:
            self._running += 1
            turn = self._waiting.popleft()
            turn.granted = True
            turn.ready.set()


def slots_for(server: str, size: int) -> Slots:
    """The queue in front of a server, shared by all clients of this process that allow as many requests at once."""
    with _sharing:
        slots = _shared.get(server)
        if slots is None or slots.size != size:
            slots = _shared[server] = Slots(size)
        return slots
