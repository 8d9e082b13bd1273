"""Marks such as ``[1]`` in an answer become checked data: bounds, numbers, and the words that support a sentence.

Pure functions of plain values.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb_app.numerals import numbers_in, stated_numbers
from kb_app.refusal import is_refusal_sentence
from kb_app.text import CJK, keyword_pieces, split_sentences
from kb_app.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb_app.types import Passage

    Similarity = Callable[[str, Sequence[str]], Sequence[float]]

MIN_SUPPORT = 0.35
"""Least share of a sentence's pieces, weighted by rarity, that its quotes, title and headings must hold.

Chosen on 176 statements made from questions and answers of a public set (no others were kept to check it):
98 % reach it against their own passage, 7 % against the most similar passage of another document and 23 %
against another passage of their own document.
"""

_MAX_DIGITS = 3
_NUMBER = rf"\d{{1,{_MAX_DIGITS}}}"
_WORD = r"(?:passage|source|citation|ref|doc|资料|来源|文档|片段|引用|参考)\s*[:：#]?\s*"
_SEPARATOR = r"\s*(?:[,，、;；]|[-–—~～至到])\s*|\s+"
_MARK = re.compile(
    rf"[\[［【]\s*\^?(?:{_WORD})?({_NUMBER}(?:(?:{_SEPARATOR})\^?(?:{_WORD})?{_NUMBER})*)\s*[\]］】](?:\([^()\s]*\))?",
    re.IGNORECASE,
)
_MARKS = re.compile(rf"(?:[^\S\n]{{0,8}}(?:{_MARK.pattern}))+", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})(?:\s*[-–—~～至到]\s*({_NUMBER}))?")
_SOURCE_LIST = re.compile(
    rf"\n(?:[#*_\s]*(?:参考资料|参考文献|资料来源|引用来源|来源|references|sources)[*_\s]*[:：]?[*_]*\s*)\n*"
    rf"(?:\s*(?:[-*•]\s*)?(?:{_MARK.pattern})[^\n]*(?:\n|\Z))+\s*\Z",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"[:：][*_\s]*\Z|\A\s*#|\A[\s|:\-*_=~`>]*\Z")
_CJK = re.compile(f"[{CJK}]")
_REFUSAL_WORDS = re.compile(
    r"(?:无法|不能|没法)[^。，]{0,8}(?:回答|确定|判断|得知)"
    r"|(?:资料|文档|材料|文件)[^。，]{0,8}(?:没有|未|并未|均未)[^。，]{0,4}(?:提到|提及|说明|涉及|包含|给出|记载)"
    r"|(?:documents?|passages?|sources?|context)\b.{0,20}\b(?:do(?:es)? not|don't|doesn't)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CitedText:
    """An answer after the check of its citations.

    Attributes:
        text: With marks ``[n]`` only, renumbered by first use; unknown numbers are gone.
        citations: One for each mark and sentence, in the order of the text.
        unsupported: Sentences without a valid mark, or whose marks do not hold what they say.
    """

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]


def cite(text: str, passages: Sequence[Passage], *, similarity: Similarity | None = None) -> CitedText:
    """Check the marks of an answer against the passages that it was given.

    Args:
        text: What the model wrote.
        passages: In the order of their numbers, the first is ``[1]``.
        similarity: Cosines of a sentence with other sentences; chooses the quote where the languages differ.
    """
    order: dict[int, int] = {}
    text = _renumber(_SOURCE_LIST.sub("", text).strip(), len(passages), order)
    by_number = {number: passages[old - 1] for old, number in order.items()}
    citations: list[Citation] = []
    unsupported: list[str] = []
    for sentence in cited_sentences(text):
        numbers = list(dict.fromkeys(marks(sentence)))
        claim = strip_marks(sentence).strip()
        found = [find_quote(claim, by_number[number], number, similarity) for number in numbers]
        citations += found
        if is_claim(claim) and not is_supported(claim, found):
            unsupported.append(claim)
    return CitedText(text, tuple(citations), tuple(unsupported))


def marks(text: str) -> list[int]:
    """The numbers of all marks in a text, ranges spelt out, in order."""
    return [number for match in _MARK.finditer(text) for number in _numbers(match.group(1))]


def strip_marks(text: str) -> str:
    """The text without its marks, nor those that taking one away leaves, as in ``[[1]2]``."""
    while (bare := _MARKS.sub("", text)) != text:
        text = bare
    return bare


def is_refusal(text: str) -> bool:
    """Whether an answer says that the documents do not tell, and nothing that it cites.

    The fixed sentence counts wherever it stands, a refusal in other words only as the whole of a short answer.
    """
    sentences = [sentence for sentence in cited_sentences(text.strip()) if strip_marks(sentence).strip()]
    refusing = [sentence for sentence in sentences if is_refusal_sentence(strip_marks(sentence))]
    if refusing:
        return not any(marks(sentence) for sentence in sentences if sentence not in refusing)
    return 0 < len(sentences) <= 2 and not marks(text) and bool(_REFUSAL_WORDS.search(sentences[0]))


def cited_sentences(text: str) -> list[str]:
    """Sentences, each with the marks that follow it on its line; joined they are the text again."""
    sentences: list[str] = []
    for sentence in split_sentences(text):
        leading = _MARKS.match(sentence)
        if leading and sentences and not sentences[-1].endswith("\n"):
            sentences[-1] += leading.group()
            sentence = sentence[leading.end() :]  # noqa: PLW2901 - the rest of it
            if sentences[-1] and not sentence.strip():
                sentences[-1] += sentence
                continue
        sentences.append(sentence)
    return sentences


def is_claim(sentence: str) -> bool:
    """Whether a sentence says something to be supported: no heading, ``as follows:``, list marker, refusal."""
    if _LEAD_IN.search(sentence) or is_refusal_sentence(sentence):
        return False
    return any(not piece.isdigit() for piece in keyword_pieces(sentence))


def is_supported(claim: str, citations: Sequence[Citation]) -> bool:
    """Whether the cited passages hold the numbers of a sentence, and their quotes enough of its words."""
    return support(claim, citations) >= MIN_SUPPORT


def support(claim: str, citations: Sequence[Citation]) -> float:
    """Share of a sentence's pieces that its quotes hold; 0 where a number of it is in none of the passages.

    Where a sentence and all its quotes are in different scripts, words cannot be compared; the numbers must
    do alone, and it is 1.
    """
    if not citations:
        return 0.0
    known = {number for citation in citations for number in numbers_in(_context(citation.passage))}
    if not stated_numbers(claim) <= known:
        return 0.0
    comparable = [citation for citation in citations if same_script(claim, citation.quote)]
    if not comparable:
        return 1.0
    weights = piece_weights([citation.passage.text for citation in comparable])
    held = {piece for citation in comparable for piece in keyword_pieces(citation.quote + _above(citation.passage))}
    wanted = set(keyword_pieces(claim))
    numbers = {piece for piece in wanted if piece.isdecimal()}  # all of them are in the passages, in some writing
    return share(wanted, held | numbers, weights)


def same_script(one: str, other: str) -> bool:
    """Whether both texts are mostly CJK, or both are not."""
    return _is_cjk(one) == _is_cjk(other)


def find_quote(claim: str, passage: Passage, number: int, similarity: Similarity | None = None) -> Citation:
    """The one or two sentences of a passage that hold most of a claim, as a citation."""
    spans = _spans(passage.text)
    weights = piece_weights([passage.text[start:end] for start, end in spans])
    wanted = set(keyword_pieces(claim))
    scores = [share(wanted, set(keyword_pieces(passage.text[start:end])), weights) for start, end in spans]
    if similarity and not same_script(claim, passage.text):
        scores = list(similarity(claim, [passage.text[start:end] for start, end in spans]))
    start, end = _best_window(spans, scores, wanted, passage.text, weights)
    return Citation(number=number, passage=passage, quote=passage.text[start:end], start=start, end=end)


def _best_window(
    spans: Sequence[tuple[int, int]], scores: Sequence[float], wanted: set[str], text: str, weights: dict[str, float]
) -> tuple[int, int]:
    """The best sentence, widened by the neighbour that adds most if it adds a fifth of the claim."""
    best = max(range(len(spans)), key=lambda index: (scores[index], -index))
    start, end = spans[best]
    missing = wanted - set(keyword_pieces(text[start:end]))
    gains: list[tuple[float, tuple[int, int]]] = []
    for near in (best - 1, best + 1):
        if 0 <= near < len(spans):
            pieces = missing & set(keyword_pieces(text[spans[near][0] : spans[near][1]]))
            window = (min(start, spans[near][0]), max(end, spans[near][1]))
            gains.append((share(wanted, pieces, weights), window))
    gain, window = max(gains, default=(0.0, (start, end)), key=lambda item: item[0])
    return window if gain >= 0.2 else (start, end)


def piece_weights(texts: Sequence[str]) -> dict[str, float]:
    """Weight of each piece by its rarity among texts: 1 where all hold it, more where few do."""
    held_by = Counter(piece for text in texts for piece in set(keyword_pieces(text)))
    return {piece: 1.0 + math.log(len(texts) / count) for piece, count in held_by.items()}


def share(wanted: set[str], held: set[str], weights: dict[str, float]) -> float:
    """Share of the wanted pieces that are held, by weight; a piece of unknown weight counts as one."""
    total = math.fsum(weights.get(piece, 1.0) for piece in wanted)  # fsum: the order of a set plays no part
    return math.fsum(weights.get(piece, 1.0) for piece in wanted & held) / total if total else 0.0


def _spans(text: str) -> list[tuple[int, int]]:
    """Place of each sentence, without the white space around it."""
    spans, start = [], 0
    for sentence in split_sentences(text):
        bare = sentence.strip()
        if bare:
            begin = start + sentence.index(bare)
            spans.append((begin, begin + len(bare)))
        start += len(sentence)
    return spans or [(0, len(text))]


def _renumber(text: str, count: int, order: dict[int, int]) -> str:
    """Write all marks as ``[n]``, numbered by first use into ``order``; drop unknown and repeated numbers."""
    while (known := _rewrite(text, {number: number for number in range(1, count + 1)})) != text:
        text = known  # again, since what is dropped may leave a mark: [[9]1]
    for number in marks(text):
        order.setdefault(number, len(order) + 1)
    return _rewrite(text, order)


def _rewrite(text: str, new: dict[int, int]) -> str:
    def rewrite(match: re.Match[str]) -> str:
        kept = [new[number] for number in dict.fromkeys(marks(match.group())) if number in new]
        gap = re.match(r"[^\S\n]*", match.group())
        return (gap.group() if gap and kept else "") + "".join(f"[{number}]" for number in kept)

    return _MARKS.sub(rewrite, text)


def _numbers(inside: str) -> Iterator[int]:
    for first, last in _RANGE.findall(inside):
        low, high = int(first), int(last or first)
        yield from range(min(low, high), max(low, high) + 1)


def _above(passage: Passage) -> str:
    return "\n" + "\n".join([passage.title, *passage.headings])


def _context(passage: Passage) -> str:
    return passage.text + _above(passage) + "\n" + passage.source


def _is_cjk(text: str) -> bool:
    letters = sum(char.isalpha() for char in text)
    return 3 * len(_CJK.findall(text)) > letters
