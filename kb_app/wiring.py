"""Makes what the settings name: models of the search, prompts, and the manner of answering."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kb_app.answering.examples import read_examples
from kb_app.answering.manner import Manner, Prompts
from kb_app.answering.templates import load_template, template_files
from kb_app.errors import ModelError, NotFoundError, SettingsError
from kb_app.models.embedding import EMBEDDED, load_embedder
from kb_app.models.reranking import load_reranker
from kb_app.resources import resource
from kb_app.storage.database import CATALOG_FILE
from kb_app.text import one_line

if TYPE_CHECKING:
    from kb_app.answering.examples import Example
    from kb_app.answering.templates import Template
    from kb_app.config import Settings
    from kb_app.models.embedding import Embedder
    from kb_app.models.reranking import Reranker

TASKS = ("condense", "decompose", "verify", "general", "expand_phrasings", "expand_hypothetical")
"""Names of the prompts beside that of the answer; nobody chooses them for an answer."""

EXAMPLES = "examples.jsonl"
"""Name of the file of examples for templates that show some."""

_ENDPOINTS = ("openai:", "rerank:")
_PATHS = ("/", "./", "../")


def nothing_kept(settings: Settings) -> bool:
    """Whether no catalog lies below the home; a database server, and a folder that cannot be opened, are for others."""
    if settings.database_url:
        return False
    try:
        (settings.home / CATALOG_FILE).stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def check_before_opening(settings: Settings, name: str, *, create: bool) -> None:
    """Tell of settings that nothing can be done with; a wrong home is not made by looking for ``name`` in it.

    Raises:
        SettingsError: As ``template_for``: better now than at the first question.
        NotFoundError: There is no catalog below the home, and none is to be made.
    """
    template_for(settings, settings.template)
    if not create and nothing_kept(settings):
        raise NotFoundError(
            f"no knowledge base {one_line(name)!r} (there are: none yet in {settings.home.absolute()}); "
            "make one with `kb ingest FOLDER --kb NAME`"
        )


def embedder_for(settings: Settings) -> Embedder:
    """The embedding model; loaded once a process."""
    if settings.embedding != EMBEDDED:
        _check_model("KB_EMBEDDING", settings.embedding, f"write {EMBEDDED!r}")
    return load_embedder(settings.embedding, api_key=settings.embedding_api_key.get_secret_value())


def reranker_for(settings: Settings) -> Reranker | None:
    """What orders the passages that were found, where the settings name it; loaded once a process."""
    if settings.reranker.strip():
        _check_model("KB_RERANKER", settings.reranker, "leave it empty")
    return load_reranker(settings.reranker, api_key=settings.reranker_api_key.get_secret_value())


def _check_model(setting: str, spec: str, otherwise: str) -> None:
    """Tell of a folder that is not there before anybody installs what would run the model in it.

    Raises:
        ModelError: There is no such folder, and nothing here that knows models by their names.
    """
    if spec.startswith(_ENDPOINTS) or Path(spec).is_dir():
        return
    if spec.startswith(_PATHS):
        raise ModelError(f"{setting} is {spec!r}, and there is no such folder; correct it, or {otherwise}")
    if find_spec("sentence_transformers") is None:
        raise ModelError(
            f"{setting} is {spec!r}, and there is no such folder; name the folder of a model, or {otherwise}; "
            "to find one in this machine's cache by its name takes pip install 'kb-app[models]'"
        )


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
