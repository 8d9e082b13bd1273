"""Passages for tests."""

from __future__ import annotations

from kb_app.types import Passage


def passage(text: str, *, source: str = "人事/员工手册.docx", score: float = 0.9, **fields: object) -> Passage:
    """A passage with a place that no test cares about, unless it says so."""
    values: dict[str, object] = {
        "title": "员工手册", "headings": ("第三章 假期",), "page": None, "doc_id": "1", "chunk_id": "1",
        "start": 0, "end": len(text), "found_by": ("keyword",), **fields,
    }  # fmt: skip
    return Passage(text=text, source=source, score=score, **values)  # type: ignore[arg-type]


LEAVE = passage("员工入职满一年后享有五天年假。满十年的享有10天年假。病假须在三天内提交医院证明。")
WEDDING = passage("婚假为三天，须提前两周申请。", source="人事/婚假.md", score=0.6, title="婚假规定")
TABLE = passage(
    "| 城市 | 每日补贴 |\n| --- | --- |\n| 北京 | 120 元 |\n| 成都 | 90 元 |\n", source="差旅.xlsx", title="差旅"
)
