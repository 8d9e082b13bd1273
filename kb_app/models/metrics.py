"""What a model server tells of its load, in the text format of Prometheus."""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.models.http_client import bearer, http_client, root_of, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

_BETWEEN = 1.0
_TIMEOUT = 2.0
_SAMPLE = re.compile(r"([A-Za-z_:][\w:]*)(?:\{.*\})?\s+(\S+)(?:\s+-?\d+)?\s*")

# The names of vLLM, llama.cpp and SGLang.
_RUNNING = ("vllm:num_requests_running", "llamacpp:requests_processing", "sglang:num_running_reqs")
_WAITING = ("vllm:num_requests_waiting", "llamacpp:requests_deferred", "sglang:num_queue_reqs")
_CACHE = (
    "vllm:kv_cache_usage_perc",
    "vllm:gpu_cache_usage_perc",
    "llamacpp:kv_cache_usage_ratio",
    "sglang:token_usage",
)
_GENERATED = ("vllm:generation_tokens_total", "llamacpp:tokens_predicted_total", "sglang:generation_tokens_total")


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """How busy a model server is; None is what it does not tell.

    Attributes:
        running: Requests that the model works on.
        waiting: Requests that the server holds back.
        cache: Share of the cache for keys and values that is in use, in [0, 1].
        tokens_per_second: Tokens that all answers together grow by in a second.
    """

    running: int | None = None
    waiting: int | None = None
    cache: float | None = None
    tokens_per_second: float | None = None


def server_load(base_url: str, api_key: str = "") -> ServerLoad | None:
    """How busy a server is; None where it does not tell.

    While requests run it is asked twice, a second apart.
    """
    headers = bearer(api_key)
    with http_client(base_url, connect=1.0, read=_TIMEOUT) as client:
        before, began = _scrape(client, root_of(base_url), headers), time.monotonic()
        running = _value(before, _RUNNING)
        if running is None:
            return None
        after, seconds = before, _BETWEEN
        if running:
            time.sleep(_BETWEEN)
            after, seconds = _scrape(client, root_of(base_url), headers) or before, time.monotonic() - began
    return _load(before, after, seconds)


def _load(before: Mapping[str, float], after: Mapping[str, float], seconds: float) -> ServerLoad:
    waiting, cache = _value(after, _WAITING), _value(after, _CACHE)
    now, then = _value(after, _GENERATED), _value(before, _GENERATED)
    rate = None if now is None or then is None else round(max(0.0, now - then) / seconds, 1)
    return ServerLoad(
        running=int(_value(after, _RUNNING) or 0),
        waiting=None if waiting is None else int(waiting),
        cache=None if cache is None else round(cache, 4),
        tokens_per_second=rate,
    )


def _scrape(client: httpx.Client, root: str, headers: dict[str, str]) -> dict[str, float]:
    import httpx

    with suppress(httpx.HTTPError, httpx.InvalidURL), within(_TIMEOUT):
        response = client.get(f"{root}/metrics", headers=headers)
        if response.is_success:
            return read_samples(response.text)
    return {}


def read_samples(text: str) -> dict[str, float]:
    """The metrics of a page by name, those with several labels added up; lines that are none are left out."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if sample := _SAMPLE.fullmatch(line):
            with suppress(ValueError):
                found[sample[1]] = found.get(sample[1], 0.0) + float(sample[2])
    return found


def _value(samples: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    value = next((samples[name] for name in names if name in samples), None)
    return value if value is not None and math.isfinite(value) else None
