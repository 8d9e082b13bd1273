"""The models: where text stands in a picture, and what it says."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# The library keeps what it was last asked for in the engine itself.
_lock = threading.Lock()
# Widths of its height, about 90 Chinese characters; memory grows with it.
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Reading:
    """What a crop says.

    Attributes:
        text: Its text, empty where none is recognized.
        confidence: Mean probability of its characters, in [0, 1].
    """

    text: str
    confidence: float

    @property
    def worth(self) -> float:
        """How much of it can be trusted; of two readings of one crop the better one has more."""
        return len(self.text) * self.confidence**2


def detect(image: np.ndarray) -> list[np.ndarray]:
    """The corners of every piece of text: four points (x, y), clockwise from the upper left, in pixels."""
    found = _run(image, detection=True)
    boxes = getattr(found, "boxes", None)
    return [] if boxes is None else list(boxes)


def recognize(crop: np.ndarray) -> Reading:
    """What a crop with one line, from left to right, says."""
    height, width = crop.shape[:2]
    if width > _LONGEST * height:
        return _in_halves(crop)
    found = _run(crop, detection=False)
    texts, scores = getattr(found, "txts", None), getattr(found, "scores", None)
    return Reading(texts[0].strip(), float(scores[0])) if texts and scores else Reading("", 0.0)


def _in_halves(crop: np.ndarray) -> Reading:
    """What a very long line says, cut where it is emptiest around its middle."""
    width = crop.shape[1]
    start = width * 2 // 5
    ink = crop[:, start : width * 3 // 5].std(axis=0).sum(axis=1)
    middle = start + int(ink.argmin())
    parts = [recognize(part) for part in (crop[:, :middle], crop[:, middle:])]
    told = [part for part in parts if part.text]
    characters = sum(len(part.text) for part in told) or 1
    confidence = sum(part.confidence * len(part.text) for part in told) / characters
    return Reading(" ".join(part.text for part in told), confidence)


def _run(image: np.ndarray, *, detection: bool) -> Any:
    with _lock:
        # The models were trained with blue as the first channel.
        return _engine()(image[:, :, ::-1].copy(), use_det=detection, use_cls=False, use_rec=not detection)


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    # The library sets the level of its logger anew with every engine; that it is disabled stays.
    logging.getLogger("RapidOCR").disabled = True
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_preprocess_img": False,
            "Global.text_score": 0.0,
            # It would make a wide picture as high as an eighth of its width.
            "Global.width_height_ratio": -1,
            # Pictures come in the size in which they are to be searched.
            "Det.limit_type": "max",
            "Det.limit_side_len": 100_000,
            "EngineConfig.onnxruntime.intra_op_num_threads": _cores(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
