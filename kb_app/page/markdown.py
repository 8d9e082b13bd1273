"""Markdown of a model as HTML that fetches nothing: no raw HTML, no links, no images. And text for widget labels."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from kb_app.citing.citations import cited_sentences, strip_marks
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARK = re.compile(r"\[(\d{1,3})\]")
_BLOCK_START = re.compile(r"\s*(?:[-*+>]\s+|#{1,6}\s+|\d{1,3}[.)]\s+)*")
_LABEL_SYNTAX = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~^&])")
_LABEL_WORDS = re.compile(r"(?<=[:@])|(?<=www)", re.IGNORECASE)
_WORD_JOINER = "\u2060"
# Two characters that no text needs stand for the ends of an underlined sentence until the HTML is made.
_OPEN, _CLOSE = "\ue000", "\ue001"
_NOT_TEXT = str.maketrans("", "", _OPEN + _CLOSE)


def markdown_html(text: str, titles: Mapping[int, str] | None = None, unsupported: Collection[str] = ()) -> str:
    """Markdown of a model as HTML.

    Args:
        text: What the model wrote.
        titles: What each mark ``[n]`` stands for; a mark with another number stays text. None shows all marks.
        unsupported: Sentences, without their marks, to underline.
    """
    marked = _underline(text.translate(_NOT_TEXT), unsupported)
    html = str(_markdown().render(marked, {"titles": titles}))
    return html.replace(_OPEN, '<span class="kb-unsupported">').replace(_CLOSE, "</span>")


def plain_label(text: str) -> str:
    """Text as the label of a Streamlit widget, which reads Markdown, formulas, icons and addresses in it."""
    return _LABEL_WORDS.sub(_WORD_JOINER, _LABEL_SYNTAX.sub(r"\\\1", one_line(text)))


def _underline(text: str, unsupported: Collection[str]) -> str:
    if not unsupported:
        return text
    return "".join(
        _between(sentence) if strip_marks(sentence).strip() in unsupported else sentence
        for sentence in cited_sentences(text)
    )


def _between(sentence: str) -> str:
    """The sentence between the two ends, which stand behind a list marker and before white space."""
    head = _BLOCK_START.match(sentence)
    start = head.end() if head else 0
    body = sentence[start:].rstrip()
    return f"{sentence[:start]}{_OPEN}{body}{_CLOSE}{sentence[start + len(body) :]}"


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
    markdown.add_render_rule("text", _render_text)
    return markdown


def _render_text(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, env: Mapping[str, Any]) -> str:
    titles: Mapping[int, str] | None = env["titles"]

    def chip(match: re.Match[str]) -> str:
        number = int(match[1])
        if titles is None:
            return f'<sup class="kb-chip">{number}</sup>'
        title = titles.get(number)
        return match[0] if title is None else f'<sup class="kb-chip" title="{escape(title)}">{number}</sup>'

    return _MARK.sub(chip, escape(tokens[index].content))
