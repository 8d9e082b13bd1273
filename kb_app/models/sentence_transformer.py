"""Any sentence-transformers model that lies on this machine, on a GPU if there is one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.models.embedding import BATCH, batched, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb_app.models.embedding import Vector


class SentenceTransformerModel:
    """A model by name or folder; its own prompts for questions and passages are used where it has them."""

    leave_room = False

    def __init__(self, name: str) -> None:
        """Load the model.

        Raises:
            ModelError: The extra ``models`` is not installed, or there is no such model on this machine.
        """
        # Some of its files are looked for on a hub even when it is told to look on this machine alone.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelError(
                f"KB_EMBEDDING={name!r} needs sentence-transformers; pip install 'kb-app[models]', or use 'embedded'"
            ) from error
        try:
            self._model = SentenceTransformer(name, local_files_only=True)
        except Exception as error:  # each file of a broken folder has a reader with errors of its own
            raise ModelError(
                f"cannot load the embedding model {name!r} ({type(error).__name__}): it is neither a whole model's "
                "folder nor the name of a model in this machine's cache; put its files into a folder and name that, "
                "or set KB_EMBEDDING to 'embedded'"
            ) from error
        self.name = f"sentence-transformers:{name}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return unit(self._model.encode_query(text, show_progress_bar=False))

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages, in batches of ``BATCH``."""
        for batch in batched(texts, BATCH):
            yield from map(unit, self._model.encode_document(batch, batch_size=BATCH, show_progress_bar=False))
