"""What was said before: reading it from any form, and telling whether a question leans on it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb_app.errors import QuestionError
from kb_app.text import fold, keyword_pieces
from kb_app.types import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_OPENING = re.compile(
    r"\A(?:那么?|它们?|[他她]们?|这|该|其(?!他|中|余)|还有|另外|此外|然后|接着|以及|同样|上面|上述|刚才|前者|后者|换成|如果是|要是|为什么呢?[？?]?\Z)"
    r"|\A(?:and|what about|how about|it|its|they|them|their|this|that|these|those|then|also|why\??\Z)\b"
)
_PRONOUN = re.compile(
    r"它们?|(?<![其吉维])他(?!人)|她|这[个种些项份]|那[个种些项份]|该(?:公司|产品|制度|项|人)|\b(?:it|its|they|their|them|he|she|his|her)\b"
)
_TRAILING = re.compile(r"呢\s*[？?。]?\s*\Z")
_FILLER = re.compile(r"[？?。！!]|[呢吗吧啊]\s*\Z|请问")
_FEW_PIECES = 2
_SHORT = 25


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


def leans_on_conversation(question: str) -> bool:
    """Whether a question can hardly be understood without what was said before it.

    It begins with a pronoun or a connective, has a pronoun and is short, ends as ``……呢？`` and is short, or
    says nearly nothing.
    """
    folded = fold(question).strip()
    if _OPENING.search(folded) or len(set(keyword_pieces(_FILLER.sub("", folded)))) < _FEW_PIECES:
        return True
    return len(folded) <= _SHORT and bool(_PRONOUN.search(folded) or _TRAILING.search(folded))


def carry_over(question: str, history: Sequence[Message]) -> str:
    """A follow-up with the last question before it that stood alone; the question itself if there is none."""
    asked = [turn.content for turn in history if turn.role == "user"]
    subject = next((one for one in reversed(asked) if not leans_on_conversation(one)), "")
    return f"{_FILLER.sub('', subject).strip()} {question}" if subject else question


def usable_condensation(condensed: str, question: str, history: Sequence[Message]) -> str:
    """The first line of a model's rewriting, or an empty text if it has no word of the conversation."""
    line = next((line.strip().strip("\"'“”「」") for line in condensed.splitlines() if line.strip()), "")
    said = set(keyword_pieces(" ".join([question, *(turn.content for turn in history)])))
    longest = 200 + 2 * len(question)
    return line if len(line) <= longest and said & set(keyword_pieces(line)) else ""
