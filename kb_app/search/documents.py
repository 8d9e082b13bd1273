"""What a search knows of the documents as a whole, looked up anew when the catalog has changed."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from kb_app.search import versions
from kb_app.search.selection import matching_documents
from kb_app.search.titles import Titles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.storage.catalog import Catalog

_FILTERS = 8


class Documents:
    """Versions of documents, those that a question names, and which of them the last few filters select."""

    def __init__(self, catalog: Catalog) -> None:
        """Of the documents in ``catalog``."""
        self._catalog = catalog
        self._now = _Generation(catalog, -1)

    def versions(self) -> Mapping[int, versions.Version]:
        """The documents that others are versions of, by id."""
        return self._current().versions

    def named(self, question: str) -> frozenset[int]:
        """The documents that a question names by their titles."""
        return self._current().titles.named(question)

    def selected(self, where: Mapping[str, str]) -> frozenset[int]:
        """The documents that a filter selects, as in ``kb_app.search.selection``.

        Raises:
            QuestionError: A filter is unknown.
        """
        return self._current().selected(tuple(where.items()))

    def _current(self) -> _Generation:
        number = self._catalog.generation()
        if self._now.number != number:
            self._now = _Generation(self._catalog, number)
        return self._now


class _Generation:
    """The documents between two changes of the catalog: what is read after the second one belongs to the next."""

    def __init__(self, catalog: Catalog, number: int) -> None:
        self._catalog = catalog
        self.number = number
        self.versions = versions.find_versions(catalog.descriptions()) if number >= 0 else {}
        self.selected = lru_cache(_FILTERS)(self._selected)

    @cached_property
    def titles(self) -> Titles:
        """Those of all documents; of 20,000 it takes a second to take them apart."""
        return Titles(self._catalog.descriptions())

    def _selected(self, where: tuple[tuple[str, str], ...]) -> frozenset[int]:
        return frozenset(matching_documents(self._catalog.descriptions(), dict(where)))
