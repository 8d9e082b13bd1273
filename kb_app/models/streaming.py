"""What a model says, piece by piece: thinking apart from text, circles noticed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kb_app.models.repetition import WINDOW, loop_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Note", "Piece", "Request", "Tags", "loop_start", "split_thinking", "until_loop"]

Kind = Literal["text", "thinking"]
Note = Literal["", "length", "loop", "retract"]

CLOSE = "</think>"
"""The tag that ends thinking, in its most usual form."""

_PAIRS = {
    "<think>": CLOSE,
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
    "[THINK]": "[/THINK]",
}
_OPENING, _CLOSING = ("|".join(map(re.escape, tags)) for tags in (_PAIRS.keys(), _PAIRS.values()))
_OPEN = re.compile(_OPENING, re.IGNORECASE)
_LEADING = re.compile(rf"\s*(?P<tag>{_OPENING})", re.IGNORECASE)
_CLOSE = re.compile(f"(?P<tag>{_CLOSING})", re.IGNORECASE)
_EITHER = re.compile(f"(?P<tag>{_OPENING}|{_CLOSING})", re.IGNORECASE)
_BEGINNINGS = {tag[:size].lower() for tag in (*_PAIRS, *_PAIRS.values()) for size in range(1, len(tag))}
_LONGEST = max(map(len, _BEGINNINGS))
_LOOP_CHECK_EVERY = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a model's output.

    Attributes:
        kind: ``"text"`` of the answer, or ``"thinking"`` before it.
        text: May be empty where there is only a note, or where a reader asked for a pulse.
        note: ``"length"`` and ``"loop"`` come last, without text: the answer was cut at its longest, or since the
            model repeated itself (``loop_start`` says from where on). With ``"retract"`` all text so far was thinking;
            its own text is ``</think>``.
    """

    kind: Kind
    text: str
    note: Note = ""


@dataclass(frozen=True, slots=True)
class Request:
    """How one request to a model differs from the others.

    Attributes:
        thinking: Let a model that can think aloud do so, or not; None leaves it to the server.
        schema: JSON schema that the answer should fit, where the server can hold the model to it.
        temperature: None takes the model's own.
        max_tokens: Longest answer; None takes the usual one.
        pulse: Seconds after which an empty piece is sent while nothing comes, so that a reader that sits in other
            generators can leave; None sends none.
    """

    thinking: bool | None = None
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    pulse: float | None = None


class Tags:
    """Tells thinking in tags from text, also where a tag is cut between two pieces.

    Attributes:
        opened: Whether the text begins inside of thinking, since the opening tag stands in the chat template. What was
            assumed is corrected by what came.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self.opened = opened
        self._kind: Kind = "thinking" if opened else "text"
        self._held = ""
        self._assumed: list[str] = []
        self._begun = False

    def split(self, pieces: Iterable[str | Piece]) -> Iterator[Piece]:
        """The pieces by kind; what is a ``Piece`` already, a reasoning field of the server, goes through as it is."""
        cut = False
        for piece in pieces:
            if isinstance(piece, str):
                yield from self._read(piece)
                continue
            if piece.note:
                yield from self._flush()
                cut = True
            elif self.opened and not self._begun:
                self.opened, self._kind = False, "text"  # the server tells thinking from text itself
            yield piece
        yield from self._flush()
        if self._kind == "thinking" and self._assumed and self.opened and not cut:
            self.opened = False
            yield Piece("text", "".join(self._assumed))  # it came to its end without a tag: that was the answer

    def _read(self, text: str) -> Iterator[Piece]:
        self._held += text
        while tag := self._next_tag():
            before, self._held = self._held[: tag.start("tag")], self._held[tag.end() :]
            yield from self._say(before)
            yield from self._turn(opens=bool(_OPEN.fullmatch(tag["tag"])))
        ready = len(self._held) - _partial_tag(self._held)
        before, self._held = self._held[:ready], self._held[ready:]
        yield from self._say(before)

    def _next_tag(self) -> re.Match[str] | None:
        """The next tag that counts; within thinking an opening one only at its very beginning."""
        if self._kind == "text":
            return _EITHER.search(self._held)
        return (None if self._begun else _LEADING.match(self._held)) or _CLOSE.search(self._held)

    def _turn(self, *, opens: bool) -> Iterator[Piece]:
        if opens:
            if not self._begun:
                self.opened = False  # the model opens it itself
            self._kind = "thinking"
        elif self._kind == "text":
            self.opened = True
            yield Piece("text", CLOSE, "retract")
        else:
            self._kind = "text"
        self._begun = True

    def _say(self, text: str) -> Iterator[Piece]:
        if not text:
            return
        if self._kind == "thinking" and self.opened:
            self._assumed.append(text)
        self._begun = self._begun or bool(text.strip())
        yield Piece(self._kind, text)

    def _flush(self) -> Iterator[Piece]:
        held, self._held = self._held, ""
        yield from self._say(held)


def split_thinking(pieces: Iterable[str | Piece]) -> Iterator[Piece]:
    """Tell thinking in tags from text, of a model whose chat template opens none."""
    return Tags().split(pieces)


def _partial_tag(text: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of a tag."""
    end = text[-_LONGEST:].lower()
    return next((size for size in range(len(end), 0, -1) if end[-size:] in _BEGINNINGS), 0)


def until_loop(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces up to where the text or the thinking goes round in circles; then one that notes it.

    It is looked for now and then, and at the end.
    """
    said: dict[Kind, str] = {"text": "", "thinking": ""}
    last: Piece | None = None
    for count, piece in enumerate(pieces):
        if piece.note in {"length", "loop"}:
            last = piece
            break
        yield piece
        said[piece.kind] = (said[piece.kind] + piece.text)[-WINDOW:]
        if count % _LOOP_CHECK_EVERY == 0 and loop_start(said[piece.kind]) is not None:
            last = Piece(piece.kind, "", "loop")
            break
    else:
        last = None
    if loop_start(said["text"]) is not None:
        last = Piece("text", "", "loop")
    if last:
        yield last
