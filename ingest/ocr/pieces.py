"""Pieces of text in a picture: found, turned upright, recognized."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.ocr.engine import Reading, recognize
from ingest.ocr.grid import find_grid
from ingest.ocr.strips import find_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from ingest.ocr.lines import Cell

MIN_CONFIDENCE = 0.7
"""Below it, what was read is dropped.

Of 28 photographs and textures without text (those that scikit-image and scikit-learn ship, and four that were drawn)
17 gave none and the others single digits and letters of at most 0.64, but for one "0000" of 0.93. The name on a
photographed motorcycle gave 0.84, the lines of a printed page that was scanned and compressed above 0.9.
"""

_LEAST_OF_FEW = {1: 0.95, 2: 0.85}
_EVERY = 10
_SAMPLE = 5
_SURE = 0.9
_TALL = 1.5
_RULE = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A recognized piece of a line, in pixels of the upright picture.

    Attributes:
        text: What it says.
        confidence: How sure the recognition is, in [0, 1].
        left: Its left edge.
        top: Its upper edge.
        right: Its right edge.
        bottom: Its lower edge.
        cell: Where it stands in a ruled table, if it does.
        turn: Further counterclockwise quarter turns after which it runs from left to right.
    """

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float
    cell: Cell | None = None
    turn: int = 0

    @property
    def height(self) -> float:
        """From its upper to its lower edge."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """From its left to its right edge."""
        return self.right - self.left


def read_pieces(image: np.ndarray, alive: Callable[[], None] = lambda: None) -> tuple[list[Piece], int]:
    """The pieces of text of a picture, and the counterclockwise quarter turns that bring it upright.

    Args:
        image: RGB, 8 bit, height x width x 3.
        alive: Called every few pieces.
    """
    import numpy as np

    corners = find_text(image, alive)
    turns = _turns(image, corners)
    if turns:
        image = np.ascontiguousarray(np.rot90(image, turns))
        corners = find_text(image, alive)
    if not corners:
        return [], turns
    grid = find_grid(image, corners)
    parts = [part for piece in corners for part in grid.parts(piece)]
    pieces = []
    for number, (part, cell) in enumerate(parts):
        if number % _EVERY == 0:
            alive()
        piece = _piece(image, part, cell)
        if is_text(piece.text, piece.confidence) and not _is_rule(piece):
            pieces.append(piece)
    return pieces, turns


def is_text(text: str, confidence: float) -> bool:
    """Whether a reading is to be trusted; few different characters are more often seen where there are none."""
    different = len(set(text))
    least = _LEAST_OF_FEW.get(different, MIN_CONFIDENCE)
    return different > 0 and confidence >= least


def _is_rule(piece: Piece) -> bool:
    """Whether a piece is a straight line that was taken for 1 or 一."""
    short, long = sorted((piece.width, piece.height))
    return len(piece.text) == 1 and long > _RULE * short


def _piece(image: np.ndarray, corners: np.ndarray, cell: Cell | None) -> Piece:
    reading, turn = _read(_crop(image, corners))
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return Piece(reading.text, reading.confidence, float(left), float(top), float(right), float(bottom), cell, turn)


def _read(crop: np.ndarray) -> tuple[Reading, int]:
    """What a crop says, and the quarter turns after which it says so."""
    height, width = crop.shape[:2]
    if height < _TALL * width:
        return recognize(crop), 0
    readings = _readings(crop, (0, 1, 3) if height < 2.5 * width else (1, 3))
    best = max(readings, key=lambda turns: readings[turns].worth)
    return readings[best], best


def _readings(crop: np.ndarray, turns: Sequence[int]) -> dict[int, Reading]:
    import numpy as np

    return {turn: recognize(np.rot90(crop, turn)) for turn in turns}


def _turns(image: np.ndarray, corners: Sequence[np.ndarray]) -> int:
    """How often the picture must be turned for its longest pieces to be read best."""
    shapes = [_sides(piece) for piece in corners]
    sideways = sum(h for w, h in shapes if h >= _TALL * w) > sum(w for w, h in shapes if h < _TALL * w)
    longest = sorted(range(len(corners)), key=lambda i: -max(shapes[i]))
    fitting = [i for i in longest if (shapes[i][1] >= _TALL * shapes[i][0]) == sideways][:_SAMPLE]
    crops = [_crop(image, corners[i]) for i in fitting]
    first, second = (1, 3) if sideways else (0, 2)
    worth = dict.fromkeys((first, second), 0.0)
    for crop in crops:
        readings = _readings(crop, (first,))
        # What is read well need not be tried upside down.
        if readings[first].confidence < _SURE or len(readings[first].text) <= 2:
            readings |= _readings(crop, (second,))
        for turn, reading in readings.items():
            worth[turn] += reading.worth
    return second if worth[second] > worth[first] else first


def _sides(corners: np.ndarray) -> tuple[float, float]:
    """Width and height of a piece, which may lie askew."""
    import numpy as np

    a, b, c, d = corners.astype(float)
    width = max(np.linalg.norm(a - b), np.linalg.norm(c - d))
    return float(width), float(max(np.linalg.norm(a - d), np.linalg.norm(b - c)))


def _crop(image: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """A piece of a picture, straightened."""
    import cv2
    import numpy as np

    width, height = (max(1, round(side)) for side in _sides(corners))
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), goal)
    return cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
