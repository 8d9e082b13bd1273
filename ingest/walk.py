"""Finds the files of folders; what cannot be opened is told, never passed over in silence."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ingest.names import as_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Refused = Callable[[str, str], None]

IGNORED_NAMES = frozenset({"Thumbs.db", "desktop.ini"})
IGNORED_PREFIXES = (".", "~$")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there: its absolute path and its path below the folder that was named."""

    path: Path
    source: str


def find_files(
    paths: Sequence[Path],
    *,
    refused: Refused = lambda source, reason: None,  # noqa: ARG005
) -> Iterator[Found]:
    """The files of folders and the files named, each once, in a fixed order; hidden ones are left out.

    Args:
        paths: Folders and files.
        refused: Told of folders and files that cannot be opened, a folder once with all that is in it, and of
            symbolic links that lead out of their folder, which are not followed; each with the reason.
    """
    seen: set[Path] = set()
    for path in paths:
        top = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        found = [Found(top, as_shown(PurePath(top.name)))] if top.is_file() else _below(top, refused)
        for file in found:
            if file.path not in seen:
                seen.add(file.path)
                yield file


def is_gone(path: Path) -> bool:
    """Whether nothing is there, or only a link to nothing; of what cannot be looked at nobody knows that."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def why_not_opened(error: OSError) -> str:
    """Why a folder or a file cannot be opened, and what to do."""
    remedy = "check its permissions" if isinstance(error, PermissionError) else "mend it and run again"
    return f"cannot be opened: {error.strerror}; {remedy}; what is known of it stays"


def _below(top: Path, refused: Refused) -> Iterator[Found]:
    home = Path(os.path.realpath(top))
    for folder, names in _folders(top, refused):
        for path in (folder / name for name in names if not _is_ignored(name)):
            source = as_shown(path.relative_to(top))
            try:
                reason = _leads_out(path, home)
                is_file = not reason and _is_file(path)
            except OSError as error:
                refused(source, why_not_opened(error))
                continue
            if reason:
                refused(source, reason)
            elif is_file:
                yield Found(path, source)


def _folders(top: Path, refused: Refused) -> Iterator[tuple[Path, list[str]]]:
    """Each folder with the names in it, subfolders first."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # else it was removed a moment ago
            folder = Path(error.filename)
            refused(str(top) if folder == top else as_shown(folder.relative_to(top)), why_not_opened(error))

    for folder, subfolders, names in os.walk(top, onerror=refuse):
        try:
            os.stat(os.path.join(folder, os.curdir))  # noqa: PTH116, PTH118 - a Path drops the dot
        except OSError as error:  # it may be listed, but nothing in it may be opened
            error.filename = folder
            refuse(error)
            subfolders.clear()
            continue
        subfolders[:] = sorted(name for name in subfolders if not _is_ignored(name))
        yield Path(folder), [*subfolders, *sorted(names)]


def _leads_out(path: Path, home: Path) -> str:
    """Why a symbolic link is not followed; empty if it is none, or stays within the folder."""
    if not path.is_symlink() or (target := Path(os.path.realpath(path))).is_relative_to(home):
        return ""
    return f"a symbolic link out of the folder, to {as_shown(target)}; name that path too, or copy it here"


def _is_file(path: Path) -> bool:
    """Whether it is a file, or a link to one; not a link to nothing."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _is_ignored(name: str) -> bool:
    return name in IGNORED_NAMES or name.startswith(IGNORED_PREFIXES)
