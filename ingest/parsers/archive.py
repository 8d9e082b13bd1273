"""ZIP, tar and 7z archives, single compressed files, and the archive that every Office file is."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ingest.decoding import decode
from ingest.parsers.unpacking import BROKEN, LINK, PROTECTED, MemberError, Unpacking, copy, drain, is_junk
from kb_app.errors import DocumentError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

    from ingest.document import Member
    from ingest.parsers.unpacking import Sink

MAX_UNPACKED = 1_000_000_000
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0"
_FAILURES = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_LONGEST_HEADER = 16_000_000
_SINGLE = (".gz", ".bz2", ".xz")


def check_archive(data: bytes) -> None:
    """Refuse what is no archive or unpacks to more than fits into memory.

    ``zipfile`` never gives more of a member than the archive declares, so what counts is the declared size, and
    that no two members lie on the same bytes.
    """
    if data.startswith(_OLE_SIGNATURE):
        raise DocumentError("protected by a password or in the format of an old Office; save it anew without both")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise DocumentError("broken or truncated: not an Office file; open it in Office and save it anew") from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise DocumentError(f"unpacks to {unpacked:,} bytes, over the bound of {MAX_UNPACKED:,}; split the file")
    if sum(entry.compress_size for entry in entries) > len(data):
        raise DocumentError("broken: its parts overlap (a bomb?); open it in Office and save it anew")


def unpack_zip(path: Path, into: Path) -> tuple[Member, ...]:
    """Unpack a ZIP archive.

    Raises:
        DocumentError: It is broken, protected as a whole, or over a bound.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise DocumentError(BROKEN) from error
    with archive, Unpacking(into) as unpacking:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry, name in zip(entries, _zip_names(entries), strict=True):
            if not is_junk(name):
                _take_entry(archive, entry, name, unpacking)
        return unpacking.finish()


def unpack_tar(path: Path, into: Path) -> tuple[Member, ...]:
    """Unpack a tar archive, packed or not, or a single file that is packed.

    Raises:
        DocumentError: It is broken or over a bound.
    """
    packed = path.stat().st_size
    with _unpacked_stream(path) as stream, Unpacking(into, packed) as unpacking:
        counted = _Counted(stream)
        try:
            with tarfile.open(fileobj=cast("Any", counted), mode="r|", errors="surrogateescape") as archive:
                _take_entries(archive, counted, unpacking)
                return unpacking.finish()
        except _FAILURES as error:
            if unpacking.members:
                unpacking.refuse("…", f"the files behind this place: {BROKEN}")
                return unpacking.finish()
            if counted.is_tar:
                raise DocumentError(BROKEN) from error
    return _unpack_single(path, into, packed)


def unpack_7z(path: Path, into: Path) -> tuple[Member, ...]:
    """Unpack a 7z archive.

    Raises:
        DocumentError: It is broken, protected or over a bound.
    """
    import py7zr
    from py7zr.exceptions import ArchiveError, InternalError, PasswordRequired, UnsupportedCompressionMethodError

    from ingest.parsers.sevenzip import extract

    try:
        with path.open("rb") as file, py7zr.SevenZipFile(file) as archive, Unpacking(into, path.stat().st_size) as to:
            if archive.needs_password():
                raise DocumentError(PROTECTED)
            extract(archive, to)
            return to.finish()
    except PasswordRequired as error:
        raise DocumentError(PROTECTED) from error
    except UnsupportedCompressionMethodError as error:
        raise DocumentError("packed by a method that is not supported; pack it anew as ZIP") from error
    except (ArchiveError, InternalError, *_FAILURES) as error:
        raise DocumentError(BROKEN) from error


def _take_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, unpacking: Unpacking) -> None:
    mode = stat.S_IFMT(entry.external_attr >> 16)
    if mode not in (0, stat.S_IFREG):
        unpacking.refuse(name, LINK)
    elif entry.flag_bits & 1:
        unpacking.refuse(name, PROTECTED)
    else:
        unpacking.take(name, partial(_fill, archive, entry), packed=entry.compress_size)


