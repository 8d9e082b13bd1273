"""Each measure against what a person works out on paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_app.evaluation import bootstrap
from kb_app.evaluation.answers import bare, best_f1, character_f1, contains_answer, contains_any, segments
from kb_app.evaluation.bootstrap import Difference, intervals, mean, ratio, value
from kb_app.evaluation.calibration import calibration_error, reliability, score_statistics
from kb_app.evaluation.refusal import auroc, decision_statistics


class TestContainsAnswer:
    @pytest.mark.parametrize(
        ("text", "parts", "held"),
        [
            ("陪产假为 15 天。[1]", [["15天"]], True),
            ("陪产假为１５天", [["15天"]], True),
            ("请用ＶＰＮ 登录", [["vpn登录"]], True),
            ("陪产假为十五天", [["15天"]], False),
            ("陪产假为十五天", [["15天", "十五天"]], True),
            ("东港15天", [["15天"], ["20天"]], False),
            ("东港15天，西岭二十天", [["15天"], ["20天", "二十天"]], True),
            ("", [["15天"]], False),
            ("随便什么", [], True),
        ],
    )
    def test_every_part_in_one_of_its_alternatives(self, text: str, parts: list[list[str]], held: bool) -> None:
        assert contains_answer(text, parts) is held

    def test_any_answer_of_any_part(self) -> None:
        assert contains_any("西岭二十天", [["15天"], ["20天", "二十天"]])
        assert not contains_any("西岭三十天", [["15天"], ["20天", "二十天"]])

    def test_bare_text(self) -> None:
        assert bare(" Ａ-b，\u3000「丙」\u200b①。\n") == "ab丙1"
        assert bare("。，！ \t") == ""


class TestCharacterF1:
    @pytest.mark.parametrize(
        ("text", "answer", "f1"),
        [
            ("一二三四", "一二三四", 1.0),
            ("一二三四，", "《一二三四》", 1.0),
            ("一二三四", "五六", 0.0),
            ("", "五六", 0.0),
            ("五六", "", 0.0),
            ("每年一二三四", "一二三四", 2 * (4 / 6) * 1 / (4 / 6 + 1)),
            # The run is contiguous: 甲乙 or 丙丁, not 甲乙丙丁.
            ("甲乙戊丙丁", "甲乙丙丁", 2 * (2 / 5) * (2 / 4) / (2 / 5 + 2 / 4)),
            # A word of another script is one segment: 2 of 3 and 2 of 2.
            ("用 Python3 写", "python3 写", 2 * (2 / 3) * 1 / (2 / 3 + 1)),
            ("12天", "1天", 2 * (1 / 2) * (1 / 2) / (1 / 2 + 1 / 2)),
        ],
    )
    def test_on_given_pairs(self, text: str, answer: str, f1: float) -> None:
        assert character_f1(text, answer) == pytest.approx(f1)

    @given(st.text("甲乙丙a1 ", max_size=12), st.text("甲乙丙a1 ", max_size=12))
    def test_the_run_is_the_longest_of_all(self, text: str, answer: str) -> None:
        one, other = segments(text), segments(answer)
        runs = [one[start:end] for start in range(len(one)) for end in range(start + 1, len(one) + 1)]
        shared = [len(run) for run in runs if any(other[at : at + len(run)] == run for at in range(len(other)))]
        longest = max(shared, default=0)
        assert character_f1(text, answer) == (2 * longest / (len(one) + len(other)) if longest else 0.0)

    def test_the_best_alternative_counts_and_parts_are_averaged(self) -> None:
        assert best_f1("一二三四", [["五六", "一二三四", "一"]]) == 1.0
        assert best_f1("一二三四", [["一二三四"], ["五六"]]) == 0.5
        assert best_f1("一二三四", []) == 0.0

    def test_segments(self) -> None:
        assert segments("用Wi-Fi上网，每月 30.5 元") == ["用", "wi", "fi", "上", "网", "每", "月", "30", "5", "元"]


class TestAuroc:
    @pytest.mark.parametrize(
        ("answerable", "unanswerable", "area"),
        [
            ([0.9, 0.8], [0.1, 0.2], 1.0),
            ([0.1, 0.2], [0.9, 0.8], 0.0),
            ([0.5, 0.5], [0.5], 0.5),
            ([0.5, 0.7], [0.5], 0.75),
            ([0.3, 0.6, 0.6], [0.6, 0.2], (1 + 1.5 + 1.5) / 6),
        ],
    )
    def test_share_of_pairs_with_ties_half(
        self, answerable: list[float], unanswerable: list[float], area: float
    ) -> None:
        scores = unanswerable + answerable
        classes = [False] * len(unanswerable) + [True] * len(answerable)
        assert value(auroc(scores, classes), len(scores)) == round(area, 4)

    def test_a_question_drawn_twice_counts_twice(self) -> None:
        once = auroc([0.4, 0.6, 0.5], [True, True, False])
        twice = auroc([0.4, 0.6, 0.6, 0.5], [True, True, True, False])
        assert once(np.array([[1.0, 2.0, 1.0]])) == pytest.approx(twice(np.ones((1, 4))))

    def test_all_resamples_at_once_are_what_counting_pairs_gives(self) -> None:
        generator = np.random.default_rng(5)
        scores, classes = generator.integers(0, 6, 30) / 5, generator.random(30) < 0.6
        weights = generator.integers(0, 3, (20, 30)).astype(float)
        for row, area in zip(weights, auroc(list(scores), list(classes))(weights), strict=True):
            drawn = np.repeat(np.arange(30), row.astype(int))
            high = [scores[place] for place in drawn if classes[place]]
            low = [scores[place] for place in drawn if not classes[place]]
            pairs = [(one > other) + (one == other) / 2 for one in high for other in low]
            assert area == pytest.approx(sum(pairs) / len(pairs))

    @pytest.mark.parametrize("classes", [[True, True], [False, False]])
    def test_of_one_class_there_is_none(self, classes: list[bool]) -> None:
        measure = auroc([0.1, 0.9], classes)
        assert value(measure, 2) is None
        assert intervals({"auroc": measure}, 2, seed=0)["auroc"] == bootstrap.Interval(0, None, None)


class TestDecision:
    def test_refusals_against_what_should_be_refused(self) -> None:
        refused = [True, True, True, False, False, False, False]
        answerable = [False, False, True, False, True, True, True]
        found = {name: value(one, 7) for name, one in decision_statistics(refused, answerable).items()}
        assert found == {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "kept": 0.75}

    def test_nothing_refused(self) -> None:
        found = {name: value(one, 2) for name, one in decision_statistics([False, False], [True, False]).items()}
        assert found == {"precision": None, "recall": 0.0, "f1": 0.0, "kept": 1.0}

    def test_without_unanswerable_questions_only_the_share_kept(self) -> None:
        found = {name: value(one, 2) for name, one in decision_statistics([True, False], [True, True]).items()}
        assert found == {"precision": None, "recall": None, "f1": None, "kept": 0.5}

    def test_without_answerable_questions_only_the_recall(self) -> None:
        found = {name: value(one, 2) for name, one in decision_statistics([True, False], [False, False]).items()}
        assert found == {"precision": None, "recall": 0.5, "f1": None, "kept": None}


class TestCalibration:
    SCORED = (((0.95, True), (0.15, False)), ((0.85, False), (0.12, True)), ())

    def test_error_and_brier_score(self) -> None:
        # Bins: 0.1-0.2 holds 0.15 and 0.12, one right: |0.27 - 1|; 0.8-0.9: |0.85 - 0|; 0.9-1: |0.95 - 1|.
        found = {name: value(one, 3) for name, one in score_statistics(self.SCORED).items()}
        assert found["ece"] == round((0.73 + 0.85 + 0.05) / 4, 4)
        assert found["brier"] == round((0.05**2 + 0.15**2 + 0.85**2 + 0.88**2) / 4, 4)

    def test_the_table_behind_it(self) -> None:
        table = reliability(self.SCORED)
        assert [(one.low, one.passages) for one in table if one.passages] == [(0.1, 2), (0.8, 1), (0.9, 1)]
        assert (table[1].mean_score, table[1].share_right) == (0.135, 0.5)
        assert (table[0].mean_score, table[0].share_right) == (None, None)

    def test_edges_belong_to_the_bin_above_and_one_to_the_last(self) -> None:
        edges = [(number / 10, False) for number in range(11)]
        assert [one.passages for one in reliability([edges])] == [1] * 9 + [2]

    def test_a_perfect_score_has_no_error(self) -> None:
        assert value(calibration_error([[(1.0, True)], [(0.0, False)]]), 2) == 0.0

    def test_without_passages_there_is_none(self) -> None:
        assert {value(one, 2) for one in score_statistics([(), ()]).values()} == {None}


def values_of(size: int) -> list[float | None]:
    """Some numbers with a mean near a half."""
    return [float(number) for number in np.random.default_rng(7).random(size)]


class TestBootstrap:
    @pytest.mark.parametrize("size", [5, 50, 500])
    def test_an_interval_holds_the_mean(self, size: int) -> None:
        found = intervals({"m": mean(values_of(size))}, size, seed=1)["m"]
        assert found.n == size
        assert (found.low or 1) < (value(mean(values_of(size)), size) or 0) < (found.high or 0)

    def test_it_shrinks_with_the_square_root_of_the_questions(self) -> None:
        widths = []
        for size in (50, 5000):
            found = intervals({"m": mean(values_of(size))}, size, seed=1)["m"]
            widths.append((found.high or 0) - (found.low or 1))
        assert 7 < widths[0] / widths[1] < 14

    def test_it_is_that_of_the_normal_distribution_for_a_mean(self) -> None:
        size = 400
        found = intervals({"m": mean(values_of(size))}, size, seed=3)["m"]
        numbers = np.array(values_of(size))
        wide = 1.96 * numbers.std() / size**0.5
        assert found.low == pytest.approx(numbers.mean() - wide, abs=0.004)
        assert found.high == pytest.approx(numbers.mean() + wide, abs=0.004)

    def test_the_same_seed_gives_the_same_interval(self) -> None:
        one, same, other = (intervals({"m": mean(values_of(40))}, 40, seed=seed) for seed in (1, 1, 2))
        assert one == same != other

    def test_blocks_that_fit_in_memory_change_no_number(self) -> None:
        whole = intervals({"m": mean(values_of(41))}, 41, seed=1)
        assert intervals({"m": mean(values_of(41))}, 41, seed=1, cells=333) == whole

    def test_questions_without_a_part_in_it_do_not_count(self) -> None:
        measure = mean([1.0, None, 0.0, None])
        assert (measure.size, value(measure, 4)) == (2, 0.5)
        assert value(mean([None, None]), 2) is None
        assert value(mean([]), 0) is None
        assert intervals({"m": mean([])}, 0, seed=0) == {"m": bootstrap.Interval(0, None, None)}

    def test_a_share_of_quotes_weighs_each_quote(self) -> None:
        measure = ratio([1, 9], [1, 19])
        assert (measure.size, value(measure, 2)) == (20, 0.5)

    def test_a_difference_is_taken_question_by_question(self) -> None:
        """Where one run is better by the same amount everywhere, no resample says otherwise."""
        low = [number / 2 for number in values_of(30) if number is not None]
        difference = Difference(mean([number + 0.25 for number in low]), mean(list(low)))
        assert value(difference, 30) == 0.25
        assert intervals({"d": difference}, 30, seed=0)["d"] == bootstrap.Interval(30, 0.25, 0.25)

    def test_a_difference_between_equals_spans_nothing(self) -> None:
        numbers = values_of(30)
        same = Difference(mean(numbers), mean(list(numbers)))
        assert intervals({"d": same}, 30, seed=0)["d"] == bootstrap.Interval(30, 0.0, 0.0)
