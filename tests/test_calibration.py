"""``kb calibrate``: the score of one knowledge base, fitted without labels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.calibration import FURTHEST, PASSED, calibrate
from kb_app.errors import NotFoundError
from kb_app.search.scoring import shipped_score
from tests.fakes import HashEmbedder
from tests.rerank_server import RerankScript, serve_reranker, shared_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TASKS = ["检查消防栓的水压", "更换走廊的照明灯管", "清洗食堂的排烟管道", "校准实验室的电子天平", "整理阅览室的旧期刊"]
PLACES = ["一号楼东侧", "二号楼地下室", "南门值班室", "体育馆更衣间", "新校区配电房", "老图书馆三层"]


@pytest.fixture
def filled(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """Thirty notes of a school's caretakers that share their words."""
    folder = tmp_path / "后勤"
    folder.mkdir()
    for number, (place, task) in enumerate((place, task) for place in PLACES for task in TASKS):
        text = f"{place}的值班人员每周负责{task}，第{number}次记录交给后勤处。"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    sync([folder], kb)
    return kb


def test_as_many_wrong_passages_reach_the_cut_off_as_are_allowed(filled: KnowledgeBase) -> None:
    found = calibrate(filled)
    assert found.questions == 30
    assert abs(found.moved) <= FURTHEST
    if abs(found.moved) < FURTHEST:
        assert found.passed <= PASSED
    assert (found.passed - found.passed_before) * found.moved >= 0


def test_the_fitted_score_is_in_force_at_the_next_start_and_gone_with_its_file(filled: KnowledgeBase) -> None:
    question = "体育馆更衣间的值班人员负责什么？"
    before = filled.search(question)[0].score
    moved = calibrate(filled).moved
    assert moved != 0
    settings = filled.settings
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as again:
        after = again.search(question)[0].score
        (again.folder / "score.json").unlink()
    assert math.copysign(1, after - before) == math.copysign(1, moved)
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as again:
        assert again.search(question)[0].score == before


def test_what_ships_is_left_alone(filled: KnowledgeBase) -> None:
    weights = shipped_score().weights
    calibrate(filled)
    assert shipped_score().weights == weights


def test_too_few_documents_are_said(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "小"
    folder.mkdir()
    (folder / "一.txt").write_text("值班人员每周检查一次消防栓的水压。", encoding="utf-8")
    with KnowledgeBase.open("小", settings, embedder=HashEmbedder()) as kb:
        sync([folder], kb)
        with pytest.raises(NotFoundError, match=r"'小' gives 0 sentences .* at least 20 are needed"):
            calibrate(kb)
        assert not (kb.folder / "score.json").exists()


def test_a_reranker_is_moved_to_the_same_cut_off(filled: KnowledgeBase) -> None:
    def generous(question: str, texts: Sequence[str]) -> list[float]:
        return [0.9 + 0.05 * share for share in shared_pieces(question, texts)]

    with serve_reranker(RerankScript(rate=generous)) as server:
        settings = filled.settings.model_copy(update={"reranker": f"rerank:松塔@{server.url}"})
        with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as kb:
            found = calibrate(kb)
        with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as kb:
            scores = [passage.score for passage in kb.search("操场跑道的维护由哪个部门负责？")]
    assert (found.passed_before, found.kept_before) == (1.0, 1.0)
    assert found.moved < -2
    assert found.passed <= PASSED
    assert 0 < max(scores) < 0.9
    assert filled.search("体育馆更衣间的值班人员负责什么？")[0].score > settings.min_score  # without it nothing moved
