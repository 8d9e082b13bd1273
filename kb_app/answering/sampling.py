"""Several answers of a model to one prompt, side by side."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from kb_app.answering.speaking import Said, hear
from kb_app.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from kb_app.answering.speaking import AnswerModel
    from kb_app.answering.templates import Template
    from kb_app.models.streaming import Request

TEMPERATURE = 0.7
"""Of each answer: answers of a lower one hardly differ, so that sharing a claim would say little."""

PULSE = 0.5
"""Seconds after which a silent model is looked at, so that a reader who leaves ends all requests."""

Outcome = Said | ModelError


def sample(
    model: AnswerModel, messages: Sequence[dict[str, str]], template: Template, request: Request, count: int
) -> Generator[int, None, list[Said]]:
    """Let the model answer several times; closing the generator ends all requests.

    Yields:
        How many answers are there, after each.

    Returns:
        Those that came, in the order in which they were asked for; not all may have come.

    Raises:
        ModelError: Not one came; the error of the first.
    """
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    left = threading.Event()
    outcomes: list[Outcome] = [ModelError("the model was left before it answered")] * count

    def answer(index: int) -> None:
        try:
            outcomes[index] = _one(model, messages, template, request, left)
        except ModelError as error:
            outcomes[index] = error
        finally:
            done.put(index)

    for index in range(count):
        threading.Thread(target=answer, args=(index,), name="model-sample", daemon=True).start()
    try:
        for number in range(1, count + 1):
            done.get()
            yield number
    finally:
        left.set()
    failures = [outcome for outcome in outcomes if isinstance(outcome, ModelError)]
    answers = [outcome for outcome in outcomes if isinstance(outcome, Said) and outcome.text.strip()]
    if not answers and failures:
        raise failures[0]
    return answers


def _one(
    model: AnswerModel, messages: Sequence[dict[str, str]], template: Template, request: Request, left: threading.Event
) -> Said:
    said = Said()
    pieces = hear(model.stream(messages, request), said, template)
    for _ in pieces:
        if left.is_set():
            pieces.close()
            break
    return said
