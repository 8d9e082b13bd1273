"""Settings: from a ``kb.toml``, then ``KB_*`` in the environment, then arguments; the later wins."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from kb_app.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "KB_"
CONFIG_VARIABLE = "KB_CONFIG"

_UNREAD = re.compile(r'value for field "(\w+)" from source "EnvSettingsSource"')
_URL_PASSWORD = re.compile(r"(?<=://)([^/:@\s]*):[^@\s]*@")


class Settings(BaseSettings):
    """What can be set. ``Settings()`` reads the file and the environment; arguments override both."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("kb-app"),
        description="Folder that holds all data",
    )
    embedding: str = Field(
        "embedded",
        min_length=1,
        description="`embedded`, a sentence-transformers model (name or folder), or `openai:NAME@URL`",
    )
    embedding_api_key: SecretStr = Field(SecretStr(""), description="Key of the embeddings endpoint")
    llm_base_url: str = Field(
        "http://127.0.0.1:8000/v1",
        description="OpenAI-compatible model server; unset, one that `kb serve` runs counts first; `none` for extracts",
    )
    llm_model: str = Field("", description="Model to ask; empty takes the first that the server lists")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key of the model server")
    llm_timeout: float = Field(60.0, gt=0, description="Seconds to wait for the next words of the model")
    llm_requests: int = Field(32, ge=1, le=1024, description="Requests to the model at once; further ones wait")
    models: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Entries that you add to the catalogue of models, as `[models.NAME]` in kb.toml",
    )
    thinking: Literal["auto", "on", "off"] = Field(
        "auto", description="Whether a model that can think aloud does: `on`, `off`, `auto` leaves it to the template"
    )
    samples: int = Field(1, ge=1, le=9, description="Answers that the model gives, of which the shared claims stay")
    verify: bool = Field(False, description="Let the model look at each sentence of its answer once more")
    unsupported: Literal["mark", "drop"] = Field(
        "mark", description="`mark` or `drop` the sentences of an answer that no passage supports"
    )
    general_knowledge: bool = Field(False, description="Let the model answer where the documents do not, and say so")
    reranker: str = Field("", description="sentence-transformers cross-encoder, or `rerank:NAME@URL`; empty is none")
    reranker_api_key: SecretStr = Field(SecretStr(""), description="Key of the rerank endpoint")
    expansion: Literal["none", "phrasings", "hypothetical"] = Field(
        "none", description="What the model adds to a search: other `phrasings`, or a `hypothetical` answer"
    )
    chroma_url: str = Field("", description="Chroma server; empty keeps the vectors below `home`")
    database_url: str = Field("", description="SQLAlchemy URL of the catalog; empty is SQLite below `home`")
    template: str = Field("strict", description="Prompt template")
    templates_dir: Path | None = Field(None, description="Folder with prompt templates of your own")
    pdf_password: SecretStr = Field(SecretStr(""), description="Tried on protected PDFs")
    allow_private_urls: bool = Field(False, description="Also fetch pages from this machine and its network")
    processes: int = Field(0, ge=0, le=64, description="Processes that read files; 0 takes one for each core")
    read_memory: int = Field(3072, ge=256, description="MiB of memory that reading one file may take")
    read_timeout: float = Field(120.0, gt=0, description="Seconds without progress after which a file is given up")
    top_k: int = Field(6, ge=1, le=100, description="Passages that an answer may use")
    section: int = Field(1200, ge=0, le=20000, description="Characters around a passage that the model gets; 0 is off")
    min_score: float = Field(0.09, ge=0, le=1, description="Passages below this score are not evidence")

    def __init__(self, **values: Any) -> None:
        _refuse_unknown_variables(os.environ)
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(_explain(error)) from error
        except SourceError as error:
            raise SettingsError(_unread(error)) from error
        except ValueError as error:
            raise SettingsError(f"{config_file() or CONFIG_VARIABLE}: {error}; correct the file") from error

    @field_validator("home", "templates_dir", mode="before")
    @classmethod
    def _is_a_folder(cls, path: object, info: ValidationInfo) -> object:
        if isinstance(path, str) and not path.strip():
            if info.field_name == "templates_dir":
                return None
            raise ValueError("it is empty; name a folder, or unset it")
        return _from_home(path)

    @field_validator("embedding", "reranker", mode="before")
    @classmethod
    def _may_be_a_folder(cls, model: object) -> object:
        return str(_from_home(model)) if isinstance(model, str) else model

    @field_validator("embedding_api_key", "llm_api_key", "reranker_api_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value().strip()
        if not (text.isascii() and text.isprintable()):
            raise ValueError("a key consists of letters, digits and signs of ASCII")
        return SecretStr(text)

    @field_validator("llm_base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if url.strip().lower() not in {"", "none"} and not url.strip().lower().startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://, or is `none`")
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Argument before environment before file."""
        return init_settings, env_settings, _file_source(settings_cls)

    @property
    def reading_processes(self) -> int:
        """How many files are read side by side."""
        return self.processes or os.cpu_count() or 1

    @property
    def answers_with_model(self) -> bool:
        """Whether a model server may be asked at all."""
        return self.llm_base_url.strip().lower() not in {"", "none"}

    def base_folder(self, slug: str) -> Path:
        """Folder of the indexes of a knowledge base."""
        return self.home / "bases" / slug


def config_file() -> Path | None:
    """The ``kb.toml`` in force: named by ``KB_CONFIG``, else in this folder, else in the user's configuration."""
    if named := os.environ.get(CONFIG_VARIABLE):
        path = Path(os.path.expanduser(named))  # noqa: PTH111 - Path.expanduser() fails where there is no such user
        if not path.is_file():
            raise SettingsError(f"{CONFIG_VARIABLE} names {named!r}, which is not a file; correct or unset it")
        return path
    places = (Path("kb.toml"), platformdirs.user_config_path("kb-app") / "kb.toml")
    return next((path for path in places if path.is_file()), None)


def origins(overrides: Mapping[str, object]) -> dict[str, str]:
    """Where each setting in force comes from: ``argument``, ``KB_NAME``, the file's path, or ``default``."""
    from_environment = EnvSettingsSource(Settings)()
    from_file = _file_source(Settings)()
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        if name in overrides:
            found[name] = "argument"
        elif name in from_environment:
            found[name] = PREFIX + name.upper()
        else:
            found[name] = str(config_file()) if name in from_file else "default"
    return found


def shown(value: object) -> str:
    """A setting as it may be shown to anybody: without keys, and without the password of an address."""
    return _URL_PASSWORD.sub(r"\1:***@", str(value))


def _from_home(path: object) -> object:
    """A path with ``~`` and ``~NAME`` replaced by that user's home; what is no path as it is."""
    if not isinstance(path, (str, Path)) or not str(path).startswith("~"):
        return path
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise ValueError("no user of that name has a home here") from error


def _file_source(settings_cls: type[BaseSettings]) -> TomlConfigSettingsSource:
    return TomlConfigSettingsSource(settings_cls, config_file() or Path(os.devnull))


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)} in the environment; unset it{_or_write(unknown[0].upper(), known)}, "
            f"known are {', '.join(sorted(known))}"
        )


