"""What was said before: reading it from any form, and making whole a question that leans on it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb_app.errors import QuestionError
from kb_app.text import CJK, fold, keyword_pieces
from kb_app.types import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_NUMERAL = "[一二三四五六七八九十百两\\d]+"
_ORDINAL = rf"第{_NUMERAL}[条款项点章节个种步类次]"
_OPENING = re.compile(
    r"\A(?:那么?|它们?|[他她]们?|这|该|其(?!他|中|余)|还有|另外|此外|然后|接着|以及|同样|上面|上述|刚才|前者|后者|换成|如果是|要是|为什么呢?[？?]?\Z)"
    rf"|\A{_ORDINAL}"
    r"|\A(?:and|or|but|so|what about|how about|what if|it|its|they|them|their|this|that|these|those|then|also|same"
    r"|the (?:first|second|third|fourth|last|other|former|latter)(?: one)?|why\??\Z|why not|more)\b"
)
_PRONOUN = re.compile(
    r"它们?|(?<![其吉维])他(?!人)|她|这[个种些项份]|那[个种些项份]|该(?:公司|产品|制度|项|人)"
    r"|\b(?:it|its|they|their|them|he|she|his|her|one)\b"
)
_TRAILING = re.compile(r"呢\s*[？?。]?\s*\Z")
_FILLER = re.compile(r"[？?。！!]|[呢吗吧啊]\s*\Z|请问")
_DEPARTMENT = re.compile(r"\bIT\b")
_CJK = re.compile(f"[{CJK}]")
_FEW_PIECES = 2
_SHORT, _SHORT_WORDS = 25, 60

_TOPIC = re.compile(
    r"\A(?:那么?|还有|另外|换成|如果是|要是|and|or|but|so|what about|how about)?[\s,，]*(.+?)\s*呢?\s*[？?。]?\Z",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:and|what about|how about)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\A(?:请问|请介绍一下|介绍一下)?(.{2,20}?)(?:的|是|有|在(?!线)|怎么|怎样|如何|多少|多久|多大|几|什么|哪|能否|能不能|能|可以|需要|应该|要|吗|为何|为什么)"
)
_REPLACED = re.compile(r"(?:它|[他她])们?(?:的(?=.))?|\A(?:这|那|该)[个种些项份](?=.)")
_LABEL = re.compile(r"\A(?:改写(?:后的问题)?|问题|提问)[:：]\s*")
_LONGEST_SUBJECT = 20


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

    It begins with a pronoun, a connective or an ordinal, has a pronoun and is short, ends as ``……呢？`` and is
    short, or says nearly nothing.
    """
    folded = fold(_DEPARTMENT.sub("信息技术", question)).strip()
    if _OPENING.search(folded) or len(set(keyword_pieces(_FILLER.sub("", folded)))) < _FEW_PIECES:
        return True
    short = _SHORT if _CJK.search(folded) else _SHORT_WORDS
    return len(folded) <= short and bool(_PRONOUN.search(folded) or _TRAILING.search(folded))


def carry_over(question: str, history: Sequence[Message]) -> str:
    """A follow-up made whole by the last question before it that stood alone; itself if there is none.

    ``第二条呢？`` and ``那满十年呢？`` take the place of what is written alike in that question (``第一条``,
    ``满一年``), a pronoun gives way to its subject; otherwise both stand one behind the other.
    """
    asked = [turn.content for turn in history if turn.role == "user"]
    before = next((one for one in reversed(asked) if not leans_on_conversation(one)), "")
    if not before:
        return question
    before = _FILLER.sub("", before).strip()
    return _substituted(question, before) or _with_subject(question, before) or f"{before} {_topic(question)}"


def _topic(question: str) -> str:
    """What ``那……呢？`` and ``what about ...?`` ask for; another question as it is."""
    topic = _TOPIC.match(question.strip())
    return topic[1] if topic and (_TRAILING.search(question) or _ABOUT.match(question.strip())) else question


def _substituted(question: str, before: str) -> str:
    """The question before with the part that the follow-up says anew; empty where none is alike."""
    topic = _TOPIC.match(question.strip())
    if not topic or not _CJK.search(question) or not _TRAILING.search(question):
        return ""
    new = topic[1]
    if ordinal := re.fullmatch(rf"({_ORDINAL}).{{0,4}}", new):
        return re.sub(_ORDINAL, ordinal[1], before, count=1) if re.search(_ORDINAL, before) else ""
    # 满一年 and 满十年 begin and end alike: what is between them has changed.
    alike = re.search(f"{re.escape(new[0])}.{{1,{len(new)}}}?{re.escape(new[-1])}", before) if len(new) > 2 else None
    return before.replace(alike.group(), new, 1) if alike else ""


def _with_subject(question: str, before: str) -> str:
    """The follow-up with the subject of the question before in the place of its pronoun; empty where it has none."""
    subject = _SUBJECT.match(before)
    if not subject or not _REPLACED.search(question):
        return ""
    name = subject[1].strip()
    whole = _REPLACED.sub(lambda match: name + ("的" if "的" in match.group() else ""), question, count=1)
    return whole if len(name) <= _LONGEST_SUBJECT else ""


def usable_condensation(condensed: str, question: str, history: Sequence[Message]) -> str:
    """The first line of a model's rewriting, or an empty text if it has no word of the conversation."""
    line = next((line.strip() for line in condensed.splitlines() if line.strip()), "")
    line = _LABEL.sub("", line).strip("\"'“”「」 ")
    said = set(keyword_pieces(" ".join([question, *(turn.content for turn in history)])))
    longest = 200 + 2 * len(question)
    return line if len(line) <= longest and said & set(keyword_pieces(line)) else ""
