"""What holds within an RTF group: what it is for, and the properties of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.document import Look
from ingest.parsers.word_styles import CONTENTS_STYLE

_HEADING = re.compile(r"(?:heading|标题|標題) ?([1-9])", re.IGNORECASE)
_TITLES = frozenset({"title", "标题", "標題"})
FLOWS = {
    "footnote": "footnote", "annotation": "comment", "shptxt": "box", "dptxbxtext": "box",
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
}  # fmt: skip
_FIELDS = frozenset({"fonttbl", "stylesheet", "title", "author", "operator", "revtim", "creatim", "pict", "atnauthor"})
_SKIPPED = frozenset(
    {"colortbl", "filetbl", "fldinst", "objdata", "nonshppict", "shprslt", "sn", "sv", "upr", "xe", "tc", "rxe"}
    | {"comment", "template", "private", "nonesttables", "printim", "keywords", "subject", "doccomm", "company"}
)
# Behind \* stands what an old program may pass over; of that, these hold text.
_READ_THROUGH = frozenset({"shpinst", "shppict", "ud", "do", "moMathPara", "moMath", "listtext", "pntext", "info"})

_SCRIPTS = frozenset({"loch", "hich", "dbch", "rtlch", "ltrch"})
_STYLING = _SCRIPTS | {"pard", "intbl", "s", "outlinelevel", "plain", "v", "deleted", "b", "ab", "fs", "afs"}
TEXT_LOOK = Look(12.0)
"""How text is set that no word says more of."""


@dataclass(frozen=True, slots=True)
class State:
    """What a group inherits and gives up at its end."""

    field: str = ""
    skipped: bool = False
    opened: bool = False
    fallback: int = 1
    font: int = -1
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    outline: int | None = None
    style: int = -1
    mark: bool = False
    look: Look = TEXT_LOOK
    script: str = ""


@dataclass(slots=True)
class Styles:
    """The paragraph styles: their names, and the levels of those that head a text.

    Attributes:
        names: By number, with the semicolon that ends them.
        levels: Outline levels by number, 1 to 9.
    """

    names: dict[int, str] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)

    def is_contents(self, state: State) -> bool:
        """Whether it is a line of a table of contents that a program wrote."""
        return CONTENTS_STYLE.match(self.names.get(state.style, "").strip(" ;")) is not None

    def rank(self, state: State) -> int | None:
        """The heading rank of a paragraph: 0 for a title, 1 to 9, None for text."""
        if state.outline is not None:
            return state.outline + 1 if 0 <= state.outline <= 8 else None
        name = self.names.get(state.style, "").strip(" ;")
        if name.lower() in _TITLES:
            return 0
        match = _HEADING.fullmatch(name)
        return int(match.group(1)) if match else self.levels.get(state.style)


def opened(state: State, word: str, *, starred: bool) -> State | None:
    """The state of a group that a word makes a destination; None if the word does not."""
    if word in FLOWS and not (state.skipped and word != "annotation"):
        return State(opened=True, fallback=state.fallback)
    if word in _FIELDS:
        return replace(state, field=word, skipped=False)
    if word in ("listtext", "pntext"):
        return replace(state, mark=True)
    if word == "ud":
        return replace(state, skipped=False)
    if word in _SKIPPED or (starred and word not in _READ_THROUGH):
        return replace(state, skipped=True)
    return state if starred else None


def styled(state: State, word: str, number: int | None, default_font: int) -> State:
    """The state behind a word that says how text is set."""
    if word not in _STYLING:
        return state
    changes: dict[str, dict[str, Any]] = {
        "pard": {"in_table": False, "outline": None, "style": -1},
        "intbl": {"in_table": True},
        "s": {"style": number or 0},
        "outlinelevel": {"outline": number},
        "plain": {"hidden": False, "deleted": False, "font": default_font, "look": TEXT_LOOK, "script": ""},
        "v": {"hidden": number != 0},
        "deleted": {"deleted": number != 0},
        **{key: {"script": key} for key in _SCRIPTS},
    }
    return replace(state, **changes.get(word, {"look": _look(state, word, number)}))


def _look(state: State, word: str, number: int | None) -> Look:
    """The look behind a word; some writers tell that of Chinese by words of their own behind ``dbch``."""
    if word == "b" or (word == "ab" and state.script == "dbch"):
        return replace(state.look, bold=number != 0)
    if word == "fs" or (word == "afs" and state.script == "dbch"):
        return replace(state.look, size=(number or 0) / 2)
    return state.look
