"""A LangChain chat model that a program handed in, asked like a server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.models.discovery import ServedModel
from kb_app.models.faults import explain
from kb_app.models.options import Options
from kb_app.models.speaking import REASONING_FIELDS, answered, ended, spoken
from kb_app.models.streaming import Piece, Request, Tags
from kb_app.models.tokens import estimate_messages
from kb_app.models.watching import Patience, Speech, Stop, TooSlow, too_slow
from kb_app.text import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from langchain_core.language_models import BaseChatModel

_USUAL = Request()


class ChatModel:
    """Answers like a ``LanguageModel``."""

    def __init__(self, chat: BaseChatModel, *, options: Options | None = None) -> None:
        """Wrap ``chat``; of the options only the waiting times count."""
        self._chat = chat
        self._options = options or Options()

    def served(self) -> ServedModel:
        """Its name as LangChain knows it; the context length is not known."""
        named = (getattr(self._chat, field, None) for field in ("model_name", "model"))
        return ServedModel(next((str(name) for name in named if name), type(self._chat).__name__))

    def count(self, messages: Sequence[dict[str, str]]) -> int:
        """Tokens of a prompt, estimated."""
        return estimate_messages(messages)

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Tokens of texts, estimated."""
        return [estimate_tokens(text) for text in texts]

    def stream(self, messages: Sequence[dict[str, str]], request: Request | None = None) -> Speech:
        """Let the model speak; of the request only the pulse counts, since the chat model has settings of its own.

        Raises:
            ModelError: It failed, was too slow or said nothing.
        """
        stop = Stop()
        return Speech(self._pieces(messages, request or _USUAL, stop), stop)

    def _pieces(self, messages: Sequence[dict[str, str]], request: Request, stop: Stop) -> Generator[Piece]:
        name = self.served().name
        patience = Patience(self._options.first, self._options.between, stop, request.pulse)
        try:
            pieces = spoken(partial(_texts, self._chat, messages), Tags(), patience)
            yield from answered(pieces, name, self._options.max_thinking, stop)
        except ModelError:
            raise
        except TooSlow as error:
            raise too_slow(self._options, name) from error
        except Exception as error:  # any library may be behind a chat model
            raise ModelError(explain(error, name, name)) from error


def _texts(chat: BaseChatModel, messages: Sequence[dict[str, str]]) -> Iterator[str | Piece]:
    """The text of each chunk, reasoning fields as thinking, and a note where the answer was cut."""
    from langsmith.run_helpers import tracing_context

    finish = ""
    with tracing_context(enabled=False):  # whatever LANGCHAIN_TRACING_V2 says: questions stay here
        for chunk in chat.stream(list(messages)):
            finish = str(chunk.response_metadata.get("finish_reason") or finish)
            reasoning = next((text for name in REASONING_FIELDS if (text := chunk.additional_kwargs.get(name))), "")
            if reasoning:
                yield Piece("thinking", str(reasoning))
            if text := str(chunk.text):
                yield text
    yield from ended(finish, must_finish=False)
