"""Where the members of an archive go: counted while they are written, whatever the archive says of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.document import Member
from ingest.pulse import beat
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO, Self

MAX_MEMBERS = 10_000
MAX_TOTAL = 2_000_000_000
MAX_MEMBER = 500_000_000
MAX_RATIO = 200
RATIO_FROM = 1_000_000
"""Bytes above which a ratio of more than ``MAX_RATIO`` is a bomb and no form full of blanks."""

PROTECTED = "protected by a password; unpack it with the password"
BROKEN = "broken or truncated; pack it anew"
LINK = "a link or device; not followed"
_BLOCK = 1 << 16
_JUNK = frozenset(("__macosx", "thumbs.db", "desktop.ini"))
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST_NAME = 1000


def is_junk(name: str) -> bool:
    """Whether a member is hidden, a lock file of an office program, or what an operating system puts beside files."""
    parts = name.replace("\\", "/").split("/")
    return any(
        (part.startswith(".") and part.strip(".")) or part.startswith("~$") or part.lower() in _JUNK for part in parts
    )


def safe_name(name: str) -> tuple[str, str]:
    """A member's path without what leads out of the archive, and why it must not be unpacked, if so."""
    path = name.replace("\\", "/")
    parts = path.split("/")
    outside = path.startswith("/") or ".." in parts or _DRIVE.match(path)
    kept = [one_line(part, _LONGEST_NAME) for part in parts if part.strip() and part not in (".", "..")]
    safe = _DRIVE.sub("", "/".join(kept)).strip("/")[:_LONGEST_NAME] or "unnamed"
    return safe, f"its path {one_line(name)!r} leads out of the archive; not unpacked" if outside else ""


class Sink:
    """A member while it is written; over a bound its bytes are counted and dropped."""

    def __init__(self, unpacking: Unpacking, file: BinaryIO, packed: int) -> None:
        self._unpacking = unpacking
        self._file = file
        self._packed = packed
        self.size = 0
        self.error = ""

    def write(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            DocumentError: The whole archive is over its bound.
        """
        self.size += len(piece)
        self._unpacking.count(len(piece))
        if not self.error and (error := self._over()):
            self.error = error
            self._file.seek(0)
            self._file.truncate()
        if not self.error:
            self._file.write(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _over(self) -> str:
        if self.size > MAX_MEMBER:
            return f"unpacks to more than {MAX_MEMBER:,} bytes; split the file"
        if self._packed and self.size > max(RATIO_FROM, MAX_RATIO * self._packed):
            return f"unpacks to more than {MAX_RATIO} times its size (a bomb?); not unpacked"
        return ""


class Unpacking:
    """The members of one archive, each in a numbered file; what was written goes if the archive is refused."""

    def __init__(self, into: Path, packed: int = 0) -> None:
        """For one archive.

        Args:
            into: An existing folder.
            packed: Size of the archive, where one member's size in it is not known.
        """
        self._into = into
        self._packed = packed
        self._total = 0
        self.members: list[Member] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for member in self.members:
                member.path.unlink(missing_ok=True)

    def refuse(self, name: str, error: str) -> None:
        """Note a member that is not unpacked."""
        self._add(Member(safe_name(name)[0], self._next(), error))

    def take(self, name: str, fill: Callable[[Sink], None], *, packed: int = 0) -> None:
        """Unpack a member; an unsafe path is refused.

        Args:
            name: Its path as the archive has it.
            fill: Writes its bytes; a ``MemberError`` becomes the member's error if the sink knows of none.
            packed: Its size within the archive, if known.
        """
        if error := safe_name(name)[1]:
            self.refuse(name, error)
            return
        sink = self.begin(name, packed)
        try:
            fill(sink)
        except MemberError as failure:
            sink.error = sink.error or str(failure)
        self.end(sink)

    def begin(self, name: str, packed: int = 0) -> Sink:
        """Open the file of the next member; its path must be safe."""
        member = Member(safe_name(name)[0], self._next())
        self._add(member)
        return Sink(self, member.path.open("wb"), packed)

    def end(self, sink: Sink) -> None:
        """Close the last member's file; with an error nothing of it stays."""
        sink.close()
        if sink.error:
            self.members[-1].path.unlink()
            self.members[-1] = replace(self.members[-1], error=sink.error)

    def finish(self) -> tuple[Member, ...]:
        """All members.

        Raises:
            DocumentError: There is none, or a password protects them all.
        """
        if not self.members:
            raise DocumentError("holds no file (hidden ones and folders are not counted)")
        if all(member.error == PROTECTED for member in self.members):
            raise DocumentError(PROTECTED)
        return tuple(self.members)

    def count(self, written: int) -> None:
        """Count bytes against the bounds of the whole archive.

        Raises:
            DocumentError: They are over.
        """
        self._total += written
        if self._total > MAX_TOTAL:
            raise DocumentError(f"unpacks to more than {MAX_TOTAL:,} bytes; split it")
        if self._packed and self._total > max(RATIO_FROM, MAX_RATIO * self._packed):
            raise DocumentError(f"unpacks to more than {MAX_RATIO} times its size (a bomb?); unpack it by hand")

    def _next(self) -> Path:
        return self._into / f"{len(self.members):05d}"

    def _add(self, member: Member) -> None:
        if len(self.members) >= MAX_MEMBERS:
            raise DocumentError(f"holds more than {MAX_MEMBERS:,} files; split it")
        self.members.append(member)
        beat(len(self.members), 0)


class MemberError(Exception):
    """A member cannot be unpacked; the others can."""


def copy(source: BinaryIO, sink: Sink) -> None:
    """Write all of a stream, up to the bound of a member."""
    while not sink.error and (piece := source.read(_BLOCK)):
        sink.write(piece)


def drain(source: BinaryIO, sink: Sink) -> None:
    """Write all of a stream; over the bound of a member go on without it, as streams cannot be skipped."""
    while piece := source.read(_BLOCK):
        sink.write(piece)
