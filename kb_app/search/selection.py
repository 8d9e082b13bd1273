"""Which documents a filter selects: by folder, name and suffix, and by what they say of themselves. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kb_app.errors import QuestionError
from kb_app.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kb_app.types import Description

FILTERS = ("folder", "name", "ext", "title", "author", "language", "from", "to", "after", "before")
_ALIASES = {"type": "ext", "lang": "language"}
_DATE = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


def matching_documents(documents: Iterable[Description], where: Mapping[str, str]) -> list[int]:
    """The documents that a filter selects; all of its conditions must hold.

    Args:
        documents: What is known of each document.
        where: ``folder`` (a folder at any depth), ``name`` (with or without its suffix, with ``*`` and ``?``),
            ``ext`` (suffix, with or without a dot), ``language`` (``zh`` is ``zh-Hans`` and ``zh-Hant``), ``title``,
            ``author``, ``from`` and ``to`` (a part of it), ``after`` (on that day or later) and ``before`` (earlier),
            as 2024, 2024-05 or 2024-05-01.

    Raises:
        QuestionError: A filter of another name, or a date of another form.
    """
    conditions = {_ALIASES.get(key, key): value for key, value in where.items()}
    for key, value in conditions.items():
        if key not in FILTERS:
            raise QuestionError(f"unknown filter {key!r}; use {', '.join(FILTERS)}")
        if key in ("after", "before") and not _DATE.fullmatch(value):
            raise QuestionError(f"{key}={value} is no date; write 2024, 2024-05 or 2024-05-01")
    return [d.doc_id for d in documents if all(_matches(d, key, value) for key, value in conditions.items())]


def _matches(document: Description, key: str, value: str) -> bool:
    return _TESTS[key](document, value) if key in _TESTS else fold(value) in fold(document.details.get(key, ""))


def _in_folder(document: Description, folder: str) -> bool:
    parents = PurePosixPath(document.source).parents
    return any(folder.strip("/") in (str(parent), parent.name) for parent in parents)


def _has_suffix(document: Description, suffix: str) -> bool:
    return PurePosixPath(document.source).suffix.lower() == "." + suffix.lower().removeprefix(".")


def _is_named(document: Description, pattern: str) -> bool:
    path = PurePosixPath(document.source)
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in (path.name, path.stem))


def _is_in(document: Description, language: str) -> bool:
    return f"{document.details.get('language', '')}-".lower().startswith(f"{language.lower()}-")


_TESTS: dict[str, Callable[[Description, str], bool]] = {
    "folder": _in_folder,
    "ext": _has_suffix,
    "name": _is_named,
    "language": _is_in,
    "title": lambda document, title: fold(title) in fold(document.title),
    "after": lambda document, date: document.date >= date,
    "before": lambda document, date: document.date[: len(date)] < date,
}
