"""One request to a chat model: its chunks become pieces, and an answer that is none becomes an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb_app.errors import ModelError
from kb_app.models.faults import Cut
from kb_app.models.openai_chat import CUT, REASONING_FIELDS
from kb_app.models.streaming import Piece, Tags, until_loop
from kb_app.models.watching import watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_core.messages import BaseMessageChunk
    from langchain_core.runnables import Runnable

    from kb_app.models.watching import Patience, Stop

_CHARACTERS_PER_TOKEN = 20
_BROKEN_OFF = {"abort", "error"}


def spoken(
    chat: Runnable[Any, Any], messages: Sequence[dict[str, str]], tags: Tags, patience: Patience, *, must_finish: bool
) -> Iterator[Piece]:
    """What a chat model says.

    Raises:
        TooSlow: Nothing came in time.
        EOFError: The stream ended and the model had not come to its end, where it ``must_finish``.
        ModelError: A filter held the answer back.
        Exception: Whatever the library behind the chat model raises.
    """
    cut = Cut()

    def chunks() -> Iterator[BaseMessageChunk]:
        from langsmith.run_helpers import tracing_context

        CUT.set(cut)
        with tracing_context(enabled=False):  # whatever LANGCHAIN_TRACING_V2 says: questions stay here
            yield from chat.stream(list(messages))

    def pieces() -> Iterator[Piece]:
        return tags.split(_texts(chunks(), must_finish=must_finish))

    yield from watched(pieces, patience, abort=cut)


def _texts(chunks: Iterator[BaseMessageChunk], *, must_finish: bool) -> Iterator[str | Piece]:
    """The text of each chunk, reasoning fields as thinking, and a note where the answer was cut."""
    finish = ""
    for chunk in chunks:
        finish = str(chunk.response_metadata.get("finish_reason") or finish)
        reasoning = next((text for name in REASONING_FIELDS if (text := chunk.additional_kwargs.get(name))), "")
        if reasoning:
            yield Piece("thinking", str(reasoning))
        if text := str(chunk.text):
            yield text
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
