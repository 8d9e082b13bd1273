"""What was said before: reading it from any form, and what a follow-up leans on. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb_app.completing import FollowUp, bare, completed, joined
from kb_app.errors import QuestionError
from kb_app.leaning import HAS_CJK, ORDINAL, asks_nothing, leans_on_conversation, refers, without_correction
from kb_app.numbers.numerals import chinese_number
from kb_app.refusal import is_refusal_sentence
from kb_app.subjects import content_of, subject_of
from kb_app.text import keyword_pieces
from kb_app.types import Message
from kb_app.written import NOTHING, Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "as_messages",
    "asks_nothing",
    "carry_over",
    "leans_on_conversation",
    "may_ask",
    "speaks_of",
    "untold_subject",
    "usable_condensation",
]

_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_LABEL = re.compile(r"\A(?:改写(?:后的问题)?|问题|提问)[:：]\s*")
_SO = re.compile(r"\A那么?[\s，,]*(?=\w)")
_LONGEST_WHOLE = 400
_END = re.compile(r"[？?。\s]+\Z")
_LONGEST_OFFER = 80
_ITEM_OF_ANSWER = re.compile(
    r"^\s*(?:[-*•]|\d{1,2}[.、)）])\s*(?:[^\n：:；]{1,12}[：:](?=[^\n]*；))?\**([^\s，,。：:；;\d*\[]{2,12}?)"
    r"(?=[每须应按是为有可要，,。：:；;\d*\[]|$)",
    re.MULTILINE,
)
"""The name at the beginning of each item; that of a table row stands behind the name of its first column."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a follow-up leans on.

    Attributes:
        question: The last question that stood alone, or was made whole in its own words; empty where there is none.
        about: What that is about; empty where it is unclear.
        added: What the last follow-up added to it, where it could only be put behind it.
        items: The list that was answered last.
        untold: Whether nothing was found for the question.
    """

    question: str = ""
    about: Written = NOTHING
    added: Written = NOTHING
    items: tuple[str, ...] = ()
    untold: bool = False


def as_messages(history: Iterable[Any]) -> list[Message]:
    """A conversation as messages, oldest first.

    Args:
        history: ``Message``, ``{"role", "content"}``, (question, answer) pairs or LangChain messages, also mixed.
            System and tool messages are left out.

    Raises:
        QuestionError: An item is none of these.
    """
    return [message for item in history for message in _messages(item) if message.content.strip()]


def _messages(item: Any) -> list[Message]:
    if isinstance(item, Message):
        return [item]
    if isinstance(item, (tuple, list)) and len(item) == 2 and all(isinstance(part, str) for part in item):
        if item[0] in _ROLES:
            return _of_role(item[0], item[1])
        return [Message("user", item[0]), Message("assistant", item[1])]
    if isinstance(item, dict) and {"role", "content"} <= item.keys():
        return _of_role(str(item["role"]), item["content"])
    if hasattr(item, "content") and isinstance(getattr(item, "type", None), str):
        return _of_role(item.type, getattr(item, "text", item.content))
    raise QuestionError(
        f"history holds a {type(item).__name__}; use messages, {{'role', 'content'}} or (question, answer) pairs"
    )


def _of_role(role: str, content: object) -> list[Message]:
    known = _ROLES.get(role)
    if known == "user":
        return [Message("user", str(content))]
    return [Message("assistant", str(content))] if known else []


def carry_over(question: str, history: Sequence[Message]) -> str:
    """A follow-up made whole by the questions before it, back to the last that stood alone; itself if there is none.

    ``第二条呢？``, ``那满十年呢？`` and ``那上海呢？`` take the place of what is alike in the question before
    (``第一条``, ``满一年``, ``北京``), ``第二种`` becomes the second item of the answer before, a pronoun gives way to
    the subject, and a question without a subject gets it; otherwise both stand one behind the other. What was put
    behind a question is not built on, nor is a follow-up for which nothing was found.
    """
    ground = _ground(history)
    return _leaned(question, ground)[0] if ground.question else question


def may_ask(question: str, history: Sequence[Message]) -> str:
    """A question that seemed to stand alone together with what was asked before it; empty where nothing was."""
    ground = _ground(history)
    if not ground.question or ground.untold or asks_nothing(question) or leans_on_conversation(question):
        return ""
    before, name = bare(ground.question).text, ground.about.text
    is_chinese = bool(HAS_CJK.search(question))
    if is_chinese is not bool(HAS_CJK.search(before)) or (name or before) in question:
        return ""
    whole = name + question.strip() if name and is_chinese else f"{before} {question.strip()}"
    return whole if len(whole) <= _LONGEST_OFFER else ""


def untold_subject(question: str, history: Sequence[Message]) -> str:
    """What a follow-up goes on about although nothing was found for it; empty where it does not.

    A passage that answers the follow-up must speak of it, be it ever so near to the rest of its words.
    """
    ground = _ground(history)
    if not ground.untold or not leans_on_conversation(_SO.sub("", question)):
        return ""
    plain = bare(ground.question).plain
    subject = ground.about.plain or content_of(plain)
    whole = Written.of(_leaned(question, ground)[0]).plain
    return subject if HAS_CJK.search(subject) and speaks_of(whole, subject) else ""


def speaks_of(text: str, subject: str) -> bool:
    """Whether a text has more than half of the pieces of a subject: it may name it otherwise, but not be of another."""
    pieces = set(keyword_pieces(subject))
    return 2 * len(pieces & set(keyword_pieces(text))) > len(pieces)


def _ground(history: Sequence[Message]) -> Ground:
    """What a question after these turns would lean on."""
    ground = earlier = Ground()
    asked = leaned = False
    for turn in history:
        if turn.role == "user":
            asked = not asks_nothing(turn.content)
            leaned = asked and _leans(turn.content, ground)
            earlier, ground = ground, _after(turn.content, ground, leaned=leaned) if asked else ground
        elif asked and is_refusal_sentence(turn.content):
            ground = earlier if leaned else replace(ground, untold=True)
        elif asked:
            ground = replace(ground, untold=False, items=_items(turn.content) or ground.items)
    return ground


def _leans(question: str, ground: Ground) -> bool:
    """Whether a turn leans on those before it; the first stands alone unless it refers to what is not there."""
    return leans_on_conversation(question) if ground.question else refers(question)


def _after(question: str, ground: Ground, *, leaned: bool) -> Ground:
    """What is leaned on after a question."""
    if not leaned:
        question = without_correction(question)
        return Ground(question, _subject(question), items=ground.items)
    if not ground.question:
        return ground
    whole, added = _leaned(question, ground)
    if added or len(whole) > _LONGEST_WHOLE:
        return replace(ground, added=added or ground.added)
    about = ground.about if ground.about and whole.startswith(ground.about.text) else _subject(whole)
    return Ground(whole, about, items=ground.items, untold=ground.untold)


def _subject(question: str) -> Written:
    before = bare(question)
    return before.find(subject_of(before.plain))


def _leaned(question: str, ground: Ground) -> tuple[str, Written]:
    """A follow-up made whole, and what of it could only be put behind the question before."""
    before = bare(ground.question)
    named = _named(Written.of(question), before, ground.items)
    if named.text != question and not leans_on_conversation(named.text):
        return named.text, NOTHING
    follow_up = FollowUp(named, before, ground.about, ground.added, ground.untold)
    if whole := completed(follow_up):
        return whole.text, NOTHING
    added = ground.added if follow_up.asks_for_more and ground.added else follow_up.topic
    return joined(follow_up).text, added.without(_END)


def _named(question: Written, before: Written, items: Sequence[str]) -> Written:
    """A question with the item that it names by its number; itself where there is none."""
    ordinal = re.match(f"那?({ORDINAL})", question.plain)
    if not ordinal or re.search(ORDINAL, before.plain):
        return question
    written = ordinal[1][1:-1]
    number = int(written) if written.isdigit() else chinese_number(written)
    if not number or number > len(items):
        return question
    return Written.of(items[int(number) - 1]) + question.part(ordinal.end())


def _items(answer: str) -> tuple[str, ...]:
    """The names at the beginnings of the items of an answer; none where it is no list."""
    named = tuple(match[1] for match in _ITEM_OF_ANSWER.finditer(answer))
    return named if len(named) > 1 else ()


def usable_condensation(condensed: str, question: str, history: Sequence[Message]) -> str:
    """The first line of a model's rewriting, or an empty text if it has no word of the conversation."""
    line = next((line.strip() for line in condensed.splitlines() if line.strip()), "")
    line = _LABEL.sub("", line).strip("\"'“”「」 ")
    said = set(keyword_pieces(" ".join([question, *(turn.content for turn in history)])))
    longest = 200 + 2 * len(question)
    return line if len(line) <= longest and said & set(keyword_pieces(line)) else ""