def _or_write(name: str, known: Iterable[str]) -> str:
    """The known name that a person may have meant."""
    near = get_close_matches(name, sorted(known), n=1)
    return f" or write {near[0]}" if near else ""


def _unread(error: SourceError) -> str:
    """What is said of a variable whose value is not even JSON, as that of a table of settings must be."""
    found = _UNREAD.search(str(error))
    name = found[1] if found else ""
    values = {variable.upper(): value for variable, value in os.environ.items()}
    if (value := values.get(PREFIX + name.upper())) is None:
        return f"{error}; correct it"
    return f"setting {name} is {value!r}: not valid JSON, which a table of settings is; correct {_place(name)}"


def _explain(error: ValidationError) -> str:
    problems = []
    for problem in error.errors():
        name = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            where = f" (settings file: {file})" if (file := config_file()) else ""
            known = Settings.model_fields
            problems.append(
                f"unknown setting {name!r}{where}; remove it{_or_write(name, known)}, known are {', '.join(known)}"
            )
        else:
            value = "" if _is_secret(name) else f" is {problem['input']!r}"
            told = problem["msg"].removeprefix("Value error, ")
            problems.append(f"setting {name}{value}: {told}; correct {_place(name)}")
    return "; ".join(problems)


def _is_secret(name: str) -> bool:
    field = Settings.model_fields.get(name)
    return field is not None and field.annotation is SecretStr


def _place(name: str) -> str:
    """Where a person changes a setting, by what is there to be changed."""
    if any(variable.upper() == PREFIX + name.upper() for variable in os.environ):
        return PREFIX + name.upper()
    return str(config_file() or "it")
