"""``kb calibrate``: the score of one knowledge base, fitted without labels."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.calibration import FURTHEST, PASSED, QUESTIONS, calibrate
from kb_app.errors import NotFoundError
from kb_app.search.scoring import shipped_score
from kb_app.storage.catalog import Content, FileRecord
from kb_app.types import Chunk
from tests.fakes import HashEmbedder
from tests.rerank_server import RerankScript, serve_reranker, shared_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb_app.models.embedding import Vector

TASKS = ["检查消防栓的水压", "更换走廊的照明灯管", "清洗食堂的排烟管道", "校准实验室的电子天平", "整理阅览室的旧期刊"]
MATTERS = [
    "渡轮码头的栈桥每逢汛期由水务所加固",
    "养蜂户迁移蜂箱应当登记蜂群数目",
    "露天电影放映前须试播音响",
    "石拱桥面出现裂缝时用环氧砂浆灌注",
    "冬青绿篱修剪高度不超过膝盖",
    "旧货集市摊主领取编号胸牌",
    "夜航渔船悬挂红绿舷灯",
    "陶瓷窑炉烧成温度逐时记录",
    "牧草种子撒播之前浸泡消毒",
    "邮筒油漆剥落可拨打便民电话",
    "滑雪缆车停运后乘客凭票退款",
    "龙舟比赛选手必须穿救生衣",
    "古井护栏采用青石砌筑",
    "合唱团排练厅借用钥匙押金十元",
    "竹编学徒考核合格发给结业证",
    "流浪猫绝育手术由兽医站免费实施",
    "茶园采摘体验按斤计价",
    "气象观测场禁止堆放杂物",
    "骑楼外墙广告尺寸统一审核",
    "盲道占用举报奖励五十元",
    "候鸟保护区禁飞无人机",
    "粮仓熏蒸期间挂牌警示",
]
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


@pytest.fixture
def motley(kb: KnowledgeBase, tmp_path: Path) -> KnowledgeBase:
    """Notes of a town hall that have nothing in common."""
    folder = tmp_path / "杂记"
    folder.mkdir()
    for number, text in enumerate(MATTERS):
        (folder / f"{number}.txt").write_text(f"{text}。", encoding="utf-8")
    sync([folder], kb)
    return kb


def test_the_cut_off_is_eased_until_as_many_wrong_passages_reach_it_as_are_allowed(motley: KnowledgeBase) -> None:
    found = calibrate(motley)
    assert found.questions == len(MATTERS)
    assert 0 < found.moved <= FURTHEST
    assert found.passed_before <= found.passed <= PASSED


def test_documents_that_repeat_each_other_make_nothing_be_refused(filled: KnowledgeBase) -> None:
    """Each note answers half of what another one is asked; only a stricter cut-off would let fewer of them pass."""
    questions = ["体育馆更衣间的值班人员负责什么？", "谁来更换灯管？", "电子天平多久校准一次？"]
    before = {question: filled.search(question)[0].score for question in questions}
    found = calibrate(filled)
    assert found.passed_before > PASSED
    assert (found.moved, found.passed) == (0.0, found.passed_before)
    with KnowledgeBase.open("测试", filled.settings, embedder=HashEmbedder()) as again:
        assert {question: again.search(question)[0].score for question in questions} == before


def test_the_fitted_score_is_in_force_at_the_next_start_and_gone_with_its_file(motley: KnowledgeBase) -> None:
    question = "桥面的裂缝怎么处理？"
    before = motley.search(question)[0].score
    assert calibrate(motley).moved > 0
    settings = motley.settings
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as again:
        assert again.search(question)[0].score > before
        (again.folder / "score.json").unlink()
    with KnowledgeBase.open("测试", settings, embedder=HashEmbedder()) as again:
        assert again.search(question)[0].score == before


class NotingEmbedder(HashEmbedder):
    """Notes what is asked."""

    def embed_query(self, text: str) -> Vector:
        self.embedded.append(text)
        return super().embed_query(text)


def test_all_of_a_knowledge_base_is_asked_evenly(settings: Settings) -> None:
    shelves = 2 * QUESTIONS - 1  # every other one would be too few
    texts = [f"第{number}号货架的周转箱由{number % 9 + 1}班组每月盘点一次。" for number in range(shelves)]
    embedder = NotingEmbedder()
    with KnowledgeBase.open("仓库", settings, embedder=embedder) as kb:
        with kb.writing("test") as indexer:
            for start in range(0, shelves, 20):
                name = f"{start}.txt"
                chunks = tuple(Chunk(text, at, at + 1) for at, text in enumerate(texts[start : start + 20]))
                kb.catalog.save(FileRecord(f"/{name}", name), Content(chunks))
            indexer.run()
        embedder.embedded.clear()
        assert calibrate(kb).questions == QUESTIONS
    asked = [texts.index(f"{question}。") for question in embedder.embedded if f"{question}。" in texts]
    assert len(asked) == QUESTIONS
    assert asked[0] == 0
    assert {later - earlier for earlier, later in pairwise([*asked, shelves])} == {1, 2}


def test_what_ships_is_left_alone(filled: KnowledgeBase) -> None:
    weights = shipped_score().weights
    calibrate(filled)
    assert shipped_score().weights == weights
    assert [path.name for path in filled.folder.glob("score*")] == ["score.json"]


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
