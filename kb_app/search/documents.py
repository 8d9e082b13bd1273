"""What a search knows of the documents as a whole; after a change of the catalog, only what changed is read."""

from __future__ import annotations

import threading
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from kb_app.search.selection import matching_documents
from kb_app.search.titles import Titles
from kb_app.search.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.search.versions import Version
    from kb_app.storage.catalog import Catalog
    from kb_app.types import Description

_FILTERS = 8


class Documents:
    """Versions of documents, those that a question names, and which of them the last few filters select.

    Threads may share it.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Of the documents in ``catalog``."""
        self._catalog = catalog
        self._now = Snapshot(-1, {}, Titles(), Versions())
        self._looking = threading.Lock()

    def versions(self) -> Mapping[int, Version]:
        """The documents that others are versions of, by id."""
        return self.now().versions

    def named(self, question: str) -> frozenset[int]:
        """The documents that a question names by their titles."""
        return self.now().named(question)

    def selected(self, where: Mapping[str, str]) -> frozenset[int]:
        """The documents that a filter selects, as in ``kb_app.search.selection``.

        Raises:
            QuestionError: A filter is unknown.
        """
        return self.now().selected(where)

    def now(self) -> Snapshot:
        """The documents as they are; asks the catalog whether they have changed."""
        if self._now.number != self._catalog.changes():
            with self._looking:  # the others wait for what one of them reads
                number = self._catalog.changes()
                if self._now.number != number:
                    self._now = self._now.after(self._catalog, number)
        return self._now


class Snapshot:
    """The documents between two changes of the catalog; never changed, threads that still use it may go on.

    Attributes:
        number: Of the change after which they were read.
        versions: The documents that others are versions of, by id.
    """

    def __init__(
        self, number: int, descriptions: Mapping[int, Description], titles: Titles, versions: Versions
    ) -> None:
        """Use ``Documents.now`` instead."""
        self.number = number
        self.versions: Mapping[int, Version] = versions.known
        self._descriptions = descriptions
        self._titles = titles
        self._versions = versions
        self._matching = lru_cache(_FILTERS)(partial(_matching, descriptions))

    def named(self, question: str) -> frozenset[int]:
        """The documents that a question names by their titles."""
        return self._titles.named(question)

    def selected(self, where: Mapping[str, str]) -> frozenset[int]:
        """The documents that a filter selects, as in ``kb_app.search.selection``.

        Raises:
            QuestionError: A filter is unknown.
        """
        return self._matching(tuple(where.items()))

    def after(self, catalog: Catalog, number: int) -> Snapshot:
        """The documents as they are now; what comes in while they are read is read once more after the next change."""
        removed = catalog.removed(self._descriptions)  # first: none of them is among the changed
        changed = catalog.descriptions(after=self.number)
        known = {**self._descriptions, **{one.doc_id: one for one in changed}}
        for doc_id in removed:
            del known[doc_id]
        return Snapshot(number, known, self._titles.after(changed, removed), self._versions.after(changed, removed))


def _matching(descriptions: Mapping[int, Description], where: tuple[tuple[str, str], ...]) -> frozenset[int]:
    return frozenset(matching_documents(descriptions.values(), dict(where)))
