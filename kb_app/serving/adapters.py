"""LoRA adapters: what a folder of one holds, and how a running server takes one or lets it go."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb_app.errors import ModelError, NotFoundError

_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks for which vLLM reserves room."""
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter.

    Attributes:
        name: What requests call it, in place of the model's name.
        path: Its folder, or a GGUF file.
        rank: Room that a server reserves for it; 0 where its files do not tell.
    """

    name: str
    path: Path
    rank: int = 0


def read_adapter(text: str) -> Adapter:
    """An adapter written as ``NAME=DIR``.

    Raises:
        NotFoundError: It is not written so, or there is no adapter in that place.
        ModelError: Its rank is larger than an engine takes.
    """
    name, equals, place = text.partition("=")
    if not (name and equals and place):
        raise NotFoundError(f"adapter {text!r} is not NAME=DIR; write for example --adapter 公文=/models/lora-gongwen")
    path = Path(place).expanduser().resolve()
    if path.suffix.lower() == ".gguf" and path.is_file():
        return Adapter(name, path)
    try:
        rank = json.loads((path / "adapter_config.json").read_text(encoding="utf-8")).get("r", 0)
    except (OSError, ValueError, AttributeError) as error:
        raise NotFoundError(f"{place!r} holds no LoRA adapter: {error}; name the folder of its config") from error
    room = next((size for size in _RANKS if size >= rank), None)
    if room is None:
        raise ModelError(f"adapter {name!r} has rank {rank}, engines take up to {_RANKS[-1]}; train a smaller one")
    return Adapter(name, path, room)


def load(url: str, adapter: Adapter, *, key: str = "") -> None:
    """Give an adapter to a running vLLM.

    Raises:
        ModelError: The server does not take it.
    """
    _post(url, "load_lora_adapter", {"lora_name": adapter.name, "lora_path": str(adapter.path)}, key)


def unload(url: str, name: str, *, key: str = "") -> None:
    """Let a running vLLM forget an adapter.

    Raises:
        ModelError: The server has none of that name, or does not take orders.
    """
    _post(url, "unload_lora_adapter", {"lora_name": name}, key)


def _post(url: str, order: str, body: dict[str, Any], key: str) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        response = httpx.post(f"{url}/{order}", json=body, headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise ModelError(f"the model server at {url} cannot be reached: {error}; see `kb serve --status`") from error
    if response.status_code == 404 and "lora" not in response.text.lower():
        raise ModelError(f"the model server at {url} takes no adapters while it runs; start it with --runtime-adapters")
    if not response.is_success:
        raise ModelError(f"the model server refuses {body['lora_name']!r}: {response.text.strip()[:300]}")
