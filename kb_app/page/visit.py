"""What one drawing of the page shows, read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb_app.page.jobs import AnswerJob
    from kb_app.page.workspace import Shelf, Workspace
    from kb_app.storage.history import Conversation, Turn

BASE, CONVERSATION, LANGUAGE = "kb", "c", "lang"
"""Names in the address."""

_AT_ONCE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Visit:
    """The knowledge base and the conversation of an address.

    Attributes:
        space: What all sessions share.
        shelf: The knowledge base that is shown.
        documents: How many documents it has.
        conversations: All its conversations, the latest first.
        conversation: The one that is shown; None for a new one.
        turns: What was said in it.
        job: The answer that it waits for, or that failed.
    """

    space: Workspace
    shelf: Shelf
    documents: int
    conversations: list[Conversation]
    conversation: Conversation | None
    turns: list[Turn]
    job: AnswerJob | None

    @property
    def busy(self) -> bool:
        """Whether an answer is coming."""
        return self.job is not None and not self.job.done.is_set()

    @property
    def address(self) -> dict[str, str]:
        """Where this is found again."""
        here = {BASE: self.shelf.kb.name}
        return here | ({CONVERSATION: self.conversation.id} if self.conversation else {})

    def ask(self, question: str) -> dict[str, str]:
        """Begin an answer; returns the address of its conversation.

        An extract is there at once: to wait a moment for it saves drawing that it is coming.
        """
        key = self.space.ask(self.shelf, question, self.conversation.id if self.conversation else None)
        if job := self.space.answer(key):
            job.done.wait(_AT_ONCE_SECONDS)
        return {BASE: self.shelf.kb.name, CONVERSATION: key}


def open_visit(space: Workspace, name: str, conversation_id: str | None) -> Visit:
    """A knowledge base, with a conversation where it has one of that id.

    Raises:
        KBError: The knowledge base cannot be opened.
    """
    shelf = space.open(name)
    conversations = shelf.kb.history.conversations()
    conversation = next((one for one in conversations if one.id == conversation_id), None)
    # The job first: one that ends in between has kept its answer by the time the turns are read.
    job = space.answer(conversation.id) if conversation else None
    return Visit(
        space=space,
        shelf=shelf,
        documents=shelf.kb.status().documents,
        conversations=conversations,
        conversation=conversation,
        turns=shelf.kb.history.turns(conversation.id) if conversation else [],
        job=job,
    )
