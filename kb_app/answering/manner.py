"""What the answering is told: its prompts, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kb_app.answering.examples import Example
    from kb_app.answering.templates import Template


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of one answer.

    Attributes:
        answer: Of the answer itself.
        condense: Makes a follow-up stand alone.
        decompose: Takes several questions apart.
        verify: Looks at an answer once more.
        general: Answers where the documents do not.
        expand: Says a question in other words for the search; None leaves it as it is.
        examples: To choose from, for a template that shows some.
    """

    answer: Template
    condense: Template
    decompose: Template
    verify: Template
    general: Template
    expand: Template | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How to answer; the settings of the same names explain each.

    Attributes:
        min_score: Passages below this score are no evidence.
        thinking: Whether a model that can think aloud does; None leaves it to the template.
        samples: Answers of which the shared claims stay.
        verify: Look at each sentence once more.
        unsupported: What becomes of sentences that nothing supports.
        general_knowledge: Let the model answer where the documents do not.
    """

    min_score: float = 0.09
    thinking: bool | None = None
    samples: int = 1
    verify: bool = False
    unsupported: Literal["mark", "drop"] = "mark"
    general_knowledge: bool = False


DEFAULT = Manner()
