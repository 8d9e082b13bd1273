"""The embedding model that comes with the program, on onnxruntime and tokenizers alone."""

from __future__ import annotations

import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from kb_app.resources import resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb_app.models.embedding import Vector

MODEL = "multilingual-e5-small-zh-en"
DIMENSION = 384
MAX_TOKENS = 512
QUERY, PASSAGE = "query: ", "passage: "
_MAX_WORKERS = 8
_LOOK_AHEAD = 4
_ERRORS_ONLY = 3


class EmbeddedModel:
    """multilingual-e5-small, cut to Chinese and English.

    One text at a time on each of several threads: without padding, and with the model in the cache, that is faster
    than batches. Each thread has a session of its own while it works.
    """

    name = f"embedded:{MODEL}"
    dimension = DIMENSION

    def __init__(self, *, workers: int | None = None) -> None:
        """Prepare the model; it is loaded at first use."""
        self._workers = workers or min(os.cpu_count() or 1, _MAX_WORKERS)
        self._loading = threading.Lock()
        self._loaded: Tokenizer | None = None
        self._idle: deque[Any] = deque()
        self.leave_room = False
        """While true, one thread is left to other work of the process."""

    def embed_query(self, text: str) -> Vector:
        """The vector of a question."""
        return self._embed(QUERY + text)

    def embed_documents(self, texts: Iterable[str]) -> Iterator[Vector]:
        """The vectors of passages, in order; the threads go on while the caller writes the results away."""
        waiting: deque[Future[Vector]] = deque()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="embed") as pool:
            try:
                for text in texts:
                    waiting.append(pool.submit(self._embed, PASSAGE + text))
                    if len(waiting) >= self._room():
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _room(self) -> int:
        """How many texts may be under way; as many as threads that may work, where room is left for others."""
        return max(1, self._workers - 1) if self.leave_room else self._workers * _LOOK_AHEAD

    def _embed(self, text: str) -> Vector:
        tokenizer = self._tokenizer()
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        session = self._borrow()
        try:
            output = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        finally:
            self._idle.append(session)
        vector: Vector = output[0][0]
        return vector

    def _borrow(self) -> Any:
        """A session that no other thread uses; as many are made as threads ask at once."""
        try:
            return self._idle.pop()
        except IndexError:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = _ERRORS_ONLY
            path = resource("data/models") / MODEL / "model.onnx"
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def _tokenizer(self) -> Tokenizer:
        with self._loading:
            if self._loaded is None:
                self._loaded = Tokenizer.from_file(str(resource("data/models") / MODEL / "tokenizer.json"))
                self._loaded.enable_truncation(MAX_TOKENS)
            return self._loaded
