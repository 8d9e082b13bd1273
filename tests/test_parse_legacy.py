"""Old Office files: by LibreOffice, or a line that says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from ingest.parse import parse_file
from ingest.parsers.legacy import convert, read_doc, read_ppt
from kb_app.errors import DocumentError
from tests import make_files

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")


def old(path: Path, suffix: str) -> Path:
    """The same document in the old format, written by LibreOffice."""
    profile = (path.parent / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", suffix, path.name]
    subprocess.run(command, cwd=path.parent, check=True, capture_output=True, timeout=120)
    return path.with_suffix(f".{suffix}")


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called soffice before all others."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(("read", "package"), [(read_doc, "libreoffice-writer"), (read_ppt, "libreoffice-impress")])
def test_without_libreoffice_it_says_what_to_install(
    read: object, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DocumentError, match=f"apt install {package}"):
        read(OLD)  # type: ignore[operator]


def test_a_program_that_hangs_ends_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "child"
    program(tmp_path, f'sh -c "echo \\$\\$ > {marker}; exec sleep 300" &\nwait', monkeypatch)
    started = time.monotonic()
    with pytest.raises(DocumentError, match="more than 1 s"):
        convert(OLD, "doc", "docx", seconds=1)
    assert time.monotonic() - started < 10
    child = Path("/proc") / marker.read_text().strip() / "stat"
    deadline = time.monotonic() + 5
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_what_the_program_says_is_in_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo source file could not be loaded", monkeypatch)
    with pytest.raises(DocumentError, match="source file could not be loaded"):
        read_doc(OLD)


def document(path: Path) -> Path:
    """A Word file with a heading, a table and a text behind it."""
    from docx import Document

    written = Document()
    written.add_heading("设备维护规程", level=1)
    table = written.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["部位", "周期", "轴承", "每季"], strict=True):
        cell.text = text
    written.add_paragraph(make_files.SICK)
    written.save(str(path))
    return path


@needs_office
def test_a_real_doc(tmp_path: Path) -> None:
    parsed = parse_file(old(document(tmp_path / "规程.docx"), "doc"))
    assert [(e.kind, e.text) for e in parsed.elements] == [
        ("heading", "设备维护规程"),
        ("table", "| 部位 | 周期 |\n| --- | --- |\n| 轴承 | 每季 |"),
        ("text", make_files.SICK),
    ]


@needs_office
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_real_ppt(tmp_path: Path) -> None:
    parsed = parse_file(old(make_files.write_pptx(tmp_path / "培训.pptx"), "ppt"))
    assert parsed.pages == 2
    assert [(e.page, e.text) for e in parsed.elements if e.kind == "heading"] == [(1, "休假培训"), (2, "天数一览")]


@needs_office
def test_an_old_file_that_is_broken(tmp_path: Path) -> None:
    data = old(document(tmp_path / "规程.docx"), "doc").read_bytes()
    with pytest.raises(DocumentError):
        read_doc(data[:1500])
