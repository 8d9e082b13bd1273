"""One request to a model: what it says comes with a bound, and an answer that is none becomes an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.models.http_client import CUT, Cut
from kb_app.models.streaming import Piece, Tags, until_loop
from kb_app.models.watching import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb_app.models.watching import Patience, Stop

REASONING_FIELDS = ("reasoning_content", "reasoning")
"""Where servers put the thinking that they tell from the text themselves."""

_CHARACTERS_PER_TOKEN = 20
_BROKEN_OFF = {"abort", "error"}


def spoken(source: Callable[[], Iterator[str | Piece]], tags: Tags, patience: Patience) -> Iterator[Piece]:
    """What a model says, thinking told from text.

    Args:
        source: Asks the model, in a thread of its own.
        tags: What is known of its thinking.
        patience: How long to wait.

    Raises:
        TooSlow: Nothing came in time.
        Exception: Whatever ``source`` raises.
    """
    cut = Cut()

    def pieces() -> Iterator[Piece]:
        CUT.set(cut)
        return tags.split(source())

    yield from watched(pieces, patience, abort=cut)


def ended(finish: str, *, must_finish: bool) -> Iterator[Piece]:
    """A note where the answer was cut at its longest.

    Args:
        finish: Why the model stopped, in the words of the protocol; empty where nobody told.
        must_finish: Whether it has to be told.

    Raises:
        EOFError: The stream ended and the model had not come to its end.
        ModelError: A filter held the answer back.
    """
    if finish == "content_filter":
        raise ModelError("the content filter of the model server held the answer back; ask in other words")
    if finish in _BROKEN_OFF or (must_finish and not finish):
        raise EOFError("the stream ended without an end")
    if finish == "length":
        yield Piece("text", "", "length")


def answered(pieces: Iterator[Piece], model: str, longest: int, stop: Stop) -> Iterator[Piece]:
    """The pieces of an answer, up to where it goes round in circles or far beyond its longest.

    Raises:
        ModelError: It has no text.
    """
    spoke = thought = False
    characters = 0
    for piece in until_loop(pieces):
        if piece.note == "loop" and piece.kind == "thinking":
            raise ModelError(
                f"the model {model!r} thinks in circles and does not answer; turn thinking off with KB_THINKING=off"
            )
        thought = thought or piece.kind == "thinking" or piece.note == "retract"
        spoke = piece.note != "retract" and (spoke or (piece.kind == "text" and bool(piece.text.strip())))
        if piece.note in {"length", "loop"}:
            break
        yield piece
        characters += len(piece.text)
        if characters > _CHARACTERS_PER_TOKEN * longest:  # a server that knows no limit
            piece = Piece("text", "", "length")  # noqa: PLW2901 - as if it had kept the limit
            break
    else:
        piece = Piece("text", "")
    if not spoke and not stop.is_set():
        raise ModelError(_silent(model, longest, thought=thought))
    if piece.note:
        yield piece


def _silent(model: str, longest: int, *, thought: bool) -> str:
    if thought:
        return (
            f"the model {model!r} thought and did not answer within {longest} tokens; raise the context that it is "
            "served with, or turn thinking off with KB_THINKING=off"
        )
    return f"the model {model!r} answered nothing; ask again, or serve another one"
