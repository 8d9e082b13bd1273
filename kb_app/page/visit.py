"""What one drawing of the page shows, read from its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb_app.page import export
from kb_app.page.markdown import plain_label
from kb_app.page.original import originals, pictures
from kb_app.page.sources import group_sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb_app.page.jobs import AnswerJob
    from kb_app.page.labels import Labels
    from kb_app.page.original import Original, Picture
    from kb_app.page.workspace import Shelf, Workspace
    from kb_app.storage.history import Conversation, Turn

BASE, CONVERSATION, LANGUAGE = "kb", "c", "lang"
"""Names in the address."""

MAX_ROWS = 50
"""Rows, at most, of a list on the page."""

_AT_ONCE_SECONDS = 0.3
_THUMBS = {1: 1, -1: 0}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A conversation in the list, or the new one.

    Attributes:
        key: Tells it from the others.
        label: What it is called, without syntax.
        address: Where it leads.
        shown: Whether it is the one on the page.
        icon: Of the new one.
    """

    key: str
    label: str
    address: dict[str, str]
    shown: bool
    icon: str | None = None

    @property
    def look(self) -> dict[str, Any]:
        """How its button is drawn; the one that is shown cannot be pressed."""
        return {"key": f"conversation-{self.key}", "icon": self.icon, "disabled": self.shown, "width": "stretch"}


@dataclass(frozen=True, slots=True)
class Visit:
    """The knowledge base and the conversation of an address.

    Attributes:
        space: What all sessions share.
        shelf: The knowledge base that is shown.
        documents: How many documents it can answer from.
        failed: How many files could not be read.
        conversations: All its conversations, the latest first.
        conversation: The one that is shown; None for a new one.
        turns: What was said in it.
        job: The answer that it waits for, or that failed.
    """

    space: Workspace
    shelf: Shelf
    documents: int
    failed: int
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

    def menu(self, labels: Labels) -> list[MenuItem]:
        """A new conversation, then those that were held."""
        base = {BASE: self.shelf.kb.name}
        icon = ":material/edit_square:"
        items = [MenuItem("new", labels("new_conversation"), base, self.conversation is None, icon)]
        for one in self.conversations[:MAX_ROWS]:
            address = base | {CONVERSATION: one.id}
            items.append(MenuItem(one.id, plain_label(one.title), address, one == self.conversation))
        return items

    def greeting(self, labels: Labels) -> tuple[str, str] | None:
        """Title and text of a page without documents or without a conversation."""
        if not self.documents and self.failed:
            return labels("unread_base"), labels("unread_base_text", failed=self.failed)
        if not self.documents:
            return labels("empty_base"), labels("empty_base_text")
        if self.conversation:
            return None
        text = labels("ask_first_text", name=self.shelf.kb.name, count=self.documents)
        return labels("ask_first"), text + (labels("ask_first_failed", failed=self.failed) if self.failed else "")

    def library_label(self, labels: Labels) -> str:
        """What the list of documents is called; empty where there is nothing to list."""
        if not (self.documents or self.failed):
            return ""
        key = "documents_failed" if self.failed else "documents"
        return labels(key, count=self.documents, failed=self.failed)

    def placeholder(self, labels: Labels) -> str:
        """What the empty question line says."""
        return labels("placeholder_busy" if self.busy else "placeholder")

    def exported(self, labels: Labels) -> tuple[str, str, str]:
        """The conversation as Markdown, the name of its file and its media type."""
        title = self.conversation.title if self.conversation else ""
        return export.conversation_markdown(title, self.turns, labels), export.file_name(title), "text/markdown"

    def originals(self, turn: Turn) -> list[Original]:
        """The sources of an answer whose pages can be shown as they were printed."""
        return originals(self.shelf.kb, group_sources(turn.answer))

    def pictures(self, original: Original) -> list[Picture]:
        """The cited pages; none where they cannot be drawn."""
        return pictures(original, password=self.shelf.kb.settings.pdf_password.get_secret_value())

    def thumb(self, turn: Turn) -> int | None:
        """The vote on an answer as the thumb of the page: 1 up, 0 down, None for no vote."""
        return _THUMBS.get(turn.vote)

    def vote(self, turn: Turn, chosen: int | None) -> None:
        """Keep the thumb that the reader chose, where it is another one."""
        if chosen != self.thumb(turn):
            self.shelf.kb.history.vote(turn.id, {1: 1, 0: -1, None: 0}[chosen])

    def delete(self, conversation: Conversation) -> dict[str, str]:
        """Delete a conversation; returns the address of a new one."""
        self.space.delete_conversation(self.shelf, conversation.id)
        return {BASE: self.shelf.kb.name}

    def ask(self, question: str, model: str = "") -> dict[str, str]:
        """Begin an answer; returns the address of its conversation.

        An extract is there at once: to wait a moment for it saves drawing that it is coming.
        """
        key = self.space.ask(self.shelf, question, self.conversation.id if self.conversation else None, model=model)
        if job := self.space.answer(key):
            job.done.wait(_AT_ONCE_SECONDS)
        return {BASE: self.shelf.kb.name, CONVERSATION: key}


def known_base(names: Sequence[str], wanted: str) -> str:
    """The wanted knowledge base, or the first one where there is none of that name."""
    return wanted if wanted in names else names[0]


def with_language(here: Mapping[str, str], address: Mapping[str, str]) -> dict[str, str]:
    """Another place in the language of this one."""
    kept = {LANGUAGE: here[LANGUAGE]} if LANGUAGE in here else {}
    return {**kept, **address}


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
    counts = shelf.kb.status()
    return Visit(
        space=space,
        shelf=shelf,
        documents=counts.documents,
        failed=counts.failed,
        conversations=conversations,
        conversation=conversation,
        turns=shelf.kb.history.turns(conversation.id) if conversation else [],
        job=job,
    )
