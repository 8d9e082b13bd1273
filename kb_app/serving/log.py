"""What the log of a server says: how far it has come, and why it ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TAIL = 64 * 1024
_NOISE = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]"  # colours
    r"|^\s*\((?:\w+\s+)+pid=\d+\)\s*"  # vLLM: which of its processes speaks
    r"|^(?:INFO|WARNING|ERROR|DEBUG)\s+\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\s+\[[^\]]*\]\s*"
)
_ERROR = re.compile(
    r"^[\w.]*(?:Error|Exception|Interrupt|OutOfMemory)\b:? ?|\berror: |out of memory|\bFATAL\b", re.IGNORECASE
)
_HEADING = re.compile(r"validation errors? for \w+$|:$")  # what is wrong stands on the next line
_ECHO = ("see root cause above", "engine core initialization failed", "engineinitializationerror")
_REMEDIES = (
    ("out of memory", "lower --max-model-len or --memory-share, or choose smaller weights with --precision"),
    ("trust_remote_code", "if you trust the code in the weights' folder, add `-- --trust-remote-code`"),
    ("no space left", "free disk space"),
    ("address already in use", "choose another --port"),
    ("unrecognized arguments", "that version has no such flag; see its own --help"),
)


def progress(log: Path) -> str:
    """The last line that a server wrote, without what only its makers need."""
    return next((line for line in reversed(_lines(log)) if line), "")


def reason(log: Path) -> str:
    """Why a server ended, by the end of its log: its last own error, else its last line, and what helps."""
    lines = [line for line in _lines(log) if line] or ["it wrote nothing"]
    errors = [number for number, line in enumerate(lines) if _is_error(line)]
    last = errors[-1] if errors else len(lines) - 1
    said = " ".join(lines[last : last + 2]) if _HEADING.search(lines[last]) else lines[last]
    remedy = next((advice for sign, advice in _REMEDIES if sign in said.lower()), "")
    return f"{said[:400]}; {remedy}" if remedy else said[:400]


def _is_error(line: str) -> bool:
    return _ERROR.search(line) is not None and not any(echo in line.lower() for echo in _ECHO)


def _lines(log: Path) -> list[str]:
    """Lines at the end of a log; a line that was written over itself counts as what stands there last."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [_clean(line.rstrip("\r").rpartition("\r")[2]) for line in text.split("\n")]


def _clean(line: str) -> str:
    while (shorter := _NOISE.sub("", line)) != line:
        line = shorter
    return line.strip()
