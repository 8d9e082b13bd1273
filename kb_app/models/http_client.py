"""Connections to model servers, which can be cut at any moment."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

_HEALTH_SECONDS = 1.0
_UNAVAILABLE = 503
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Cut:
    """Hangs up on a server: follows the connection of a request, and when called shuts it down.

    Closing a socket does not wake the thread that reads from it; shutting it down does, and the server
    learns of it at once.

    Attributes:
        called: Whether it was.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self.called = False

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """Trace function of httpcore: remember the connection that was made last."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.called:
                self()

    def __call__(self) -> None:
        """Hang up, now or as soon as there is a connection."""
        self.called = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


CUT: ContextVar[Cut] = ContextVar("cut")
"""Set by the thread that makes a request, to be able to hang up."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End the request of the block after some seconds, also where its answer comes drop by drop.

    Raises:
        httpx.ReadTimeout: It was ended.
    """
    import httpx

    cut = Cut()
    timer = threading.Timer(max(0.0, seconds), cut)
    timer.daemon = True
    before = CUT.set(cut)
    timer.start()
    try:
        yield
    except httpx.TransportError:
        if not cut.called:
            raise
    finally:
        timer.cancel()
        CUT.reset(before)
    if cut.called:  # also where what had come passed for a whole answer
        raise httpx.ReadTimeout(f"no whole answer within {seconds:g} s")


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


def bearer(api_key: str) -> dict[str, str]:
    """The header that shows a key, if there is one."""
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


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
