"""What turns texts into vectors, and how a setting names it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

EMBEDDED = "embedded"
_ENDPOINT = "openai:"

_loaded: dict[tuple[str, str], Embedder] = {}
_loading = threading.Lock()


class Embedder(Protocol):
    """Turns texts into unit vectors, float32 of shape ``(dimension,)``. Safe to share between threads.

    ``name`` is stamped on what was built with it: another name means vectors that cannot be compared. While
    ``leave_room`` is true, a model that runs on this machine's processor leaves one core to other work.
    """

    leave_room: bool

    @property
    def name(self) -> str:
        """What is stamped on an index."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages, in order and as they are made: texts are taken with a bounded look-ahead."""


def load_embedder(spec: str, *, api_key: str = "") -> Embedder:
    """The embedding model that a setting names; loaded once a process.

    Args:
        spec: ``embedded``, ``openai:NAME@URL`` (an OpenAI-compatible endpoint), or the name or folder of a
            sentence-transformers model.
        api_key: Key of the endpoint.

    Raises:
        SettingsError: An endpoint without name or URL.
        ModelError: The model is not there, or the extra ``models`` is not installed.
    """
    with _loading:
        key = (spec, api_key)
        if key not in _loaded:
            _loaded[key] = _load(spec, api_key)
        return _loaded[key]


def _load(spec: str, api_key: str) -> Embedder:
    if spec == EMBEDDED:
        from kb_app.models.embedded import EmbeddedModel

        return EmbeddedModel()
    if spec.startswith(_ENDPOINT):
        from kb_app.models.embeddings_endpoint import EmbeddingsEndpoint

        return EmbeddingsEndpoint.from_spec(spec.removeprefix(_ENDPOINT), api_key=api_key)
    from kb_app.models.sentence_transformer import SentenceTransformerModel

    return SentenceTransformerModel(spec)


class LangChainEmbedder:
    """Any LangChain ``Embeddings``, handed in by a program."""

    leave_room = False

    def __init__(self, embeddings: Embeddings, *, name: str) -> None:
        """Wrap embeddings; ``name`` is what the index remembers of them."""
        self.name = f"langchain:{name}"
        self._embeddings = embeddings
        self.dimension = len(self.embed_query("dimension"))

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return unit(self._embeddings.embed_query(text))

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages, in batches of ``BATCH``."""
        for batch in batched(texts, BATCH):
            yield from map(unit, self._embeddings.embed_documents(batch))


BATCH = 32


def batched(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """Lists of at most ``size`` texts."""
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def unit(values: Iterable[float] | Vector) -> Vector:
    """A vector scaled to length 1."""
    import numpy as np

    vector = np.asarray(values, dtype=np.float32)
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
