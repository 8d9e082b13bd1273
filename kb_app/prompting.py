"""Prompt templates: loading, verifying, and filling them with passages that fit. Pure but for reading the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from kb_app.errors import SettingsError
from kb_app.refusal import refusal_for
from kb_app.text import CJK, neutralise_control_tokens, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from kb_app.types import Message, Passage

Kind = Literal["answer", "condense"]

REQUIRED: dict[str, frozenset[str]] = {
    "answer": frozenset({"passages", "question"}),
    "condense": frozenset({"history", "question"}),
}
OPTIONAL = frozenset({"history", "refusal"})

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_SECTION = re.compile(r"^## (\w+)[^\S\n]*$", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FENCE = re.compile(r"<(?=/?(?:passage|question|history)\b)", re.IGNORECASE)
_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+|[^\w\s]")
_CHARACTERS_PER_TOKEN = 3
_SPEAKER = {"user": "用户", "assistant": "助手"}


@dataclass(frozen=True, slots=True)
class Template:
    """A verified prompt.

    Attributes:
        name: As settings and answers name it.
        version: Stated by its file; changes when its wording does.
        kind: ``"answer"`` or ``"condense"``.
        system: Text of the system message; may be empty.
        user: Text of the last user message.
    """

    name: str
    version: str
    kind: Kind
    system: str
    user: str

    @property
    def label(self) -> str:
        """Name and version, as an answer shows them."""
        return f"{self.name}@{self.version}"

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the text uses."""
        return frozenset(_VARIABLE.findall(self.system + self.user))


def load_template(name: str, folders: Sequence[Path]) -> Template:
    """Read the template ``name`` from the first folder that holds it.

    Raises:
        SettingsError: No folder holds it, or it is not a valid template.
    """
    known = template_files(folders)
    if name not in known:
        raise SettingsError(f"there is no prompt template {name!r}; known are {', '.join(known) or 'none'}")
    path = known[name]
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
    text = text.replace("\r\n", "\n")
    match = _FRONT_MATTER.match(text)
    if not match:
        raise SettingsError(f"{where}: a template begins with a block between two lines `---`; add name and variables")
    fields = _front_matter(match.group(1))
    sections = _sections(match.group(2))
    if problems := [*_problems(fields, sections), *_variable_problems(fields, sections)]:
        raise SettingsError(f"{where}: {'; '.join(problems)}; correct the template")
    return Template(
        name=fields["name"],
        version=fields.get("version", "1"),
        kind=cast("Kind", fields.get("kind", "answer")),
        system=sections.get("system", ""),
        user=sections["user"],
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


def _variable_problems(fields: Mapping[str, str], sections: Mapping[str, str]) -> list[str]:
    used = set(_VARIABLE.findall("".join(sections.values())))
    declared = {name.strip() for name in fields.get("variables", "").split(",") if name.strip()}
    required = REQUIRED.get(fields.get("kind", "answer"), frozenset())
    found = {
        "missing variables": required - used,
        "unknown variables": used - required - OPTIONAL,
        "variables used but not declared": used - declared,
        "variables declared but not used": declared - used,
    }
    return [f"{what} {', '.join(sorted(names))}" for what, names in found.items() if names]


def build_messages(
    template: Template, question: str, passages: Sequence[Passage], history: Sequence[Message] = ()
) -> list[dict[str, str]]:
    """Fill a template: messages of ``role`` and ``content`` for a chat model.

    Passages are numbered from 1. The turns of the conversation stand between the system text and the
    question, unless the template itself has ``{{history}}``.
    """
    values = {
        "question": as_data(question),
        "passages": "\n".join(show_passage(number, passage) for number, passage in enumerate(passages, start=1)),
        "history": "\n".join(f"{_SPEAKER[turn.role]}：{as_data(turn.content)}" for turn in history),
        "refusal": refusal_for(question),
    }
    messages = [{"role": "system", "content": _fill(template.system, values)}] if template.system else []
    if "history" not in template.variables:
        messages += [{"role": turn.role, "content": as_data(turn.content)} for turn in history]
    return [*messages, {"role": "user", "content": _fill(template.user, values)}]


def _fill(text: str, values: Mapping[str, str]) -> str:
    """One pass, so that a value which looks like a variable stays text."""
    return _VARIABLE.sub(lambda match: values[match.group(1)], text)


def show_passage(number: int, passage: Passage) -> str:
    """A passage as delimited data, with its number and place."""
    place = {
        "source": passage.source,
        "title": passage.title if passage.title not in passage.source else "",
        "section": " > ".join(passage.headings),
        "page": str(passage.page) if passage.page is not None else "",
    }
    attributes = "".join(f' {name}="{_attribute(value)}"' for name, value in place.items() if value)
    return f'<passage number="{number}"{attributes}>\n{as_data(passage.text.strip())}\n</passage>'


def _attribute(text: str) -> str:
    return as_data(one_line(text, 200)).replace('"', "'")


def as_data(text: str) -> str:
    """Text that can neither end its delimiters nor speak as a chat template; only zero-width spaces are added."""
    return _FENCE.sub("<\u200b", neutralise_control_tokens(text))


def estimate_tokens(text: str) -> int:
    """Tokens that a text takes at most with a usual Chinese vocabulary, without asking a tokenizer.

    A CJK character or a sign counts as one, a word of another script as one for each three characters.
    """
    return sum(-(-len(match.group()) // _CHARACTERS_PER_TOKEN) for match in _TOKEN.finditer(text))


def pack(passages: Iterable[Passage], budget: int, count: Callable[[str], int] = estimate_tokens) -> list[Passage]:
    """The best passages that fit a budget together, whole and in their order.

    One that does not fit is left out; a shorter one after it may still fit.
    """
    packed: list[Passage] = []
    for passage in passages:
        cost = count(show_passage(len(packed) + 1, passage)) + 1
        if cost <= budget:
            packed.append(passage)
            budget -= cost
    return packed


def recent_turns(
    history: Sequence[Message], budget: int, count: Callable[[str], int] = estimate_tokens
) -> list[Message]:
    """The newest turns that fit a budget together, each question with its answer, in their order."""
    kept: list[Message] = []
    for turn in reversed(_turns(history)):
        cost = sum(count(message.content) + 4 for message in turn)
        if cost > budget:
            break
        kept = turn + kept
        budget -= cost
    return kept


def _turns(history: Sequence[Message]) -> list[list[Message]]:
    turns: list[list[Message]] = []
    for message in history:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
