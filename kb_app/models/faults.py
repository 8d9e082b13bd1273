"""What can go wrong between us and a model server, each as one line with its remedy; and how to hang up."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BY_STATUS = {
    401: "refuses the key; set KB_LLM_API_KEY",
    403: "refuses the key; set KB_LLM_API_KEY",
    404: "does not know the model {model!r} or this address; set KB_LLM_MODEL, or end KB_LLM_BASE_URL with /v1",
    429: "is overloaded or the quota is used up; ask again later",
    502: "is not reachable behind its gateway; ask again when it has started",
    503: "is overloaded or still loading; ask again later",
}
_BY_CLASS = (
    (
        {"EOFError", "RemoteProtocolError", "ReadError", "IncompleteRead"},
        "broke off in the middle of its answer; look at its log, then ask again",
    ),
    ({"ReadTimeout", "APITimeoutError"}, "is too slow; set KB_LLM_TIMEOUT higher, or ask again later"),
    (
        {"ConnectError", "ConnectTimeout", "APIConnectionError"},
        "does not answer; start it, or set KB_LLM_BASE_URL",
    ),
)


def explain(error: BaseException, where: str, model: str = "") -> str:
    """The error of a model server as one line that names the server, what happened and what to do."""
    server = f"the model server at {where}"
    status = find_status(error)
    if status in _BY_STATUS:
        return f"{server} {_BY_STATUS[status].format(model=model)} (HTTP {status})"
    if status == 400 and "context" in str(error).lower():
        return f"{server} says that the question and its passages exceed the model's context; set KB_TOP_K lower"
    if status is not None:
        return f"{server} answered HTTP {status}: {one_line(str(error), 160)}; look at its log"
    names = {name for cause in _chain(error) for name in _class_names(cause)}
    for known, words in _BY_CLASS:
        if names & known:
            return f"{server} {words}"
    detail = one_line(f"{type(error).__name__}: {error}", 160)
    return f"{server} does not answer as a model server does ({detail}); does KB_LLM_BASE_URL end with /v1?"


def find_status(error: BaseException) -> int | None:
    """The HTTP status behind an error, if there is one."""
    for cause in _chain(error):
        for holder in (cause, getattr(cause, "response", None)):
            if isinstance(status := getattr(holder, "status_code", None), int) and status >= 400:
                return status
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _class_names(error: BaseException) -> list[str]:
    return [one.__name__ for one in type(error).__mro__]


class Cut:
    """Hangs up on a server: follows the connection of a request, and when called shuts it down.

    Closing a socket does not wake the thread that reads from it; shutting it down does, and the server
    learns of it at once.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._called = False

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """Trace function of httpcore: remember the connection that was made last."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._called:
                self()

    def __call__(self) -> None:
        """Hang up, now or as soon as there is a connection."""
        self._called = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
