"""The office files of data/samples are what tools/make_samples.py makes."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdfium2
import pytest

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "data" / "samples"


def make(folder: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, str(ROOT / "tools" / "make_samples.py"), str(folder)], check=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return make(tmp_path_factory.mktemp("made"))


def contents(data: bytes) -> dict[str, bytes]:
    """The members of an office file: another zlib packs the same members into other bytes."""
    if not data.startswith(b"PK"):
        return {"": data}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_made_twice_they_are_the_same(made: dict[str, bytes], tmp_path: Path) -> None:
    assert make(tmp_path) == made


def test_the_committed_files_are_up_to_date(made: dict[str, bytes]) -> None:
    assert {Path(name).suffix for name in made} == {".docx", ".pptx", ".xlsx", ".pdf"}
    for name, data in made.items():
        assert contents((SAMPLES / name).read_bytes()) == contents(data), name


def test_the_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 1_000_000


def test_the_pdf_has_its_clauses_on_their_pages() -> None:
    with pypdfium2.PdfDocument(SAMPLES / "制度" / "信息安全管理规定.pdf") as document:
        pages = ["".join(page.get_textpage().get_text_range().split()) for page in document]
    assert len(pages) == 3
    assert "第一条为保护公司" in pages[0]
    assert "应在一小时内报告信息安全办公室" in pages[2]
