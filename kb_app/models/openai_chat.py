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


@cache
def chat_class() -> type[ChatOpenAI]:
    """``ChatOpenAI``, keeping the reasoning fields of servers that have them."""
    from langchain_openai import ChatOpenAI

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
