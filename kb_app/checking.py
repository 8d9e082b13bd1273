"""Arguments as a program hands them in: what is of a wrong type or size is refused in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import TYPE_CHECKING, Any

from kb_app.answering.answerer import check_question
from kb_app.errors import QuestionError
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence


def asked(question: object) -> str:
    """The question without surrounding white space.

    Raises:
        QuestionError: It is no text, empty, or too long.
    """
    if not isinstance(question, str):
        raise QuestionError(f"the question is {_shown(question)}, which is no text; ask in words")
    return check_question(question)


def said_before(history: Any) -> Sequence[object]:
    """The turns before a question, in order; none where None is given.

    Raises:
        QuestionError: They are not a list, or nothing of that kind.
    """
    if history is None:
        return ()
    if not isinstance(history, Iterable):
        raise QuestionError(f"the history is {_shown(history)}; give a list of messages or (question, answer) pairs")
    return list(history)


def how_many(k: Any, otherwise: int) -> int:
    """The number of passages that is asked for; ``otherwise`` where none is given.

    Raises:
        QuestionError: It is no whole number, or below 1.
    """
    if k is None:
        return otherwise
    try:
        number = index(k)
    except TypeError:
        number = 0
    if number < 1:
        raise QuestionError(f"k is {_shown(k)}; give a whole number from 1 up")
    return number


def conditions(where: Any) -> Mapping[str, str]:
    """The filter of a search; empty where none is given.

    Raises:
        QuestionError: It is not a mapping of texts to texts.
    """
    if where is None:
        return {}
    if not isinstance(where, Mapping):
        raise QuestionError(f"the filter is {_shown(where)}; write for example {{'folder': '制度'}}")
    for key, value in where.items():
        if not (isinstance(key, str) and isinstance(value, str)):
            raise QuestionError(f"filter {key}={_shown(value)} is no text; write {str(value)!r} in quotation marks")
    return where


def _shown(value: object) -> str:
    return one_line(repr(value), 80)
