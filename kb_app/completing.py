"""Making a follow-up whole by the question before it: ways to do so, the first that applies counts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.leaning import FILLER, HAS_CJK, ORDINAL, TRAILING, corrected
from kb_app.subjects import ASKS, CONDITION, is_aspect, same_code, says_little, subject_of
from kb_app.text import fold
from kb_app.written import NOTHING, Written

if TYPE_CHECKING:
    from collections.abc import Callable

_TOPIC = re.compile(
    r"\A(?:那么?|还有|另外|换成|如果是|要是|and|or|but|so|what about|how about)?[\s,，]*(.+?)\s*呢?\s*[？?。]?\Z",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:and|what about|how about)\b", re.IGNORECASE)
_MORE = re.compile(r"还有|别的|其他|其它|为什么|为何|为啥")
"""What asks for more of the same or for its reason: the whole question before it counts, not only its subject."""

_ONLY_MORE = re.compile(r"\A(?:那么?)?(?:还有|然后|另外|其他|其它|别的)呢?\W*\Z")
_REPLACED = re.compile(
    r"(?:它|[他她])们?(?:的(?=.))?"
    r"|\A那?(?:[这那](?:[里边]|儿(?![科童子女]))(?:的(?=.))?|[这那该][个种些项份](?=.))"
)
_WHEN = re.compile(
    r"周[一二三四五六日天末]|星期|礼拜|[早晚夜]|[上下中]午|假|节|平时|工作日|[今明昨后]天|[今明去后前]年|季"
    r"|[\d一二三四五六七八九十]|以[前后]|现在|时候|之[前后]"
)
_STATE = re.compile(r"了|如果|要是|的话|不|没")
_CONTRASTS = (
    *("东西南北中", "前后左右上下", "内外里", "新老旧", "早中晚", "大小高低长短"),
    *("男女", "正副", "单双", "硕博", "公私"),
)
_OTHER_SIDE = {sign: f"[{signs}]" for signs in _CONTRASTS for sign in signs}
_LONGEST_SUBJECT = 20
_LONGEST_THING = 8


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question that leans on those before it.

    Attributes:
        said: The question.
        before: The question that it is made whole by, without its question mark.
        about: What the question before is about; empty where it is unclear.
        added: What another follow-up added to that: ``婚假`` for ``那婚假呢？``; empty where there is none.
        untold: Whether nothing was found for the question before.
    """

    said: Written
    before: Written
    about: Written = NOTHING
    added: Written = NOTHING
    untold: bool = False

    @property
    def corrects(self) -> bool:
        """Whether it says what was meant."""
        return bool(corrected(self.said.text))

    @property
    def topic(self) -> Written:
        """What ``那……呢？``, ``what about ...?`` and a correction ask for; another question as it is."""
        if meant := corrected(self.said.text):
            return Written.of(meant)
        said = self.said.stripped()
        topic = _TOPIC.match(said.plain)
        named = topic and (TRAILING.search(said.plain) or _ABOUT.match(said.plain))
        return said.group(topic, 1) if topic and named else self.said

    @property
    def new(self) -> Written:
        """The few Chinese words that are said anew (``那上海呢？``); empty where it is a question of its own."""
        is_anew = HAS_CJK.search(self.said.plain) and (self.corrects or TRAILING.search(self.said.plain))
        topic = self.topic
        new = topic.part(0, -1) if topic.plain.endswith("的") else topic
        return new if is_anew and len(new.plain) <= _LONGEST_SUBJECT else NOTHING

    @property
    def name(self) -> Written:
        """What the conversation is about; empty where it is unclear."""
        name = self.added if is_thing(self.added.plain) else self.about
        return name if len(name.plain) <= _LONGEST_SUBJECT else NOTHING

    @property
    def asks_for_more(self) -> bool:
        """Whether it asks for more of the same, or for the reason of it."""
        return bool(_MORE.search(self.said.plain) or _ONLY_MORE.match(self.said.plain))


@dataclass(frozen=True, slots=True)
class Way:
    """A way to make a follow-up whole.

    Attributes:
        complete: The whole question; empty where the way does not apply.
        before: A question to which it applies.
        said: A follow-up to that.
        whole: What becomes of them.
    """

    complete: Callable[[FollowUp], Written]
    before: str
    said: str
    whole: str


def completed(follow_up: FollowUp) -> Written:
    """The follow-up as a question of its own; empty where it can only be put behind the question before."""
    if follow_up.asks_for_more:
        return NOTHING
    return next((whole for way in WAYS if (whole := way.complete(follow_up))), NOTHING)


def joined(follow_up: FollowUp) -> Written:
    """The question before, what was added to it, and the follow-up, one behind the other."""
    only_more = _ONLY_MORE.match(follow_up.said.plain)
    topic = follow_up.said if only_more else follow_up.topic
    keeps = follow_up.asks_for_more or (follow_up.added and not follow_up.new)
    parts = [follow_up.before, *([follow_up.added] if keeps else []), topic]
    return Written.of(" ".join(part.text for part in parts if part))


