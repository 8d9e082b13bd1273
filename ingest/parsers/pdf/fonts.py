"""Which font pdfium takes in place of one that a PDF names but does not bring.

For reading text, a font of squares: the widths are in the file, and of the letters only their extent is asked for. The
outlines of a Chinese font of the system take three times as long as all the rest, and places would depend on what is
installed. Drawing a page needs the fonts of the system.
"""

from __future__ import annotations

import ctypes
import struct
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_EM = 1_000
_HIGHEST = 880
_LOWEST = -120
_HANDLE = 1
# Character sets ANSI, default and symbol: pdfium brings fonts of its own, with the widths that such a file leaves out.
_LATIN = frozenset((0, 1, 2))


@contextmanager
def squares_for_fonts() -> Iterator[None]:
    """Leave the fonts of the system alone for as long as a text is read."""
    raw = import_module("pypdfium2.raw")
    raw.FPDF_SetSystemFontInfo(ctypes.byref(_source()))
    try:
        yield
    finally:
        raw.FPDF_SetSystemFontInfo(raw.FPDF_GetDefaultSystemFontInfo())


@contextmanager
def system_fonts() -> Iterator[None]:
    """Use the fonts of the system for a while in between."""
    raw = import_module("pypdfium2.raw")
    raw.FPDF_SetSystemFontInfo(raw.FPDF_GetDefaultSystemFontInfo())
    try:
        yield
    finally:
        raw.FPDF_SetSystemFontInfo(ctypes.byref(_source()))


@cache
def _source() -> Any:
    """A source that has one font, for every script but Latin; pdfium keeps a pointer to it, so it is never let go."""
    raw = import_module("pypdfium2.raw")
    font = square_font()
    kinds = dict(raw.FPDF_SYSFONTINFO._fields_)

    def mapped(_: Any, __: int, ___: int, charset: int, *____: Any) -> int | None:
        return None if charset in _LATIN else _HANDLE

    def data(_: Any, __: Any, table: int, buffer: Any, size: int) -> int:
        if table:
            return 0
        if buffer and size >= len(font):
            ctypes.memmove(buffer, font, len(font))
        return len(font)

    return raw.FPDF_SYSFONTINFO(
        version=1,
        MapFont=kinds["MapFont"](mapped),
        GetFont=kinds["GetFont"](lambda *_: None),
        GetFontData=kinds["GetFontData"](data),
        DeleteFont=kinds["DeleteFont"](lambda *_: None),
    )


def square_font() -> bytes:
    """A TrueType font whose only glyph, a square, stands for every character."""
    tables = {
        b"cmap": _cmap(),
        b"glyf": 2 * _glyph(),
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            0x10000,
            0x10000,
            0,
            0x5F0F3CF5,
            0,
            _EM,
            0,
            0,
            0,
            _LOWEST,
            _EM,
            _HIGHEST,
            0,
            8,
            2,
            1,
            0,
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, _HIGHEST, _LOWEST, 0, _EM, 0, 0, _EM, 1, *[0] * 7, 1),
        b"hmtx": struct.pack(">Hhh", _EM, 0, 0),
        b"loca": struct.pack(">III", 0, len(_glyph()), 2 * len(_glyph())),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    place = 12 + 16 * len(tables)
    head = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    body = b""
    for name, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        head += name + struct.pack(
            ">III", sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF, place, len(table)
        )
        body += padded
        place += len(padded)
    return head + body


def _glyph() -> bytes:
    """Four points, one contour."""
    ends = struct.pack(">hhhhhHH", 1, 0, _LOWEST, _EM, _HIGHEST, 3, 0)
    across = struct.pack(">hhhh", 0, 0, _EM, 0)
    up = struct.pack(">hhhh", _LOWEST, _HIGHEST - _LOWEST, 0, _LOWEST - _HIGHEST)
    return ends + bytes([1] * 4) + across + up + bytes(2)


def _cmap() -> bytes:
    """Format 13: a range of characters has one glyph."""
    last = 0x10FFFF
    group = struct.pack(">HHIIIIII", 13, 0, 28, 0, 1, 0, last, 1)
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + group
