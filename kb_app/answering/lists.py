"""Lists in a text: the line that leads to them, and which lines are their items. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARKER = re.compile(r"(?:[-*+•●▪■◆]|#{1,6}|\d{1,3}[.)])\s+")
"""What stands before an item, or a heading, and is no part of it."""

LEAD_IN = re.compile(r"[：:]\s*\Z")
_ITEM = re.compile(
    rf"{MARKER.pattern}|[（(]?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[）)、.．]|[①-⑳]|第[一二三四五六七八九十]+[，、步]"
)
_WHOLE = re.compile(r"[。！？!?][”’」』）】》\"')\]]*\Z")
_GOES_ON = re.compile(r"[；;，,、]\Z")


def begins_item(text: str, start: int) -> bool:
    """Whether what begins here is an item of a list, behind its marker or with its number."""
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start].strip()
    is_item = bool(_ITEM.match(text[line:].lstrip())) and not text[line:].lstrip().startswith("#")
    return is_item and (not before or bool(MARKER.fullmatch(before + " ")))


@dataclass(slots=True)
class Led:
    """Reads a text line by line and tells which line leads to the list that each is in.

    A list of items with markers ends where behind an empty line stands one without; a list without markers, as some
    formats have it, ends with the first line that is a whole sentence. A heading leads to the items with markers that
    stand directly below it.

    Attributes:
        announced: The line that leads to the list that is being read; empty where none is.
        lead: The same for an item of the list; empty for any other line.
        above: The same, also for a line behind it that may be no item.
    """

    announced: str = ""
    lead: str = ""
    above: str = ""
    _marked: bool = False
    _goes_on: bool = False
    _parted: bool = False
    _headed: bool = False

    def reach(self, line: str, heading: str = "") -> None:
        """Go to a line, without the white space around it; ``heading`` is what it leads to if it is one."""
        if not line:
            self._parted = True
            return
        if heading:
            self.announced, self.lead, self.above, self._headed = heading, "", "", True
            return
        if self._headed and self._is_item(line):
            self.lead, self.above = self.announced, ""
            return
        if self._headed:
            self.announced, self._headed = "", False
        self._reach(line)

    def _is_item(self, line: str) -> bool:
        return bool(_ITEM.match(line)) and not LEAD_IN.search(line)

    def _reach(self, line: str) -> None:
        marked, parted, self._parted = bool(_ITEM.match(line)), self._parted, False
        if self._marked and parted and not marked:
            self.announced = ""
        is_last = not marked and not self._marked and bool(_WHOLE.search(line))
        self.above = self.announced
        self.lead = "" if is_last and not self._goes_on else self.announced
        self.announced = "" if is_last else self.announced
        self._marked, self._goes_on = bool(self.announced) and (marked or self._marked), bool(_GOES_ON.search(line))
        if LEAD_IN.search(line):
            self.announced, self._marked, self._goes_on = line, False, False
