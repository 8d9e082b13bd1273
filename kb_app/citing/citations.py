"""Marks such as ``[1]`` in an answer become checked data: bounds, numbers, and the words that support a sentence.

Pure functions of plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.citing.claims import is_claim, is_supported, problem, support
from kb_app.citing.marking import CheckedSentence, Marker, inherited_marks, table_heads
from kb_app.citing.marks import (
    cited_sentences,
    hide_code,
    in_code,
    known_only,
    marks,
    rewrite,
    show_code,
    strip_marks,
    without_source_list,
)
from kb_app.citing.quotes import find_quote, same_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.citing.quotes import Similarity
    from kb_app.types import Citation, Passage

__all__ = [
    "CitedText",
    "cite",
    "cited_sentences",
    "find_quote",
    "is_claim",
    "is_supported",
    "marks",
    "problem",
    "same_script",
    "strip_marks",
    "support",
]


@dataclass(frozen=True, slots=True)
class CitedText:
    """An answer after the check of its citations.

    Attributes:
        text: With marks ``[n]`` only, renumbered by first use; unknown numbers are gone.
        citations: One for each mark and sentence, in the order of the text.
        unsupported: Sentences without a valid mark, or whose marks do not hold what they say.
        corrected: How many marks were set right: another passage holds the sentence than the one that was named.
    """

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    corrected: int = 0


def cite(text: str, passages: Sequence[Passage], *, similarity: Similarity | None = None) -> CitedText:
    """Check the marks of an answer against the passages that it was given.

    A sentence whose marks do not hold it gets that of a passage that does; of several marks those stay that hold
    some of it. A sentence without a mark may have those of its list or paragraph, or that of a passage that holds it,
    if there is a mark anywhere in the answer.

    Args:
        text: What the model wrote.
        passages: In the order of their numbers, the first is ``[1]``.
        similarity: Cosines of a sentence with other sentences; chooses the quote where the languages differ.
    """
    known = known_only(hide_code(without_source_list(text)), len(passages)).strip()
    checked = _checked(known, Marker(passages, similarity))
    written = "".join(one.text for one in checked)
    cited = [(old, claim) for one in checked for old, claim in one.cited.items()]
    numbers = dict.fromkeys(number for number in marks(written) if number in dict(cited))
    order = {old: new for new, old in enumerate(numbers, start=1)}
    citations = [find_quote(claim, passages[old - 1], order[old], similarity) for old, claim in cited if old in order]
    unsupported = [show_code(strip_marks(one.text).strip()) for one in checked if not one.holds]
    corrected = sum(one.corrected for one in checked)
    final = show_code(rewrite(written, order).strip())
    return CitedText(final, tuple(citations), tuple(unsupported), corrected)


def _checked(text: str, marker: Marker) -> list[CheckedSentence]:
    """Each sentence of a text after the check of its marks; code stays as it is."""
    sentences = cited_sentences(text)
    code = in_code(text, sentences)
    heads = table_heads(sentences)
    checked = [
        CheckedSentence(sentence) if is_code else marker.check(sentence, says=index not in heads)
        for index, (sentence, is_code) in enumerate(zip(sentences, code, strict=True))
    ]
    said = ["\n" if is_code else one.text for one, is_code in zip(checked, code, strict=True)]
    for index, numbers in inherited_marks(said).items():  # of the marks that are right by now
        if index not in heads and not code[index]:
            checked[index] = marker.check(sentences[index], numbers)
    return checked
