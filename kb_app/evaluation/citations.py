"""An answer in numbers: its sentences, citations and quotes. Pure functions of plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.citing.claims import is_claim, is_supported
from kb_app.citing.marks import cited_sentences, marks, strip_marks
from kb_app.evaluation.answers import best_f1, contains_answer
from kb_app.notices import without_unfounded_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb_app.evaluation.questions import LabelledQuestion
    from kb_app.types import Answer

EXTRACTIVE = "extractive"

_SEMICOLONS = ("；", ";")


@dataclass(frozen=True, slots=True)
class CitationScores:
    """Shares of what the answers say and cite.

    Attributes:
        answers: Number of answers that are no refusals.
        quotes_verbatim: Share of quotes that stand in their passage word for word, at their offsets.
        sentences_cited: Share of sentences with a citation.
        sentences_supported: Share of sentences that their citations support by the check of words and facts.
        document_precision: Mean share of an answer's cited documents that are right ones; answerable questions only.
        document_recall: Mean share of the right documents that are cited; a refusal cites none.
        only_right: Share of answers to answerable questions that cite right documents and no others.
    """

    answers: int
    quotes_verbatim: float | None
    sentences_cited: float | None
    sentences_supported: float | None
    document_precision: float | None
    document_recall: float | None
    only_right: float | None


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of an answer.

    Attributes:
        refused: It says that the documents do not tell; also where it rests on general knowledge.
        author: ``"extractive"``, or the name of the model.
        contains: 1 where it holds the right answer, None where none is given.
        f1: Character F1, None where no right answer is given.
        characters: Without marks and white space.
        sentences: Sentences that say something.
        cited: Those with a mark.
        supported: Those that their citations support.
        quotes: Number of quotes.
        verbatim: Those that stand in their passage.
        documents: Number of documents cited.
        right: Right ones among them.
    """

    refused: bool
    author: str = EXTRACTIVE
    contains: float | None = None
    f1: float | None = None
    characters: int = 0
    sentences: int = 0
    cited: int = 0
    supported: int = 0
    quotes: int = 0
    verbatim: int = 0
    documents: int = 0
    right: int = 0


def given(answer: Answer, question: LabelledQuestion) -> Given:
    """Reduce an answer to numbers."""
    author = answer.model if answer.mode == "llm" else EXTRACTIVE
    if answer.refused or answer.general:
        return refusal(question, author)
    text = without_unfounded_marks(answer.text)
    sentences = [clauses for clauses in _sentences(text) if any(is_claim(_claim(clause)) for clause in clauses)]
    said = strip_marks(text)
    documents = {citation.passage.source for citation in answer.citations}
    found = [one.passage.text[one.start : one.end] == one.quote != "" for one in answer.citations]
    return Given(
        refused=False,
        author=author,
        contains=float(contains_answer(said, question.answers)) if _has_answer(question) else None,
        f1=best_f1(said, question.answers) if _has_answer(question) else None,
        characters=len("".join(said.split())),
        sentences=len(sentences),
        cited=sum(bool(marks("".join(clauses))) for clauses in sentences),
        supported=sum(_is_supported(clauses, answer) for clauses in sentences),
        quotes=len(found),
        verbatim=sum(found),
        documents=len(documents),
        right=len(documents & set(question.docs)),
    )


def refusal(question: LabelledQuestion, author: str = EXTRACTIVE) -> Given:
    """The numbers of an answer that says nothing: where there is a right one, it is missed."""
    missed = 0.0 if _has_answer(question) else None
    return Given(refused=True, author=author, contains=missed, f1=missed)


def _sentences(text: str) -> list[list[str]]:
    """The sentences of an answer as clauses: what ends in a semicolon goes on, and the mark behind it is for both."""
    found: list[list[str]] = []
    goes_on = False
    for clause in cited_sentences(text):
        if goes_on:
            found[-1].append(clause)
        else:
            found.append([clause])
        goes_on = clause.rstrip(" ").endswith(_SEMICOLONS)
    return found


def _is_supported(clauses: Sequence[str], answer: Answer) -> bool:
    """Whether a sentence passes the check of citations here, also where the answer came without it."""
    sentence = "".join(clauses)
    named = set(marks(sentence))
    if any(_claim(clause) in answer.unsupported for clause in clauses):
        return False
    return is_supported(_claim(sentence), [citation for citation in answer.citations if citation.number in named])


def _claim(clause: str) -> str:
    return strip_marks(clause).strip()


def _has_answer(question: LabelledQuestion) -> bool:
    return question.answerable and bool(question.answers)
