"""How many tokens a text has: by the server's tokenizer where it has one, else estimated."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from kb_app.models.http_client import bearer, root_of, within
from kb_app.text import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

_TIMEOUT = 2.0
_CONNECT = 0.5
_CACHED = 4096
_FORGET_AFTER = 30.0
_PER_MESSAGE = 8
_JOINT = "\n"
_GONE = {400, 401, 403, 404, 405, 422, 501}


def estimate_messages(messages: Sequence[Mapping[str, str]]) -> int:
    """Tokens of a prompt at most, with what a chat template adds to each message."""
    return sum(estimate_tokens(message["content"]) + _PER_MESSAGE for message in messages)


class Tokenizer:
    """Asks ``POST {root}/tokenize``, in the forms of vLLM, SGLang and llama.cpp. Never fails: it estimates then.

    Safe to share between threads.
    """

    def __init__(self, base_url: str, api_key: str, client: Callable[[], httpx.Client]) -> None:
        """Nothing is asked before the first text."""
        self._url = f"{root_of(base_url)}/tokenize"
        self._headers = bearer(api_key)
        self._client = client
        self._away_until = 0.0
        self._by_messages = True
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, model: str, messages: Sequence[Mapping[str, str]]) -> int:
        """Tokens of a prompt, with what the chat template adds."""
        if self._by_messages:
            said = self._ask({"model": model, "messages": list(messages), "add_generation_prompt": True})
            if said and isinstance(count := said.get("count"), int) and count > 0:
                return count
            self._by_messages = said is None
        joined = _JOINT.join(message["content"] for message in messages)
        said = self._ask(_plain(model, joined))
        tokens = _count(said) if said else None
        return estimate_messages(messages) if tokens is None else tokens + _PER_MESSAGE * len(messages)

    def count_texts(self, model: str, texts: Sequence[str]) -> list[int]:
        """Tokens of each text; those that are not known yet are asked for all at once."""
        keys = [blake2b(f"{model}\0{text}".encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
        with self._lock:
            known = {key: self._counts[key] for key in keys if key in self._counts}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new and (counted := self._counted(model, list(new.values()))):
            found = dict(zip(new, counted, strict=True))
            self._keep(found)
            known |= found
        return [known.get(key, 0) or estimate_tokens(text) for key, text in zip(keys, texts, strict=True)]

    def _counted(self, model: str, texts: list[str]) -> list[int] | None:
        """Tokens of each text from one request for all of them."""
        said = self._ask({**_plain(model, _JOINT.join(texts)), "return_token_strs": True, "with_pieces": True})
        total = _count(said) if said else None
        if said is None or total is None:
            return None
        return _shared_out(_lengths(said), texts) or _in_proportion(total, texts)

    def _keep(self, found: dict[bytes, int]) -> None:
        with self._lock:
            self._counts.update(found)
            while len(self._counts) > _CACHED:
                self._counts.popitem(last=False)

    def _ask(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """What the tokenizer says, or None where there is none; that is remembered, of a slow one for a while."""
        import httpx

        if time.monotonic() < self._away_until:
            return None
        wait = httpx.Timeout(_TIMEOUT, connect=_CONNECT)
        try:
            with within(_TIMEOUT):
                response = self._client().post(self._url, json=body, headers=self._headers, timeout=wait)
            if response.status_code in {400, 422} and "messages" in body:
                return {}  # one that takes plain text only, or a template that fails
            if response.status_code in _GONE:
                self._away_until = float("inf")
                return None
            response.raise_for_status()
            said = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            self._away_until = time.monotonic() + _FORGET_AFTER
            return None
        return said if isinstance(said, dict) else {}


def _plain(model: str, text: str) -> dict[str, Any]:
    """A request for a plain text: the names of vLLM and SGLang, then those of llama.cpp."""
    return {"model": model, "prompt": text, "content": text, "add_special_tokens": False, "add_special": False}


def _count(said: Mapping[str, Any]) -> int | None:
    count = said.get("count")
    if isinstance(count, int):
        return count
    tokens = said.get("tokens")
    return len(tokens) if isinstance(tokens, list) else None


def _lengths(said: Mapping[str, Any]) -> list[list[int]]:
    """How many bytes each token stands for: in each of the ways in which tokenizers write them, to be checked."""
    strings = said.get("token_strs")
    if not strings:
        strings = [one.get("piece") for one in said.get("tokens") or () if isinstance(one, dict)]
    if not strings or not all(isinstance(one, (str, list)) for one in strings):
        return []
    ways = [[size(one) for one in strings] for size in (_bytes, len, _sentencepiece_bytes)]
    return [*ways, [ways[-1][0] - 1, *ways[-1][1:]]]  # SentencePiece puts a space of its own before the text


def _bytes(token: str | list[int]) -> int:
    """A token in clear: text, or a list of bytes."""
    return len(token.encode("utf-8", "replace")) if isinstance(token, str) else len(token)


def _sentencepiece_bytes(token: str | list[int]) -> int:
    """A token of SentencePiece: a bar for a space, ``<0xE5>`` for a byte."""
    if isinstance(token, str) and token.startswith("<0x") and token.endswith(">"):
        return 1
    return _bytes(token.replace("▁", " ") if isinstance(token, str) else token)


def _shared_out(ways: Sequence[Sequence[int]], texts: Sequence[str]) -> list[int] | None:
    """How many tokens begin in each text, if the tokens are as long as the texts together in one of the ways."""
    ends: list[int] = []
    for text in texts:
        ends.append((ends[-1] if ends else 0) + len(text.encode("utf-8", "replace")) + len(_JOINT))
    lengths = next((way for way in ways if sum(way) == ends[-1] - len(_JOINT)), None)
    if lengths is None:
        return None
    counts = [0] * len(texts)
    place = number = 0
    for length in lengths:
        while place >= ends[number]:
            number += 1
        counts[number] += 1
        place += length
    return counts


def _in_proportion(total: int, texts: Sequence[str]) -> list[int]:
    """A total shared out by the estimates, rounded up."""
    estimates = [estimate_tokens(text) for text in texts]
    return [-(-total * estimate // max(1, sum(estimates))) for estimate in estimates]
