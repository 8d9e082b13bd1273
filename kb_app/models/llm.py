"""Language models: any server that speaks the OpenAI protocol, and any LangChain chat model.

Whatever goes wrong becomes a ``ModelError`` of one line with its remedy.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb_app.errors import ModelError
from kb_app.models.faults import Cut, explain, find_status
from kb_app.models.openai_chat import CUT, REASONING_FIELDS, chat_class, http_client
from kb_app.models.streaming import Piece, TooSlow, split_thinking, watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessageChunk
    from langchain_core.runnables import Runnable
    from langchain_openai import ChatOpenAI

_NO_KEY = "none"
_REMEMBER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server lists: its name and its context length in tokens, if the server tells."""

    name: str
    context: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask a model.

    Attributes:
        connect: Seconds to wait for a connection.
        first: Seconds to wait for the first words.
        between: Seconds to wait for each further piece.
        temperature: Low, since the answer lies in the passages.
        max_tokens: Longest answer; at most a quarter of the model's context is used.
        retries: How often to ask again where a server is overloaded or drops the request before it answers.
    """

    connect: float = 1.0
    first: float = 60.0
    between: float = 60.0
    temperature: float = 0.1
    max_tokens: int = 1024
    retries: int = 1


def discover(base_url: str, api_key: str = "", timeout: float = 5.0, *, model: str = "") -> ServedModel | None:
    """Ask a server which model it serves.

    Args:
        base_url: Ends with ``/v1`` as a rule.
        api_key: Its key, if it wants one.
        timeout: Seconds to wait for the answer; a connection must stand within one.
        model: The one that is wanted; by default the first that is listed.

    Returns:
        None where no server listens.

    Raises:
        ModelError: A server listens, but it is no model server, refuses the key, or has no such model.
    """
    import httpx

    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        with http_client(base_url, connect=1.0, read=timeout) as client:
            response = client.get(f"{base_url.rstrip('/')}/models", headers=headers)
            response.raise_for_status()
            listed = [ServedModel(str(one["id"]), one.get("max_model_len")) for one in response.json()["data"]]
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        if find_status(error) == 404 and model:
            return ServedModel(model)  # a server without a list still answers to a name
        raise ModelError(explain(error, base_url, model)) from error
    return _choose(listed, model, base_url)


def _choose(listed: Sequence[ServedModel], model: str, base_url: str) -> ServedModel:
    if not listed:
        raise ModelError(f"the model server at {base_url} lists no model; wait until it has loaded one")
    chosen = next((one for one in listed if not model or one.name == model), None)
    if chosen is None:
        names = ", ".join(one.name for one in listed)
        raise ModelError(f"the model server at {base_url} has no model {model!r}, only {names}; set KB_LLM_MODEL")
    return chosen


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

    def served(self) -> ServedModel | None:
        """The model that answers, or None where no server listens; remembered for a few seconds.

        Raises:
            ModelError: As ``discover``.
        """
        with self._asking:
            if self._seen is None or time.monotonic() - self._seen[0] > _REMEMBER_SECONDS:
                found = discover(self.base_url, self._api_key, model=self._model)
                self._seen = (time.monotonic(), found)
            return self._seen[1]

    def stream(self, messages: Sequence[dict[str, str]]) -> Iterator[Piece]:
        """Let the model speak; closing the iterator ends the request.

        Raises:
            ModelError: The server is not there, refuses, is too slow, breaks off, or answers nonsense.
        """
        served = self.served()
        if served is None:
            raise ModelError(f"no model server answers at {self.base_url}; start one, or set KB_LLM_BASE_URL")
        chat = self._chat(served.name).bind(**self._limit(served))
        yield from _speak(chat, messages, self._options, model=served.name, server=self.base_url)

    def _limit(self, served: ServedModel) -> dict[str, Any]:
        """The longest answer: at most a quarter of the context. OpenAI alone wants it under its new name."""
        limit = min(self._options.max_tokens, served.context // 4) if served.context else self._options.max_tokens
        if (urlsplit(self.base_url).hostname or "").endswith("openai.com"):
            return {"max_completion_tokens": limit}
        return {"extra_body": {"max_tokens": limit}}

    def _chat(self, name: str) -> ChatOpenAI:
        from pydantic import SecretStr

        return chat_class()(
            model=name,
            base_url=self.base_url,
            api_key=SecretStr(self._api_key or _NO_KEY),  # never the OPENAI_API_KEY of the environment
            temperature=self._options.temperature,
            max_retries=self._options.retries,
            stream_usage=False,
            use_responses_api=False,
            openai_proxy="",
            http_client=self._http,
        )

    @cached_property
    def _http(self) -> httpx.Client:
        longest = max(self._options.first, self._options.between)
        return http_client(self.base_url, connect=self._options.connect, read=longest)


class ChatModel:
    """A LangChain chat model that a program handed in; answers like a ``LanguageModel``."""

    def __init__(self, chat: BaseChatModel, *, options: Options | None = None) -> None:
        """Wrap ``chat``; of the options only the waiting times count."""
        self._chat = chat
        self._options = options or Options()

    def served(self) -> ServedModel:
        """Its name as LangChain knows it; the context length is not known."""
        named = (getattr(self._chat, field, None) for field in ("model_name", "model"))
        return ServedModel(next((str(name) for name in named if name), type(self._chat).__name__))

    def stream(self, messages: Sequence[dict[str, str]]) -> Iterator[Piece]:
        """Let the model speak.

        Raises:
            ModelError: It failed or was too slow.
        """
        yield from _speak(self._chat, messages, self._options, model=self.served().name)


def _speak(
    chat: Runnable[Any, Any], messages: Sequence[dict[str, str]], options: Options, *, model: str, server: str = ""
) -> Iterator[Piece]:
    cut = Cut()

    def chunks() -> Iterator[BaseMessageChunk]:
        from langsmith.run_helpers import tracing_context

        CUT.set(cut)
        with tracing_context(enabled=False):  # whatever LANGCHAIN_TRACING_V2 says: questions stay here
            yield from chat.stream(list(messages))

    try:
        items = watched(chunks, first=options.first, between=options.between, abort=cut)
        yield from split_thinking(_texts(items, must_finish=bool(server)))
    except TooSlow as error:
        waited = f"{options.first:g} s for its first word, {options.between:g} s for each further one"
        raise ModelError(f"the model {model!r} was too slow ({waited}); set KB_LLM_TIMEOUT higher") from error
    except ModelError:
        raise
    except Exception as error:  # any library may be behind a chat model
        raise ModelError(explain(error, server or model, model)) from error


def _texts(chunks: Iterator[BaseMessageChunk], *, must_finish: bool) -> Iterator[str | Piece]:
    """The text of each chunk, reasoning fields as thinking; EOFError where the model did not come to its end."""
    finished = False
    for chunk in chunks:
        finished = finished or bool(chunk.response_metadata.get("finish_reason"))
        reasoning = next((text for name in REASONING_FIELDS if (text := chunk.additional_kwargs.get(name))), "")
        if reasoning:
            yield Piece("thinking", str(reasoning))
        if text := str(chunk.text):
            yield text
    if must_finish and not finished:
        raise EOFError("the stream ended without an end")
