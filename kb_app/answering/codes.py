"""Codes of things in a question: ``XC-60``, ``E012``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb_app.text import fold, squash

if TYPE_CHECKING:
    from kb_app.types import Passage

_CODE = re.compile(r"(?<![a-z0-9-])(?=[a-z0-9-]*[a-z])(?=[a-z-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")


def codes_in(question: str) -> list[str]:
    """The codes that a question names, folded."""
    return _CODE.findall(fold(question))


def without_codes(question: str) -> str:
    """The question, folded, without its codes."""
    return _CODE.sub(" ", fold(question))


def holds_code(question: str, passage: Passage) -> bool:
    """Whether a passage, or a name of its document, has a code of a question."""
    codes = codes_in(question)
    said = squash("\n".join([passage.title, passage.source, *passage.headings, passage.text])) if codes else ""
    return any(code in said for code in codes)