def _fill(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, sink: Sink) -> None:
    try:
        with archive.open(entry) as source:
            copy(cast("BinaryIO", source), sink)
    except NotImplementedError as error:
        raise MemberError("packed by a method that is not supported; pack it anew") from error
    except (*_FAILURES, RuntimeError) as error:
        raise MemberError(BROKEN) from error


def _zip_names(entries: Iterable[zipfile.ZipInfo]) -> list[str]:
    """The names; those not marked as UTF-8 are decoded together, as one program wrote them all."""
    entries = list(entries)
    raw = [None if entry.flag_bits & 0x800 else entry.orig_filename.encode("cp437", "replace") for entry in entries]
    foreign = [name for name in raw if name is not None and not name.isascii()]
    try:
        readable = iter(decode(b"\n".join(foreign)).split("\n")) if foreign else iter(())
    except DocumentError:
        return [entry.filename for entry in entries]
    return [
        entry.filename if name is None or name.isascii() else next(readable, entry.filename)
        for entry, name in zip(entries, raw, strict=True)
    ]


def _unpacked_stream(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.open(path))
    if head.startswith(b"BZh"):
        return cast("BinaryIO", bz2.open(path))
    if head.startswith(b"\xfd7zXZ"):
        return cast("BinaryIO", lzma.open(path))
    return path.open("rb")


class _Counted:
    """A stream whose headers are bounded: tar's may declare gigabytes, which ``tarfile`` reads into memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.left = _LONGEST_HEADER
        self.is_tar = False

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.is_tar = self.is_tar or data[257:262] == b"ustar"
        self.left -= len(data)
        if self.left < 0:
            raise DocumentError("a header of it is too long (a bomb?); unpack it by hand")
        return data


def _take_entries(archive: tarfile.TarFile, counted: _Counted, unpacking: Unpacking) -> None:
    while (entry := archive.next()) is not None:
        # Every byte is read here, also of what is left out: only headers are read between two entries.
        counted.left = _LONGEST_HEADER + (entry.size if entry.isreg() else 0)
        name = decode(entry.name.encode("utf-8", "surrogateescape"))
        if entry.isdir() or (is_junk(name) and not entry.isreg()):
            continue
        source = archive.extractfile(entry) if entry.isreg() else None
        if source is None:
            unpacking.refuse(name, LINK)
        elif is_junk(name):
            while piece := source.read(1 << 16):
                unpacking.count(len(piece))
        else:
            unpacking.take(name, partial(_drained, cast("BinaryIO", source)))
        counted.left = _LONGEST_HEADER


def _drained(source: BinaryIO, sink: Sink) -> None:
    try:
        drain(source, sink)
    except _FAILURES as error:
        raise MemberError(BROKEN) from error


def _unpack_single(path: Path, into: Path, packed: int) -> tuple[Member, ...]:
    """A file that is packed without an archive around it."""
    with _unpacked_stream(path) as stream, Unpacking(into, packed) as unpacking:
        if isinstance(stream, io.BufferedReader):
            raise DocumentError(BROKEN)
        unpacking.take(_single_name(path), partial(_drained, stream))
        if unpacking.members[0].error:
            raise DocumentError(unpacking.members[0].error)
        return unpacking.finish()


def _single_name(path: Path) -> str:
    """What a packed file is called: by the name that gzip keeps, else by the archive's own."""
    with path.open("rb") as file:
        head = file.read(2000)
    if head.startswith(b"\x1f\x8b") and len(head) > 10 and head[3] & 8:
        start = 12 + int.from_bytes(head[10:12], "little") if head[3] & 4 else 10
        name = head[start:].partition(b"\0")[0]
        if name and b"/" not in name:
            return one_line(decode(name), 200)
    return path.stem if path.suffix.lower() in _SINGLE else "content"
