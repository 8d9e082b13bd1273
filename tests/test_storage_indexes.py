"""The indexes that lie in a folder: keywords in tantivy, vectors in an embedded Chroma."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.keywords_contract import KeywordIndexContract
from tests.storage_contract import VectorIndexContract

if TYPE_CHECKING:
    from pathlib import Path


class TestKeywordsInAFolder(KeywordIndexContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "厂区 一" / "keywords"


class TestVectorsInAFolder(VectorIndexContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> tuple[Path, str, str]:
        return tmp_path / "厂区 一" / "chroma", "kb-plant", ""
