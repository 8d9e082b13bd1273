"""Conversations of the chat page, with the answers as they were given and the reader's votes."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from kb_app.errors import NotFoundError
from kb_app.storage.database import reading, writing
from kb_app.storage.schema import conversations, turns
from kb_app.text import one_line
from kb_app.types import Answer, Citation, Line, Passage, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

_TITLE_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: its id, its title, and when it last changed (seconds since the epoch)."""

    id: str
    title: str
    updated: float


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer; ``vote`` is 1, -1 or 0."""

    id: int
    question: str
    answer: Answer
    vote: int


class History:
    """The conversations about one knowledge base."""

    def __init__(self, engine: sa.Engine, kb_id: int) -> None:
        self._engine = engine
        self._kb_id = kb_id

    def start(self, question: str) -> str:
        """Begin a conversation that is named after its first question; returns its id."""
        key = uuid.uuid4().hex
        row = {
            "id": key,
            "kb_id": self._kb_id,
            "title": one_line(question, _TITLE_LENGTH),
            "updated": time.time(),
        }
        with writing(self._engine) as connection:
            connection.execute(conversations.insert().values(row))
        return key

    def add(self, conversation_id: str, answer: Answer) -> int:
        """Keep an answer; returns the id of its turn.

        Raises:
            NotFoundError: The conversation was deleted meanwhile.
        """
        now = time.time()
        row = {
            "conversation_id": conversation_id,
            "question": answer.question,
            "answer": asdict(answer),
            "vote": 0,
            "created": now,
        }
        with writing(self._engine) as connection:
            if not self._update(connection, conversation_id, updated=now):
                raise NotFoundError("this conversation was deleted meanwhile; ask again in a new one")
            turn_id = connection.execute(turns.insert().values(row).returning(turns.c.id)).scalar_one()
        return int(turn_id)

    def conversations(self) -> list[Conversation]:
        """All conversations, the latest first."""
        c = conversations.c
        query = sa.select(c.id, c.title, c.updated).where(c.kb_id == self._kb_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.updated.desc(), c.id))
            return [Conversation(*row) for row in rows]

    def turns(self, conversation_id: str) -> list[Turn]:
        """The questions and answers of a conversation in their order; empty if it is not there."""
        query = (
            sa.select(turns.c.id, turns.c.question, turns.c.answer, turns.c.vote)
            .join_from(turns, conversations)
            .where(conversations.c.id == conversation_id, conversations.c.kb_id == self._kb_id)
            .order_by(turns.c.id)
        )
        with reading(self._engine) as connection:
            return [
                Turn(turn_id, question, answer_from_dict(answer), vote)
                for turn_id, question, answer, vote in connection.execute(query)
            ]

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        with writing(self._engine) as connection:
            self._update(connection, conversation_id, title=one_line(title))

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with all that was said in it."""
        with writing(self._engine) as connection:
            connection.execute(turns.delete().where(turns.c.conversation_id == conversation_id))
            connection.execute(conversations.delete().where(conversations.c.id == conversation_id))

    def vote(self, turn_id: int, vote: int) -> None:
        """Note what the reader thinks of an answer: 1 good, -1 bad, 0 taken back."""
        with writing(self._engine) as connection:
            connection.execute(turns.update().where(turns.c.id == turn_id).values(vote=vote))

    def _update(self, connection: sa.Connection, conversation_id: str, **values: Any) -> bool:
        mine = sa.and_(conversations.c.id == conversation_id, conversations.c.kb_id == self._kb_id)
        return connection.execute(conversations.update().where(mine).values(values)).rowcount > 0


def answer_from_dict(fields: Mapping[str, Any]) -> Answer:
    """The answer whose fields ``dataclasses.asdict`` wrote, after a way through JSON."""
    citations = tuple(
        Citation(**{**citation, "passage": _passage(citation["passage"])}) for citation in fields["citations"]
    )
    passages = tuple(_passage(passage) for passage in fields["passages"])
    words = {name: tuple(fields.get(name, ())) for name in ("unsupported", "parts", "disagreements")}
    verdicts = tuple(Verdict(**verdict) for verdict in fields.get("verdicts", ()))
    return Answer(**{**fields, **words, "citations": citations, "passages": passages, "verdicts": verdicts})


def _passage(fields: Mapping[str, Any]) -> Passage:
    lines = tuple(Line(**{**line, "box": tuple(line["box"])}) for line in fields.get("lines", ()))
    headings, found_by = tuple(fields["headings"]), tuple(fields["found_by"])
    return Passage(**{**fields, "headings": headings, "found_by": found_by, "lines": lines})
