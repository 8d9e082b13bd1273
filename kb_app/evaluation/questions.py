"""Questions whose documents and answers are known, read from JSON lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb_app.errors import NotFoundError, QuestionError
from kb_app.evaluation.answers import bare

if TYPE_CHECKING:
    from pathlib import Path

FORM = 'a line is {"id", "question", "answers", "doc"}'
_EITHER = "||"
_EXPECTED = (None, "answer", "refuse")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and the documents that answer it; none where the documents do not tell.

    Attributes:
        id: Names it in reports.
        question: As it is asked.
        docs: Sources of the documents that answer it.
        kind: Groups questions.
        answers: What an answer must hold: the required parts, each with its alternatives.
        history: What was said before, as (question, answer) pairs.
        refuse: Whether the right answer is that the documents do not tell.
    """

    id: str
    question: str
    docs: tuple[str, ...]
    kind: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    refuse: bool = False

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it: it names a document or an answer, and is not marked otherwise."""
        return not self.refuse and bool(self.docs or self.answers)


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Read a file of questions, one JSON object a line.

    ``id``, ``question``, ``doc`` (a name or a list; ``file`` is read as well), ``answers`` (a list of alternatives,
    or a list of lists: required parts, each with its alternatives), ``expected_substrings`` (required parts, their
    alternatives between ``||``), ``expected`` (``"refuse"`` where the documents do not tell; so is a question
    without document and answer), ``kind``, ``history`` (a list of ``[question, answer]``).

    Raises:
        NotFoundError: There is no such file.
        QuestionError: A line is not such an object, or there is none.
    """
    if not path.is_file():
        raise NotFoundError(f"no file {str(path)!r}; name a JSON-lines file of questions")
    try:
        # Not splitlines(): a question may hold one of the rarer line breaks as it is.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise QuestionError(f"{path}, line {number}: not UTF-8 text; save the file as UTF-8") from error
    questions = [_parse(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not questions:
        raise QuestionError(f"{path}: holds no question; {FORM}")
    return questions


def read_unanswerable(path: Path) -> list[LabelledQuestion]:
    """Read a file of questions that the documents cannot answer.

    Raises:
        NotFoundError: There is no such file.
        QuestionError: A line is no question, or one that names its document.
    """
    questions = read_questions(path)
    for question in questions:
        if question.answerable:
            raise QuestionError(
                f"{path}: question {question.id!r} names its document or answer; "
                "give a file of answerable questions with --questions"
            )
    return [replace(question, refuse=True) for question in questions]


def _parse(line: str, path: Path, number: int) -> LabelledQuestion:
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"{path}, line {number}: not a question ({error}); {FORM}") from error
    if problem := _problem(fields):
        raise QuestionError(f"{path}, line {number}: not a question ({problem}); {FORM}")
    return LabelledQuestion(
        id=str(fields.get("id", number)),
        question=fields["question"],
        docs=tuple(dict.fromkeys(_listed(_docs(fields)))),
        kind=str(fields.get("kind") or ""),
        answers=_parts(fields),
        history=tuple((asked, said) for asked, said in fields.get("history") or ()),
        refuse=fields.get("expected") == "refuse",
    )


def _parts(fields: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The required parts; an alternative without a letter or digit would be in every answer and is left out."""
    given = _listed(fields.get("answers"))
    nested = any(isinstance(item, list) for item in given)
    parts = [_listed(item) for item in given] if nested else [given]
    parts += [item.split(_EITHER) for item in fields.get("expected_substrings") or ()]
    kept = [tuple(dict.fromkeys(text for text in part if bare(text))) for part in parts]
    return tuple(part for part in kept if part)


def _docs(fields: dict[str, Any]) -> Any:
    return fields.get("doc") or fields.get("file")


def _listed(value: Any) -> list[Any]:
    """A value as a list: a single text is a list of one."""
    return [value] if isinstance(value, str) else list(value or ())


def _problem(fields: Any) -> str:
    """What a line lacks to be a question."""
    if not isinstance(fields, dict):
        return "no JSON object"
    return next((problem for problem, holds in _checks(fields).items() if not holds), "")


def _checks(fields: dict[str, Any]) -> dict[str, bool]:
    """What is said of a line where a check fails."""
    substrings = fields.get("expected_substrings")
    return {
        "`question` is no text": isinstance(fields.get("question"), str),  # an empty one is asked as well, and missed
        "`doc` is neither a name nor a list of names": _is_texts(_docs(fields)),
        "`answers` is neither a list of texts nor a list of such lists": _is_answers(fields.get("answers")),
        "`expected_substrings` is no list of texts": not isinstance(substrings, str) and _is_texts(substrings),
        '`expected` is neither "refuse" nor "answer"': fields.get("expected") in _EXPECTED,
        "`history` is no list of [question, answer]": _is_history(fields.get("history")),
        "half of a surrogate pair is no character": _is_unicode(fields),
    }


def _is_texts(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return True
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_answers(value: Any) -> bool:
    return _is_texts(value) or (isinstance(value, list) and all(item is not None and _is_texts(item) for item in value))


def _is_history(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(said, str) for said in turn) for turn in value
    )


def _is_unicode(fields: dict[str, Any]) -> bool:
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
