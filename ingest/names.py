"""Names of files that are not UTF-8, as a system of another language wrote them: readable, and still found again."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.decoding import decode
from kb_app.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import PurePath

_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")


def as_text(path: PurePath) -> str:
    r"""A path as the catalog keeps it: bytes that are no UTF-8 become ``\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def as_path(text: str) -> Path:
    """The path that ``as_text`` was given."""
    if "\\x" not in text:
        return Path(text)
    return Path(os.fsdecode(_ESCAPED.sub(lambda match: bytes([int(match.group(1), 16)]), text.encode())))


def as_shown(path: PurePath) -> str:
    """A path for a reader, with ``/`` separators: a name in GB18030 or Big5 as it was meant."""
    try:
        return decode(os.fsencode(path.as_posix()))
    except DocumentError:
        return as_text(path)
