"""Vectors that are kept in memory: those that were found last, and those of the few chunks that a filter leaves."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    import numpy as np
    from numpy.typing import NDArray

FEW = 1000
"""Chunks of a filter that are compared one by one: 1.5 MB of vectors with 384 numbers, 8 MB with 2,048."""

FILTERS = 4
"""Filters whose chunks are kept."""

KEPT_BYTES = 16 << 20
"""Of single vectors: 10,000 of 384 numbers."""

KEPT_IDS = 20_000
"""Chunks whose documents are kept: 4 MB."""

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Selected:
    """Chunks of some documents.

    Attributes:
        ids: Their ids.
        vectors: Theirs, float32 of shape ``(chunks, dimension)``; None where they are more than ``FEW``.
    """

    ids: tuple[int, ...] = ()
    vectors: NDArray[np.float32] | None = None

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """``(chunk id, cosine)`` of ``k`` chunks at most, best first; equal cosines by id."""
        if self.vectors is None or not self.ids:
            return []
        # Summed row by row, so that equal vectors have equal cosines wherever they stand.
        cosines = (self.vectors * vector).sum(axis=1).tolist()
        return sorted(zip(self.ids, cosines, strict=True), key=lambda pair: (-pair[1], pair[0]))[:k]


class Recent(Generic[K, V]):
    """What was asked for last; threads may share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, keys: Collection[K]) -> dict[K, V]:
        """The values of those keys that are kept."""
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        return found

    def keep(self, values: dict[K, V], *, at_most: int) -> None:
        """Remember values, and forget those that were not asked for the longest."""
        with self._lock:
            self._kept.update(values)
            while len(self._kept) > at_most:
                self._kept.popitem(last=False)


class Memory:
    """What is kept of a vector index as long as nobody writes into it."""

    def __init__(self) -> None:
        self.selected: Recent[frozenset[int], Selected] = Recent()
        self.vectors: Recent[int, NDArray[np.float32]] = Recent()
        self.doc_ids: Recent[int, int] = Recent()
