"""Filling templates: questions, passages and turns as delimited data. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.answering.templates import VARIABLE
from kb_app.refusal import refusal_for
from kb_app.text import neutralise_control_tokens, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb_app.answering.templates import Template
    from kb_app.types import Message, Passage

_FENCE = re.compile(r"<(?=/?(?:passage|question|history|example)\b)", re.IGNORECASE)
_SPEAKER = {"user": "用户", "assistant": "助手"}


def build_messages(  # noqa: PLR0913 - what a prompt may hold
    template: Template,
    question: str,
    passages: Sequence[Passage] = (),
    history: Sequence[Message] = (),
    *,
    examples: Sequence[str] = (),
    claims: Sequence[str] = (),
) -> list[dict[str, str]]:
    """Fill a template: messages of ``role`` and ``content`` for a chat model.

    Passages and claims are numbered from 1. The turns of the conversation stand between the system text and
    the question, unless the template itself has ``{{history}}``. ``examples`` are put in as they are.
    """
    values = {
        "question": as_data(question),
        "passages": "\n".join(show_passage(number, passage) for number, passage in enumerate(passages, start=1)),
        "history": "\n".join(f"{_SPEAKER[turn.role]}：{as_data(turn.content)}" for turn in history),
        "refusal": refusal_for(question),
        "examples": "\n\n".join(examples),
        "claims": "\n".join(f"{number}. {as_data(one_line(text, 600))}" for number, text in enumerate(claims, start=1)),
    }
    messages = [{"role": "system", "content": _fill(template.system, values)}] if template.system else []
    if "history" not in template.variables:
        messages += [{"role": turn.role, "content": as_data(turn.content)} for turn in history]
    return [*messages, {"role": "user", "content": _fill(template.user, values)}]


def _fill(text: str, values: Mapping[str, str]) -> str:
    """One pass, so that a value which looks like a variable stays text."""
    return VARIABLE.sub(lambda match: values[match.group(1)], text)


def show_passage(number: int, passage: Passage) -> str:
    """A passage as delimited data, with its number and place."""
    place = {
        "source": passage.source,
        "title": passage.title if passage.title not in passage.source else "",
        "section": " > ".join(passage.headings),
        "page": str(passage.page) if passage.page is not None else "",
    }
    attributes = "".join(f' {name}="{_attribute(value)}"' for name, value in place.items() if value)
    return f'<passage number="{number}"{attributes}>\n{as_data(passage.text.strip())}\n</passage>'


def _attribute(text: str) -> str:
    return as_data(one_line(text, 200)).replace('"', "'")


def as_data(text: str) -> str:
    """Text that can neither end its delimiters nor speak as a chat template; only zero-width spaces are added."""
    return _FENCE.sub("<\u200b", neutralise_control_tokens(text))
