"""Makes what the settings name: models and prompt templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.models.embedding import load_embedder
from kb_app.models.llm import ChatModel, LanguageModel, Options
from kb_app.prompting import load_template
from kb_app.resources import resource

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from kb_app.answering import AnswerModel
    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.prompting import Template


def embedder_for(settings: Settings) -> Embedder:
    """The embedding model; loaded once a process."""
    return load_embedder(settings.embedding, api_key=settings.embedding_api_key.get_secret_value())


def model_for(settings: Settings, chat_model: BaseChatModel | None = None) -> AnswerModel | None:
    """The language model: the one handed in, else the server of the settings, else None."""
    options = Options(first=settings.llm_timeout, between=settings.llm_timeout)
    if chat_model is not None:
        return ChatModel(chat_model, options=options)
    if not settings.answers_with_model:
        return None
    key = settings.llm_api_key.get_secret_value()
    return LanguageModel(settings.llm_base_url, api_key=key, model=settings.llm_model, options=options)


def template_for(settings: Settings, name: str) -> Template:
    """A prompt template: the user's own before the one that comes with the program."""
    own = [settings.templates_dir] if settings.templates_dir else []
    return load_template(name, [*own, resource("prompts")])
