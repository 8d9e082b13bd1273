"""Whole answers against their passages: facts of another row or clause are found, right sentences keep a source."""

from __future__ import annotations

import pytest

from kb_app.citing.citations import CitedText, cite, is_claim
from tests.labelled_answers import ANSWERS, HOSPITAL, Answer
from tests.passages import passage


def checked(answer: Answer) -> CitedText:
    return cite(answer.text, [HOSPITAL[key] for key in answer.cites.split()])


def is_found(sentence: str, result: CitedText) -> bool:
    bare = cite(sentence, []).text.strip()
    return any(bare in claim or claim in bare for claim in result.unsupported)


def test_wrong_sentences_of_answers_are_found_and_right_ones_are_left_alone() -> None:
    said = [(sentence, wrong, is_found(sentence, checked(one))) for one in ANSWERS for sentence, wrong in one.said]
    assert sum(wrong for _, wrong, _ in said) >= 30
    assert [sentence for sentence, wrong, found in said if found and not wrong] == []
    assert [sentence for sentence, wrong, found in said if wrong and not found] == []


def test_each_quote_of_an_answer_stands_in_its_passage() -> None:
    for answer in ANSWERS:
        for one in checked(answer).citations:
            assert one.passage.text[one.start : one.end] == one.quote != ""


STORE = passage(
    "蔬菜每天清晨到货，水果隔天到货。会员价由营运部制定。散装食品凭小票在3天内退货，预包装食品凭小票在7天内退货。",
    title="云集超市门店手册", headings=(), source="门店.docx",
)  # fmt: skip
HOURS = passage("门店每日8:30开门，国庆当天9:00开门。盘点日为9月5日，当天停业半天。", title="营业时间", headings=())


def test_one_mark_at_the_end_of_a_paragraph_counts_for_all_of_it() -> None:
    result = cite("会员价由营运部定。散装食品3天内可以凭小票退货。水果隔天才到货[1]。", [STORE, HOURS])
    assert (result.unsupported, result.corrected) == ((), 0)
    assert [one.passage for one in result.citations] == [STORE] * 3


def test_a_sentence_without_a_mark_is_attributed_to_another_passage_than_its_neighbour() -> None:
    result = cite("门店每天8:30开门。\n\n会员价由营运部制定[1]。", [STORE, HOURS])
    assert [one.passage for one in result.citations] == [HOURS, STORE]
    assert (result.unsupported, result.corrected) == ((), 0)


def test_an_unmarked_sentence_that_nothing_holds_stays_without_a_source() -> None:
    result = cite("会员价由营运部制定[1]。门店每天7:30开门。", [STORE, HOURS])
    assert result.unsupported == ("门店每天7:30开门。",)


ROOMS = passage(
    "| 编号 | 用途 | 面积 | 负责人 |\n| --- | --- | --- | --- |\n| ZK-11A | 录音间 | 28 | 邵敏之 |\n"
    "| ZK-21A | 排练厅 | 160 | 龚正 |\n| ZK-31C | 道具库 | 75 | 邵敏之 |\n",
    title="剧场房间表", headings=(), source="房间.xlsx",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("ZK-11A 的面积是 28 平方米。", True),
        ("ZK-11A 的面积是 160 平方米。", False),
        ("ZK-21A 是排练厅，由龚正负责。", True),
        ("ZK-21A 是道具库。", False),
        ("ZK-21A 由邵敏之负责。", False),
        ("ZK-11A 和 ZK-31C 都由邵敏之负责。", True),
        ("录音间的面积为 75 平方米。", False),
        ("录音间的面积为 28 平方米。", True),
        ("| ZK-31C | 75 | 邵敏之 |", True),
        ("| ZK-31C | 75 | 龚正 |", False),
    ],
)
def test_a_row_has_its_own_cells_only(sentence: str, holds: bool) -> None:
    assert (cite(f"{sentence}[1]", [ROOMS]).unsupported == ()) is holds


CAMP = passage(
    "青年组报名费为300元，少年组为180元。青年组在东湖集合，少年组在西山集合；往返车费自理。"
    "教练由竞训部选派，志愿者由联络部招募。满10人的团队免1人费用，满30人的团队免4人费用。雨衣可以自备，烟花不能带入营地。",
    title="夏令营通知", headings=(), source="夏令营.md",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("少年组的报名费是180元。", True),
        ("少年组的报名费是300元。", False),
        ("青年组在东湖集合。", True),
        ("青年组在西山集合。", False),
        ("志愿者由竞训部招募。", False),
        ("志愿者由联络部招募。", True),
        ("烟花可以带入营地。", False),
        ("雨衣可以自己带。", True),
    ],
)
def test_a_clause_has_its_own_facts_only(sentence: str, holds: bool) -> None:
    assert (cite(f"{sentence}[1]", [CAMP]).unsupported == ()) is holds


