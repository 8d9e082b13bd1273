"""Which models a server lists."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kb_app.errors import ModelError
from kb_app.models.faults import explain, find_status
from kb_app.models.http_client import bearer, http_client, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server lists.

    Attributes:
        name: What a request calls it.
        context: Its context length in tokens, if the server tells.
        parent: The model that it is an adapter of; empty for a model of its own.
        engine: The program that serves it, as it calls itself, e.g. ``"vllm"``; empty where it does not tell.
    """

    name: str
    context: int | None = None
    parent: str = ""
    engine: str = field(default="", compare=False)


def discover(
    base_url: str, api_key: str = "", timeout: float = 5.0, *, model: str = "", client: httpx.Client | None = None
) -> ServedModel | None:
    """Ask a server which model it serves.

    Args:
        base_url: Ends with ``/v1`` as a rule.
        api_key: Its key, if it wants one.
        timeout: Seconds to wait for the answer; a connection must stand within one.
        model: The one that is wanted; by default the first that is listed and no adapter.
        client: Asks through this one.

    Returns:
        None where no server listens.

    Raises:
        ModelError: A server listens, but it is no model server, is still loading, refuses the key, or has no such
            model.
    """
    try:
        listed = list_models(base_url, api_key, timeout, client=client)
    except ModelError as error:
        if find_status(error) in {404, 500} and model:
            return ServedModel(model)  # a server without a list still answers to a name
        raise
    return None if listed is None else _choose(listed, model, base_url)


def list_models(
    base_url: str, api_key: str = "", timeout: float = 5.0, *, client: httpx.Client | None = None
) -> list[ServedModel] | None:
    """All models that a server lists, adapters with the context of their parents; None where no server listens.

    Raises:
        ModelError: As ``discover``.
    """
    import httpx

    headers = bearer(api_key)
    wait = httpx.Timeout(timeout, connect=1.0)
    try:
        asks = nullcontext(client) if client else http_client(base_url, connect=1.0, read=timeout)
        with asks as asking, within(timeout):
            response = asking.get(f"{base_url.rstrip('/')}/models", headers=headers, timeout=wait)
        response.raise_for_status()
        return _with_contexts([_model(one) for one in response.json()["data"]])
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(explain(error, base_url)) from error


def _model(listed: dict[str, Any]) -> ServedModel:
    """A model of the list: vLLM and SGLang tell the context by one name, llama.cpp by another."""
    context = listed.get("max_model_len") or (listed.get("meta") or {}).get("n_ctx")
    return ServedModel(
        str(listed["id"]),
        int(context) if context else None,
        str(listed.get("parent") or ""),
        str(listed.get("owned_by") or "").lower(),
    )


def _with_contexts(listed: Sequence[ServedModel]) -> list[ServedModel]:
    contexts = {one.name: one.context for one in listed}
    return [replace(one, context=one.context or contexts.get(one.parent)) for one in listed]


def _choose(listed: Sequence[ServedModel], model: str, base_url: str) -> ServedModel:
    if not listed and model:
        return ServedModel(model)  # transformers' own server lists only what lies in its cache
    if not listed:
        raise ModelError(f"the model server at {base_url} lists no model; wait until it has loaded one")
    if not model:
        return next((one for one in listed if not one.parent), listed[0])
    chosen = next((one for one in listed if one.name == model), None)
    if chosen is None:
        names = ", ".join(one.name for one in listed)
        raise ModelError(f"the model server at {base_url} has no model {model!r}, only {names}; set KB_LLM_MODEL")
    return chosen
