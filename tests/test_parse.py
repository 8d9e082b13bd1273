"""Which files are read, and the one line that each other file gets."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from ingest import kinds, parse
from ingest.kinds import SUFFIXES
from ingest.parse import parse_file
from kb_app.errors import DocumentError
from tests import make_files

if TYPE_CHECKING:
    from pathlib import Path


def test_supported_suffixes() -> None:
    office = {"doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "epub", "pdf", "wps"}
    others = {"txt", "log", "md", "rst", "html", "mhtml", "csv", "tsv", "json", "jsonl", "xml", "yaml", "py", "sql"}
    packed = {"eml", "msg", "mbox", "zip", "tar", "gz", "7z", "png", "jpg", "tif"}
    assert office | others | packed <= SUFFIXES


def test_every_kind_has_a_function() -> None:
    for entry in [*parse._READERS.values(), *parse._UNPACKERS.values()]:
        module, name = entry.split(":")
        assert callable(getattr(import_module(f"ingest.parsers.{module}"), name)), entry


@pytest.mark.parametrize("suffix", ["docx", "xlsx", "pptx"])
def test_an_office_file_with_another_suffix(tmp_path: Path, suffix: str) -> None:
    path = getattr(make_files, f"write_{suffix}")(tmp_path / f"a.{suffix}")
    expected = parse_file(path).elements
    for name in ("a.txt", "a.pdf", "a.bak", "a"):
        assert parse_file(path, name=name).elements == expected


@pytest.mark.parametrize(
    ("name", "text"), [("a.pdf", "年假五天。"), ("a.docx", "年假五天。"), ("a.unknown", "年假五天。")]
)
def test_a_text_with_another_suffix(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="gb18030")
    assert [element.text for element in parse_file(path).elements] == [text]


def test_a_web_page_that_is_called_an_excel_file(tmp_path: Path) -> None:
    """As the exports of many an office system are."""
    path = tmp_path / "a.xls"
    path.write_text("<html><table><tr><td>工号</td></tr><tr><td>007</td></tr></table></html>", encoding="utf-8")
    assert parse_file(path).elements[0].text == "| 工号 |\n| --- |\n| 007 |"


def test_suffix_in_capitals(tmp_path: Path) -> None:
    path = tmp_path / "手册 🌱.TXT"
    path.write_text(make_files.TEXT, encoding="utf-8")
    assert parse_file(path).title == "员工手册"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize("content", [b"", b" \n\t \r\n"])
def test_nothing_inside(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match="." if content else "file is empty") as caught:
        parse_file(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".pdf"])
def test_truncated(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".pdf":
        make_files.write_pdf(path, [[(make_files.LEAVE, 11)]])
    else:
        getattr(make_files, f"write_{suffix[1:]}")(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(DocumentError, match="broken or truncated") as caught:
        parse_file(path)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_archive_of_another_kind(tmp_path: Path, suffix: str) -> None:
    import zipfile

    path = tmp_path / f"a{suffix}"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "只是一个压缩包")
    (member,) = parse_file(path, scratch=tmp_path / "scratch").members
    assert (member.name, member.error) == ("readme.txt", "")
    with pytest.raises(DocumentError, match="archive within archives"):
        parse_file(path)


def test_old_or_protected_office_file(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DocumentError, match="password"):
        parse_file(path)


def test_unsupported_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.exe"
    path.write_bytes(b"MZ\x90\0\x03\0")
    with pytest.raises(DocumentError, match=r"\.exe is not supported; save it as PDF, DOCX or text"):
        parse_file(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be opened"):
        parse_file(tmp_path / "gone.txt")


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(kinds.MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="over the bound"):
        parse_file(path)


def test_plain_text_needs_no_format_library(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(make_files.TEXT, encoding="utf-8")
    code = (
        "import sys, pathlib; from ingest.parse import parse_file; parse_file(pathlib.Path(sys.argv[1]));"
        "print([m for m in ('unstructured', 'spacy', 'pypdfium2', 'openpyxl', 'docx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_archive_that_unpacks_to_gigabytes(tmp_path: Path, suffix: str) -> None:
    path = getattr(make_files, f"write_{suffix[1:]}")(tmp_path / f"a{suffix}")
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (4_000_000_000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DocumentError, match="over the bound"):
        parse_file(path)
