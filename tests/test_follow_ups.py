"""Follow-ups: what they lean on after corrections, refusals and joins, in either script; what asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kb_app.answering.rewriting import Searched
from kb_app.completing import WAYS, FollowUp, Way, bare, completed
from kb_app.conversation import as_messages, asks_nothing, carry_over, leans_on_conversation, may_ask, untold_subject
from kb_app.refusal import REFUSAL
from kb_app.subjects import subject_of
from kb_app.written import Written
from tests.passages import passage

if TYPE_CHECKING:
    from kb_app.types import Message

TOLD = "有规定，见下文。"


def turns(*questions: str, refused: str = "") -> list[Message]:
    """A conversation in which every question was answered but one."""
    return as_messages([(question, REFUSAL if question == refused else TOLD) for question in questions])


@pytest.mark.parametrize("way", WAYS, ids=[way.complete.__name__ for way in WAYS])
def test_each_way_does_what_its_example_says_and_is_the_first_that_does(way: Way) -> None:
    before = bare(way.before)
    follow_up = FollowUp(Written.of(way.said), before, about=before.find(subject_of(before.plain)))
    assert way.complete(follow_up).text == completed(follow_up).text == way.whole
    first = next(other for other in WAYS if other.complete(follow_up))
    assert first is way


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("驻外员工有几天探亲假？", "那高温津贴呢？", "驻外员工的高温津贴"),
        ("夜班司机的底薪是多少？", "误餐补助呢？", "夜班司机的误餐补助是多少"),
        ("临时工的餐补是多少？", "不是，我问的是实习学生", "实习学生的餐补是多少"),
        ("团体票一张多少钱？", "我是问学生票", "学生票多少钱"),
        ("样品放在哪个冷库？", "它由谁管？", "样品由谁管？"),
        ("东站寄存处谁负责？", "他的电话是多少？", "东站寄存处的电话是多少？"),
        ("叉车证怎么考？", "什么时候发？", "叉车证什么时候发？"),
        ("叉车证怎么考？", "要提前几天报名？", "叉车证要提前几天报名？"),
        ("冷库平时开门吗？", "过节也开吗？", "冷库平时开门吗 过节也开吗？"),
        ("烘箱LM-30A多少钱？", "45B呢？", "烘箱LM-45B多少钱"),
        ("烘箱LM-30A多少钱？", "LM-45B呢？", "烘箱LM-45B多少钱"),
        ("老住户的停车费是多少？", "新住户呢？", "新住户的停车费是多少"),
        ("门诊几点开始？", "那儿科呢？", "儿科几点开始"),
        ("展厅在几楼？", "那里有几个讲解员？", "展厅有几个讲解员？"),
        ("有几种月票？", "还有呢", "有几种月票 还有呢"),
    ],
)
def test_a_follow_up_gets_what_it_leaves_out(before: str, question: str, whole: str) -> None:
    assert leans_on_conversation(question) or not whole.endswith(question)
    assert carry_over(question, turns(before)) == whole


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("特休假有幾天？", "這個怎麼申請？", "特休假怎麼申請？"),
        ("北館的開門時間是幾點？", "南館的呢？", "南館的開門時間是幾點"),
        ("圖書證怎麼辦理？", "還有別的嗎？", "圖書證怎麼辦理 還有別的嗎？"),
        ("圖書證怎麼辦理？", "須要什麼材料？", "圖書證須要什麼材料？"),
        ("臨時工的餐補是多少？", "不是，我問的是實習學生", "實習學生的餐補是多少"),
        ("館員的加班費是多少？", "它幾號發？", "館員的加班費幾號發？"),
    ],
)
def test_traditional_characters_are_read_like_simplified_ones_and_stay(before: str, question: str, whole: str) -> None:
    assert carry_over(question, turns(before))[: len(whole)] in {whole, whole.replace("的加班費幾", "幾")}


class TestWhatIsNotBuiltOn:
    def test_a_follow_up_for_which_nothing_was_found(self) -> None:
        asked = turns("借书证怎么办？", "那博物馆呢？", refused="那博物馆呢？")
        assert carry_over("要交钱吗？", asked) == "借书证要交钱吗？"

    def test_what_was_only_put_behind_the_question_before(self) -> None:
        asked = turns("展厅几点开门？", "那周末呢？")
        assert carry_over("寒暑假呢？", asked) == "展厅几点开门 寒暑假"

    def test_but_more_of_the_same_is_more_of_that(self) -> None:
        asked = turns("守则有哪些内容？", "那宿舍楼呢？")
        assert carry_over("还有别的吗？", asked) == "守则有哪些内容 宿舍楼 还有别的吗？"

    def test_and_a_pronoun_is_what_was_named_last(self) -> None:
        asked = turns("东岭办事处在几楼？", "南桥镇呢？")
        assert carry_over("那里有几个人？", asked) == "南桥镇有几个人？"

    def test_a_first_question_without_a_subject_stands_for_itself(self) -> None:
        assert carry_over("多久能到账？", turns("怎么退费？")) == "怎么退费 多久能到账？"

    def test_thanks_are_no_turn(self) -> None:
        asked = as_messages([("租客要提前几天退租？", TOLD), ("谢谢啦", REFUSAL)])
        assert carry_over("押金呢？", asked) == "租客的押金"


class TestAfterARefusal:
    ASKED = turns("食堂几点开饭？", refused="食堂几点开饭？")

    @pytest.mark.parametrize("question", ["那周末呢？", "要预约吗？", "还有呢"])
    def test_one_who_goes_on_about_it_asks_of_its_subject(self, question: str) -> None:
        assert untold_subject(question, self.ASKED) == "食堂"

    @pytest.mark.parametrize("question", ["图书室呢？", "借书证怎么办理？", "那游泳馆几点开门？"])
    def test_one_who_names_another_does_not(self, question: str) -> None:
        assert untold_subject(question, self.ASKED) == ""

    def test_another_takes_its_place(self) -> None:
        assert carry_over("图书室呢？", self.ASKED) == "图书室几点开饭"
        assert carry_over("游泳课呢？", turns("有没有击剑课？", refused="有没有击剑课？")) == "游泳课"

    def test_without_a_subject_it_is_what_the_question_holds(self) -> None:
        asked = turns("你们有没有击剑课？", refused="你们有没有击剑课？")
        assert untold_subject("多少钱？", asked) == "击剑课"

    def test_what_was_answered_is_no_such_subject(self) -> None:
        assert untold_subject("那周末呢？", turns("食堂几点开饭？")) == ""

    def test_passages_of_something_else_do_not_fit(self) -> None:
        searched = Searched("那周末呢？", "食堂几点开饭 周末", about="食堂")
        of_it, other = passage("食堂周末十点开饭。"), passage("展厅周末十点开门。", chunk_id="2")
        assert searched.fitting([other, of_it]) == (of_it,)
        assert Searched("展厅周末几点开门？", "展厅周末几点开门？").fitting([other, of_it]) == (other, of_it)


@pytest.mark.parametrize(
    ("before", "question", "offered"),
    [
        ("工牌丢了怎么办？", "补一张多少钱？", "工牌丢了补一张多少钱？"),
        ("什么时候可以探视？", "小孩能进去吗？", "什么时候可以探视 小孩能进去吗？"),
        ("工牌丢了怎么办？", "工牌丢了在哪儿补？", ""),
        ("工牌丢了怎么办？", "它怎么补？", ""),
        ("工牌丢了怎么办？", "谢谢", ""),
        ("工牌丢了怎么办？", "How much is a new one printed on plastic card stock in the main office?", ""),
    ],
)
def test_what_seemed_to_stand_alone_may_be_asked_together_with_what_was_before(
    before: str, question: str, offered: str
) -> None:
    assert may_ask(question, turns(before)) == offered


def test_nothing_is_offered_without_a_conversation_or_after_a_refusal() -> None:
    assert may_ask("补一张多少钱？", []) == ""
    assert may_ask("补一张多少钱？", turns("工牌丢了怎么办？", refused="工牌丢了怎么办？")) == ""


@pytest.mark.parametrize(
    "said",
    ["谢谢啦", "你好", "您好！", "嗯嗯，好的", "收到", "早上好", "没有问题了，谢谢", "。", "？？", "…", "a", "X。"],
)
def test_courtesies_and_signs_ask_nothing(said: str) -> None:
    assert asks_nothing(said)
    assert not leans_on_conversation(said)


@pytest.mark.parametrize(
    "asked", ["好的，多少钱？", "你好，怎么请假？", "A2", "7", "价", "没有工牌呢？", "行李费", "早上几点？"]
)
def test_questions_ask_something(asked: str) -> None:
    assert not asks_nothing(asked)
