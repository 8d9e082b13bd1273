"""Search across languages: what a model adds to every text of a language, measured on samples.

Multilingual models put texts of one language near to each other, whatever they say, so that a Chinese question finds
any Chinese text before the English one that answers it. Moved by the difference between the mean vectors of both
languages (Libovický, Rosa and Fraser, Findings of EMNLP 2020), the question is searched for once more as if it had
been asked in the other language, and cosines are compared by how far they are above those of unrelated texts.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import numpy as np

from kb_app.models.embedding import unit
from kb_app.scripts import to_simplified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from kb_app.models.embedding import Embedder, Vector

CHINESE_QUESTIONS = (
    "年假有几天？",
    "谁批准采购？",
    "打印机卡纸怎么办",
    "合同什么时候生效？",
    "铁路是哪一年修的",
    "他写过几部小说？",
    "接种疫苗后多久有抗体？",
    "图书馆几点关门",
    "这部电影得了什么奖？",
    "比赛的结果如何",
)
CHINESE_PASSAGES = (
    "员工入职满一年后每年享有五天年假，未休完的可以顺延到次年三月底。",
    "采购金额超过五千元的，由行政部比价后报主管副总批准。",
    "打印机卡纸时先关闭电源，打开后盖取出纸张，再重新启动。",
    "本合同自双方签字盖章之日起生效，有效期两年，期满可以续签。",
    "这座城市位于河流的下游，十九世纪开始修建铁路，人口迅速增加。",
    "他出生于一个教师家庭，毕业后在大学任教，后来出版了三部小说。",
    "疫苗在接种两周后产生抗体，少数人会出现轻微发热。",
    "图书馆周一至周五上午八点开门，晚上九点闭馆，节假日另行通知。",
    "这部电影于1998年上映，获得了最佳导演和最佳摄影两个奖项。",
    "球队在主场以三比一取胜，积分升至联赛第二位。",
)
ENGLISH_QUESTIONS = (
    "How many days of leave are there?",
    "Who approves purchases?",
    "what to do when paper is stuck in the printer",
    "When does the contract take effect?",
    "when were the railways built",
    "How many novels did he write?",
    "How long after the vaccination do antibodies form?",
    "when does the library close",
    "Which awards did the film win?",
    "what was the result of the match",
)
ENGLISH_PASSAGES = (
    "Employees who have worked for a year are entitled to five days of leave; the rest may be taken until March.",
    "Purchases of more than five thousand are approved by the deputy director after prices have been compared.",
    "If paper is stuck in the printer, switch it off, open the back cover, take out the paper and start it again.",
    "This contract takes effect on the day it is signed and sealed by both parties and is valid for two years.",
    "The city lies on the lower course of the river; railways were built there in the nineteenth century.",
    "He was born into a family of teachers, taught at a university and later published three novels.",
    "Antibodies form two weeks after the vaccination; a few people develop a slight fever.",
    "The library opens at eight on weekdays and closes at nine in the evening; holidays are announced separately.",
    "The film was released in 1998 and won awards for best director and best photography.",
    "The team won three to one at home and moved up to second place in the league.",
)
"""Samples: each question is answered by the passage at its place, in both languages, and by no other."""


@dataclass(frozen=True, slots=True)
class Background:
    """Mean cosine of a question and a passage without anything in common, for texts of these languages."""

    chinese: float
    asked_in_chinese: float
    asked_in_english: float
    english: float

    def between(self, question: float, passage: float) -> float:
        """For texts with these shares of Chinese."""
        in_chinese = passage * self.chinese + (1 - passage) * self.asked_in_chinese
        in_english = passage * self.asked_in_english + (1 - passage) * self.english
        return question * in_chinese + (1 - question) * in_english


class AcrossLanguages:
    """An embedding model that reads traditional characters as simplified ones, and knows what its languages add."""

    def __init__(self, embedder: Embedder, *, folder: Path | None = None, scripts: bool = True) -> None:
        """Wrap a model.

        Args:
            embedder: The model.
            folder: Keeps the vectors of the samples between runs.
            scripts: Read traditional characters as simplified ones.
        """
        self._embedder: Embedder = embedder._embedder if isinstance(embedder, AcrossLanguages) else embedder
        self._folder = folder
        self._scripts = scripts
        self.name = embedder.name
        self.dimension = embedder.dimension

    @property
    def leave_room(self) -> bool:
        """As the model that is wrapped."""
        return self._embedder.leave_room

    @leave_room.setter
    def leave_room(self, value: bool) -> None:
        self._embedder.leave_room = value

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return self._embedder.embed_query(self._folded(text))

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages."""
        return self._embedder.embed_documents(map(self._folded, texts))

    def moved(self, question: Vector, share: float) -> Vector:
        """The vector of a question as if it had been asked in the other language; ``share`` is that of Chinese."""
        _, chinese, _, english = self._means
        return unit(question + (2 * share - 1) * (english - chinese))

    def usual(self, passage: Vector, share: float) -> float:
        """Mean cosine of a passage with the sample questions in the language of a question: what any question gets.

        Some texts are near to everything (hubs); this is what CSLS takes away (Conneau et al., ICLR 2018).
        """
        chinese, _, english, _ = self._means
        return float((chinese if share >= 0.5 else english) @ passage)

    @cached_property
    def background(self) -> Background:
        """How near the model puts texts without anything in common."""
        questions, passages = self._samples[::2], self._samples[1::2]
        return Background(*(_unrelated(rows, columns) for rows in questions for columns in passages))

    @cached_property
    def _means(self) -> list[Vector]:
        """The mean vectors of questions and passages by language."""
        return [part.mean(axis=0) for part in self._samples]

    @cached_property
    def _samples(self) -> list[NDArray[np.float32]]:
        """Vectors of the samples, float32 of shape ``(10, dimension)`` each: questions and passages by language."""
        kept = self._folder / f"{self._key()}.npy" if self._folder else None
        if kept and kept.is_file():
            with suppress(OSError, ValueError, EOFError):  # a damaged one is made anew
                return list(np.load(kept))
        made = [
            np.stack([*map(self._embedder.embed_query, CHINESE_QUESTIONS)]),
            np.stack([*self._embedder.embed_documents(CHINESE_PASSAGES)]),
            np.stack([*map(self._embedder.embed_query, ENGLISH_QUESTIONS)]),
            np.stack([*self._embedder.embed_documents(ENGLISH_PASSAGES)]),
        ]
        if kept:
            with suppress(OSError):  # they are only kept to save a third of a second
                _keep(kept, np.stack(made))
        return made

    def _key(self) -> str:
        """Changes with the model and with the samples."""
        samples = (*CHINESE_QUESTIONS, *CHINESE_PASSAGES, *ENGLISH_QUESTIONS, *ENGLISH_PASSAGES)
        return hashlib.sha256("\n".join((self.name, str(self.dimension), *samples)).encode()).hexdigest()[:16]

    def _folded(self, text: str) -> str:
        return to_simplified(text) if self._scripts else text


def _unrelated(rows: NDArray[np.float32], columns: NDArray[np.float32]) -> float:
    """Mean cosine of all pairs but those at one place, which belong together."""
    cosines = rows @ columns.T
    return float(cosines[~np.eye(len(rows), dtype=bool)].mean())


def _keep(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write a file whole or not at all, whoever else writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        np.save(part, vectors)
    Path(part.name).replace(path)
