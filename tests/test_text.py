"""Properties of the pure functions on text, for any text; and examples that a person would write."""

from __future__ import annotations

import re
import unicodedata
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb_app.text import CJK, fold, keyword_pieces, neutralise_control_tokens, one_line, split_sentences, squash

ANY = st.text(max_size=200)
"""Any characters at all."""
OFFICE = st.text(alphabet="年假住宿费abC1９５.。！？…；;!?”』)）」 \n\r\t\u3000,、：-|<>[]/_imstart", max_size=120)
"""What stands in office documents, so close together that rules meet."""
TEXTS = st.one_of(ANY, OFFICE)


class TestSentences:
    @given(TEXTS)
    @example("")
    @example("\n\n年假。\n\n")
    @example("。。。")
    def test_joined_they_are_the_text(self, text: str) -> None:
        assert "".join(split_sentences(text)) == text

    @given(TEXTS)
    def test_none_is_empty_and_only_the_first_may_be_blank(self, text: str) -> None:
        sentences = split_sentences(text)
        assert all(sentences)
        assert all(sentence.strip() for sentence in sentences[1:-1])

    @given(TEXTS)
    def test_nothing_stands_behind_the_line_break_that_ends_one(self, text: str) -> None:
        for sentence in split_sentences(text):
            assert "\n" not in sentence.strip()

    @given(st.lists(st.sampled_from(["年假七天。", "要审批！", "找谁？", "他说：“不行。”", "See p. 5 first. "])))
    def test_sentences_put_together_come_apart_again(self, parts: list[str]) -> None:
        assert split_sentences("".join(parts)) == parts

    @pytest.mark.parametrize(
        ("text", "sentences"),
        [
            ("他说：“可以。”然后走了。", ["他说：“可以。”", "然后走了。"]),
            ("真的？！好……", ["真的？！", "好……"]),
            ("单价 3.5 元，见 v2.1。", ["单价 3.5 元，见 v2.1。"]),
            ("Mr. Li signs. Dr. Wu reads it.", ["Mr. Li signs. ", "Dr. Wu reads it."]),
            ("第一条\n第二条", ["第一条\n", "第二条"]),
            ("没有句号", ["没有句号"]),
            ("", []),
        ],
    )
    def test_examples(self, text: str, sentences: list[str]) -> None:
        assert split_sentences(text) == sentences


class TestFolding:
    @given(TEXTS)
    def test_folding_twice_is_folding_once(self, text: str) -> None:
        assert fold(fold(fold(text))) == fold(fold(text))

    @given(TEXTS)
    def test_width_and_case_do_not_count(self, text: str) -> None:
        assert fold(unicodedata.normalize("NFKC", text)) == fold(text)

    @given(TEXTS)
    def test_squashed_text_has_no_white_space_and_ignores_where_it_was(self, text: str) -> None:
        assert not re.search(r"\s", squash(text))
        assert squash(" ".join(text)) == squash(" \n".join(text))

    def test_examples(self) -> None:
        assert fold("ＨＸ－２００ Ｆｌａｓｈ") == "hx-200 flash"
        assert squash("年假 七\n天") == "年假七天"


bare = partial(keyword_pieces, scripts=False)
"""The pieces without what is added to let different writings meet."""


class TestPieces:
    @given(TEXTS)
    def test_they_hold_every_word_character_in_its_order(self, text: str) -> None:
        words = re.findall(rf"[{CJK}]+|[^\W_{CJK}]+", fold(text))
        pieces = iter(bare(text))
        for word in words:
            if re.match(f"[{CJK}]", word) and len(word) > 1:
                pairs = [next(pieces) for _ in range(len(word) - 1)]
                assert pairs[0] + "".join(pair[1] for pair in pairs[1:]) == word
                assert {len(pair) for pair in pairs} == {2}
            else:
                assert next(pieces) == word
        assert next(pieces, None) is None

    @given(TEXTS)
    def test_none_is_empty_or_has_white_space(self, text: str) -> None:
        # The keyword index separates its pieces by spaces.
        assert all(piece and piece.split() == [piece] for piece in keyword_pieces(text))

    @given(TEXTS, TEXTS)
    def test_pieces_of_two_lines_are_those_of_each(self, one: str, other: str) -> None:
        assert bare(f"{one}\n{other}") == bare(one) + bare(other)

    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("年假七天", ["年假", "假七", "七天"]),
            ("假", ["假"]),
            ("HX-200接口RS485", ["hx", "200", "接口", "rs485"]),
            ("年假，年假", ["年假", "年假"]),
            ("snake_case", ["snake", "case"]),
            ("。！\n", []),
        ],
    )
    def test_examples(self, text: str, pieces: list[str]) -> None:
        assert bare(text) == pieces

    @pytest.mark.parametrize(
        ("one", "other", "piece"),
        [
            ("二〇二四年一月一日", "２０２４-01-01", "1月1日"),
            ("二〇二四年", "2024年", "2024"),
            ("百分之十五", "15%", "15%"),
            ("叁万元整", "30,000元", "30000元"),
            ("第十二条", "第12条", "第12条"),
            ("三個工作日", "3个工作日", "3工作日"),
        ],
    )
    def test_numbers_meet_in_whatever_form_they_are_written(self, one: str, other: str, piece: str) -> None:
        assert piece in keyword_pieces(one)
        assert piece in keyword_pieces(other)

    def test_traditional_and_simplified_characters_meet(self) -> None:
        assert keyword_pieces("出差報銷憑證") == keyword_pieces("出差报销凭证")
        assert bare("出差報銷") != bare("出差报销")


class TestControlTokens:
    TOKENS = ("<|im_start|>", "<|endoftext|>", "</s>", "<s>", "<think>", "</think>", "[INST]", "[/INST]", "<<SYS>>")

    @given(st.lists(st.one_of(st.sampled_from(TOKENS), ANY)).map("".join))
    def test_none_is_left_and_only_zero_width_spaces_are_added(self, text: str) -> None:
        safe = neutralise_control_tokens(text)
        assert safe.replace("\u200b", "") == text.replace("\u200b", "")
        assert not [token for token in self.TOKENS if token in safe]
        assert neutralise_control_tokens(safe) == safe

    def test_ordinary_signs_stay(self) -> None:
        for text in ("a < b 且 c > d", "<p>段落</p>", "[1] 和 [备注]", "x |> f <| y"):
            assert neutralise_control_tokens(text) == text


class TestOneLine:
    @given(TEXTS, st.integers(min_value=1, max_value=40))
    def test_it_is_one_short_line_that_a_terminal_can_show(self, text: str, limit: int) -> None:
        line = one_line(text, limit)
        assert len(line) <= limit
        assert line.isprintable()
        assert line == line.strip()

    @given(TEXTS)
    @settings(max_examples=50)
    def test_a_short_line_stays_as_it_is(self, text: str) -> None:
        line = one_line(text, 1000)
        assert one_line(line, 1000) == line

    def test_examples(self) -> None:
        assert one_line("两\n行\x1b[2J") == "两 行 [2J"
        assert one_line("一二三四五", 4) == "一二三…"
