"""Writes archives of every kind."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import py7zr

if TYPE_CHECKING:
    from pathlib import Path


def write_zip(path: Path, files: dict[str, str | bytes], **options: int) -> Path:
    with zipfile.ZipFile(path, "w", options.get("method", zipfile.ZIP_DEFLATED)) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def write_tar(path: Path, files: dict[str, str], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def write_7z(path: Path, files: dict[str, str | bytes]) -> Path:
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(text, name)
    return path


def legacy_zip(path: Path, names: list[str], encoding: str) -> Path:
    """A ZIP as programs of old wrote them: names in the system's encoding, without a flag that says so."""
    fake = [f"{number:0{len(name.encode(encoding))}}" for number, name in enumerate(names)]
    write_zip(path, dict.fromkeys(fake, "文字内容。"))
    data = path.read_bytes()
    for plain, name in zip(fake, names, strict=True):
        data = data.replace(plain.encode(), name.encode(encoding))
    path.write_bytes(data)
    return path
