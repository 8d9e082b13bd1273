"""Answers that the reader stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.citing.citations import cite, cited_sentences, strip_marks
from kb_app.types import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.types import Passage

STOPPED = "已停止，这是停止前的内容。Stopped; this is what came before."
STOPPED_EARLY = "在回答开始前停止了。Stopped before the answer began."


def stopped_answer(question: str, text: str, passages: Sequence[Passage]) -> Answer:
    """What a model said before it was stopped, with the sources of what it said.

    Its last sentence, which is cut off before its marks, is not counted as unsupported.
    """
    cited = cite(text, passages)
    unfinished = strip_marks(cited_sentences(cited.text)[-1]).strip() if cited.text else ""
    return Answer(
        question,
        question,
        text=cited.text,
        citations=cited.citations,
        passages=tuple(passages),
        reason=STOPPED if cited.text else STOPPED_EARLY,
        unsupported=tuple(claim for claim in cited.unsupported if claim != unfinished),
        mode="llm",
    )
