"""The one door to unstructured: offline, silent, imported at first use."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_SILENCE = {"SCARF_NO_ANALYTICS": "true", "DO_NOT_TRACK": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}


def partition(format_name: str, **source: Any) -> list[Any]:
    """Run ``unstructured.partition.<format>.partition_<format>`` and return its elements.

    Language detection is off: it takes longer than the parsing and nobody reads its result.
    """
    elements: list[Any] = _partitioner(format_name)(languages=[""], **source)
    return elements


@cache
def _partitioner(format_name: str) -> Callable[..., list[Any]]:
    _go_offline()
    function: Callable[..., list[Any]] = getattr(
        import_module(f"unstructured.partition.{format_name}"), f"partition_{format_name}"
    )
    return function


@cache
def _go_offline() -> None:
    """Replace the spaCy model that unstructured would download from a code host.

    Only its sentence and word splitter is used, to tell prose from titles by English rules; we decide
    headings by structure, so a blank pipeline loses nothing.
    """
    os.environ.update(_SILENCE)
    tokenize: Any = import_module("unstructured.nlp.tokenize")
    tokenize._get_nlp = _blank_pipeline


@cache
def _blank_pipeline() -> Any:
    pipeline = import_module("spacy").blank("zh")
    pipeline.add_pipe("sentencizer")
    return pipeline
