"""What was said before: reading it from any form, and making whole a question that leans on it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb_app.errors import QuestionError
from kb_app.numbers.numerals import chinese_number
from kb_app.subjects import CONDITION, is_aspect, same_code, says_little, subject_of
from kb_app.text import CJK, fold, keyword_pieces
from kb_app.types import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_NUMERAL = r"[一二三四五六七八九十百两\d]{1,6}"
_ORDINAL = rf"第{_NUMERAL}[条款项点章节个种步类次]"
_OPENING = re.compile(
    r"\A(?:那么?|它们?|[他她]们?|这|该|其(?!他|中|余)|还有|另外|此外|然后|接着|以及|同样|上面|上述|刚才|前者|后者|换成|如果是|要是|为什么呢?[？?]?\Z)"
    rf"|\A(?!第一次){_ORDINAL}"
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
_CLAUSE = re.compile("[，,]")
_FEW_PIECES = 2
_SHORT, _SHORT_WORDS = 25, 60

_TOPIC = re.compile(
    r"\A(?:那么?|还有|另外|换成|如果是|要是|and|or|but|so|what about|how about)?[\s,，]*(.+?)\s*呢?\s*[？?。]?\Z",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:and|what about|how about)\b", re.IGNORECASE)
_REPLACED = re.compile(r"(?:它|[他她])们?(?:的(?=.))?|\A(?:这|那|该)[个种些项份](?=.)")
_LABEL = re.compile(r"\A(?:改写(?:后的问题)?|问题|提问)[:：]\s*")
_LONGEST_SUBJECT = 20
_LONGEST_WHOLE = 400
_THANKS = re.compile(
    r"(?:(?:好的?|多谢|谢谢|感谢|明白了?|知道了|了解了?|辛苦了?|再见|你好|您好|[你您]|[了啊哈呀]"
    r"|ok|okay|thanks?|thank you|bye|hello|hi|great|a lot|so much|very much)[\s，,。.!！~]*)+\Z"
)
_MORE = re.compile(r"还有|别的|其他|其它|为什么|为何|为啥|還有|別的|為什麼")
"""What asks for more of the same or for its reason: the whole question before it counts, not only its subject."""

_ITEM_OF_ANSWER = re.compile(
    r"^\s*(?:[-*•]|\d{1,2}[.、)）])\s*(?:[^\n：:；]{1,12}[：:](?=[^\n]*；))?\**([^\s，,。：:；;\d*\[]{2,12}?)"
    r"(?=[每须应按是为有可要，,。：:；;\d*\[]|$)",
    re.MULTILINE,
)
"""The name at the beginning of each item; that of a table row stands behind the name of its first column."""


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


def asks_nothing(question: str) -> bool:
    """Whether someone only says thanks, yes, hello or goodbye."""
    folded = fold(question).strip()
    return len(folded) <= _SHORT and bool(_THANKS.fullmatch(folded))


def leans_on_conversation(question: str) -> bool:
    """Whether a question can hardly be understood without what was said before it.

    It begins with a pronoun, a connective or an ordinal, has a pronoun and is short, ends as ``……呢？`` and is
    short, asks on without a subject (``怎么办理？``), or says nearly nothing. Thanks lean on nothing.
    """
    folded = fold(_DEPARTMENT.sub("信息技术", question)).strip()
    if asks_nothing(question):
        return False
    if _OPENING.search(folded) or len(set(keyword_pieces(_FILLER.sub("", folded)))) < _FEW_PIECES:
        return True
    is_short = len(folded) <= (_SHORT if _CJK.search(folded) else _SHORT_WORDS)
    # 给他们买保险 behind a comma: they were named before it.
    leans = bool(_PRONOUN.search(_CLAUSE.split(folded)[0]) or _TRAILING.search(folded))
    return says_little(folded) or (is_short and leans)


def carry_over(question: str, history: Sequence[Message]) -> str:
    """A follow-up made whole by the questions before it, back to the last that stood alone; itself if there is none.

    ``第二条呢？``, ``那满十年呢？`` and ``那上海呢？`` take the place of what is alike in the question before
    (``第一条``, ``满一年``, ``北京``), ``第二种`` becomes the second item of the answer before, a pronoun gives way to
    the subject, and a question without a subject gets it; otherwise both stand one behind the other.
    """
    before = ""
    items: list[str] = []
    for turn in history:
        if turn.role != "user":
            items = _items(turn.content) or items
        elif leans_on_conversation(turn.content):
            whole = _whole(turn.content, before, items) if before else ""
            before = whole if len(whole) <= _LONGEST_WHOLE else before
        elif not asks_nothing(turn.content):
            before = turn.content
    return _whole(question, before, items) if before else question


def _whole(question: str, before: str, items: Sequence[str]) -> str:
    """A follow-up made whole by the whole question before it, and the list that was answered last."""
    before = _FILLER.sub("", before).strip()
    named = _named(question, before, items)
    if named != question and not leans_on_conversation(named):
        return named
    joined = f"{before} {_topic(named)}"
    return _substituted(named, before) or _with_subject(named, before) or joined


def _named(question: str, before: str, items: Sequence[str]) -> str:
    """A question with the item that it names by its number; itself where there is none."""
    ordinal = re.match(_ORDINAL, question.removeprefix("那"))
    if not ordinal or re.search(_ORDINAL, before):
        return question
    written = ordinal.group()[1:-1]
    number = int(written) if written.isdigit() else chinese_number(written)
    if not number or number > len(items):
        return question
    return question.removeprefix("那").replace(ordinal.group(), items[int(number) - 1], 1)


def _items(answer: str) -> list[str]:
    """The names at the beginnings of the items of an answer; none where it is no list."""
    named = [match[1] for match in _ITEM_OF_ANSWER.finditer(answer)]
    return named if len(named) > 1 else []


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
    new = new.removesuffix("的")
    if len(new) > _LONGEST_SUBJECT:
        return ""
    # 满一年 and 满十年 begin and end alike: what is between them has changed.
    alike = re.search(f"{re.escape(new[0])}.{{1,{len(new)}}}?{re.escape(new[-1])}", before) if len(new) > 2 else None
    old = same_code(new, before) or (alike.group() if alike else _replaced(new, before))
    return before.replace(old, new, 1) if old else ""


def _replaced(new: str, before: str) -> str:
    """What of the question before gives way: its subject to another of the same length, what it asks of it else."""
    subject = subject_of(before)
    aspect = subject_of(before, whole=True).removeprefix(subject).removeprefix("的")
    if subject and len(subject) == len(new) and not is_aspect(new):
        return subject
    alike = len(aspect) == len(new) and (len(new) > 2 or aspect[-1:] == new[-1:])  # 年假 for 婚假, but not 西岭
    return aspect if subject and aspect and (alike or is_aspect(new)) else ""


def _with_subject(question: str, before: str) -> str:
    """The follow-up with the subject of the question before in the place of its pronoun, or before its verb.

    Empty where it has neither, or the question before has no subject.
    """
    name = subject_of(before)
    if not name or len(name) > _LONGEST_SUBJECT:
        return ""
    if _REPLACED.search(question):
        return _REPLACED.sub(lambda match: name + ("的" if "的" in match.group() else ""), question, count=1)
    topic = _topic(question)
    if topic != question and is_aspect(topic):
        return "" if is_aspect(name) else f"{name}的{topic}"
    if not says_little(fold(question)) or _MORE.search(question):
        return ""
    return (subject_of(before, whole=True) if CONDITION.match(question) else name) + question


def usable_condensation(condensed: str, question: str, history: Sequence[Message]) -> str:
    """The first line of a model's rewriting, or an empty text if it has no word of the conversation."""
    line = next((line.strip() for line in condensed.splitlines() if line.strip()), "")
    line = _LABEL.sub("", line).strip("\"'“”「」 ")
    said = set(keyword_pieces(" ".join([question, *(turn.content for turn in history)])))
    longest = 200 + 2 * len(question)
    return line if len(line) <= longest and said & set(keyword_pieces(line)) else ""
