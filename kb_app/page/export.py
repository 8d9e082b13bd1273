"""A conversation as a Markdown file that fetches nothing and runs nothing where it is opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.answering.readable import readable
from kb_app.page.sources import group_sources, place
from kb_app.page.uploads import safe_name
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.page.labels import Labels
    from kb_app.page.sources import Source
    from kb_app.storage.history import Turn

# An odd number of backslashes before it escapes a character already.
_ACTIVE = re.compile(r"(?<!\\)((?:\\\\)*)(<(?=[A-Za-z!/?])|!(?=\[)|(?<=\])(?=[(:\[]))")


def conversation_markdown(title: str, turns: Sequence[Turn], labels: Labels) -> str:
    """Questions as headings, answers below them, then the words of each source as a quotation."""
    parts = [f"# {inert(one_line(title))}"]
    for turn in turns:
        answer = turn.answer
        parts += [f"## {inert(one_line(turn.question, 200))}", inert(answer.text.strip())]
        sources = group_sources(answer)
        if sources:
            parts.append(f"**{labels('sources')}**")
            parts += [_source(source, labels) for source in sources]
    return "\n\n".join(part for part in parts if part) + "\n"


def file_name(title: str) -> str:
    """The name under which a conversation is saved."""
    return safe_name(f"{title.replace('.', ' ')}.md")


def inert(text: str) -> str:
    r"""Markdown without HTML, images, links and link targets: each is escaped with a backslash."""
    return _ACTIVE.sub(r"\1\\\2", text)


def _source(source: Source, labels: Labels) -> str:
    quotes = [readable(source.passage.text, start, end) for start, end in source.spans]
    head = f"[{source.number}] {inert(place(source.passage, labels))}"
    return "\n".join([head, *(f"> {inert(quote)}" for quote in quotes)])
