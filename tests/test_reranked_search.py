"""A search whose passages a reranker orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from kb_app.errors import ModelError
from kb_app.parts import Parts
from kb_app.search.fusion import HEAD
from kb_app.search.searcher import FIRST
from tests.fakes import HashEmbedder
from tests.program import Program, write
from tests.rerank_server import RerankScript, serve_reranker
from tests.scripted_server import refusing_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

DOCUMENTS = {
    "温室": "# 温室\n\n温室的湿度保持在百分之七十，湿度每两小时记录一次。\n",
    "苗圃": "# 苗圃\n\n苗圃的湿度由雨水决定，每天浇水两次。\n",
    "仓库": "# 仓库\n\n仓库的湿度超过百分之六十时开除湿机。\n",
}


class TestSearch:
    """What a reranker does to a search."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "文件"
        folder.mkdir()
        for name, text in DOCUMENTS.items():
            (folder / f"{name}.md").write_text(text, "utf-8")
        return folder

    def open(self, folder: Path, url: str = "", *, parts: Parts | None = None, **settings: object) -> KnowledgeBase:
        spec = f"rerank:松塔@{url}" if url else ""
        chosen = Settings(home=folder.parent / "home", llm_base_url="none", reranker=spec, **settings)  # type: ignore[arg-type]
        kb = KnowledgeBase.open("园艺", chosen, embedder=HashEmbedder(), parts=parts or Parts())
        sync([folder], kb)
        return kb

    def test_it_orders_what_was_found_and_its_probability_is_the_score(self, folder: Path) -> None:
        with serve_reranker(RerankScript(rate=liking("仓库"))) as server:
            with self.open(folder) as kb:
                assert kb.search("温室的湿度", k=3)[0].source == "温室.md"
            with self.open(folder, server.url) as kb:
                found = kb.search("温室的湿度", k=3)
        assert (found[0].source, found[0].score) == ("仓库.md", 0.9)
        assert [passage.score for passage in found[1:]] == [0.1, 0.1]
        assert found[1].source == "温室.md"  # equal for the reranker, better for the score
        assert set(found[0].found_by) == {"keyword", "dense"}

    def test_it_reads_the_question_and_each_passage_with_its_headings(self, folder: Path) -> None:
        (folder / "手册.md").write_text(
            "# 手册\n\n## 通风\n\n" + "每天开窗两次，每次半小时，风大时不开。\n" * 40, "utf-8"
        )
        with serve_reranker() as server, self.open(folder, server.url) as kb:
            kb.search("通风", k=20)
        (asked,) = server.requests
        assert asked["query"] == "通风"
        below = [text for text in asked["documents"] if text.startswith("手册 > 通风\n每天开窗")]
        assert below

    def test_only_the_head_is_read_and_a_longer_list_is_on_one_scale(self, folder: Path) -> None:
        for number in range(15):
            (folder / f"第{number}号.txt").write_text(f"第{number}号库房的湿度是百分之{number + 40}。", "utf-8")
        even = RerankScript(rate=lambda _, texts: [0.5] * len(texts))
        with serve_reranker(even) as server, self.open(folder, server.url) as kb:
            kb.search("库房的湿度", k=3)
            many = kb.search("库房的湿度", k=14)
        head, longer = (len(request["documents"]) for request in server.requests)
        assert HEAD <= head <= HEAD + 2 * FIRST  # the first ones of both searches are read wherever fusing puts them
        assert longer == 14
        assert [passage.score for passage in many] == [0.5] * 14

    def test_measuring_can_switch_it_off(self, folder: Path) -> None:
        with serve_reranker(RerankScript(rate=liking("仓库"))) as server:
            with self.open(folder, server.url, parts=Parts(rerank=False)) as kb:
                assert kb.search("温室的湿度", k=3)[0].source == "温室.md"
            assert server.requests == []

    def test_another_version_than_the_wanted_one_still_counts_less(self, folder: Path) -> None:
        for year, limit in ((2019, 300), (2024, 450)):
            write(folder, **{f"差旅办法{year}年版": f"出差住宿费每晚上限为{limit}元，超出部分由本人承担。"})
        with serve_reranker(RerankScript(rate=liking("住宿费"))) as server, self.open(folder, server.url) as kb:
            scores = {passage.source: passage.score for passage in kb.search("住宿费每晚上限是多少")}
            assert scores["差旅办法2024年版.txt"] == 0.9 > scores["差旅办法2019年版.txt"] > 0.8
            assert kb.search("旧版规定的住宿费每晚上限是多少")[0].source == "差旅办法2019年版.txt"

    def test_its_probability_decides_whether_there_is_evidence(self, folder: Path) -> None:
        with serve_reranker(RerankScript(rate=lambda _, texts: [0.01] * len(texts))) as server:
            with self.open(folder, server.url) as kb:
                assert kb.ask("温室的湿度是多少？").refused
            with self.open(folder) as kb:
                assert not kb.ask("温室的湿度是多少？").refused

    def test_one_that_fails_is_said(self, folder: Path) -> None:
        with serve_reranker(RerankScript(statuses=[200, 500])) as server, self.open(folder, server.url) as kb:
            assert kb.search("温室的湿度")
            with pytest.raises(ModelError, match="status 500"):
                kb.search("温室的湿度")
            assert kb.search("温室的湿度")

    def test_nothing_found_asks_nothing(self, tmp_path: Path) -> None:
        empty = tmp_path / "空"
        empty.mkdir()
        with self.open(empty, refusing_url()) as kb:
            assert kb.search("温室的湿度") == []


def test_the_program_says_it_in_one_line_and_only_where_it_searches(tmp_path: Path) -> None:
    spec = "rerank:松塔@http://127.0.0.1:9/v1"
    with KnowledgeBase.open(settings=Settings(home=tmp_path / "home", llm_base_url="none", reranker=spec)) as kb:
        sync([write(tmp_path / "文件", 温室="温室的湿度保持在百分之七十。")], kb)
        assert kb.status().documents == 1
    told = Program(tmp_path / "home").run("search", "温室的湿度", KB_RERANKER=spec).complaint
    assert told.startswith("the rerank endpoint http://127.0.0.1:9/v1 does not answer")
    assert told.endswith("check the server and KB_RERANKER")


def liking(word: str) -> Callable[[str, Sequence[str]], list[float]]:
    """A reranker that finds only texts with a word right."""
    return lambda _, texts: [0.9 if word in text else 0.1 for text in texts]
