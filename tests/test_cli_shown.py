"""What ``kb`` shows of tables that are cited and of files that cannot be read."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

PRICES = "型号,规格,单价（元）\n炉门-12,铸铁,860\n炉条-3,耐热钢,45\n"


@pytest.fixture
def kb(tmp_path: Path) -> Program:
    """A program whose knowledge base has a table in an archive and a file that is broken."""
    folder = tmp_path / "来件"
    folder.mkdir()
    with zipfile.ZipFile(folder / "配件.zip", "w") as archive:
        archive.writestr("价目.csv", PRICES)
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 nothing")
    program = Program(tmp_path / "home", {"KB_LLM_BASE_URL": "none"})
    assert program.run("ingest", str(folder)).code == 1
    return program


def test_a_cited_row_is_quoted_with_its_columns_and_only_what_can_be_read_counts(kb: Program) -> None:
    asked = kb.run("ask", "炉门-12 的单价是多少元？").out
    assert "“型号：炉门-12；规格：铸铁；单价（元）：860”" in asked
    assert "|" not in asked
    status = kb.run("status")
    assert re.search(r"^文档 documents +1$", status.out, re.MULTILINE)
    assert re.search(r"^读不了 failed +1$", status.out, re.MULTILINE)
