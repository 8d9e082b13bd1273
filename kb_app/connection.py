"""Which language model answers: on the server of the settings, else on the one that ``kb serve`` started."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.errors import ModelError
from kb_app.models.llm import ChatModel, LanguageModel, Options
from kb_app.serving.record import running

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from kb_app.answering.speaking import AnswerModel
    from kb_app.config import Settings
    from kb_app.models.llm import ServedModel


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is asked.

    Attributes:
        url: Of the server, with ``/v1`` as a rule; ``none`` or empty where no model may be asked.
        model: Which of its models; empty takes the first that it lists.
    """

    url: str
    model: str = ""


def address(settings: Settings) -> Address:
    """Where a model is asked now.

    What the user has set always counts, also where it is what would have been taken anyway. Where nothing is set, a
    server that ``kb serve`` started and that still runs comes before the usual address.
    """
    kept = None if "llm_base_url" in settings.model_fields_set else running(settings.home)
    if kept is None:
        return Address(settings.llm_base_url, settings.llm_model)
    return Address(kept.url, settings.llm_model or kept.model)


class Connection:
    """The models that can answer, also those of a server that is started later. Safe to share between threads."""

    def __init__(self, settings: Settings, chat_model: BaseChatModel | None = None) -> None:
        """Nothing is asked before it is needed; a ``chat_model`` that is handed in is the only one that answers."""
        self._settings = settings
        self._options = Options(
            first=settings.llm_timeout,
            between=settings.llm_timeout,
            requests=settings.llm_requests,
            queue=settings.llm_timeout,
        )
        self._given = ChatModel(chat_model, options=self._options) if chat_model is not None else None
        self._made: dict[Address, LanguageModel] = {}
        self._lock = threading.Lock()

    def model(self, name: str = "") -> AnswerModel | None:
        """What answers now: the model of that name, by default that of the settings; None where none may be asked."""
        return self._given or self._at(name)

    def served(self, name: str = "") -> ServedModel | None:
        """The model of that name as its server lists it; None where no server listens, or none may be asked.

        Raises:
            ModelError: A server listens, but does not serve it.
        """
        model = self.model(name)
        return model.served() if model else None

    def listed(self) -> list[ServedModel]:
        """All models that the server lists, adapters among them; none where it has no list."""
        model = None if self._given else self._at("")
        try:
            return model.models() if model else []
        except ModelError:
            return []

    def _at(self, name: str) -> LanguageModel | None:
        if not self._settings.answers_with_model:
            return None
        now = address(self._settings)
        now = Address(now.url, name or now.model)
        with self._lock:
            if now not in self._made:
                key = self._settings.llm_api_key.get_secret_value()
                self._made[now] = LanguageModel(now.url, api_key=key, model=now.model, options=self._options)
            return self._made[now]
