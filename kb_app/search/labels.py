"""Numbers by which parts of documents are called: articles, sections, annexes, meetings. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_forms
from kb_app.numbers.quantities import BARE, quantities
from kb_app.numbers.values import CHINESE, plain, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Label = tuple[str, str]
"""What is counted, ``第条`` or ``附录``, and its number, ``39`` or ``b``."""

DOTTED, MEETING = "节号", "第次"
LEVELS = (DOTTED, "第条", "第节", MEETING, "附表", "附图", "附件", "附录", "第章", "第编")
"""The finer ones first: the finest level that a question names is what it wants to read."""

_ORDINALS = frozenset(("第条", "第节", "第章", "第编"))
_NUMBER = r"\d{1,2}(?:\.\d{1,2})+"
_WRITTEN = rf"(?:[{CHINESE}]+|\d+)"
# ``2.5`` alone is a quantity.
_SECTION = (
    rf"(?<![\d.])(?:{_NUMBER}(?=\s*(?:小节|节(?![约省能日假气水电点奏目课])|[条款章]|部分|里(?![路地程])))"
    rf"|(?:(?<=第)|(?<=手册)|(?<=section )|(?<=clause )|(?<=chapter )){_NUMBER}(?![\d.a-z%°]))"
)
_ANNEX = (
    r"(?:附[录件表图]\s*|\b(?:appendix|annex)\s+)"
    rf"(?:[a-z](?![a-z0-9])|\d{{1,2}}(?!\d)|[{CHINESE}]{{1,3}}(?![般些起同共并直定样种个份]))"
)
_MEETING = rf"第\s*{_WRITTEN}\s*次[^，,。；;：:？?\s]{{0,10}}?会议?"
MENTION = re.compile(
    rf"(?:第|\b(?:section|clause|chapter) )?{_SECTION}(?:小节|[节条款章]|部分)?|{_ANNEX}|{_MEETING}"
    r"|第[^第，,。]{1,12}?[条节章编]|\b(?:article|section|chapter) \d+"
)
"""Where folded text names a part by its number."""

_LINE = re.compile(
    r"(?m)^(?:[^\S\n]|[#*>|（(【\-])*(?=第|附|article|section|chapter|appendix|annex)|^[^\S\n#*]*(?=\d{1,2}\.\d)",
    re.IGNORECASE,
)
_LENGTH = 24
_SECTIONS, _ANNEXES, _MEETINGS = (re.compile(pattern) for pattern in (_SECTION, _ANNEX, _MEETING))
_DOTTED_START = re.compile(rf"第?\s*({_NUMBER})(?![\d.]*\d)")
_CHAPTER_START = re.compile(r"(\d{1,2})(?:\s*[、.)）]\s*|\s+)(?=[^\W\d])")
_IN_ANNEX = re.compile(rf"(附[录件表图]|appendix|annex)\s*(?:([a-z])|({_WRITTEN}))\Z")
_ENGLISH = {"appendix": "附录", "annex": "附件"}


def labels_in(text: str) -> frozenset[Label]:
    """The labels of what a text names."""
    forms = number_forms(text)
    ordinals = (one for one in quantities(forms) if one.kind in _ORDINALS)
    found = {(DOTTED if "." in one.value else one.kind, one.value) for one in ordinals}
    found |= {(DOTTED, match.group()) for match in _SECTIONS.finditer(forms)}
    found |= {_annex(match.group()) for match in _ANNEXES.finditer(forms)}
    return frozenset(found | set(_meetings(forms)))


def begun_by(text: str) -> Iterator[tuple[int, Label]]:
    """The labels that lines of a text begin with, and where these lines begin."""
    for match in _LINE.finditer(text):
        label = _first(text[match.end() : match.end() + _LENGTH])
        if label and not (label[0] == DOTTED and _is_quantity(text[match.end() : match.end() + _LENGTH])):
            yield match.end(), label


def begun_by_headings(headings: Sequence[str]) -> frozenset[Label]:
    """The labels of headings; a number alone, ``11 泵房``, is that of a chapter where none is called so."""
    found = {label for heading in headings if (label := _first(heading.lstrip("#*（(【 ")[:_LENGTH]))}
    found |= {label for heading in headings for label in _meetings(number_forms(heading))}
    levels = {level for level, _ in found}
    if not levels & {"第章", "第编", "第条", "第节"}:
        numbered = (match for heading in headings if (match := _CHAPTER_START.match(number_forms(heading))))
        found |= {("第章", plain(value_of(match[1]))) for match in [*numbered][:1]}
    return frozenset(found | {above for label in found for above in _above(label)})


def _above(label: Label) -> Iterator[Label]:
    """The sections that a section is in: ``9.3`` for ``9.3.1``."""
    level, number = label
    parts = number.split(".")
    if level == DOTTED:
        yield from ((DOTTED, ".".join(parts[:count])) for count in range(2, len(parts)))


def _first(text: str) -> Label | None:
    """The label that a text begins with."""
    forms = number_forms(text)
    if dotted := _DOTTED_START.match(forms):
        return DOTTED, dotted[1]
    if annex := _ANNEXES.match(forms):
        return _annex(annex.group())
    if meeting := _MEETINGS.match(forms):
        return next(_meetings(meeting.group()), None)
    found = quantities(forms)[:1]
    return next(((one.kind, one.value) for one in found if one.start == 0 and one.kind in _ORDINALS), None)


def _is_quantity(line: str) -> bool:
    """Whether the number that a line begins with has a unit."""
    found = quantities(number_forms(line))[:1]
    return any(one.start == 0 and one.kind not in {BARE, *_ORDINALS} for one in found)


def _annex(written: str) -> Label:
    match = _IN_ANNEX.match(written)
    assert match is not None  # noqa: S101 - it is what _ANNEX finds
    return _ENGLISH.get(match[1], match[1]), match[2] or plain(value_of(match[3]))


def _meetings(forms: str) -> Iterator[Label]:
    for match in _MEETINGS.finditer(forms):
        yield from ((MEETING, one.value) for one in quantities(match.group()) if one.kind == MEETING)
