"""Makes what the settings name: models and prompt templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.errors import SettingsError
from kb_app.models.embedding import load_embedder
from kb_app.models.llm import ChatModel, LanguageModel, Options
from kb_app.prompting import load_template, template_files
from kb_app.resources import resource

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from kb_app.answering import AnswerModel
    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.prompting import Template

CONDENSER = "condense"
"""Name of the prompt that turns a follow-up into a question; nobody chooses it for an answer."""


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
    """A prompt template: the user's own before the one that comes with the program.

    Raises:
        SettingsError: There is none of that name, it is not valid, or the user's folder is not there.
    """
    own = [settings.templates_dir] if settings.templates_dir else []
    if own and not own[0].is_dir():
        raise SettingsError(f"KB_TEMPLATES_DIR is {str(own[0])!r}, which is not a folder; correct or unset it")
    folders = [*own, resource("prompts")]
    known = [one for one in template_files(folders) if one != CONDENSER]
    if name not in known:
        raise SettingsError(f"there is no prompt template {name!r}; known are {', '.join(known)}")
    return load_template(name, folders)


def condenser_for(settings: Settings) -> Template:
    """The prompt that makes a follow-up a question that stands alone: the user's own before the program's."""
    own = [settings.templates_dir] if settings.templates_dir else []
    return load_template(CONDENSER, [*own, resource("prompts")])
