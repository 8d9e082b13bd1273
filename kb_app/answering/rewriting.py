"""From a question to the questions that are searched for: made whole, taken apart, said in other words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app.answering.packing import recent_turns
from kb_app.answering.prompting import build_messages
from kb_app.answering.speaking import reply
from kb_app.citing.citations import strip_marks
from kb_app.conversation import carry_over, leans_on_conversation, usable_condensation
from kb_app.errors import ModelError
from kb_app.notices import without_unfounded_marks
from kb_app.search.splitting import MOST
from kb_app.text import keyword_pieces, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb_app.answering.speaking import AnswerModel
    from kb_app.answering.templates import Template
    from kb_app.types import Message

_MOST_PHRASINGS = 3
_LONGEST_ADDITION = 400
_HISTORY_TOKENS = 1200
_LONGEST_CARRIED = 2000
_LONGEST_TURN = 400
_LIST_SIGN = re.compile(r"\A\s*(?:[-*•]|\(?（?\d{1,2}[.、)）:：]|[一二三四][、.])\s*")


@dataclass(frozen=True, slots=True)
class Searched:
    """What is searched for.

    Attributes:
        asked: As it was typed.
        question: As it stands alone.
        parts: The questions that it is made of, where there are several.
        additions: Other words for it, written by the model.
    """

    asked: str
    question: str
    parts: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Every question, each once."""
        return list(dict.fromkeys([self.asked, self.question, *self.parts, *self.additions]))


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Makes of a question what is searched for; by rules alone where there is no model, or where it fails.

    Attributes:
        condense: Prompt that makes a follow-up stand alone.
        decompose: Prompt that takes several questions apart.
        expand: Prompt that says it in other words; None asks for none.
        model: What answers the prompts.
        split: Takes a question apart by rule; where it finds one part, no model is asked.
    """

    condense: Template
    decompose: Template
    expand: Template | None = None
    model: AnswerModel | None = None
    split: Callable[[str], Sequence[str]] = lambda question: [question]

    def searched(self, question: str, turns: Sequence[Message]) -> Searched:
        """All that is searched for."""
        model = self._model()
        whole = self._whole(question, turns, model) if turns and leans_on_conversation(question) else question
        return Searched(question, whole, self._parts(whole, model), self._additions(whole, model))

    def _model(self) -> AnswerModel | None:
        """The model, if it is there; why it is not is told when it shall answer."""
        try:
            return self.model if self.model and self.model.served() else None
        except ModelError:
            return None

    def _whole(self, question: str, turns: Sequence[Message], model: AnswerModel | None) -> str:
        if model:
            recent = recent_turns([_short(turn) for turn in unmarked(turns)], _HISTORY_TOKENS, model)
            written = _asked(model, self.condense, question, recent)
            if usable := usable_condensation(written, question, recent):
                return usable
        carried = carry_over(question, turns)
        return carried if len(carried) <= _LONGEST_CARRIED else question

    def _parts(self, question: str, model: AnswerModel | None) -> tuple[str, ...]:
        parts = list(self.split(question))[:MOST]
        if len(parts) < 2:
            return ()
        written = _lines(_asked(model, self.decompose, question)) if model else []
        usable = [line for line in written if _shares_words(line, question)][:MOST]
        return tuple(usable if len(usable) > 1 else parts)

    def _additions(self, question: str, model: AnswerModel | None) -> tuple[str, ...]:
        if not self.expand or not model:
            return ()
        written = _lines(_asked(model, self.expand, question))
        return tuple(line for line in written if keyword_pieces(line))[:_MOST_PHRASINGS]


def unmarked(turns: Sequence[Message]) -> list[Message]:
    """The turns without the marks of earlier answers: their numbers mean other passages."""
    return [replace(turn, content=strip_marks(without_unfounded_marks(turn.content))) for turn in turns]


def _asked(model: AnswerModel, template: Template, question: str, turns: Sequence[Message] = ()) -> str:
    try:
        return reply(model, build_messages(template, question, (), turns), template)
    except ModelError:
        return ""  # the same model says the same when it shall answer, and that is reported


def _short(turn: Message) -> Message:
    """A turn whose beginning is enough to tell what it is about."""
    return replace(turn, content=one_line(turn.content, _LONGEST_TURN))


def _lines(written: str) -> list[str]:
    bare = [_LIST_SIGN.sub("", line).strip().strip("\"'“”「」") for line in written.splitlines()]
    return list(dict.fromkeys(one_line(line, _LONGEST_ADDITION) for line in bare if line))


def _shares_words(line: str, question: str) -> bool:
    return bool(set(keyword_pieces(line)) & set(keyword_pieces(question)))
