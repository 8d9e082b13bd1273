"""What the tests of the model client share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.models.llm import LanguageModel, Options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kb_app.models.streaming import Piece
    from tests.scripted_server import ScriptedServer

ASK = [{"role": "user", "content": "年假有几天？"}]
QUICK = Options(connect=0.5, first=5, between=5, retries=0)


def client(server: ScriptedServer, options: Options = QUICK, **named: str) -> LanguageModel:
    return LanguageModel(server.base_url, options=options, **named)


def joined(pieces: Iterable[Piece], kind: str = "text") -> str:
    return "".join(piece.text for piece in pieces if piece.kind == kind)
