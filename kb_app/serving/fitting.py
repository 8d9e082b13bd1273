"""How a model is put onto the cards at hand: which weights, over how many cards, with how long a context."""

from __future__ import annotations

import os
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from kb_app.errors import ModelError
from kb_app.serving.catalogue import CONVERSATION, OVERHEAD, USABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kb_app.serving.catalogue import Model
    from kb_app.serving.gpu import Gpu

CONCURRENT = 4
"""Conversations of full length that a card should hold at once."""
GOOD_CONTEXT = 2 * CONVERSATION
"""Tokens below which a smaller cache is worth its rounding: thinking aloud alone takes thousands."""
FP8_CAPABILITY = 8.9
"""Compute capability from which cards calculate in 8-bit floating point (Ada, Hopper and newer)."""

_GIB = 2**30
_STEP = 1024
_CACHES: tuple[tuple[Literal["auto", "fp8"], int], ...] = (("auto", 1), ("fp8", 2))
_TENSOR_SIZES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Offer:
    """Weights that an engine can load.

    Attributes:
        kind: Number format, e.g. ``bf16`` or ``awq``.
        huggingface: Repository there, or empty.
        modelscope: Repository there, or empty.
        memory: GiB that they take when loaded; 0 is unknown.
        flags: What tells the engine to convert them while it loads.
        capability: Compute capability that they need.
    """

    kind: str
    huggingface: str = ""
    modelscope: str = ""
    memory: float = 0.0
    flags: tuple[str, ...] = ()
    capability: float = 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user has decided; the rest is chosen.

    Attributes:
        context: Tokens of context; 0 lets it be chosen.
        tensor: Cards that share each layer; 0 lets it be chosen.
        pipeline: Groups of cards that share the layers among them.
        share: Share of a card's memory.
        kind: Number format of the weights; empty lets it be chosen.
        cpu_cache: GiB of cache without a card; 0 lets it be chosen.
    """

    context: int = 0
    tensor: int = 0
    pipeline: int = 1
    share: float = USABLE
    kind: str = ""
    cpu_cache: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is loaded.

    Attributes:
        offer: The weights.
        tensor: Cards that share each layer.
        context: Tokens of context; 0 leaves it to the engine.
        cache: ``auto`` (as the weights) or ``fp8``.
        share: Share of a card's memory; 0 where there is no card.
        cpu_cache: GiB of cache in main memory; 0 where there is a card.
    """

    offer: Offer
    tensor: int = 1
    context: int = 0
    cache: Literal["auto", "fp8"] = "auto"
    share: float = 0.0
    cpu_cache: int = 0


def fit(model: Model, offers: Sequence[Offer], cards: Sequence[Gpu], wish: Wish, *, heads: int = 0) -> Plan:
    """The most exact weights on the fewest cards that leave room for a conversation.

    Args:
        model: Its context length and bytes of cache for each token.
        offers: Weights that the engine can load.
        cards: The machine's; of unequal ones the smallest counts. Without any, main memory holds all.
        wish: What is decided already.
        heads: Attention heads, which the cards must divide evenly; 0 where they are not known.

    Raises:
        ModelError: Nothing fits, or there are no such weights.
    """
    wanted = [offer for offer in offers if wish.kind in {"", offer.kind}]
    if not offers:
        raise ModelError(
            f"no weights of {model.name} are known for this engine; get them and name them with --from DIR"
        )
    if not wanted:
        have = ", ".join(dict.fromkeys(offer.kind for offer in offers))
        raise ModelError(f"{model.name} has no weights of kind {wish.kind!r} for this engine, only {have}")
    wanted.sort(key=lambda offer: -offer.memory)
    plans = _on_cards(model, wanted, cards, wish, heads) if cards else _in_memory(model, wanted, wish)
    if (plan := next(iter(plans), None)) is None:
        raise ModelError(_too_small(model, wanted, cards))
    return plan


def _on_cards(model: Model, offers: Iterable[Offer], cards: Sequence[Gpu], wish: Wish, heads: int) -> Iterable[Plan]:
    """For each of the weights the best plan: a good context on few cards; if need be with a cache in 8 bit."""
    memory, capability = min(card.memory for card in cards), min(card.capability for card in cards)
    good = wish.context or min(model.context or GOOD_CONTEXT, GOOD_CONTEXT)
    for offer in (one for one in offers if one.capability <= capability):
        plans = []
        for cache, per_token in _CACHES[: 2 if capability >= FP8_CAPABILITY else 1]:
            for tensor in _tensor_sizes(len(cards), wish, heads):
                room = tensor * wish.pipeline * (wish.share * memory - OVERHEAD) - offer.memory
                context = _context(model, room, wish, per_token)
                plans += [Plan(offer, tensor, context, cache, wish.share)] if context >= 0 else []
        enough = (plan for plan in plans if plan.context >= good or not plan.context)
        best = next(enough, None) or max(plans, key=lambda plan: plan.context, default=None)
        yield from [best] if best else []


def _context(model: Model, room: float, wish: Wish, per_token: int) -> int:
    """Tokens that fit a room of GiB, 0 where that is left to the engine, -1 where it is too few.

    Args:
        model: Its context length and cache.
        room: GiB that weights and engine leave.
        wish: A context that is wished need fit only once.
        per_token: How many tokens take what one takes in 16 bit.
    """
    if room < 0:
        return -1
    if not model.kv_bytes:
        return wish.context or model.context
    tokens = int(room * _GIB * per_token / model.kv_bytes)
    if wish.context:
        return wish.context if wish.context <= tokens else -1
    longest = model.context or tokens
    least = min(longest, CONVERSATION)
    return max(least, min(longest, tokens // CONCURRENT // _STEP * _STEP)) if tokens >= least else -1


def _in_memory(model: Model, offers: Iterable[Offer], wish: Wish) -> Iterable[Plan]:
    """Plans without a card: a context for one conversation, since a processor is slow to read a longer one."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    context = wish.context or min(model.context or 0, CONVERSATION)
    cache = wish.cpu_cache or max(1, ceil(context * model.kv_bytes / _GIB))
    if model.kv_bytes and not wish.context:
        context = min(context, int(cache * _GIB / model.kv_bytes))
    for offer in (one for one in offers if not one.capability):
        if offer.memory + OVERHEAD + cache <= USABLE * memory:
            yield Plan(offer, context=context, cpu_cache=cache)


def _tensor_sizes(cards: int, wish: Wish, heads: int) -> list[int]:
    if wish.tensor:
        return [wish.tensor]
    return [size for size in _TENSOR_SIZES if size <= cards and heads % size == 0]


def _too_small(model: Model, offers: Sequence[Offer], cards: Sequence[Gpu]) -> str:
    least = offers[-1]
    have = f"{len(cards)} x {min(card.memory for card in cards):.0f} GiB" if cards else "main memory, no NVIDIA card"
    return (
        f"{model.name} does not fit: its smallest weights ({least.kind}) take {least.memory:.1f} GiB beside cache and "
        f"engine, here are {have}; choose a smaller model, a shorter --max-model-len, another --engine or more cards"
    )
