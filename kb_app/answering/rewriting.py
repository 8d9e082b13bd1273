"""From a question to the questions that are searched for: made whole, taken apart, said in other words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb_app.answering.packing import recent_turns
from kb_app.answering.prompting import build_messages
from kb_app.answering.speaking import reply
from kb_app.citing.citations import strip_marks
from kb_app.conversation import (
    asks_nothing,
    carry_over,
    leans_on_conversation,
    speaks_of,
    untold_subject,
    usable_condensation,
)
from kb_app.errors import ModelError
from kb_app.notices import without_unfounded_marks
from kb_app.search.splitting import MOST
from kb_app.text import keyword_pieces, one_line, squash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kb_app.answering.speaking import AnswerModel
    from kb_app.answering.templates import Template
    from kb_app.types import Message, Passage

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
        about: What a passage must speak of, where nothing was found for it before; empty where that is not so.
    """

    asked: str
    question: str
    parts: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    about: str = ""

    def all(self) -> list[str]:
        """Every question, each once."""
        return list(dict.fromkeys([self.asked, self.question, *self.parts, *self.additions]))

    def fitting(self, passages: Iterable[Passage]) -> tuple[Passage, ...]:
        """The passages that speak of what it must be about."""
        return tuple(passage for passage in passages if not self.about or speaks_of(_read(passage), self.about))


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
        if asks_nothing(question):
            return Searched(question, question)
        model = self._model()
        leans = bool(turns) and leans_on_conversation(question)
        whole = self._whole(question, turns, model) if leans else question
        about = untold_subject(question, turns) if leans else ""
        return replace(self._taken_apart(question, whole, model), about=about if speaks_of(whole, about) else "")

    def in_conversation(self, question: str, turns: Sequence[Message]) -> Searched | None:
        """What is searched for where nothing was found for a question that seemed to stand alone.

        The model is asked once whether it leans on the conversation after all.

        Returns:
            None where there is nothing else to search for: no model, no conversation, or the model says the same.
        """
        model = self._model()
        if not model or not turns or asks_nothing(question) or leans_on_conversation(question):
            return None
        whole = self._condensed(question, turns, model)
        return self._taken_apart(question, whole, model) if whole and squash(whole) != squash(question) else None

    def _taken_apart(self, question: str, whole: str, model: AnswerModel | None) -> Searched:
        return Searched(question, whole, self._parts(whole, model), self._additions(whole, model))

    def _model(self) -> AnswerModel | None:
        """The model, if it is there; why it is not is told when it shall answer."""
        try:
            return self.model if self.model and self.model.served() else None
        except ModelError:
            return None

    def _whole(self, question: str, turns: Sequence[Message], model: AnswerModel | None) -> str:
        if model and (condensed := self._condensed(question, turns, model)):
            return condensed
        carried = carry_over(question, turns)
        return carried if len(carried) <= _LONGEST_CARRIED else question

    def _condensed(self, question: str, turns: Sequence[Message], model: AnswerModel) -> str:
        """The question as the model makes it stand alone; empty where it writes nothing of use."""
        recent = recent_turns([_short(turn) for turn in unmarked(turns)], _HISTORY_TOKENS, model)
        return usable_condensation(_asked(model, self.condense, question, recent), question, recent)

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


def _read(passage: Passage) -> str:
    return "\n".join([passage.title, *passage.headings, passage.text])


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
