"""Pictures decoded: bounded in pixels, turned as the camera says, transparent ones on white."""

from __future__ import annotations

import io
import math
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import UnidentifiedImageError

from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from PIL.Image import Image as Picture

MAX_PIXELS = 100_000_000
"""Of one page; a larger picture is not decoded."""

# Letters on less than this cannot be told from decoration.
_MIN_SIDE = 24
_MIN_AREA = 3000
# What is larger is reduced to this, so that a process that decodes and reads it stays below a gigabyte.
_SEARCHED_PIXELS = 32_000_000
_BAND = 512
_ORIENTATION = 274
# What makes the array upright, by the value of the tag.
_FLIPS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda array: array,
    2: lambda array: array[:, ::-1],
    3: lambda array: array[::-1, ::-1],
    4: lambda array: array[::-1],
    5: lambda array: array.transpose(1, 0, 2),
    6: lambda array: array[::-1].transpose(1, 0, 2),
    7: lambda array: array[::-1, ::-1].transpose(1, 0, 2),
    8: lambda array: array[:, ::-1].transpose(1, 0, 2),
}
_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF", "DIB")


@contextmanager
def opened(data: bytes) -> Iterator[Picture]:
    """A picture whose size and format are known and that is not decoded yet.

    Raises:
        DocumentError: It is no picture of a known format, or broken.
    """
    from PIL import Image

    # Pillow warns of broken tags; whatever matters is an exception.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        except Image.DecompressionBombError as error:
            most = 2 * (Image.MAX_IMAGE_PIXELS or MAX_PIXELS)
            raise DocumentError(_too_large(f"more than {most:,}")) from error
        except Exception as error:
            raise DocumentError(unreadable(error)) from error
        try:
            yield picture
        finally:
            # Leaving its own context would only close the file and keep what was decoded.
            picture.close()


def pixels(picture: Picture) -> np.ndarray:
    """The current page of a picture: RGB, upright by its orientation tag.

    Raises:
        DocumentError: It is too large, or its data end early or are broken.
    """
    import numpy as np

    check_size(*picture.size)
    try:
        picture.load()
        orientation = picture.getexif().get(_ORIENTATION, 1)
        return np.ascontiguousarray(_FLIPS.get(orientation, _FLIPS[1])(_array(picture)))
    except MemoryError:
        raise
    except Exception as error:
        raise DocumentError(unreadable(error)) from error


def check_size(width: int, height: int) -> None:
    """Refuse what is too large to be decoded.

    Raises:
        DocumentError: It has more than ``MAX_PIXELS``.
    """
    if width * height > MAX_PIXELS:
        raise DocumentError(_too_large(f"{width:,} x {height:,}"))


def first_frame(data: bytes) -> np.ndarray | None:
    """The first page of a picture that may hold text; None for an icon or what cannot be read."""
    try:
        with opened(data) as picture:
            width, height = picture.size
            is_icon = min(width, height) < _MIN_SIDE or width * height < _MIN_AREA
            return None if is_icon else pixels(picture)
    except DocumentError:
        return None


def _array(picture: Picture) -> np.ndarray:
    """A picture as an array, reduced to what is worth to be searched; band by band, for the copies that it costs."""
    import numpy as np
    from PIL import Image

    scale = min(1.0, math.sqrt(_SEARCHED_PIXELS / (picture.width * picture.height)))
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    step = picture.height / height
    result = np.empty((height, width, 3), dtype=np.uint8)
    extrema = picture.getextrema() if _is_deep(picture) else None
    for top in range(0, height, _BAND):
        bottom = min(top + _BAND, height)
        start, end = int(top * step), min(math.ceil(bottom * step), picture.height)
        band = _rgb(picture.crop((0, start, picture.width, end)), extrema)
        box = (0.0, top * step - start, float(picture.width), min(bottom * step, end) - start)
        result[top:bottom] = np.asarray(band.resize((width, bottom - top), Image.Resampling.BOX, box=box))
    return result


def _is_deep(picture: Picture) -> bool:
    """Whether it has one channel of more than 8 bits."""
    return picture.mode.startswith("I") or picture.mode == "F"


def _rgb(picture: Picture, extrema: Any) -> Picture:
    """A picture in three channels, what is transparent white, the darkest of a deep one black."""
    import numpy as np
    from PIL import Image

    if extrema is not None:
        low, high = extrema
        values = np.asarray(picture, dtype=np.float32)
        return Image.fromarray(((values - low) * (255 / ((high - low) or 1))).astype(np.uint8)).convert("RGB")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _too_large(pixels_found: str) -> str:
    return f"picture of {pixels_found} pixels, over the bound of {MAX_PIXELS:,}; save it in a smaller size"


def unreadable(error: Exception) -> str:
    """One line for whatever the decoder did not like."""
    reason = one_line(str(error) or type(error).__name__, 100)
    # Pillow names the object that it was given.
    reason = "unknown format" if isinstance(error, UnidentifiedImageError) else reason
    return f"cannot be read as picture ({reason}); is it broken or cut off?"
