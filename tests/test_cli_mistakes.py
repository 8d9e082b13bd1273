"""Mistyped paths, homes and models: one line says what is wrong, and nothing is made or asked for on the way."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from kb_app import KnowledgeBase, Settings
from kb_app.errors import ModelError, NotFoundError, SettingsError
from kb_app.wiring import reranker_for
from tests.fakes import HashEmbedder
from tests.program import Program, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def own(tmp_path: Path) -> Program:
    return Program(tmp_path / "cwd", {"KB_HOME": str(tmp_path / "home")})


class TestPaths:
    def test_one_that_is_not_there_makes_no_knowledge_base(self, own: Program, tmp_path: Path) -> None:
        ran = own.run("ingest", tmp_path / "没有", "--kb", "水文站")
        assert ran.complaints == [f"{tmp_path / '没有'}: there is no such file or folder; check the path"]
        assert not (tmp_path / "home").exists()
        folder = write(tmp_path / "文件", 水位="清河水位每天早晨八点记录一次。")
        assert own.run("ingest", tmp_path / "没有", folder, "--kb", "水文站", "--json").json["added"] == ["水位.txt"]
        again = own.run("ingest", tmp_path / "没有", "--kb", "水文站")
        assert again.complaints == [f"{tmp_path / '没有'}: there is no such file or folder; check the path"]
        assert [base["name"] for base in own.run("list", "--json").json] == ["水文站"]


class TestHome:
    def test_looking_makes_no_folders_and_says_where_it_looked(self, own: Program, tmp_path: Path) -> None:
        home = tmp_path / "错" / "家"
        ran = own.run("list", KB_HOME=str(home))
        assert (ran.code, ran.out) == (0, "")
        assert f"none yet in {home}; " in ran.err
        assert own.run("list", "--json", KB_HOME=str(home)).json == []
        complaint = own.run("search", "水位", KB_HOME=str(home)).complaint
        assert complaint.startswith(f"no knowledge base 'default' (there are: none yet in {home}); ")
        assert not (tmp_path / "错").exists()

    def test_from_a_program(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match=f"none yet in {tmp_path}/错"):
            KnowledgeBase.open("水文站", Settings(home=tmp_path / "错"), create=False)
        assert not (tmp_path / "错").exists()


MISSING = r"^{} is '.*', and there is no such folder; .*{}"


class TestModels:
    @pytest.mark.parametrize("name", ["/没有/bge-m3", "./bge-m3", "../bge-m3"])
    def test_a_folder_that_is_not_there_is_told_before_anything_is_to_be_installed(
        self, tmp_path: Path, name: str
    ) -> None:
        with pytest.raises(ModelError, match=MISSING.format("KB_EMBEDDING", "write 'embedded'")) as caught:
            KnowledgeBase.open("水文站", Settings(home=tmp_path, embedding=name))
        assert "pip" not in str(caught.value)
        with pytest.raises(ModelError, match=MISSING.format("KB_RERANKER", "leave it empty")) as caught:
            reranker_for(Settings(reranker=name))
        assert "pip" not in str(caught.value)

    @pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="a model is looked for by its name")
    def test_a_name_is_first_of_all_no_folder(self, tmp_path: Path) -> None:
        for setting, spoiled in (("KB_EMBEDDING", "embeded"), ("KB_RERANKER", "bge-reranker")):
            settings = Settings(**{"home": tmp_path, setting.removeprefix("KB_").lower(): spoiled})
            with pytest.raises(ModelError, match=MISSING.format(setting, r"pip install 'kb-app\[models\]'")):
                reranker_for(settings) or KnowledgeBase.open("水文站", settings)


class TestTemplates:
    def test_a_wrong_one_is_told_when_a_knowledge_base_is_opened(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        with pytest.raises(SettingsError, match="there is no prompt template 'stirct'; known are cot, "):
            KnowledgeBase.open(settings=Settings(home=home, template="stirct"), embedder=HashEmbedder())
        with pytest.raises(SettingsError, match=r"KB_TEMPLATES_DIR is '.*没有', which is not a folder"):
            KnowledgeBase.open(settings=Settings(home=home, templates_dir=tmp_path / "没有"), embedder=HashEmbedder())
        assert not home.exists()


def test_the_version_is_told(own: Program) -> None:
    ran = own.run("--version")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"kb-app {version('kb-app')}\n"


def test_calibrate_says_what_changes_where_it_is_kept_and_how_to_undo_it(own: Program, tmp_path: Path) -> None:
    parts = ("闸门", "坝顶", "水尺", "泵站", "护坡", "廊道")
    texts = {f"{part}{n}": f"{part}{n}号由巡查{n}组每{n + 2}天登记一次渗水情况。" for part in parts for n in range(5)}
    own.run("ingest", write(tmp_path / "水库", **texts))
    ran = own.run("calibrate")
    assert ran.code == 0, ran.err
    assert "wrong passages count" in ran.out
    *_, changed, kept = ran.err.splitlines()
    assert changed.split(" · ")[1].split(":")[0] in {"every score is higher now", "the scores fit as they are"}
    (score,) = (tmp_path / "home").rglob("score.json")
    assert kept == f"存于 kept in {score}；删除它就恢复 · delete it to undo"
