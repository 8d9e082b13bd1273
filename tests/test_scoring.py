"""The score of a passage: what it is made of, and its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.errors import StorageError
from kb_app.search.scoring import (
    Evidence,
    Score,
    are_foreign,
    closeness,
    coverage,
    focus,
    missing_numbers,
    read_score,
    shipped_score,
    write_score,
)
from kb_app.text import keyword_pieces, split_sentences

if TYPE_CHECKING:
    from pathlib import Path


def pieces_of(text: str) -> list[set[str]]:
    return [set(keyword_pieces(sentence)) for sentence in split_sentences(text)]


def test_coverage_is_the_weighted_share_of_pieces() -> None:
    weights = {"年假": 3.0, "几天": 1.0}
    assert coverage(weights, {"年假", "七天"}) == 0.75
    assert coverage(weights, {"住宿"}) == 0.0
    assert coverage({}, {"年假"}) == 0.0


def test_focus_looks_at_two_sentences_in_a_row() -> None:
    weights = {"锅炉": 1.0, "检修": 1.0}
    near = "锅炉在三号楼。检修在每年五月。食堂另行通知。"
    far = "锅炉在三号楼。食堂另行通知。检修在每年五月。"
    assert focus("锅炉检修", weights, pieces_of(near)) == 1.0
    assert focus("锅炉检修", weights, pieces_of(far)) == 0.5
    assert focus("锅炉检修", weights, []) == 0.0


def test_question_words_are_no_focus() -> None:
    weights = {"锅炉": 1.0, "什么": 1.0}
    assert focus("锅炉什么", weights, pieces_of("锅炉在三号楼。")) == 1.0


@given(st.floats(0, 1), st.floats(0, 0.8), st.booleans())
def test_a_score_is_a_share_and_rises_with_closeness(covered: float, close: float, foreign: bool) -> None:
    score = shipped_score()
    low, high = (score(Evidence(covered, covered, near, 0, foreign)) for near in (close, close + 0.1))
    assert 0 <= low < high <= 1


@given(st.floats(0, 0.9), st.floats(0, 0.8))
def test_a_score_rises_with_the_words_that_are_found(covered: float, close: float) -> None:
    score = shipped_score()
    assert score(Evidence(covered, covered, close, 0, foreign=False)) < score(
        Evidence(covered + 0.1, covered + 0.1, close, 0, foreign=False)
    )


def test_words_that_cannot_be_shared_are_not_missed() -> None:
    score = shipped_score()
    assert score(Evidence(0, 0, 0.3, 0, foreign=True)) > score(Evidence(0, 0, 0.3, 0, foreign=False))


def test_a_year_that_the_passage_does_not_name_speaks_against_it() -> None:
    assert missing_numbers(["2022", "冠军"], {"2023", "冠军"}) == 1.0
    assert missing_numbers(["2022", "7月"], {"2022"}) == 0.5
    assert missing_numbers(["冠军"], set()) == 0.0
    score = shipped_score()
    assert score(Evidence(0.6, 0.6, 0.3, 1, foreign=False)) < score(Evidence(0.6, 0.6, 0.3, 0, foreign=False))


def test_only_texts_of_two_languages_are_foreign() -> None:
    assert are_foreign(1.0, 0.0)
    assert are_foreign(0.0, 0.9)
    assert not are_foreign(1.0, 0.3)
    assert not are_foreign(0.0, 0.1)


def test_closeness_is_measured_from_the_background() -> None:
    assert closeness(0.8, 0.8) == 0.0
    assert closeness(1.0, 0.8) == 1.0
    assert closeness(0.7, 0.8) < 0


def test_a_near_sentence_lifts_a_passage_and_a_far_one_lowers_it() -> None:
    first = Evidence(0.2, 0.2, 0.3, missing=0, foreign=False)
    score = shipped_score()
    far, near = score(replace(first, nearest=0.1)), score(replace(first, nearest=0.6))
    assert far < score(first) < near


def test_a_score_comes_back_from_its_file(tmp_path: Path) -> None:
    weights, second = (1.0, 2.0, 0.5, 3.0, -1.0, 4.0, 0.5), (-2.0, 1.0, 8.0, 0.5, 7.0)
    score = Score(weights, second, "两份资料", ((0.1, 0.2, 30),))
    write_score(tmp_path / "score.json", score)
    assert read_score(tmp_path / "score.json") == score


@pytest.mark.parametrize("text", ["", "{}", '{"weights": [1], "fitted_on": "", "reliability": []}', "[1]"])
def test_a_file_that_is_no_score_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "score.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match=r"score\.json is not a score .*kb calibrate"):
        read_score(path)
