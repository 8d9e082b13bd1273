"""A chat completion of a server that speaks the OpenAI protocol, read from the connection while it is streamed.

Every token is an event of its own, and many readers get a thousand of them a second: of an event nothing is read but
the few fields that say something.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kb_app.models.speaking import REASONING_FIELDS, ended
from kb_app.models.streaming import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import httpx

_DATA = b"data:"
_DONE = b"[DONE]"


class ErrorEvent(Exception):  # noqa: N818 - named as what it is in the stream
    """An error that a server tells in the middle of its stream.

    Attributes:
        message: In its words.
    """

    def __init__(self, error: object) -> None:
        said = error.get("message") if isinstance(error, dict) else error
        self.message = str(said or "it does not say which")
        super().__init__(self.message)


def completion(
    client: httpx.Client, base_url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> Iterator[str | Piece]:
    """What a server says to a request: text as it comes, reasoning as thinking, a note where the answer was cut.

    Args:
        client: Asks through this one.
        base_url: Ends with ``/v1`` as a rule.
        body: The request.
        headers: Beside those that every request has.

    Raises:
        httpx.HTTPError: The server is not there, refuses, or breaks off.
        ErrorEvent: It tells an error instead of going on.
        EOFError: The stream ended and the model had not come to its end.
        ModelError: A filter held the answer back.
        ValueError: What came is no stream of events.
    """
    # Half a surrogate pair, as a terminal makes of bytes that are no UTF-8, cannot be sent.
    content = json.dumps({**body, "stream": True}, ensure_ascii=False).encode("utf-8", "replace")
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream", **headers}
    with client.stream("POST", f"{base_url}/chat/completions", content=content, headers=headers) as response:
        if not response.is_success:
            response.read()  # what the error says
        yield from _texts(events(response.raise_for_status().iter_bytes()))


def events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of server-sent events (WHATWG HTML, 9.2), wherever the chunks are cut; half a line at the end is none.

    Raises:
        ValueError: All was said and none was among it.
    """
    rest, nothing = b"", True
    data: list[bytes] = []
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(_DATA):
                data.append(line[len(_DATA) :].strip())
            elif data and not line.strip():
                yield b"\n".join(data)
                data, nothing = [], False
    if data:
        yield b"\n".join(data)
    elif nothing:
        raise ValueError("it sent no event")


def _texts(datas: Iterator[bytes]) -> Iterator[str | Piece]:
    finish = ""
    for data in datas:
        if data == _DONE:
            break
        event = json.loads(data)
        if error := event.get("error") or (event.get("object") == "error" and event):
            raise ErrorEvent(error)
        choice = (event.get("choices") or [{}])[0]  # an event that only counts tokens has none
        finish = choice.get("finish_reason") or finish
        yield from _said(choice.get("delta") or {})
    yield from ended(finish, must_finish=True)


def _said(delta: Mapping[str, Any]) -> Iterator[str | Piece]:
    if reasoning := next((text for name in REASONING_FIELDS if (text := delta.get(name))), ""):
        yield Piece("thinking", str(reasoning))
    content = delta.get("content") or ""
    if text := content if isinstance(content, str) else "".join(map(_part, content)):
        yield text


def _part(part: str | Mapping[str, Any]) -> str:
    """The text of one of several parts; pictures and the like have none."""
    return part if isinstance(part, str) else str(part.get("text") or "")
