"""Examples for a prompt: read from a file of JSON lines, and chosen by their likeness to the question.

Each shows one kind of case: a plain answer, a refusal, a conflict, a comparison, a number from a table. Their
texts stand in the prompt in a form of their own; only the passages of the answer can be cited.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb_app.answering.prompting import as_data
from kb_app.errors import SettingsError
from kb_app.refusal import refusal_for
from kb_app.text import keyword_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

REFUSING = "refusal"
"""The kind that is always among the chosen ones: it is the case that models forget."""

_FORM = '{"kind", "question", "passages", "answer"} and, for templates that reason, "reasoning"'


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the passages found for it, and the answer that is wanted.

    Attributes:
        kind: What it shows.
        question: Invented, as all of it.
        passages: Their texts; the first is ``[1]``.
        answer: With marks; ``{{refusal}}`` stands for the refusal in the language of the question.
        reasoning: What a template that asks for reasoning shows before the answer.
    """

    kind: str
    question: str
    passages: tuple[str, ...]
    answer: str
    reasoning: str = ""

    def shown(self, reasoning: Sequence[str] = ()) -> str:
        """The example as a prompt shows it, with its reasoning where its two headings are given."""
        found = "\n".join(f"[{number}] {as_data(text)}" for number, text in enumerate(self.passages, start=1))
        answer = as_data(self.answer.replace("{{refusal}}", refusal_for(self.question)))
        if reasoning:
            answer = f"【{reasoning[0]}】\n{as_data(self.reasoning)}\n【{reasoning[1]}】\n{answer}"
        return f"<example>\n资料：\n{found}\n问题：{as_data(self.question)}\n输出：\n{answer}\n</example>"


@lru_cache(maxsize=8)
def read_examples(path: Path) -> tuple[Example, ...]:
    """The examples of a file.

    Raises:
        SettingsError: It cannot be read, or a line is no example; the message names it.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from error
    return tuple(_parse(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip())


def choose(
    examples: Sequence[Example], question: str, count: int, similarity: Similarity | None = None
) -> list[Example]:
    """The examples whose questions are most like a question, no two of a kind, a refusal among them.

    Args:
        examples: To choose from.
        question: In any language.
        count: Number of examples at most.
        similarity: Cosines of the question with others; without it the pieces that both share count.

    Returns:
        Most similar last, since what stands next to the question weighs most.
    """
    if not examples or count < 1:
        return []
    asked = [example.question for example in examples]
    scores = list(similarity(question, asked)) if similarity else [_likeness(question, other) for other in asked]
    ranked = [examples[index] for index in sorted(range(len(examples)), key=lambda index: (-scores[index], index))]
    best = list({example.kind: example for example in reversed(ranked)}.values())
    best.sort(key=ranked.index)
    refusal = [example for example in best if example.kind == REFUSING]
    others = [example for example in best if example.kind != REFUSING]
    chosen = others[: count - len(refusal)] + refusal
    return sorted(chosen, key=ranked.index, reverse=True)


def _likeness(one: str, other: str) -> float:
    """Share of the pieces of two texts that both hold (Dice)."""
    pieces, others = set(keyword_pieces(one)), set(keyword_pieces(other))
    return 2 * len(pieces & others) / (len(pieces) + len(others) or 1)


def _parse(line: str, where: str) -> Example:
    try:
        fields: Any = json.loads(line)
        passages = tuple(fields["passages"] if isinstance(fields["passages"], list) else ())
        words = [fields["kind"], fields["question"], fields["answer"], fields.get("reasoning", "")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SettingsError(f"{where}: not an example ({error}); a line is {_FORM}") from error
    if not passages or not all(isinstance(text, str) for text in (*passages, *words)) or not all(words[:3]):
        raise SettingsError(f"{where}: not an example (a field is empty or no text); a line is {_FORM}")
    kind, question, answer, reasoning = words
    return Example(kind, question, passages, answer, reasoning)
