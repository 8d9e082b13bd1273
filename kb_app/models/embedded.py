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
    than batches. They share one session, which is as fast as one for each and saves the copies of the weights.
    """

    name = f"embedded:{MODEL}"
    dimension = DIMENSION

    def __init__(self, *, workers: int | None = None) -> None:
        """Prepare the model; it is loaded at first use."""
        self._workers = workers or min(os.cpu_count() or 1, _MAX_WORKERS)
        self._loading = threading.Lock()
        self._loaded: tuple[Tokenizer, Any] | None = None
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
                    while len(waiting) >= self._room():
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
        tokenizer, session = self._load()
        # Half a surrogate pair, as a terminal makes of bytes that are no UTF-8, cannot be cut into tokens.
        whole = text.encode("utf-8", "replace").decode("utf-8")
        ids = np.array([tokenizer.encode(whole).ids], dtype=np.int64)
        output = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        vector: Vector = output[0][0]
        return vector

    def _load(self) -> tuple[Tokenizer, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _tokenizer(), _session()
            return self._loaded


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(resource("data/models") / MODEL / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # a plan for each length of text would stay in memory
    options.log_severity_level = _ERRORS_ONLY
    path = resource("data/models") / MODEL / "model.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
