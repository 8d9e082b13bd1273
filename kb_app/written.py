"""Words as they were written, beside the same in simplified characters: rules read these, what is kept is those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.scripts import to_simplified

if TYPE_CHECKING:
    import re


@dataclass(frozen=True, slots=True)
class Written:
    """A text in both forms, sign for sign; false where it is empty.

    Attributes:
        text: As it was written.
        plain: In simplified characters.
    """

    text: str
    plain: str

    @classmethod
    def of(cls, text: str) -> Written:
        """Read a text."""
        return cls(text, to_simplified(text))

    def __bool__(self) -> bool:
        return bool(self.text)

    def __add__(self, other: Written) -> Written:
        return Written(self.text + other.text, self.plain + other.plain)

    def part(self, start: int, end: int | None = None) -> Written:
        """What stands between two places."""
        return Written(self.text[start:end], self.plain[start:end])

    def group(self, match: re.Match[str], number: int = 0) -> Written:
        """What a group of a match in the simplified text stands for."""
        return self.part(*match.span(number))

    def find(self, plain: str) -> Written:
        """The first place that reads so in simplified characters; empty where there is none."""
        start = self.plain.find(plain)
        return self.part(start, start + len(plain)) if start >= 0 else NOTHING

    def without(self, pattern: re.Pattern[str]) -> Written:
        """The text without what matches."""
        kept, start = NOTHING, 0
        for match in pattern.finditer(self.plain):
            kept, start = kept + self.part(start, match.start()), match.end()
        return kept + self.part(start)

    def replaced(self, old: str, new: Written) -> Written:
        """The text with the first place that reads so replaced; as it is where there is none."""
        start = self.plain.find(old)
        return self if start < 0 else self.part(0, start) + new + self.part(start + len(old))

    def stripped(self) -> Written:
        """The text without the white space around it."""
        return Written(self.text.strip(), self.plain.strip())


NOTHING = Written("", "")
