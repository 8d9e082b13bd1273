"""The body of a request, and what a server does not take of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb_app.models.families import family_of, penalty_name
from kb_app.models.faults import find_status, said_by_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb_app.models.discovery import ServedModel
    from kb_app.models.options import Options
    from kb_app.models.streaming import Request

_ANSWER_SHARE = 4
_REFUSALS = {400, 415, 422, 501}
_LONGEST, _LONGEST_NEW = "max_tokens", "max_completion_tokens"
_THINKING, _SCHEMA = "chat_template_kwargs", "response_format"

# Words of a refusal that tell which field it is about.
_WORDS = {
    _THINKING: (_THINKING, "enable_thinking", "template_kwargs"),
    _SCHEMA: (_SCHEMA, "json_schema", "schema", "grammar", "structured", "guided"),
    "repetition_penalty": ("repetition_penalty",),
    "repeat_penalty": ("repeat_penalty",),
    "temperature": ("temperature",),
    _LONGEST: (_LONGEST, _LONGEST_NEW),
}
_EXTRAS = (_THINKING, "repetition_penalty", "repeat_penalty")


class Dialect:
    """How a server is asked; remembers what it refused. Safe to share between threads."""

    def __init__(self, base_url: str) -> None:
        self._refused: frozenset[str] = frozenset()
        if (urlsplit(base_url).hostname or "").endswith("openai.com"):
            self.remember({_LONGEST})

    def body(
        self, served: ServedModel, request: Request, options: Options, refused: Iterable[str] = ()
    ) -> dict[str, Any]:
        """The fields of a request besides model and messages.

        Args:
            served: The model that is asked.
            request: What is asked for.
            options: What is asked for where the request does not tell.
            refused: Fields that are left out this time, besides those that are known to be refused.
        """
        family = family_of(served.name)
        body: dict[str, Any] = {_LONGEST: longest(served, request, options)}
        body["temperature"] = options.temperature if request.temperature is None else request.temperature
        if request.thinking is not None:
            body[_THINKING] = {"enable_thinking": request.thinking, "thinking": request.thinking}
        if request.thinking is not False and request.temperature is None and family.thinking_temperature:
            body["temperature"] = family.thinking_temperature
        if family.penalty != 1.0 and (name := penalty_name(served.engine)):
            body[name] = family.penalty
        if request.schema is not None:
            named = {"name": "answer", "schema": dict(request.schema), "strict": True}
            body[_SCHEMA] = {"type": "json_schema", "json_schema": named}
        return _without(body, self._refused.union(refused))

    def remember(self, refused: Iterable[str]) -> None:
        """Never send these fields again."""
        self._refused = self._refused.union(refused)


def longest(served: ServedModel, request: Request, options: Options) -> int:
    """The longest answer in tokens: at most a quarter of the context; thinking takes more than speaking."""
    thinks = request.thinking or (request.thinking is None and family_of(served.name).thinking_temperature is not None)
    limit = request.max_tokens or (options.max_thinking if thinks else options.max_tokens)
    return max(1, min(limit, served.context // _ANSWER_SHARE)) if served.context else limit


def refused_fields(error: BaseException, body: Mapping[str, Any]) -> set[str]:
    """The fields of a request that a server refused with this error; empty if it is about something else.

    One that names no field is taken to mean the fields that not every server knows, then the schema.
    """
    if find_status(error) not in _REFUSALS:
        return set()
    words = said_by_server(error).lower()
    named = {field for field in body if any(word in words for word in _WORDS.get(field, ()))}
    return named or set(body).intersection(_EXTRAS) or set(body).intersection({_SCHEMA})


def _without(body: dict[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    kept = {field: value for field, value in body.items() if field not in refused}
    if _LONGEST in refused:
        kept[_LONGEST_NEW] = body[_LONGEST]
    return kept
