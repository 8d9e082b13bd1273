"""Language models: any server that speaks the OpenAI protocol, and any LangChain chat model.

Whatever goes wrong becomes a ``ModelError`` of one line with its remedy.
"""

from __future__ import annotations

import threading
import time
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from kb_app.errors import ModelError
from kb_app.models.chat_model import ChatModel
from kb_app.models.completion import completion
from kb_app.models.dialect import Dialect, longest
from kb_app.models.discovery import ServedModel, discover, list_models
from kb_app.models.families import family_of
from kb_app.models.faults import explain, find_status, is_loading
from kb_app.models.http_client import bearer, http_client, is_healthy
from kb_app.models.options import Options
from kb_app.models.retrying import Attempts
from kb_app.models.slots import slots_for
from kb_app.models.speaking import answered, spoken
from kb_app.models.streaming import Piece, Request, Tags
from kb_app.models.tokens import Tokenizer, estimate_messages
from kb_app.models.watching import PULSE, Patience, Speech, Stop, TooSlow, beating, too_slow
from kb_app.text import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import httpx

    from kb_app.models.slots import Slots, Turn

__all__ = ["ChatModel", "LanguageModel", "Options", "ServedModel", "discover", "list_models"]

_USUAL = Request()

_GRACE_SECONDS = 1.0
"""What a connection waits longer than the reader of its words, who is to say what was too slow."""


class LanguageModel:
    """A model behind an OpenAI-compatible server. Safe to share between threads."""

    def __init__(self, base_url: str, *, api_key: str = "", model: str = "", options: Options | None = None) -> None:
        """Nothing is asked before the first call; ``model`` is by default the first that the server lists."""
        self.base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._model = model
        self._options = options or Options()
        self._seen: tuple[float, ServedModel | None] | None = None
        self._asking = threading.Lock()
        self._dialect = Dialect(self.base_url)
        self._tokenizer = Tokenizer(self.base_url, api_key, lambda: self._http)
        self._opens: dict[tuple[str, bool | None], bool] = {}

    def served(self) -> ServedModel | None:
        """The model that answers, or None where no server listens; remembered for a few seconds.

        Raises:
            ModelError: As ``discover``.
        """
        seen = self._seen
        if seen and (self._is_fresh(seen) or (seen[1] and self._asking.locked())):
            return seen[1]  # what was true a moment ago will do for those who come while another one looks
        with self._asking:
            if self._seen is None or not self._is_fresh(self._seen):
                found = discover(self.base_url, self._api_key, model=self._model, client=self._http)
                self._seen = (time.monotonic(), found)
            return self._seen[1]

    def _is_fresh(self, seen: tuple[float, ServedModel | None]) -> bool:
        return time.monotonic() - seen[0] <= self._options.remember

    def models(self) -> list[ServedModel]:
        """All models that the server lists, adapters among them; empty where no server listens.

        Raises:
            ModelError: As ``discover``.
        """
        return list_models(self.base_url, self._api_key, client=self._http) or []

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        """Tokens of a prompt, by the server's tokenizer where it has one, else estimated."""
        served = self._served_or_none()
        return self._tokenizer.count(served.name, messages) if served else estimate_messages(messages)

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of texts, by the server's tokenizer where it has one, else estimated."""
        served = self._served_or_none()
        return self._tokenizer.count_texts(served.name, texts) if served else [estimate_tokens(one) for one in texts]

    def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Speech:
        """Let the model speak; closing the iterator, from any thread, ends the request.

        Where as many requests as are allowed are under way, it waits for its turn.

        Raises:
            ContextOverflowError: The prompt is too long for the model.
            ModelError: The server is not there, refuses, is too slow, breaks off, or answers nonsense or nothing.
        """
        stop = Stop()
        return Speech(self._in_turn(messages, request or _USUAL, stop), stop)

    def _served_or_none(self) -> ServedModel | None:
        try:
            return self.served()
        except ModelError:
            return None

    def _in_turn(self, messages: Sequence[dict[str, str]], request: Request, stop: Stop) -> Generator[Piece]:
        served = self.served()
        if served is None:
            raise ModelError(f"no model server answers at {self.base_url}; start one, or set KB_LLM_BASE_URL")
        slots = slots_for(self.base_url, self._options.requests)
        turn = slots.join()
        try:
            yield from self._wait_for(turn, slots, request, stop)
            yield from self._until_answered(served, messages, request, stop)
        finally:
            slots.leave(turn)

    def _wait_for(self, turn: Turn, slots: Slots, request: Request, stop: Stop) -> Iterator[Piece]:
        stop.call(turn.ready.set)
        if not (yield from beating(turn.ready.wait, self._options.queue, request.pulse)):
            raise ModelError(
                f"{slots.waiting} requests are waiting for the model server at {self.base_url}, which is asked "
                f"{slots.size} at once; ask again later, or set KB_LLM_REQUESTS higher"
            )

    def _until_answered(
        self, served: ServedModel, messages: Sequence[dict[str, str]], request: Request, stop: Stop
    ) -> Iterator[Piece]:
        """Ask, and again where a server refuses a field or is overloaded, as long as nothing was said."""
        attempts = Attempts(request, self._options, self.base_url)
        begun = False
        while not stop.is_set():
            body = self._dialect.body(served, attempts.request, self._options, attempts.refused)
            try:
                for piece in self._once(served, messages, attempts.request, body, stop):
                    if not begun and piece is not PULSE:
                        begun = True
                        self._dialect.remember(attempts.refused)
                    yield piece
                return
            except ModelError:
                raise
            except Exception as error:  # whatever the libraries raise
                pause = None if begun or isinstance(error, TooSlow) else attempts.again(error, body)
                if pause is None and not stop.is_set():
                    raise self._fault(error, served.name) from error
            yield from stop.pause(pause or 0.0, request.pulse)

    def _once(
        self,
        served: ServedModel,
        messages: Sequence[dict[str, str]],
        request: Request,
        body: dict[str, Any],
        stop: Stop,
    ) -> Iterator[Piece]:
        key = (served.name, request.thinking)
        tags = Tags(opened=self._opens.get(key, family_of(served.name).opens))
        patience = Patience(self._options.first, self._options.between, stop, request.pulse)
        asked = {"model": served.name, "messages": list(messages), **body}
        source = partial(completion, self._http, self.base_url, asked, bearer(self._api_key))
        yield from answered(spoken(source, tags, patience), served.name, longest(served, request, self._options), stop)
        self._opens[key] = tags.opened

    def _fault(self, error: Exception, model: str) -> ModelError:
        if isinstance(error, TooSlow):
            return too_slow(self._options, model)
        if (status := find_status(error)) == 404:
            self._seen = None  # another model may have been started; the next question finds it
        if status == 503 and not is_loading(error) and not is_healthy(self.base_url, self._http):
            return ModelError(
                f"the model server at {self.base_url} says that it is not healthy: it is still loading, or its engine "
                "has died; look at its log (HTTP 503)"
            )
        return ModelError(explain(error, self.base_url, model))

    @cached_property
    def _http(self) -> httpx.Client:
        longest_wait = max(self._options.first, self._options.between)
        return http_client(self.base_url, connect=self._options.connect, read=longest_wait + _GRACE_SECONDS)
