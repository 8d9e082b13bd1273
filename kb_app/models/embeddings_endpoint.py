"""An OpenAI-compatible embeddings endpoint, such as vLLM's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from kb_app.errors import ModelError
from kb_app.models.embedding import BATCH, batched, unit
from kb_app.models.endpoint import name_and_url
from kb_app.models.http_client import bearer, http_client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb_app.models.embedding import Vector

_CONNECT = 3.0


class EmbeddingsEndpoint:
    """Asks ``POST {url}/embeddings``; texts go in batches of ``BATCH``."""

    leave_room = False

    def __init__(self, model: str, url: str, *, api_key: str = "", timeout: float = 60.0) -> None:
        """Name the endpoint; its dimension is asked for once.

        Args:
            model: As the endpoint calls it.
            url: Ends with ``/v1`` as a rule.
            api_key: Its key, if it wants one.
            timeout: Seconds without a byte of an answer after which it is given up.
        """
        self.name = f"openai:{model}"
        self._model = model
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._client = http_client(url, connect=_CONNECT, read=timeout)
        self._client.headers.update(bearer(api_key))
        self._dimension = 0

    @classmethod
    def from_spec(cls, spec: str, *, api_key: str = "") -> EmbeddingsEndpoint:
        """The endpoint of ``NAME@URL``.

        Raises:
            SettingsError: The setting has another form.
        """
        example = "bge-m3@http://127.0.0.1:8001/v1"
        name, url = name_and_url(spec, setting="KB_EMBEDDING", kind="openai", example=example)
        return cls(name, url, api_key=api_key)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        if not self._dimension:
            self.embed_query("dimension")
        return self._dimension

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return self._embed([text])[0]

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages."""
        for batch in batched(texts, BATCH):
            yield from self._embed(batch)

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        rows = self._post(texts)
        try:
            by_index = {int(row["index"]): unit(row["embedding"]) for row in rows}
            lengths = {_length(vector) for vector in by_index.values()}
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelError(self._complaint(f"answered nonsense ({error!r})")) from error
        if len(rows) != len(texts) or sorted(by_index) != list(range(len(texts))):
            raise ModelError(self._complaint(f"returned {len(rows)} vectors for {len(texts)} texts, not one for each"))
        if len(lengths) != 1 or 0 in lengths:
            raise ModelError(self._complaint("returned vectors that are not numbers of one length"))
        self._check_dimension(*lengths)
        return [by_index[index] for index in range(len(texts))]

    def _check_dimension(self, length: int) -> None:
        if self._dimension and length != self._dimension:
            raise ModelError(self._complaint(f"changed its dimension from {self._dimension} to {length}"))
        self._dimension = length

    def _post(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        try:
            answer = self._client.post(f"{self._url}/embeddings", json={"model": self._model, "input": list(texts)})
            answer.raise_for_status()
            rows = answer.json()["data"]
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            refused = " (does it want KB_EMBEDDING_API_KEY?)" if status in {401, 403} else ""
            raise ModelError(self._complaint(f"answered with status {status}{refused}")) from error
        except httpx.ReadTimeout as error:
            raise ModelError(self._complaint(f"did not answer within {self._timeout:g} s")) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(self._complaint(f"does not answer ({type(error).__name__})")) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(self._complaint("answered nonsense")) from error
        if not isinstance(rows, list):
            raise ModelError(self._complaint("answered nonsense"))
        return rows

    def _complaint(self, what: str) -> str:
        return (
            f"the embeddings endpoint {self._url} {what} for model {self._model!r}; check the server and KB_EMBEDDING"
        )


def _length(vector: Vector) -> int:
    """Number of values; 0 where they are not numbers in a row."""
    return len(vector) if vector.ndim == 1 and np.isfinite(vector).all() else 0
