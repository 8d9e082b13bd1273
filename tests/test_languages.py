"""What the search knows of languages, and how it keeps that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.models.embedding import load_embedder
from kb_app.models.languages import AcrossLanguages, Background
from tests.fakes import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENGLISH = {
    "ferry.md": "# Ferry\n\nThe ferry to the island leaves every forty minutes; bicycles travel free of charge.",
    "pool.md": "# Pool\n\nThe swimming pool is closed for cleaning on the second Monday of each month.",
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """Two English pages among sixty Chinese ones, with the embedded model."""
    home = tmp_path_factory.mktemp("mixed")
    folder = home / "文件"
    folder.mkdir()
    for name, text in ENGLISH.items():
        (folder / name).write_text(text, encoding="utf-8")
    for number in range(60):
        task = ("水泵", "电梯", "门禁", "路灯", "空调", "锅炉")[number % 6]
        (folder / f"{number}.txt").write_text(f"{number}号楼的{task}每季度检修一次，由后勤处登记。", encoding="utf-8")
    with KnowledgeBase.open("混", Settings(home=home, llm_base_url="none")) as kb:
        sync([folder], kb)
        yield kb


@pytest.mark.parametrize(
    ("question", "source"), [("去岛上的渡轮多久一班？", "ferry.md"), ("游泳池哪一天停止开放？", "pool.md")]
)
def test_a_chinese_question_finds_the_english_page(mixed: KnowledgeBase, question: str, source: str) -> None:
    assert mixed.search(question, k=3)[0].source == source


def test_a_chinese_question_still_finds_the_chinese_page(mixed: KnowledgeBase) -> None:
    assert mixed.search("17号楼的什么设备要检修？", k=1)[0].source == "17.txt"


def test_a_table_in_the_other_language_is_not_near_to_every_question(tmp_path: Path) -> None:
    folder = tmp_path / "杂"
    folder.mkdir()
    (folder / "chart.md").write_text(
        "| | Series 7 | Series 5 |\n| --- | --- | --- |\n| a | 4 | 2 |\n", encoding="utf-8"
    )
    (folder / "refs.md").write_text("[1] Weber, A., & Lind, J. (2025). Notes. [2] Ito, M. (2024).", encoding="utf-8")
    (folder / "海报.txt").write_text("夏季促销，洗衣液日常价二十元，领券以后十二元一桶。", encoding="utf-8")
    with KnowledgeBase.open("杂", Settings(home=tmp_path / "home", llm_base_url="none")) as kb:
        sync([folder], kb)
        assert kb.search("海报上的券后价是多少？")[0].source == "海报.txt"


def test_the_embedded_model_puts_one_language_nearer_than_two() -> None:
    background = AcrossLanguages(load_embedder("embedded")).background
    assert background.chinese > background.asked_in_chinese
    assert background.english > background.asked_in_english - 0.1


def test_the_background_goes_by_the_languages() -> None:
    background = Background(chinese=0.8, asked_in_chinese=0.7, asked_in_english=0.6, english=0.5)
    assert background.between(1.0, 1.0) == 0.8
    assert background.between(1.0, 0.0) == 0.7
    assert background.between(0.0, 1.0) == 0.6
    assert background.between(0.0, 0.0) == 0.5
    assert background.between(1.0, 0.5) == pytest.approx(0.75)


def test_a_question_moves_to_the_other_language_and_back() -> None:
    model = AcrossLanguages(HashEmbedder())
    vector = model.embed_query("年假有几天？")
    moved = model.moved(vector, 1.0)
    assert float(np.linalg.norm(moved)) == pytest.approx(1.0, abs=1e-5)
    assert not np.allclose(moved, vector, atol=1e-3)
    assert np.allclose(model.moved(vector, 0.5), vector, atol=1e-6)


def test_scripts_are_one_unless_they_are_told_apart() -> None:
    told: dict[bool, list[str]] = {}
    for scripts in (True, False):
        model = HashEmbedder()
        list(AcrossLanguages(model, scripts=scripts).embed_documents(["出差報銷憑證"]))
        told[scripts] = model.embedded
    assert told == {True: ["出差报销凭证"], False: ["出差報銷憑證"]}


def test_the_samples_are_embedded_once_and_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    first = HashEmbedder()
    expected = AcrossLanguages(first, folder=tmp_path).background
    assert len(first.embedded) == 20
    second = HashEmbedder()
    assert AcrossLanguages(second, folder=tmp_path).background == expected
    assert second.embedded == []
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"")
    third = HashEmbedder()
    assert AcrossLanguages(third, folder=tmp_path).background == expected
    assert len(third.embedded) == 20


def test_what_cannot_be_kept_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert AcrossLanguages(HashEmbedder(), folder=tmp_path / "file").background
