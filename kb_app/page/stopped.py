"""Answers that the reader stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.citations import cite
from kb_app.types import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.types import Passage

STOPPED = "已停止，这是停止前的内容。Stopped; this is what came before."
STOPPED_EARLY = "在回答开始前停止了。Stopped before the answer began."


def stopped_answer(question: str, text: str, passages: Sequence[Passage]) -> Answer:
    """What a model said before it was stopped, with the sources of what it said."""
    cited = cite(text, passages)
    return Answer(
        question,
        question,
        text=cited.text,
        citations=cited.citations,
        passages=tuple(passages),
        reason=STOPPED if cited.text else STOPPED_EARLY,
        unsupported=cited.unsupported,
        mode="llm",
    )
