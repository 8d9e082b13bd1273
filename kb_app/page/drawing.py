"""Draws a page of a PDF with places marked, as a program of its own: a file that hangs or crashes costs its picture.

The order comes as JSON on standard input, the picture goes as PNG to standard output.
"""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 1400
"""Pixels across the page: enough to read small print on a large screen."""

_MOST_PIXELS = 12_000_000  # a page may be a strip that is a hundred times as high as it is wide
_MEMORY = 2 << 30
_COLOUR = (255, 226, 110)
_AROUND = 0.004  # of the width: a mark is a little larger than its line


def main() -> None:
    """Draw what is ordered."""
    order = json.load(sys.stdin)
    _limit_memory()
    sys.stdout.buffer.write(drawn(order["path"], order["page"], order["boxes"], password=order["password"]))


def drawn(path: str, page: int, boxes: Sequence[Sequence[float]], *, password: str = "") -> bytes:
    """A page, 1-based, as PNG; boxes are left, top, right and bottom as shares of its width and height."""
    import pypdfium2

    with pypdfium2.PdfDocument(path, password=password or None) as document:
        document.init_forms()
        seen = document[page - 1]
        width, height = seen.get_size()
        scale = min(WIDTH / width, (_MOST_PIXELS / (width * height)) ** 0.5)
        image = _marked(seen.render(scale=scale).to_pil().convert("RGB"), boxes)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _marked(image: Any, boxes: Sequence[Sequence[float]]) -> Any:
    """The picture as if somebody had run a marker over it: the letters stay dark."""
    from PIL import Image, ImageChops, ImageDraw

    paper = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(paper)
    around = _AROUND * image.width
    for left, top, right, bottom in boxes:
        place = (left * image.width - around, top * image.height - around / 2)
        pen.rectangle((*place, right * image.width + around, bottom * image.height + around / 2), fill=_COLOUR)
    return ImageChops.multiply(image, paper)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


if __name__ == "__main__":
    main()
