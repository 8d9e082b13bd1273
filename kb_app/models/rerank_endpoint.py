"""A rerank endpoint, such as vLLM's, Jina's or Cohere's."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING, Any

import httpx

from kb_app.errors import ModelError
from kb_app.models.endpoint import name_and_url
from kb_app.models.faults import find_status, is_loading, is_passing, retry_after, said_by_server
from kb_app.models.http_client import bearer, http_client, within
from kb_app.models.reranking import ENDPOINT, logistic
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONNECT = 3.0
_RETRIES = 3
_FIRST_PAUSE = 0.5
_REMEDIES = {
    401: " (does it want KB_RERANKER_API_KEY?)",
    403: " (does it want KB_RERANKER_API_KEY?)",
    404: " (does it know this model, and does the address end with /v1?)",
}


class RerankEndpoint:
    """Asks ``POST {url}/rerank``; all passages of a question go in one request."""

    def __init__(self, model: str, url: str, *, api_key: str = "", timeout: float = 60.0) -> None:
        """Name the endpoint; nothing is asked yet.

        Args:
            model: As the endpoint calls it.
            url: Ends with ``/v1`` as a rule.
            api_key: Its key, if it wants one.
            timeout: Seconds after which an answer is given up, with all attempts for it.
        """
        self.name = f"{ENDPOINT}:{model}"
        self._model = model
        self._url = url.rstrip("/").removesuffix("/rerank")
        self._timeout = timeout
        self._client = http_client(url, connect=min(_CONNECT, timeout), read=timeout)
        self._client.headers.update(bearer(api_key))
        self._gives_logits = False

    @classmethod
    def from_spec(cls, spec: str, *, api_key: str = "") -> RerankEndpoint:
        """The endpoint of ``NAME@URL``.

        Raises:
            SettingsError: The setting has another form.
        """
        example = "bge-reranker-v2-m3@http://127.0.0.1:8002/v1"
        name, url = name_and_url(spec, setting="KB_RERANKER", kind=ENDPOINT, example=example)
        return cls(name, url, api_key=api_key)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """What the endpoint says of each text.

        Most servers give probabilities, some (llama.cpp) the logits behind them: those are taken for what they are
        as soon as one lies outside [-1, 1]. A relevance below 0 that is a cosine counts as 0.

        Raises:
            ModelError: It does not answer, or not with one number for each text.
        """
        if not texts:
            return []
        values = self._relevance(question, texts)
        self._gives_logits = self._gives_logits or any(abs(value) > 1 for value in values)
        return [logistic(value) if self._gives_logits else max(0.0, value) for value in values]

    def _relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        rows = self._rows(self._answer({"model": self._model, "query": question, "documents": list(texts)}))
        try:
            by_index = {int(row["index"]): float(row["relevance_score"]) for row in rows}
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelError(self._complaint(f"answered nonsense ({one_line(repr(error))})")) from error
        if len(rows) != len(texts) or sorted(by_index) != list(range(len(texts))):
            raise ModelError(self._complaint(f"returned {len(rows)} scores for {len(texts)} texts, not one for each"))
        if not all(map(math.isfinite, by_index.values())):
            raise ModelError(self._complaint("returned scores that are not numbers"))
        return [by_index[index] for index in range(len(texts))]

    def _rows(self, answer: httpx.Response) -> list[dict[str, Any]]:
        try:
            rows = answer.json()["results"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(self._complaint("answered nonsense")) from error
        if not isinstance(rows, list):
            raise ModelError(self._complaint("answered nonsense"))
        return rows

    def _answer(self, body: dict[str, Any]) -> httpx.Response:
        """Ask, and ask again where the server is overloaded or drops the request, as long as there is time."""
        end = time.monotonic() + self._timeout
        tries = 0
        while True:
            try:
                with within(end - time.monotonic()):
                    answer = self._client.post(f"{self._url}/rerank", json=body)
                return answer.raise_for_status()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                pause = _pause(error, tries)
                if pause is None or time.monotonic() + pause >= end:
                    raise ModelError(self._complaint(self._reason(error, end))) from error
            time.sleep(pause)
            tries += 1

    def _reason(self, error: Exception, end: float) -> str:
        """What happened, in words that follow the endpoint's name."""
        status = find_status(error)
        if is_loading(error):
            return f"is still loading (HTTP {status})"
        if status is not None:
            said = one_line(said_by_server(error), 120)
            return f"answered with status {status}{_REMEDIES.get(status) or f': {said}'}"
        if time.monotonic() >= end or isinstance(error, httpx.ReadTimeout):
            return f"did not answer within {self._timeout:g} s"
        return f"does not answer ({type(error).__name__})"

    def _complaint(self, what: str) -> str:
        return f"the rerank endpoint {self._url} {what} for model {self._model!r}; check the server and KB_RERANKER"


def _pause(error: Exception, tries: int) -> float | None:
    """Seconds to wait before the next attempt; None where there shall be none."""
    if tries >= _RETRIES or not is_passing(error):
        return None
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
    return max(_FIRST_PAUSE * 2.0**tries * jitter, retry_after(error) or 0.0)
