"""Files that a reader drops on the page are kept below ``KB_HOME``, under safe names."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from kb_app.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "uploads"
_MAX_BYTES = 200
_UNSAFE = re.compile(r'[<>:"|?*\\/]')


def safe_name(name: str) -> str:
    """A file name that stays in its folder, is visible, and keeps its script and suffix."""
    last = re.split(r"[\\/]", name)[-1]
    printable = "".join(char if char.isprintable() else " " for char in last)
    stem, dot, suffix = _UNSAFE.sub("_", " ".join(printable.split())).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    stem = stem.strip(" .").removeprefix("~$")
    suffix = _cut(suffix.strip(" ."), 20)
    return f"{_cut(stem or 'file', _MAX_BYTES)}{dot if suffix else ''}{suffix}"


def save_upload(folder: Path, name: str, content: bytes | memoryview) -> Path:
    """Write a file into the folder; one of the same name is replaced, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    path = folder / safe_name(name)
    unfinished = folder / f".{path.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        os.replace(unfinished, path)  # noqa: PTH105 - atomic, and its name says so
    except OSError as error:
        raise StorageError(f"cannot keep {path.name!r}: {error.strerror}; free disk space or check KB_HOME") from error
    return path


def _cut(text: str, size: int) -> str:
    """At most ``size`` bytes of UTF-8, cut between characters."""
    return text.encode()[:size].decode(errors="ignore").rstrip()
