"""What reads a question together with each passage and says how well they fit, and how a setting names it."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDPOINT = "rerank"

_loaded: dict[tuple[str, str], Reranker] = {}
_loading = threading.Lock()


class Reranker(Protocol):
    """Gives the probability that a text answers a question. Safe to share between threads."""

    name: str

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One probability in [0, 1] for each text, in their order.

        Raises:
            ModelError: The model cannot be reached or answers nonsense.
        """


def load_reranker(spec: str, *, api_key: str = "") -> Reranker | None:
    """The reranker that a setting names; loaded once a process.

    Args:
        spec: Empty for none, ``rerank:NAME@URL`` (an endpoint that speaks ``/v1/rerank`` as vLLM, Jina and Cohere
            do), or the name or folder of a sentence-transformers cross-encoder.
        api_key: Key of the endpoint.

    Raises:
        SettingsError: An endpoint without name or URL.
        ModelError: The model is not there, or the extra ``models`` is not installed.
    """
    if not spec.strip():
        return None
    with _loading:
        key = (spec, api_key)
        if key not in _loaded:
            _loaded[key] = _load(spec, api_key)
        return _loaded[key]


def _load(spec: str, api_key: str) -> Reranker:
    if spec.startswith(f"{ENDPOINT}:"):
        from kb_app.models.rerank_endpoint import RerankEndpoint

        return RerankEndpoint.from_spec(spec.removeprefix(f"{ENDPOINT}:"), api_key=api_key)
    from kb_app.models.cross_encoder import CrossEncoderModel

    return CrossEncoderModel(spec)


def logistic(logit: float) -> float:
    """The probability behind a logit: ``1 / (1 + exp(-logit))``."""
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))
