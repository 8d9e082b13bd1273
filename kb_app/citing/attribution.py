"""Sources for an answer that names none: each sentence gets the mark of the passage that holds its words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.citing.citations import cited_sentences, find_quote, is_claim, same_script, support

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.types import Passage

MIN_FOUND = 0.5
"""Least support of a sentence by a passage that it does not name itself; more than ``citations.MIN_SUPPORT`` asks."""

_TAIL = re.compile(r"\s*\|?\s*\Z")


def attribute(text: str, passages: Sequence[Passage]) -> str:
    """A text with a mark behind each sentence that a passage holds, by words and numbers.

    Where none holds it, and where text and passages are in different scripts, a sentence stays as it is.
    """
    return "".join(_marked(sentence, passages) for sentence in cited_sentences(text))


def _marked(sentence: str, passages: Sequence[Passage]) -> str:
    number = _holder(sentence.strip(), passages)
    tail = _TAIL.search(sentence)
    if not number or not tail:
        return sentence
    return f"{sentence[: tail.start()]}[{number}]{tail.group()}"  # a table row keeps its last bar


def _holder(claim: str, passages: Sequence[Passage]) -> int:
    """Number of the passage that holds most of a sentence, the better ranked of equal ones; 0 where none does."""
    if not is_claim(claim):
        return 0
    held = [
        (support(claim, [find_quote(claim, passage, number)]), -number)
        for number, passage in enumerate(passages, start=1)
        if same_script(claim, passage.text)
    ]
    best, number = max(held, default=(0.0, 0))
    return -number if best >= MIN_FOUND else 0
