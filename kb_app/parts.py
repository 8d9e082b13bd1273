"""Which parts of the search and the checks are at work; measuring switches them off one by one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that can be switched off.

    Attributes:
        keyword: Search by words.
        dense: Search by meaning.
        fusion: Merge both by their scores; without it the ranks are merged (reciprocal rank fusion).
        second_look: Compare the sentences of passages that fit no question clearly; without a reranker only.
        scripts: Let simplified and traditional characters, and the forms of numbers, find each other.
        sections: Hand over what stands around a passage.
        rerank: Let the reranker order what was found, where one is set.
        gate: Refuse where no passage reaches the cut-off.
        check: Check each sentence of an answer against what it cites.
    """

    keyword: bool = True
    dense: bool = True
    fusion: bool = True
    second_look: bool = True
    scripts: bool = True
    sections: bool = True
    rerank: bool = True
    gate: bool = True
    check: bool = True


ALL = Parts()
