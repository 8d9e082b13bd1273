"""How a model is asked where a request does not say it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask a model.

    Attributes:
        connect: Seconds to wait for a connection.
        first: Seconds to wait for the first words.
        between: Seconds to wait for each further piece.
        temperature: Low, since the answer lies in the passages.
        max_tokens: Longest answer; at most a quarter of the model's context is used.
        max_thinking: Longest answer of a model that thinks before it answers, with its thinking.
        retries: How often to ask again where a server is overloaded or drops the request before it answers.
        patience: Seconds to wait at most between those, all together.
        requests: Requests to the server at once; further ones wait.
        queue: Seconds that one waits for its turn.
        remember: Seconds for which the server's list of models is taken to hold.
    """

    connect: float = 1.0
    first: float = 60.0
    between: float = 60.0
    temperature: float = 0.1
    max_tokens: int = 1024
    max_thinking: int = 8192
    retries: int = 3
    patience: float = 15.0
    requests: int = 32
    queue: float = 60.0
    remember: float = 5.0
