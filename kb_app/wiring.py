"""Makes what the settings name: models of the search, prompts, and the manner of answering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb_app.answering.examples import read_examples
from kb_app.answering.manner import Manner, Prompts
from kb_app.answering.templates import load_template, template_files
from kb_app.errors import SettingsError
from kb_app.models.embedding import load_embedder
from kb_app.models.reranking import load_reranker
from kb_app.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

    from kb_app.answering.examples import Example
    from kb_app.answering.templates import Template
    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.models.reranking import Reranker

TASKS = ("condense", "decompose", "verify", "general", "expand_phrasings", "expand_hypothetical")
"""Names of the prompts beside that of the answer; nobody chooses them for an answer."""

EXAMPLES = "examples.jsonl"
"""Name of the file of examples for templates that show some."""


def embedder_for(settings: Settings) -> Embedder:
    """The embedding model; loaded once a process."""
    return load_embedder(settings.embedding, api_key=settings.embedding_api_key.get_secret_value())


def reranker_for(settings: Settings) -> Reranker | None:
    """What orders the passages that were found, where the settings name it; loaded once a process."""
    return load_reranker(settings.reranker, api_key=settings.reranker_api_key.get_secret_value())


def manner_for(settings: Settings) -> Manner:
    """How to answer."""
    return Manner(
        min_score=settings.min_score,
        thinking={"on": True, "off": False}.get(settings.thinking),
        samples=settings.samples,
        verify=settings.verify,
        unsupported=settings.unsupported,
        general_knowledge=settings.general_knowledge,
    )


def prompts_for(settings: Settings, name: str) -> Prompts:
    """The prompts for an answer by the template ``name``: each the user's own before the program's.

    Raises:
        SettingsError: As ``template_for``, for any of them, or a line of the examples is none.
    """
    answer = template_for(settings, name)
    folders = _folders(settings)
    expansion = "" if settings.expansion == "none" else f"expand_{settings.expansion}"
    return Prompts(
        answer=answer,
        condense=load_template("condense", folders, kind="condense"),
        decompose=load_template("decompose", folders, kind="decompose"),
        verify=load_template("verify", folders, kind="verify"),
        general=load_template("general", folders, kind="general"),
        expand=load_template(expansion, folders, kind="expand") if expansion else None,
        examples=_examples(folders) if answer.examples else (),
    )


def template_for(settings: Settings, name: str) -> Template:
    """The prompt of an answer: the user's own before the one that comes with the program.

    Raises:
        SettingsError: There is none of that name, it is not valid, or the user's folder is not there.
    """
    folders = _folders(settings)
    known = [one for one in template_files(folders) if one not in TASKS]
    if name not in known:
        raise SettingsError(f"there is no prompt template {name!r}; known are {', '.join(known)}")
    return load_template(name, folders, kind="answer")


def _folders(settings: Settings) -> list[Path]:
    own = [settings.templates_dir] if settings.templates_dir else []
    if own and not own[0].is_dir():
        raise SettingsError(f"KB_TEMPLATES_DIR is {str(own[0])!r}, which is not a folder; correct or unset it")
    return [*own, resource("prompts")]


def _examples(folders: list[Path]) -> tuple[Example, ...]:
    """The examples of the first folder that has some."""
    path = next((folder / EXAMPLES for folder in folders if (folder / EXAMPLES).is_file()), None)
    return read_examples(path) if path else ()
