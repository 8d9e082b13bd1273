"""Where text stands in a picture of any size: scaled for the model, long ones in strips that overlap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ingest.ocr.engine import detect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

# Chinese of 5 points on A4 is still found when the page is 900 pixels wide; below, letters run together.
SHORT_SIDE = 960
# The model needs about 110 MB for each million pixels that it sees at once.
_STRIP_AREA = 1_400_000
_MAX_AREA = 2_000_000
_MAX_WIDTH = 8000
_LOWEST_STRIP = 256
_OVERLAP = 96
# Pieces lower than this, as the model sees them, are seen again in a larger picture; others beside them were missed.
_SMALL = 11
# Below this scale (short side over 2,700 pixels), a search that found more than the one before is not the last.
_COARSE = 0.36
_MORE = 1.1
_LARGEST_SCALE = 2.0
_TINY_PICTURE = 480


def find_text(image: np.ndarray, alive: Callable[[], None] = lambda: None) -> list[np.ndarray]:
    """The corners of every piece of text, clockwise from the upper left, in pixels of the picture.

    Args:
        image: RGB, 8 bit, height x width x 3.
        alive: Called after every strip.
    """
    scale = _first_scale(*image.shape[:2])
    before, corners = 0, _find(image, scale, alive)
    while (larger := _larger(image, scale)) > scale and _misses(corners, scale, before):
        before, scale = len(corners), larger
        closer = _find(image, scale, alive)
        corners = closer if len(closer) >= before else corners
        if not before:
            break
    return _outermost(corners)


def _outermost(corners: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Pieces without those that lie within another one, e.g. a single stroke of a line."""
    import cv2
    import numpy as np

    if not corners:
        return []
    stacked = np.stack(corners).astype(np.float32)
    lowest, highest, middles = stacked.min(axis=1), stacked.max(axis=1), stacked.mean(axis=1)
    kept = []
    for number, (piece, middle) in enumerate(zip(stacked, middles, strict=True)):
        around = ((lowest <= middle) & (middle <= highest)).all(axis=1).nonzero()[0]
        outer = [stacked[i] for i in around if i != number and cv2.contourArea(stacked[i]) > cv2.contourArea(piece)]
        # A piece may stick out by a tenth of its size: boxes are not exact.
        shrunk = middle + (piece - middle) * 0.8
        if not any(all(cv2.pointPolygonTest(box, tuple(map(float, p)), False) >= 0 for p in shrunk) for box in outer):
            kept.append(corners[number])
    return kept


def _first_scale(height: int, width: int) -> float:
    short = min(height, width)
    scale = min(_LARGEST_SCALE if short < _TINY_PICTURE else 1.0, SHORT_SIDE / short)
    if width * _LOWEST_STRIP * scale * scale > _MAX_AREA or width > 2 * height:
        scale = min(scale, math.sqrt(_MAX_AREA / (width * height)))
    return scale


def _larger(image: np.ndarray, scale: float) -> float:
    """The scale to search at next."""
    height, width = image.shape[:2]
    limit = _LARGEST_SCALE if width * height < _STRIP_AREA else 1.0
    return float(min(2 * scale, limit, _MAX_WIDTH / width))


def _misses(corners: list[np.ndarray], scale: float, before: int) -> bool:
    """Whether letters are likely to be too small to be found at a scale, by what was found.

    Args:
        corners: What was found.
        scale: At which it was.
        before: How many pieces were found at half of the scale.
    """
    import numpy as np

    if not corners or (scale < _COARSE and len(corners) > _MORE * before):
        return True
    heights = [min(np.ptp(piece[:, 0]), np.ptp(piece[:, 1])) * scale for piece in corners]
    return bool(np.quantile(heights, 0.25) < _SMALL)


def _find(image: np.ndarray, scale: float, alive: Callable[[], None]) -> list[np.ndarray]:
    import cv2
    import numpy as np

    height, width = max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    found: list[np.ndarray] = []
    for top, bottom in _spans(height, width):
        part = image[round(top / scale) : round(bottom / scale)]
        strip = cv2.resize(part, (width, bottom - top), interpolation=method) if scale != 1 else part
        pieces = [np.add(piece, (0, top)) for piece in detect(strip) if _whole(piece, top, bottom, height)]
        found += [piece / scale for piece in pieces if not _known(piece, found[-400:], scale)]
        alive()
    return found


def _spans(height: int, width: int) -> list[tuple[int, int]]:
    """Top and bottom of the strips of a picture."""
    tall = max(_LOWEST_STRIP, _STRIP_AREA // width)
    if height <= tall * 1.2:
        return [(0, height)]
    step = tall - _OVERLAP
    return [(top, min(top + tall, height)) for top in range(0, height - _OVERLAP, step)]


def _whole(piece: np.ndarray, top: int, bottom: int, height: int) -> bool:
    """Whether a piece is not cut by the end of its strip; one that is as high as the overlap is in no strip whole."""
    above, below = piece[:, 1].min(), piece[:, 1].max()
    if below - above >= _OVERLAP - 4:
        return True
    return bool((top == 0 or above > 2) and (bottom == height or below < bottom - top - 3))


def _known(piece: np.ndarray, found: list[np.ndarray], scale: float) -> bool:
    """Whether the strip before has found a piece."""
    x, y = piece.mean(axis=0) / scale
    for other in found:
        left, top = other.min(axis=0)
        right, bottom = other.max(axis=0)
        if left <= x <= right and top <= y <= bottom:
            return True
    return False
