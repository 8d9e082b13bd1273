"""What py7zr writes to instead of files of its own naming."""

from __future__ import annotations

from typing import TYPE_CHECKING

from py7zr.exceptions import ArchiveError
from py7zr.io import Py7zIO, WriterFactory

from ingest.parsers.unpacking import BROKEN, LINK, is_junk, safe_name

if TYPE_CHECKING:
    from py7zr import SevenZipFile

    from ingest.parsers.unpacking import Sink, Unpacking


def extract(archive: SevenZipFile, unpacking: Unpacking) -> None:
    """Unpack all members that are files, within the archive, and wanted."""
    wanted = []
    for entry in archive.list():
        name = entry.filename
        if entry.is_directory or is_junk(name):
            continue
        if entry.is_symlink or not entry.is_file:
            unpacking.refuse(name, LINK)
        elif error := safe_name(name)[1]:
            unpacking.refuse(name, error)
        else:
            wanted.append(name)
    if wanted:
        _write(archive, wanted, unpacking)


def _write(archive: SevenZipFile, wanted: list[str], unpacking: Unpacking) -> None:
    writers = _Writers(unpacking)
    try:
        archive.extract(targets=wanted, factory=writers)
    except (ArchiveError, EOFError, OSError, ValueError):
        if not writers.finished:
            raise
        # What was whole before this place stays.
        writers.last.fail()
        unpacking.refuse("…", f"the files behind this place: {BROKEN}")


class _Writer(Py7zIO):
    """One member; py7zr only writes to it and closes it when its checksum was right."""

    def __init__(self, unpacking: Unpacking, name: str) -> None:
        self._unpacking = unpacking
        self._sink: Sink | None = unpacking.begin(name)

    def write(self, s: bytes | bytearray) -> int:
        if self._sink:
            self._sink.write(bytes(s))
        return len(s)

    def close(self) -> None:
        if self._sink:
            self._unpacking.end(self._sink)
        self._sink = None

    def fail(self) -> None:
        """Drop the member if it is not whole."""
        if self._sink:
            self._sink.error = BROKEN
        self.close()

    def read(self, size: int | None = None) -> bytes:  # noqa: ARG002 - the library's signature
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002 - the library's signature
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._sink.size if self._sink else 0


class _Writers(WriterFactory):
    def __init__(self, unpacking: Unpacking) -> None:
        self._unpacking = unpacking
        self.finished = 0
        self.last: _Writer

    def create(self, filename: str) -> Py7zIO:
        if hasattr(self, "last"):
            self.finished += 1
        self.last = _Writer(self._unpacking, filename)
        return self.last
