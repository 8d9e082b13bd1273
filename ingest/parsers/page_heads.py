"""Headings of a page that are only bold paragraphs, as editors of articles and of Markdown write them."""

from __future__ import annotations

from typing import Any

from ingest.emphasis import FEWEST_LETTERS, LARGEST_SHARE, LONGEST_RUN
from ingest.headings import is_title_like, numbering

_BOLD = frozenset({"b", "strong"})
_WITHIN = frozenset({"table", "li", "blockquote", "pre", "dl"})


def mark_bold_lines(root: Any) -> None:
    """Make headings of the lowest rank of short paragraphs that are bold throughout and stand above a text.

    Where such lines are numbered as well, their numbers tell more than their look, and nothing is changed.
    """
    lines = [node for node in root.iter("p") if _is_bold_line(node)]
    characters = sum(len(_flat(node)) for node in lines)
    if (
        not lines
        or any(numbering(_flat(node)) for node in lines)
        or characters > len(_flat(root)) * LARGEST_SHARE
        or _longest_run(lines) > LONGEST_RUN
    ):
        return
    for node in lines:
        node.tag = "h6"


def _is_bold_line(node: Any) -> bool:
    text = _flat(node)
    return (
        is_title_like(text)
        and sum(map(str.isalpha, text)) >= FEWEST_LETTERS
        and "".join("".join(bold.itertext()) for bold in node if bold.tag in _BOLD).split() == text.split()
        and not any(around.tag in _WITHIN for around in node.iterancestors())
        and any(_flat(following) for following in node.itersiblings() if isinstance(following.tag, str))
    )


def _longest_run(lines: list[Any]) -> int:
    """How many of the lines follow each other directly, at most."""
    longest = run = 0
    before = None
    for node in lines:
        run = run + 1 if before is not None and node.getprevious() is before else 1
        longest, before = max(longest, run), node
    return longest


def _flat(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())
