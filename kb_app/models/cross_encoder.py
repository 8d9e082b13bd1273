"""Any sentence-transformers cross-encoder that lies on this machine, on a GPU if there is one."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.models.embedding import BATCH
from kb_app.models.reranking import logistic
from kb_app.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence


class CrossEncoderModel:
    """A model by name or folder that gives one value for a question and a passage."""

    def __init__(self, name: str) -> None:
        """Load the model, and let it judge one pair.

        Raises:
            ModelError: The extra ``models`` is not installed, there is no such model on this machine, or it is of
                another kind.
        """
        # Some of its files are looked for on a hub even when it is told to look on this machine alone.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from sentence_transformers import CrossEncoder
            from torch import nn
        except ImportError as error:
            raise ModelError(
                f"KB_RERANKER={name!r} needs sentence-transformers; pip install 'kb-app[models]', or leave it empty"
            ) from error
        try:
            self._model = CrossEncoder(name, local_files_only=True, activation_fn=nn.Identity())
        except Exception as error:  # each file of a broken folder has a reader with errors of its own
            raise ModelError(
                f"cannot load the reranker {name!r} ({type(error).__name__}): it is neither a whole model's folder nor "
                "the name of a model in this machine's cache; put its files into a folder and name that, "
                "or leave KB_RERANKER empty"
            ) from error
        self.name = f"cross-encoder:{name}"
        self._label = name
        # A tokenizer must not be set to other lengths by two threads at a time.
        self._one_at_a_time = threading.Lock()
        self._check_kind()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """The logistic function of what the model says of each text.

        Raises:
            ModelError: It fails, or does not give one number for each.
        """
        if not texts:
            return []
        pairs = [(question, text) for text in texts]
        try:
            with self._one_at_a_time:
                logits = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False)
            values = [float(logit) for logit in logits]
        except Exception as error:  # what a model of another kind, or a full GPU, raises is its own
            detail = one_line(f"{type(error).__name__}: {error}", 120)
            raise ModelError(self._complaint(f"fails ({detail})")) from error
        if not all(map(math.isfinite, values)):
            raise ModelError(self._complaint("does not give a number for each passage"))
        return [logistic(value) for value in values]

    def _check_kind(self) -> None:
        """Refuse a model that gives no value for a pair, or that gets a head of random weights when it is loaded."""
        inner = getattr(self._model, "model", None)
        stored = getattr(getattr(inner, "config", None), "architectures", None)
        if stored and type(inner).__name__ not in stored:
            raise ModelError(self._complaint(f"is a {stored[0]}, which has nothing to judge with"))
        self.scores("问", ["答"])

    def _complaint(self, what: str) -> str:
        return f"the reranker {self._label!r} {what}; name a cross-encoder with one label, or leave KB_RERANKER empty"
