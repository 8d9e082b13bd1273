"""Deterministic stand-ins for models; they enter by the same door as the real ones."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from kb_app.models.embedding import unit
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb_app.models.embedding import Vector


class HashEmbedder:
    """Texts that share words lie near each other: a bag of hashed pieces. Counts what it embeds."""

    leave_room = False

    def __init__(self, *, name: str = "fake:hash", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.embedded: list[str] = []

    def embed_query(self, text: str) -> Vector:
        return self._vector(text)

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        for text in texts:
            self.embedded.append(text)
            yield self._vector(text)

    def _vector(self, text: str) -> Vector:
        vector = np.full(self.dimension, 0.01, dtype=np.float32)
        for piece in keyword_pieces(text):
            vector[zlib.crc32(piece.encode()) % self.dimension] += 1
        return unit(vector)
