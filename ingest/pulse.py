"""Signs of life of a long reading: what reads page by page says so, and whoever waits for it goes on waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_listeners: list[Callable[[int, int], None]] = []


def beat(done: int, total: int) -> None:
    """Say that ``done`` of ``total`` pages, rows or members are read."""
    for listener in _listeners:
        listener(done, total)


def listen(listener: Callable[[int, int], None]) -> None:
    """Call ``listener(done, total)`` at every beat of this process from now on."""
    _listeners.append(listener)
