"""What a model said becomes an answer whose citations are checked; what nothing supports is marked or dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from kb_app import notices
from kb_app.answering.output import refuses, unwrapped, whole_sentences
from kb_app.citing.attribution import attribute
from kb_app.citing.citations import cite, cited_sentences, is_claim, strip_marks
from kb_app.conversation import asks_nothing
from kb_app.errors import ModelError
from kb_app.refusal import refusal_for, says_nothing, tells_of_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from kb_app.answering.speaking import Said
    from kb_app.citing.citations import CitedText
    from kb_app.types import Answer, Passage, Verdict

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]
    Verify = Callable[[str, str, Sequence[Passage]], tuple[Verdict, ...]]


@dataclass(frozen=True, slots=True)
class Finisher:
    """Finishes answers of a model.

    Attributes:
        similarity: Cosines of a text with others; chooses quotes where the languages differ.
        strict: Whether sentences are checked at all; without it citations are made and all else is kept.
        unsupported: What becomes of a sentence that nothing supports.
        verify: The second look: question, text and passages give verdicts; None takes none.
    """

    similarity: Similarity | None = None
    strict: bool = True
    unsupported: Literal["mark", "drop"] = "mark"
    verify: Verify | None = None

    def answer(self, draft: Answer, said: Said, passages: Sequence[Passage]) -> Answer:
        """The draft with the model's words, checked against the passages that it was given.

        Where it named no passage, those are named that hold its words.

        Raises:
            ModelError: It said nothing, or nothing that a passage holds.
        """
        text = unwrapped(said.text)
        if not text:
            raise ModelError(f"the model {draft.model!r} answered nothing; ask again, or serve another one")
        draft = replace(draft, thinking=said.thinking.strip())
        if refuses(text):
            return refused(draft, notices.MODEL_REFUSED)
        if said.cut:
            draft, text = noted(draft, notices.CUT_OFF), whole_sentences(text)
        cited = cite(text, passages, similarity=self.similarity)
        if not cited.citations:
            cited = cite(attribute(cited.text, passages), passages, similarity=self.similarity)
            draft = noted(draft, notices.MARKS_ADDED) if cited.citations else draft
        if not self.strict:
            return replace(draft, text=cited.text, citations=cited.citations)
        if not cited.citations and tells_of_nothing([claim.strip() for claim in cited_sentences(cited.text)]):
            return refused(draft, notices.MODEL_REFUSED)
        if not cited.citations:
            raise ModelError(
                f"the answer of the model {draft.model!r} cites no passage and none holds its words, so nothing "
                "supports it; serve another model"
            )
        draft = noted(draft, notices.corrected(cited.corrected))
        return self._checked(self._looked_at(draft, cited.text, passages), cited)

    def _looked_at(self, draft: Answer, text: str, passages: Sequence[Passage]) -> Answer:
        """The draft with the verdicts of the second look; where it fails, with a line that says so."""
        if not self.verify:
            return draft
        try:
            return replace(draft, verdicts=self.verify(draft.question, text, passages))
        except ModelError as error:
            return noted(draft, notices.not_verified(error))

    def _checked(self, draft: Answer, cited: CitedText) -> Answer:
        """The draft with its text, in which what nothing supports is marked, or from which it is gone.

        Raises:
            ModelError: Nothing is left.
        """
        against = {verdict.sentence for verdict in draft.verdicts if verdict.finding == "contradicted"}
        against.update(claim for claim in cited.unsupported if not says_nothing(claim))
        claims = [strip_marks(sentence).strip() for sentence in cited_sentences(cited.text)]
        unsupported = tuple(dict.fromkeys(claim for claim in claims if claim in against))
        if self.unsupported == "mark" or not unsupported:
            text = _marked(cited.text, unsupported)
            return replace(draft, text=text, citations=cited.citations, unsupported=unsupported)
        kept = _without(cited.text, unsupported)
        by_number = {citation.number: citation.passage for citation in cited.citations}
        again = cite(kept, [by_number[number] for number in sorted(by_number)], similarity=self.similarity)
        if not again.citations:
            raise ModelError(
                f"no sentence of the answer of the model {draft.model!r} is supported by a passage; serve another model"
            )
        return noted(replace(draft, text=again.text, citations=again.citations), notices.dropped(len(unsupported)))


def refused(draft: Answer, reason: str) -> Answer:
    """The draft as a refusal; where nothing was asked, its text says how to ask."""
    said = notices.how_to_ask if asks_nothing(draft.question) else refusal_for
    return noted(replace(draft, text=said(draft.question), refused=True), reason)


def noted(draft: Answer, line: str) -> Answer:
    """The draft with a further line in its reason; all stay on one line."""
    return replace(draft, reason=" ".join(filter(None, [draft.reason, line])))


def _marked(text: str, unsupported: Collection[str]) -> str:
    return "".join(
        notices.mark_unfounded(sentence) if strip_marks(sentence).strip() in unsupported else sentence
        for sentence in cited_sentences(text)
    )


def _without(text: str, unsupported: Collection[str]) -> str:
    """The text without these sentences, nor a last line that announced them."""
    kept = [sentence for sentence in cited_sentences(text) if strip_marks(sentence).strip() not in unsupported]
    while kept and not is_claim(strip_marks(kept[-1]).strip()):
        kept.pop()
    return "".join(kept).strip()
