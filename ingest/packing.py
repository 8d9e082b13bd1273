"""Joining small units into pieces of a bounded size, so that an edit changes only the pieces beside it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY_CHARACTERS = 8


def priority(strength: int, text: str) -> int:
    """How much a boundary is worth keeping: by its strength, among equals by a hash of the words behind it.

    Only the first words count, so that an edit later in a sentence leaves the boundary as it was.
    """
    return (strength << 32) | crc32(text.lstrip()[:_KEY_CHARACTERS].encode("utf-8", "surrogatepass"))


def pack(bounds: Sequence[int], priorities: Sequence[int], limit: int) -> list[int]:
    """Remove the boundaries between units, the weakest first, while the piece stays within the limit.

    Filling pieces from left to right would move every later boundary after an edit. Here a boundary depends on
    another one only along a chain of rising priorities; they are hashes, so chains are a few units long. Those
    that are the strongest far around go last, which makes the chains shorter still.

    Args:
        bounds: Offsets of the units and of the end: unit ``i`` is ``bounds[i]`` to ``bounds[i + 1]``.
        priorities: Of the boundary before each unit; the first counts for nothing.
        limit: Longest piece of more than one unit.

    Returns:
        The indices of the units that begin a piece, 0 first.
    """
    count = len(priorities)
    before = array("q", range(-1, count))
    after = array("q", range(1, count + 2))
    kept = bytearray(b"\1") * count
    peaks = _peaks(bounds, priorities, limit * 3 // 8)
    for i in sorted(range(1, count), key=lambda i: (peaks[i], priorities[i])):
        left, right = before[i], after[i]
        if bounds[right] - bounds[left] <= limit:
            kept[i] = 0
            after[left] = right
            if right < count:
                before[right] = left
    return [i for i in range(count) if kept[i]]


def _peaks(bounds: Sequence[int], priorities: Sequence[int], around: int) -> bytearray:
    """For each boundary whether none within ``around`` characters is stronger."""
    peaks = bytearray(b"\1") * len(priorities)
    falling: list[int] = []
    for i, worth in enumerate(priorities):
        while falling and priorities[falling[-1]] < worth:
            weaker = falling.pop()
            peaks[weaker] &= bounds[i] - bounds[weaker] > around
        if falling:
            peaks[i] &= bounds[i] - bounds[falling[-1]] > around
        falling.append(i)
    return peaks
