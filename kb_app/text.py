"""Pure functions on text: sentences, search pieces, folding."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from kb_app.numbers.numerals import number_pieces
from kb_app.scripts import to_simplified

if TYPE_CHECKING:
    from collections.abc import Iterator

CJK = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"

_CLOSERS = "”’』」）】》〉〕\"')\\]}»"
_ABBREVIATIONS = r"(?<!\b[A-Za-z])(?<!\b(?:Mr|Dr|Ms|vs|No|pp|cf|al))(?<!\b(?:Mrs|etc|Fig|Vol|Inc|Ltd))"
# The sign of a picture in Markdown, ![...](...), ends no sentence.
_SENTENCE_END = re.compile(
    rf"(?:(?:[。！？；!?](?!\[[^\]\n]*\]\())+|…+|{_ABBREVIATIONS}\.(?=[{_CLOSERS}]*(?:\s|$)))[{_CLOSERS}。！？；…]*[^\S\n]*\n*|\n+"
)
_WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_CJK_START = re.compile(rf"[{CJK}]")
_CONTROL_TOKEN = re.compile(
    r"<(?=[|｜][^<>\n]{1,40}[|｜]>|/?(?:s|think|answer|tool_call|im_start|im_end|eo[hmpcrt]|sop|seed:\w{1,20}|"
    r"reserved_\d{1,4})>)"
    r"|\[(?=/?INST\]|[gs]?MASK\]|Round \d{1,4}\])|<(?=</?SYS>>)"
    r"|#(?=## (?:Instruction|Input|Response|Human|Assistant):)"
    r"|(?m:^)(?:U(?=SER:|ser:)|A(?=SSISTANT:|ssistant:|lice:)|H(?=uman:)|B(?=ob:))"
)
_HAN = re.compile(f"[{CJK}]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SEPARATORS = re.compile(r"[^\S\n]+")
_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+|[^\w\s]")
_CHARACTERS_PER_TOKEN = 3


def split_sentences(text: str) -> list[str]:
    """Cut text behind each sentence, with its closing quotes and the white space that follows.

    Returns:
        The sentences in order; joined they are ``text`` again. A line break ends a sentence too.
    """
    sentences: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if text[start : match.end()].strip() or not sentences:
            sentences.append(text[start : match.end()])
        else:
            sentences[-1] += text[start : match.end()]
        start = match.end()
    if start < len(text):
        sentences.append(text[start:])
    return sentences


def fold(text: str) -> str:
    """One form for comparing: compatibility forms unified (NFKC), lower case, simplified. Lengths may change."""
    return to_simplified(_without_forms(text))


def _without_forms(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def squash(text: str) -> str:
    """Fold, and drop all white space: for comparing quotes across line breaks."""
    return "".join(fold(text).split())


def keyword_pieces(text: str, *, scripts: bool = True) -> list[str]:
    """Pieces for keyword search: overlapping pairs of CJK characters, and words and numbers of other scripts.

    A CJK run of one character is one piece. The order and repetitions of the text are kept; numbers and dates
    follow once more in a form that is the same for all their writings.

    Args:
        text: Any text.
        scripts: Let traditional characters find simplified ones, and numbers those that are written in another way.
    """
    return [*_pieces(fold(text)), *number_pieces(text)] if scripts else list(_pieces(_without_forms(text)))


def _pieces(folded: str) -> Iterator[str]:
    for match in _WORD.finditer(folded):
        run = match.group()
        if len(run) > 1 and _CJK_START.match(run):
            yield from (run[i : i + 2] for i in range(len(run) - 1))
        else:
            yield run


@lru_cache(maxsize=1024)  # a search asks for each passage twice
def han_share(text: str) -> float:
    """Share of Chinese in what a text says, in [0, 1]; 1 for a text without letters.

    A Chinese character counts as much as three letters.
    """
    letters = sum(map(len, _LETTERS.findall(text)))
    han = sum(map(len, _HAN.findall(text)))
    others = max(0, letters - han) / 3
    return han / (han + others) if han + others else 1.0


def neutralise_control_tokens(text: str) -> str:
    """Break chat-template tokens such as ``<|im_start|>`` with a zero-width space, so that they are only text."""
    return _CONTROL_TOKEN.sub(lambda match: match.group() + "\u200b", text)


def one_line(text: str, limit: int = 80) -> str:
    """The text on one line, without control characters, cut to ``limit`` characters with an ellipsis."""
    printable = "".join(ch if ch.isprintable() else " " for ch in text)
    flat = _SEPARATORS.sub(" ", printable).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def estimate_tokens(text: str) -> int:
    """Tokens that a text takes at most with a usual Chinese vocabulary, without asking a tokenizer.

    A CJK character or a sign counts as one, a word of another script as one for each three characters.
    """
    return sum(-(-len(match.group()) // _CHARACTERS_PER_TOKEN) for match in _TOKEN.finditer(text))
