"""Prompt templates: files with front matter, read and verified. Pure but for reading the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from kb_app.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Kind = Literal["answer", "condense", "decompose", "verify", "general", "expand"]

REQUIRED: dict[str, frozenset[str]] = {
    "answer": frozenset({"passages", "question"}),
    "condense": frozenset({"history", "question"}),
    "decompose": frozenset({"question"}),
    "verify": frozenset({"passages", "claims"}),
    "general": frozenset({"question"}),
    "expand": frozenset({"question"}),
}
OPTIONAL: dict[str, frozenset[str]] = {
    "answer": frozenset({"history", "refusal", "examples"}),
    "condense": frozenset({"refusal"}),
    "verify": frozenset({"question"}),
    "general": frozenset({"history"}),
}
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")

_FIELDS = ("name", "version", "kind", "variables", "description", "author", "thinking", "reasoning", "examples")
_THINKING = {"": None, "on": True, "off": False}
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SECTION = re.compile(r"^## (\w+)[^\S\n]*$", re.MULTILINE)
_MOST_EXAMPLES = 9


@dataclass(frozen=True, slots=True)
class Template:
    """A verified prompt.

    Attributes:
        name: As settings and answers name it.
        version: Stated by its file; changes when its wording does.
        kind: What it is for.
        system: Text of the system message; may be empty.
        user: Text of the last user message.
        thinking: Whether a model that can think aloud should; None leaves it to the server.
        reasoning: The heading of the reasoning that it asks for and that of the answer behind it; or empty.
        examples: Number of examples that it shows.
    """

    name: str
    version: str
    kind: Kind
    system: str
    user: str
    thinking: bool | None = None
    reasoning: tuple[str, ...] = ()
    examples: int = 0

    @property
    def label(self) -> str:
        """Name and version, as an answer shows them."""
        return f"{self.name}@{self.version}"

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the text uses."""
        return frozenset(VARIABLE.findall(self.system + self.user))


def load_template(name: str, folders: Sequence[Path], *, kind: Kind | None = None) -> Template:
    """Read the template ``name`` from the first folder that holds it.

    Raises:
        SettingsError: No folder holds it, it is not a valid template, or not one of that kind.
    """
    known = template_files(folders)
    if name not in known:
        raise SettingsError(f"there is no prompt template {name!r}; known are {', '.join(known) or 'none'}")
    template = read_template(known[name])
    if kind and template.kind != kind:
        raise SettingsError(f"{known[name]}: its kind is {template.kind!r}, not {kind!r}; correct `kind`")
    return template


def read_template(path: Path) -> Template:
    """Read a template's file.

    Raises:
        SettingsError: It cannot be read, or is not a valid template.
    """
    try:
        return parse_template(path.read_text("utf-8-sig"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from error


def template_files(folders: Sequence[Path]) -> dict[str, Path]:
    """The template files by name; an earlier folder hides a later one. Other Markdown files are no templates."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.md")):
            if path.stem.lower() != "readme":
                found.setdefault(path.stem, path)
    return found


def parse_template(text: str, *, where: str) -> Template:
    """Read a template and verify it; ``where`` names it in errors.

    Raises:
        SettingsError: It names all problems at once.
    """
    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if not match:
        raise SettingsError(f"{where}: a template begins with a block between two lines `---`; add name and variables")
    fields = _front_matter(match.group(1))
    sections = _sections(match.group(2))
    if problems := [*_problems(fields, sections), *_field_problems(fields), *_variable_problems(fields, sections)]:
        raise SettingsError(f"{where}: {'; '.join(problems)}; correct the template")
    return Template(
        name=fields["name"],
        version=fields.get("version", "1"),
        kind=cast("Kind", fields.get("kind", "answer")),
        system=sections.get("system", ""),
        user=sections["user"],
        thinking=_THINKING[fields.get("thinking", "")],
        reasoning=tuple(_listed(fields.get("reasoning", ""))),
        examples=int(fields.get("examples", "0")),
    )


def _front_matter(block: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.splitlines() if line.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _sections(body: str) -> dict[str, str]:
    parts = _SECTION.split(body)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def _problems(fields: Mapping[str, str], sections: Mapping[str, str]) -> list[str]:
    problems = []
    if not fields.get("name"):
        problems.append("`name` is missing")
    if fields.get("kind", "answer") not in REQUIRED:
        problems.append(f"kind {fields['kind']!r} is none of {', '.join(REQUIRED)}")
    if not sections.get("user"):
        problems.append("the section `## user` is missing")
    if unknown := sorted(sections.keys() - {"system", "user"}):
        problems.append(f"unknown sections {', '.join(unknown)}")
    return problems


def _field_problems(fields: Mapping[str, str]) -> list[str]:
    problems = []
    if unknown := sorted(fields.keys() - set(_FIELDS)):
        problems.append(f"unknown fields {', '.join(unknown)}, known are {', '.join(_FIELDS)}")
    if fields.get("thinking", "") not in _THINKING:
        problems.append(f"thinking {fields['thinking']!r} is neither on nor off")
    if fields.get("reasoning") and len(_listed(fields["reasoning"])) != 2:
        problems.append(f"reasoning {fields['reasoning']!r} is not two headings, as `分析, 回答`")
    if fields.get("examples", "0") not in map(str, range(_MOST_EXAMPLES + 1)):
        problems.append(f"examples {fields['examples']!r} is not a number from 0 to {_MOST_EXAMPLES}")
    return problems


def _variable_problems(fields: Mapping[str, str], sections: Mapping[str, str]) -> list[str]:
    used = set(VARIABLE.findall("".join(sections.values())))
    declared = set(_listed(fields.get("variables", "")))
    kind = fields.get("kind", "answer")
    required = REQUIRED.get(kind, REQUIRED["answer"])
    found = {
        "missing variables": required - used,
        "unknown variables": used - required - OPTIONAL.get(kind, frozenset()),
        "variables used but not declared": used - declared,
        "variables declared but not used": declared - used,
    }
    return [f"{what} {', '.join(sorted(names))}" for what, names in found.items() if names]


def _listed(field: str) -> list[str]:
    return [item.strip() for item in re.split("[,，]", field) if item.strip()]
