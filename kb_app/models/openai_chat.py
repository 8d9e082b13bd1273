"""``ChatOpenAI`` on a connection that can be cut, with the reasoning fields that servers add."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx
    from langchain_openai import ChatOpenAI

    from kb_app.models.faults import Cut

REASONING_FIELDS = ("reasoning_content", "reasoning")

_HEALTH_SECONDS = 1.0
_UNAVAILABLE = 503
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

CUT: ContextVar[Cut] = ContextVar("cut")
"""Set by the thread that makes a request, to be able to hang up."""


def http_client(base_url: str, *, connect: float, read: float) -> httpx.Client:
    """An HTTP client whose every request has a connection of its own, so that it can be cut at any moment."""
    import httpx

    def follow(request: httpx.Request) -> None:
        if cut := CUT.get(None):
            request.extensions["trace"] = cut.follow

    host = urlsplit(base_url).hostname or ""
    return httpx.Client(
        timeout=httpx.Timeout(read, connect=connect),
        limits=httpx.Limits(max_keepalive_connections=0),
        event_hooks={"request": [follow]},
        trust_env=host not in _LOOPBACK,  # a proxy cannot reach this machine's own ports
    )


def root_of(base_url: str) -> str:
    """Address of a server without the path of the protocol: where it tells of its health and its numbers."""
    return base_url.rstrip("/").removesuffix("/v1")


def is_healthy(base_url: str, client: httpx.Client) -> bool:
    """Whether a server says so of itself; one that does not tell, or not in time, is taken to be."""
    import httpx

    try:
        return client.get(f"{root_of(base_url)}/health", timeout=_HEALTH_SECONDS).status_code != _UNAVAILABLE
    except (httpx.HTTPError, httpx.InvalidURL):
        return True


@cache
def chat_class() -> type[ChatOpenAI]:
    """``ChatOpenAI``, keeping the reasoning fields of servers that have them."""
    from langchain_openai import ChatOpenAI
    from langsmith import run_helpers  # noqa: F401 - loaded here, where it may take its time, not with a question

    class ReasoningChat(ChatOpenAI):
        def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *args: Any) -> Any:
            converted = super()._convert_chunk_to_generation_chunk(chunk, *args)
            choices = chunk.get("choices") or [{}]
            delta = choices[0].get("delta") or {}
            if converted is not None:
                kept = {name: delta[name] for name in REASONING_FIELDS if delta.get(name)}
                converted.message.additional_kwargs.update(kept)
            return converted

    return ReasoningChat
