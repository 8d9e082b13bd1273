"""The items of RGB in Chinese, and which passages each measure gives (Chen, Lin, Han and Sun, AAAI 2024). Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kb_app.text import keyword_pieces, squash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Parts = Sequence[Sequence[str]]

PASSAGES = 5
_ABOUT = 1 / 3
_REJECTION = "-rej"


@dataclass(frozen=True, slots=True)
class Item:
    """A question with its passages.

    Attributes:
        id: As in the file.
        kind: ``noise_robustness``, ``information_integration``, ``counterfactual`` or ``negative_rejection``.
        query: The question.
        answers: Required parts, each with its alternatives.
        fakes: The same of the planted error.
        positive: Passages that answer, by the part that they answer; one group where there is only one part.
        negative: Passages of the same search that do not answer.
        wrong: Passages with a planted error, each the same as the positive one at its place but for the error.
    """

    id: str
    kind: str
    query: str
    answers: tuple[tuple[str, ...], ...]
    fakes: tuple[tuple[str, ...], ...] = ()
    positive: tuple[tuple[str, ...], ...] = ()
    negative: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Where its passages lie; a rejection shares the folder of the item that it was made of."""
        return self.id.removesuffix(_REJECTION)

    @property
    def answering(self) -> list[str]:
        """All passages that answer."""
        return [text for group in self.positive for text in group]


@dataclass(frozen=True, slots=True)
class Condition:
    """A way to choose passages.

    Attributes:
        letter: Marks a passage's file as belonging to it.
        name: For the table.
        kind: Of the items it is for.
        noise: Share of passages that do not answer.
        errors: Share of the passages on the answer that hold the planted error.
    """

    letter: str
    name: str
    kind: str
    noise: float = 0.0
    errors: float = 0.0


REJECTION = Condition("n", "rejection, noise only", "negative_rejection", noise=1.0)
PLANTED = Condition("p", "counterfactual, planted errors only", "counterfactual", errors=1.0)
CONDITIONS = (
    *(Condition("abcde"[i], f"noise {i / 5:.1f}", "noise_robustness", noise=i / 5) for i in range(5)),
    *(Condition("fgh"[i], f"integration, noise {i / 5:.1f}", "information_integration", noise=i / 5) for i in range(3)),
    Condition("t", "counterfactual, as it is", "counterfactual"),
    Condition("m", "counterfactual, half with errors", "counterfactual", errors=0.5),
    PLANTED,
    REJECTION,
)


def read_items(path: Path) -> list[Item]:
    """The items of a file of RGB, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return [_item(json.loads(line)) for line in lines if line.strip()]


def passages(item: Item, condition: Condition, count: int = PASSAGES) -> list[str]:
    """The passages that a measure gives with a question; fewer than ``count`` where the item has not enough.

    Noise takes the place of passages that are missing, and the other way round; the errors only that of true ones.
    """
    if condition.kind != item.kind:
        return []
    if condition.kind == "counterfactual":
        return _planted(item, condition.errors, count)
    if condition.noise == 1:
        return list(item.negative[:count])
    answering = _in_turn(item.positive)
    parts = len(item.positive) if condition.kind == "information_integration" else 0  # each must be there
    noise = min(math.ceil(count * condition.noise), len(item.negative))
    answering = answering[: max(count - noise, parts)]
    return [*answering, *item.negative[: max(count - len(answering), 0)]]


def holds(text: str, parts: Parts, *, rather_than: Parts = ()) -> bool:
    """Whether a text holds one alternative of every part, whatever its width, case, script and white space.

    Args:
        text: Any text.
        parts: What it must hold.
        rather_than: Other answers; a part that stands within one of them, as 70 in 170, does not count there.
    """
    squashed = _squashed(text)
    wanted = [[squash(one) for one in part] for part in parts]
    for other in (squash(one) for part in rather_than for one in part):
        if any(one in other for part in wanted for one in part):
            squashed = squashed.replace(other, "\n")
    return bool(wanted) and all(any(one in squashed for one in part) for part in wanted)


def told_elsewhere(item: Item, pool: Iterable[str]) -> bool:
    """Whether a pool answers a question that is meant to have no answer in it.

    A passage does that if it holds all parts of the answer and a third of the question's pieces: rather too often than
    too seldom, as short answers stand in many passages.
    """
    asked = frozenset(keyword_pieces(item.query))
    own = frozenset(item.negative)
    enough = _ABOUT * len(asked)
    return any(
        text not in own and holds(text, item.answers) and len(asked.intersection(keyword_pieces(text))) >= enough
        for text in pool
    )


def lettered(items: Sequence[Item], count: int = PASSAGES) -> dict[str, str]:
    """Files for one base in which each item has a folder: path to text.

    The letters behind the dash of a name are those of the conditions that a passage belongs to.
    """
    letters: dict[tuple[str, str], str] = {}
    for item in items:
        for condition in CONDITIONS:
            for text in passages(item, condition, count):
                letters[item.folder, text] = letters.get((item.folder, text), "") + condition.letter
    return {f"{folder}/{i:05}-{marks}.txt": text for i, ((folder, text), marks) in enumerate(letters.items())}


def pooled(items: Sequence[Item], rejected: Sequence[Item]) -> dict[str, str]:
    """Files for one base with the passages of all items, less those that answer a rejected question: path to text."""
    without = {item.folder for item in rejected}
    hidden = {text for item in items if item.folder in without for text in item.answering}
    texts: dict[str, str] = {}
    for item in items:
        for text in (*item.answering, *item.negative):
            if text not in hidden:
                texts.setdefault(text, item.folder)
    return {f"{folder}/{i:05}.txt": text for i, (text, folder) in enumerate(texts.items())}


@cache
def _squashed(text: str) -> str:
    return squash(text)  # the same passages are looked at for each question


def _planted(item: Item, errors: float, count: int) -> list[str]:
    true = item.answering
    here = min(count, len(true))
    wrong = math.ceil(here * errors)
    if 0 < errors < 1 and here < 2:
        return []  # one passage cannot be both
    return [*item.wrong[:wrong], *true[wrong:here], *item.negative[: count - here]]


def _in_turn(groups: Sequence[Sequence[str]]) -> list[str]:
    """The first of each group, then the second of each, and so on."""
    longest = max(map(len, groups), default=0)
    return [group[place] for place in range(longest) for group in groups if place < len(group)]


def _item(fields: Mapping[str, Any]) -> Item:
    positive = fields.get("positive") or ()
    flat = tuple(text for text in positive if isinstance(text, str))
    return Item(
        id=fields["id"],
        kind=fields["type"],
        query=fields["query"],
        answers=_parts(fields.get("answers") or fields.get("answers_if_known") or ()),
        fakes=_parts(fields.get("fake_answers") or ()),
        positive=(flat,) if flat else tuple(tuple(group) for group in positive),
        negative=tuple(fields.get("negative") or fields.get("docs") or ()),
        wrong=tuple(fields.get("positive_wrong") or ()),
    )


def _parts(parts: Parts) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part) for part in parts)
