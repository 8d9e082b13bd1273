"""Asking again: in another way where a server refuses a field, later where it is overloaded."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kb_app.models.dialect import refused_fields
from kb_app.models.faults import is_passing, retry_after
from kb_app.models.overflow import overflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb_app.models.options import Options
    from kb_app.models.streaming import Request

_FIRST_PAUSE = 0.5
_SHORTEST_ANSWER = 64


class Attempts:
    """What was learned from the attempts so far.

    Attributes:
        request: What the next attempt asks for.
        refused: Fields that the server did not take.
    """

    def __init__(self, request: Request, options: Options, server: str) -> None:
        self.request = request
        self.refused: set[str] = set()
        self._options = options
        self._server = server
        self._tries = 0
        self._waited = 0.0
        self._shortened = False

    def again(self, error: BaseException, body: Mapping[str, Any]) -> float | None:
        """Seconds after which to ask again, or None where this error is the last word.

        Args:
            error: What the server answered, before any word of the model.
            body: The fields that were sent.

        Raises:
            ContextOverflowError: The prompt is too long, also for a short answer.
        """
        if too_long := overflow(error, self._server):
            room = (too_long.limit or 0) - (too_long.prompt or 0) - 1 if too_long.prompt else 0
            if self._shortened or room < _SHORTEST_ANSWER:
                raise too_long from error
            self._shortened = True
            self.request = replace(self.request, max_tokens=room)
            return 0.0
        if fields := refused_fields(error, body):
            self.refused |= fields
            return 0.0
        return self._pause(error) if is_passing(error) else None

    def _pause(self, error: BaseException) -> float | None:
        """Twice as long each time, a little at random so that not all come back at once; as the server asks."""
        jitter = random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        pause = max(_FIRST_PAUSE * 2**self._tries * jitter, retry_after(error) or 0.0)
        self._tries += 1
        self._waited += pause
        return None if self._tries > self._options.retries or self._waited > self._options.patience else pause
