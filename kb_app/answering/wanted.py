"""What form the answer to a question has: a definition, a place, steps, a list. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb_app.answering.forms import form_of
from kb_app.search.asking import asked_for
from kb_app.text import fold

_LISTS = re.compile(
    r"哪些|哪几|哪[两二三四五六七八九十]|有什么|是什么|什么(?:样的?)?(?:材料|证件|证明|手续|条件|要求|内容|情况|特[点征])|几[种类项个点条]|分别|包[含括]|步骤|流程|特[点征]"
    r"|怎么|怎样|如何|\bwhich\b|\bwhat (?:are|documents|steps|kinds?|types?)\b|\blist\b|\bhow (?:do|can|should|to)\b"
)
_DEFINITION = re.compile(
    r"\A(?:请问)?(?:什么是|何谓|何为|什么叫做?)(?P<asked>[^，,？?]{1,20}?)[？?]*\Z"
    r"|\A(?:请问)?(?P<named>[^，,？?的]{1,20}?)(?:是什么(?:意思)?|是指什么|指的?是什么|指什么|的(?:定义|含义)(?:是什么)?)[？?]*\Z"
    r"|\Awhat (?:is|does) (?:an? )?(?P<thing>[\w -]{1,30}?)(?: mean)?\?*\Z"
)
_QUOTES = re.compile("[“”\"'「」《》]")
_WHERE = re.compile(r"哪里|哪儿|何地|何处|什么地方|位于哪|在哪|\bwhere\b")
_AT = re.compile(
    r"位于|坐落|地处|设在|地址|[在到至]\s*[^，。；]{1,12}?(?:省|市|县|区|镇|村|路|街|号|楼|室|层|岛|湾|馆|厅|处|科|中心|窗口)"
    r"|\b(?:located|situated|lies|stands) (?:in|at|on|near)\b|\baddress\b"
)
_HOW = re.compile(r"怎么办|怎么(?!样)|怎样|如何|步骤|流程|手续|\bhow (?:do|can|should|to)\b")
_STEP = re.compile(
    r"先|再|然后|填写|提交|登[录陆]|拨打|点击|联系|申请|办理|携带|通过|凭|按下?|[须应]|可以?|步|\b(?:first|then|press|call|submit|fill|send|must)\b"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the answer to a question looks like.

    Attributes:
        sign: What folded text of it holds; None where the question does not tell.
        is_list: Whether it may have several members.
    """

    sign: re.Pattern[str] | None
    is_list: bool


def wanted_by(question: str) -> Wanted:
    """What the answer to a question looks like, as far as its words tell."""
    folded = _QUOTES.sub("", fold(question)).strip()
    return Wanted(_defining(folded) or _sign(folded) or _form(question), bool(_LISTS.search(folded)))


def _form(question: str) -> re.Pattern[str] | None:
    """What the answer can not be without, else what it has as a rule."""
    form = form_of(question)
    return form.sign if form else asked_for(question)


def _sign(folded: str) -> re.Pattern[str] | None:
    if _WHERE.search(folded):
        return _AT
    return _STEP if _HOW.search(folded) else None


def _defining(folded: str) -> re.Pattern[str] | None:
    """How a sentence begins that defines what is asked for."""
    match = _DEFINITION.match(folded)
    if not match:
        return None
    term = re.escape(next(filter(None, match.groups())).strip())
    return re.compile(
        rf"\A\W*{term}\W{{0,2}}(?:[（(][^）)]*[）)])?(?:，|,)?(?:[^，。]{{0,12}}，)?(?:是|指|即|为|\s?(?:is|are|means)\b)"
    )