@pytest.mark.parametrize(
    ("sentence", "text", "holds"),
    [
        ("报名材料交到河东中学。", "报名材料交到河西中学。", False),
        ("报名材料交到河西中学。", "报名材料交到河西中学。", True),
        ("活动在青山小学举行。", "活动在绿水小学举行。", False),
        ("报修由信息中心受理。", "报修由教务中心受理。", False),
        ("投诉由客服中心受理。", "投诉由客户服务中心受理。", True),
        ("投诉由客户服务中心受理。", "投诉由客服中心受理。", True),
        ("投诉找客服中心。", "发票由财务中心开具，投诉由客服中心受理。", True),
        ("酒店位于市中心。", "酒店在市中心，交通方便。", True),
        ("学历须在普通高中学历以上。", "须有普通高中以上学历。", True),
        ("由学校统一组织集中学习。", "员工由学校统一组织，集中学习。", True),
    ],
)
def test_schools_and_centres_are_names(sentence: str, text: str, holds: bool) -> None:
    source = passage(text, title="说明", headings=())
    assert (cite(f"{sentence}[1]", [source]).unsupported == ()) is holds


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("希望以上内容对您有所帮助！", False),
        ("如需了解更多，请拨打服务热线。", False),
        ("根据提供的资料，主要内容如下。", False),
        ("以上就是关于退货的说明。", False),
        ("综上，具体以门店的最新规定为准。", False),
        ("I hope this helps.", False),
        ("希望这3天对您有所帮助。", True),
        ("综上所述，押金为两百元。", True),
        ("总之，商品一律不能退。", True),
        ("如果孩子发热，请联系保健医生。", True),
        ("以上人员须提前登记。", True),
        ("如需更多帮助，请联系张敏老师。", True),
    ],
)
def test_what_stands_around_an_answer_claims_nothing(sentence: str, says: bool) -> None:
    assert is_claim(sentence) is says


def test_a_title_in_an_introduction_must_be_that_of_a_passage() -> None:
    manual = passage("散装食品凭小票在3天内退货。", title="门店手册", headings=(), source="门店手册.docx")
    right, wrong = "根据《门店手册》，具体规定如下。", "根据《员工守则》，具体规定如下。"
    answer = "散装食品凭小票在3天内退货[1]。"
    assert cite(right + answer, [manual]).unsupported == ()
    assert cite(wrong + answer, [manual]).unsupported == (wrong,)


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("盘点定在9/5。", True),
        ("盘点从9.5开始。", True),
        ("盘点定在9/6。", False),
        ("盘点定在5/9。", False),
    ],
)
def test_short_dates_are_read_where_the_passage_has_the_day(sentence: str, holds: bool) -> None:
    assert (cite(f"{sentence}[1]", [HOURS]).unsupported == ()) is holds


def test_a_wrong_mark_of_an_english_sentence_is_set_right_by_its_numbers() -> None:
    result = cite("Food in packages may be returned within 7 days [2].", [STORE, HOURS])
    assert [one.passage for one in result.citations] == [STORE]
    assert (result.unsupported, result.corrected) == ((), 1)
    assert cite("Food in packages may be returned within 9 days [2].", [STORE, HOURS]).unsupported != ()


def test_what_stands_in_a_passage_word_for_word_is_held() -> None:
    steps = passage(
        "满一年的5天，满十年的10天，满二十年的15天。\n15 kW 机组 1500 元，37 kW 机组 2600 元，55 kW 机组 4800 元。",
        title="标准", headings=(),
    )  # fmt: skip
    assert cite("满一年的5天，满十年的10天，满二十年的15天[1]。", [steps]).unsupported == ()
    assert cite("15 kW 机组 1500 元，37 kW 机组 2600 元，55 kW 机组 4800 元[1]。", [steps]).unsupported == ()
    assert cite("15 kW 机组 2600 元，37 kW 机组 1500 元，55 kW 机组 4800 元[1]。", [steps]).unsupported != ()


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("没参加的须补考。", True),
        ("补考须交照片。", True),
        ("电炉、蜡烛也不允许使用。", True),
        ("可以使用电炉。", False),
        ("补考每人一次80元。", True),
    ],
)
def test_a_denial_beside_a_noun_denies_nothing_of_the_rest(sentence: str, holds: bool) -> None:
    rules = passage(
        "未参加考试的人员补考须交照片，每次80元。没参加的须补考。教室内禁止使用酒精灯、电炉和蜡烛。",
        title="考场规则", headings=(),
    )  # fmt: skip
    assert (cite(f"{sentence}[1]", [rules]).unsupported == ()) is holds
