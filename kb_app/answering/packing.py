"""What of passages, examples and turns fits a model's context. Pure but for the counting, which a server may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from kb_app.answering.prompting import build_messages, show_passage
from kb_app.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.answering.templates import Template
    from kb_app.types import Message, Passage

T = TypeVar("T")

DEFAULT_CONTEXT = 8192
"""Tokens, where the server does not tell."""

_ANSWER_SHARE = 4
_EXAMPLE_SHARE = 4
_SAFETY = 0.9
_MESSAGE = 4


class Counter(Protocol):
    """Counts tokens: the model's own tokenizer where its server has one."""

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        """Tokens of a prompt, with what the chat template adds."""

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text alone."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a model.

    Attributes:
        messages: Of ``role`` and ``content``.
        passages: Those that are in it, in the order of their numbers.
        left_out: Number of passages that did not fit.
    """

    messages: list[dict[str, str]]
    passages: tuple[Passage, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Packer:
    """Fills a template for a model.

    Attributes:
        template: Of kind ``answer``.
        counter: Counts tokens.
        context: The model's context length in tokens; a quarter of it is kept for the answer.
        model: Its name, for errors.
    """

    template: Template
    counter: Counter
    context: int
    model: str

    def prompt(
        self, question: str, passages: Sequence[Passage], turns: Sequence[Message] = (), examples: Sequence[str] = ()
    ) -> Prompt:
        """The passages that fit together, best first, and the newest turns for which there is room after them.

        Passages are left out whole, from the end of the ranking.

        Raises:
            ModelError: Not one passage fits.
        """
        room = int(_SAFETY * (self.context - self.context // _ANSWER_SHARE))
        shown = fitting(examples, self.counter.count_texts(examples), room // _EXAMPLE_SHARE) if examples else []
        room -= self.counter.count(build_messages(self.template, question, (), (), examples=shown))
        costs = self.counter.count_texts([show_passage(number, one) for number, one in enumerate(passages, start=1)])
        packed = fitting(passages, [cost + 1 for cost in costs], room)
        if not packed:
            raise ModelError(
                f"the context of {self.model!r} ({self.context} tokens) is too small for the question and a passage; "
                "serve the model with a longer context"
            )
        room -= sum(cost + 1 for passage, cost in zip(passages, costs, strict=True) if passage in packed)
        newest = recent_turns(turns, room, self.counter)
        messages = build_messages(self.template, question, packed, newest, examples=shown)
        return Prompt(messages, tuple(packed), len(passages) - len(packed))


def fitting(items: Sequence[T], costs: Sequence[int], budget: int) -> list[T]:
    """The first items that fit a budget together; one that is too large for all of it alone is passed over."""
    kept: list[T] = []
    left = budget
    for item, cost in zip(items, costs, strict=True):
        if cost > budget:
            continue
        left -= cost
        if left < 0:
            break
        kept.append(item)
    return kept


def recent_turns(history: Sequence[Message], budget: int, counter: Counter) -> list[Message]:
    """The newest turns that fit a budget together, each question with its answer, in their order."""
    if not history or budget <= 0:
        return []
    turns = _turns(history)
    costs = iter(counter.count_texts([message.content for message in history]))
    totals = [sum(next(costs) + _MESSAGE for _ in turn) for turn in turns]
    kept: list[Message] = []
    for turn, cost in zip(reversed(turns), reversed(totals), strict=True):
        if cost > budget:
            break
        kept = turn + kept
        budget -= cost
    return kept


def _turns(history: Sequence[Message]) -> list[list[Message]]:
    turns: list[list[Message]] = []
    for message in history:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
