"""What can go wrong between us and a model server, each as one line with its remedy."""

from __future__ import annotations

import html
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kb_app.errors import ModelError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_BY_STATUS = {
    401: "refuses the key; set KB_LLM_API_KEY",
    403: "refuses the key; set KB_LLM_API_KEY",
    404: "does not know the model {model!r} or this address; set KB_LLM_MODEL, or end KB_LLM_BASE_URL with /v1",
    413: "does not take a request of this size; set KB_TOP_K lower",
    429: "is overloaded or the quota is used up; ask again later",
    502: "is not reachable behind its gateway; ask again when it has started",
    503: "is overloaded or still loading; ask again later",
    504: "is too slow for its gateway; ask again later",
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
_TOLD = {"ErrorEvent", "APIError"}
_LOADING = re.compile(r"loading|starting|warming|not ready", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)


class ContextOverflowError(ModelError):
    """The prompt is too long for the model.

    Attributes:
        limit: The model's context in tokens, if the server told.
        prompt: The prompt's length in tokens, if the server told; it may be longer where that is just above the limit.
    """

    def __init__(self, message: str, *, limit: int | None = None, prompt: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit
        self.prompt = prompt


def explain(error: BaseException, where: str, model: str = "") -> str:
    """The error of a model server as one line that names the server, what happened and what to do."""
    server = f"the model server at {where}"
    status = find_status(error)
    if is_loading(error):
        return f"{server} is still loading its model; ask again in a minute (HTTP {status})"
    if status in _BY_STATUS:
        asked = f"it asks to wait {wait:.0f} s, " if (wait := retry_after(error)) else ""
        return f"{server} {_BY_STATUS[status].format(model=model)} ({asked}HTTP {status})"
    if status is not None:
        return f"{server} answered HTTP {status}: {one_line(said_by_server(error), 160)}; look at its log"
    names = {name for cause in chain(error) for name in _class_names(cause)}
    for known, words in _BY_CLASS:
        if names & known:
            return f"{server} {words}"
    if names & _TOLD:
        return f"{server} broke off with an error: {one_line(said_by_server(error), 160)}; look at its log"
    detail = one_line(f"{type(error).__name__}: {error}", 160)
    return f"{server} does not answer as a model server does ({detail}); does KB_LLM_BASE_URL end with /v1?"


def find_status(error: BaseException) -> int | None:
    """The HTTP status behind an error, if there is one."""
    for cause in chain(error):
        for holder in (cause, getattr(cause, "response", None)):
            if isinstance(status := getattr(holder, "status_code", None), int) and status >= 400:
                return status
    return None


def said_by_server(error: BaseException) -> str:
    """What a server wrote about an error: the message in its JSON, the title of its page, or its words."""
    text = next((text for cause in chain(error) if (text := _response_text(cause))), "")
    if not text:
        return str(getattr(error, "message", "") or error)
    if _HTML.match(text):
        title = _TITLE.search(text)
        return html.unescape(title.group(1)).strip() if title else "an HTML page"
    with suppress(ValueError):
        return _message(json.loads(text)) or text
    return text


def said_as_data(error: BaseException) -> dict[str, Any]:
    """The fields of a server's error object, where it sent one."""
    for cause in chain(error):
        with suppress(ValueError):
            said = json.loads(_response_text(cause) or "null")
            if isinstance(said, dict):
                inner = said.get("error")
                return inner if isinstance(inner, dict) else said
    return {}


def is_loading(error: BaseException) -> bool:
    """Whether a server says that its model is not loaded yet."""
    return find_status(error) == 503 and bool(_LOADING.search(said_by_server(error)))


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed in a moment: the server is overloaded, or dropped the connection."""
    names = {name for cause in chain(error) for name in _class_names(cause)}
    dropped = {"RemoteProtocolError", "ReadError", "WriteError"} & names
    return not is_loading(error) and (find_status(error) in {429, 502, 503} or bool(dropped))


def retry_after(error: BaseException) -> float | None:
    """Seconds after which a server wants to be asked again, if it tells."""
    for cause in chain(error):
        headers = getattr(getattr(cause, "response", None), "headers", None) or {}
        with suppress(ValueError):
            return max(0.0, float(headers.get("retry-after", "")))
    return None


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what caused it."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _response_text(error: BaseException) -> str:
    try:
        return str(getattr(getattr(error, "response", None), "text", "") or "")
    except Exception:  # noqa: BLE001 - a response whose body was never read
        return ""


def _message(said: object) -> str:
    """The message of an error in the forms of OpenAI, vLLM, llama.cpp and FastAPI."""
    if isinstance(said, dict):
        for name in ("error", "message", "detail"):
            if said.get(name):
                return _message(said[name]) or str(said[name])
    return said if isinstance(said, str) else ""


def _class_names(error: BaseException) -> list[str]:
    return [one.__name__ for one in type(error).__mro__]
