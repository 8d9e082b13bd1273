"""Makes pictures of text: pages as a scanner or a screenshot gives them."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image as Picture

# The package `noto-cjk-sans-otc` holds the same file as Debian's fonts-noto-cjk.
_PACKAGE, _FILE = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"
_SYSTEM = Path("/usr/share/fonts/opentype/noto")
# Of the faces in the file, the one with the forms of China.
_FACE = 2


@lru_cache(maxsize=1)
def font_path() -> Path | None:
    """A font with Chinese characters on this machine."""
    package = find_spec(_PACKAGE)
    folders = [*(package.submodule_search_locations or [] if package else []), _SYSTEM]
    return next((Path(folder, _FILE) for folder in folders if Path(folder, _FILE).is_file()), None)


needs_font = pytest.mark.skipif(
    font_path() is None, reason="no Chinese font: pip install noto-cjk-sans-otc, or apt-get install fonts-noto-cjk"
)


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    path = font_path()
    assert path
    return ImageFont.truetype(str(path), size, index=_FACE)


def page(
    lines: Iterable[str | tuple[str, int]],
    *,
    size: int = 32,
    width: int = 1240,
    height: int = 0,
    ink: str = "black",
    paper: str = "white",
    margin: int = 80,
) -> Picture:
    """Lines of text below each other; a line with a size of its own is a pair."""
    pairs = [(line, size) if isinstance(line, str) else line for line in lines]
    needed = 2 * margin + sum(int(own * 1.6) for _, own in pairs)
    picture = Image.new("RGB", (width, height or needed), paper)
    draw, top = ImageDraw.Draw(picture), margin
    for text, own in pairs:
        draw.text((margin, top), text, font=font(own), fill=ink)
        top += int(own * 1.6)
    return picture


def columns(texts: Sequence[Sequence[str]], *, size: int = 30, width: int = 1240, gap: int = 70) -> Picture:
    """Columns of lines beside each other."""
    across = (width - 160 - gap * (len(texts) - 1)) // len(texts)
    picture = Image.new("RGB", (width, 160 + max(map(len, texts)) * int(size * 1.6)), "white")
    draw = ImageDraw.Draw(picture)
    for number, lines in enumerate(texts):
        for row, line in enumerate(lines):
            draw.text((80 + number * (across + gap), 80 + row * int(size * 1.6)), line, font=font(size), fill="black")
    return picture


def vertical(texts: Sequence[str], *, size: int = 40, gap: float = 1.8) -> Picture:
    """Columns of characters below each other, the first one at the right."""
    pitch = int(size * gap)
    picture = Image.new("RGB", (160 + len(texts) * pitch, 160 + max(map(len, texts)) * int(size * 1.15)), "white")
    draw = ImageDraw.Draw(picture)
    for number, text in enumerate(texts):
        for row, character in enumerate(text):
            place = (picture.width - 80 - size - number * pitch, 80 + row * int(size * 1.15))
            draw.text(place, character, font=font(size), fill="black")
    return picture


def ruled_table(rows: Sequence[Sequence[str]], widths: Sequence[int], *, size: int = 28, line: int = 2) -> Picture:
    """A table with lines around its cells."""
    tall, left, top = int(size * 2), 80, 80
    picture = Image.new("RGB", (2 * left + sum(widths), 2 * top + tall * len(rows)), "white")
    draw = ImageDraw.Draw(picture)
    for r, row in enumerate(rows):
        x = left
        for text, wide in zip(row, widths, strict=True):
            draw.rectangle((x, top + r * tall, x + wide, top + (r + 1) * tall), outline="black", width=line)
            draw.text((x + 12, top + r * tall + size // 3), text, font=font(size), fill="black")
            x += wide
    return picture


def label(text: str, *, size: int = 28, width: int = 420, height: int = 80, ink: str = "black") -> Picture:
    """One line in the Latin letters that Pillow itself brings."""
    picture = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(picture).text((20, 20), text, font=ImageFont.load_default(size), fill=ink)
    return picture


def encoded(picture: Picture, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