def is_thing(words: str) -> bool:
    """Whether simplified words name a thing of its own, rather than a time, an aspect or a state of another."""
    if not 0 < len(words) <= _LONGEST_THING or not HAS_CJK.search(words):
        return False
    return not (is_aspect(words) or _WHEN.search(words) or _STATE.search(words) or ASKS.search(words))


def _of_another_number(follow_up: FollowUp) -> Written:
    new = follow_up.new
    ordinal = re.fullmatch(rf"({ORDINAL}).{{0,4}}", new.plain)
    old = re.search(ORDINAL, follow_up.before.plain)
    return follow_up.before.replaced(old.group(), new.group(ordinal, 1)) if ordinal and old else NOTHING


def _of_another_numeral(follow_up: FollowUp) -> Written:
    return _instead(follow_up, same_code(follow_up.new.plain, follow_up.before.plain))


def _between_the_same(follow_up: FollowUp) -> Written:
    new = follow_up.new.plain
    if len(new) <= 2:
        return NOTHING
    between = f"{re.escape(new[0])}.{{1,{len(new)}}}?{re.escape(new[-1])}"
    old = re.search(between, follow_up.before.plain)
    return _instead(follow_up, old.group() if old else "")


def _on_the_other_side(follow_up: FollowUp) -> Written:
    new = follow_up.new.plain
    if len(new) < 2 or is_aspect(new):
        return NOTHING
    pattern = "".join(_OTHER_SIDE.get(sign, re.escape(sign)) for sign in new)
    old = next((match.group() for match in re.finditer(pattern, follow_up.before.plain) if match.group() != new), "")
    return _instead(follow_up, old)


def _of_the_same_length(follow_up: FollowUp) -> Written:
    """Its subject gives way to another of the same length, what it asks of it to another aspect."""
    new, before = follow_up.new.plain, follow_up.before.plain
    subject = subject_of(before)
    aspect = subject_of(before, whole=True).removeprefix(subject).removeprefix("的")
    if not new or not subject:
        return NOTHING
    is_time = _WHEN.search(new) and not _WHEN.search(subject)
    if len(subject) == len(new) and not is_aspect(new) and not is_time:
        return _instead(follow_up, subject)
    alike = len(aspect) == len(new) and (len(new) > 2 or aspect[-1:] == new[-1:])  # 年假 for 婚假, but not 西岭
    return _instead(follow_up, aspect) if alike or is_aspect(new) else NOTHING


def _what_was_meant(follow_up: FollowUp) -> Written:
    """What corrects a question, or follows one for which nothing was found, takes the place of its subject."""
    new = follow_up.new
    if not (follow_up.corrects or follow_up.untold) or not is_thing(new.plain):
        return NOTHING
    subject = subject_of(follow_up.before.plain)
    return _instead(follow_up, subject) if subject or follow_up.corrects else new


def _for_the_pronoun(follow_up: FollowUp) -> Written:
    pronoun = _REPLACED.search(follow_up.said.plain)
    name = follow_up.name
    if not pronoun or not name:
        return NOTHING
    of = Written.of("的" if "的" in pronoun.group() else "")
    return follow_up.said.part(0, pronoun.start()) + name + of + follow_up.said.part(pronoun.end())


def _aspect_of_it(follow_up: FollowUp) -> Written:
    topic, name = follow_up.topic, follow_up.name
    if topic == follow_up.said or not name or not is_aspect(topic.plain) or is_aspect(name.plain):
        return NOTHING
    return name + Written.of("的") + topic


def _before_the_verb(follow_up: FollowUp) -> Written:
    said, before = follow_up.said, follow_up.before
    name = follow_up.name
    if not name or is_thing(follow_up.added.plain) or not says_little(fold(said.text)):
        return NOTHING
    whole = before.find(subject_of(before.plain, whole=True)) if CONDITION.match(said.plain) else name
    return whole + said


def _instead(follow_up: FollowUp, old: str) -> Written:
    return follow_up.before.replaced(old, follow_up.new) if old and follow_up.new else NOTHING


WAYS = (
    Way(_of_another_number, "守则第一条讲什么", "第二条呢", "守则第二条讲什么"),
    Way(_of_another_numeral, "水泵QX-3有多重", "QX-9呢？", "水泵QX-9有多重"),
    Way(_between_the_same, "入职满一年有几天年假", "那满十五年呢？", "入职满十五年有几天年假"),
    Way(_on_the_other_side, "寄到西北的包裹多少钱", "东北呢？", "寄到东北的包裹多少钱"),
    Way(_of_the_same_length, "北京的住宿上限是多少", "那上海呢？", "上海的住宿上限是多少"),
    Way(_what_was_meant, "临时工的餐补是多少", "不是，我问的是实习学生", "实习学生的餐补是多少"),
    Way(_for_the_pronoun, "青石镇在哪里", "它的面积多大？", "青石镇的面积多大？"),
    Way(_aspect_of_it, "租客要提前几天退租", "押金呢？", "租客的押金"),
    Way(_before_the_verb, "停车证怎么收费", "怎么办理？", "停车证怎么办理？"),
)


def bare(question: str) -> Written:
    """A question without its question mark and polite words."""
    return Written.of(question).without(FILLER).stripped()
