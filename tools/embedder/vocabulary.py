"""Which pieces of the vocabulary stay, and the tokenizer that is made of them."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

BOS, EOS, UNKNOWN = "<s>", "</s>", "<unk>"
SPECIAL = (BOS, "<pad>", EOS, UNKNOWN)
_SPACE = "\u2581"
_LATIN = re.compile(r"[A-Za-z'’-]+")


def kept_pieces(pieces: Sequence[str], english: Collection[str]) -> list[int]:
    """Indices of the pieces that Chinese and English text is cut into.

    Kept are the special pieces, every single character of any script, every piece of Han characters, digits,
    punctuation and symbols alone, and the ASCII words of ``english``, a vocabulary that English text was cut into. A
    text whose pieces are all kept is cut as with the full vocabulary, since its best path is still there.
    """
    return [number for number, piece in enumerate(pieces) if _is_kept(piece, english)]


def _is_kept(piece: str, english: Collection[str]) -> bool:
    body = piece.removeprefix(_SPACE)
    if piece in SPECIAL or len(body) <= 1:
        return True
    if _LATIN.fullmatch(body):
        return piece in english
    return all(_is_common(character) for character in body)


def _is_common(character: str) -> bool:
    return unicodedata.category(character)[0] in "NPSZ" or "CJK" in unicodedata.name(character, "")


def make_tokenizer(pieces: Sequence[str], scores: Sequence[float]) -> Tokenizer:
    """A tokenizer like XLM-RoBERTa's over these pieces; the special ones come first."""
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index(UNKNOWN), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            # The rule of the original maps these two to a space; today's SentencePiece leaves them.
            normalizers.Replace(Regex("[\\u0000\\u200d]"), " "),
            normalizers.Precompiled(_normalisation_table()),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}", special_tokens=[(BOS, SPECIAL.index(BOS)), (EOS, SPECIAL.index(EOS))]
    )
    return tokenizer


def _normalisation_table() -> bytes:
    """The compiled rule ``nmt_nfkc``, which SentencePiece writes into every model that it trains."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e", "one two three", "中文 文本"] * 4),
        model_writer=model,
        vocab_size=30,
        hard_vocab_limit=False,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made at run time
    proto.ParseFromString(model.getvalue())
    return bytes(proto.normalizer_spec.precompiled_charsmap)
