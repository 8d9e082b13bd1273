"""The measures of RGB: which passages a question gets, what counts as right, and the program on a set of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.rgb_items import CONDITIONS, Item, holds, lettered, passages, pooled, read_items, told_elsewhere
from tests.program import Program
from tests.scripted_server import Script, serve

if TYPE_CHECKING:
    from pathlib import Path

NAMED = {condition.name: condition for condition in CONDITIONS}
NOISE = Item(
    id="z-1",
    kind="noise_robustness",
    query="青石纺织厂的锅炉检修定在哪天？",
    answers=(("4月12日",),),
    positive=(tuple(f"青石纺织厂的锅炉检修定在4月12日，第{i}次通知。" for i in range(6)),),
    negative=tuple(f"青石纺织厂锅炉房今年添置了第{i}台风机。" for i in range(6)),
)
REJECTED = Item(
    id="z-1-rej", kind="negative_rejection", query=NOISE.query, answers=NOISE.answers, negative=NOISE.negative
)
BOTH = Item(
    id="z-2",
    kind="information_integration",
    query="南湖中学与北湖中学的校长各是谁？",
    answers=(("林若溪",), ("韩启明",)),
    positive=(
        ("南湖中学的校长是林若溪。", "林若溪任南湖中学校长已有三年。"),
        ("北湖中学的校长是韩启明。",),
    ),
    negative=("南湖中学的操场重新铺过。", "北湖中学的食堂有三层。", "西湖中学在招老师。"),
)
PLANTED = Item(
    id="z-3",
    kind="counterfactual",
    query="白塔酒厂有多少个酒窖？",
    answers=(("70",),),
    fakes=(("170",),),
    positive=(("白塔酒厂有70个酒窖。", "白塔酒厂的70个酒窖都在山脚下。"),),
    wrong=("白塔酒厂有170个酒窖。", "白塔酒厂的170个酒窖都在山脚下。"),
    negative=("白塔酒厂的工人分两班。",),
)
ITEMS = [NOISE, BOTH, PLANTED, REJECTED]


@pytest.mark.parametrize(("name", "noise"), [("noise 0.0", 0), ("noise 0.4", 2), ("noise 0.8", 4)])
def test_noise_takes_its_share_of_five_passages(name: str, noise: int) -> None:
    chosen = passages(NOISE, NAMED[name])
    assert len(chosen) == 5
    assert sum(text in NOISE.negative for text in chosen) == noise


def test_passages_that_are_missing_are_made_up_by_noise() -> None:
    few = Item("z-4", "noise_robustness", "问", (("答",),), positive=(("答案是答。",),), negative=NOISE.negative)
    assert passages(few, NAMED["noise 0.0"]) == ["答案是答。", *NOISE.negative[:4]]


def test_every_part_stays_however_much_noise_there_is() -> None:
    chosen = passages(BOTH, NAMED["integration, noise 0.4"], 2)
    assert chosen == ["南湖中学的校长是林若溪。", "北湖中学的校长是韩启明。"]


def test_errors_take_the_place_of_the_true_passages() -> None:
    assert passages(PLANTED, NAMED["counterfactual, planted errors only"])[:2] == list(PLANTED.wrong)
    half = passages(PLANTED, NAMED["counterfactual, half with errors"])
    assert half == ["白塔酒厂有170个酒窖。", "白塔酒厂的70个酒窖都在山脚下。", "白塔酒厂的工人分两班。"]


def test_a_rejection_gets_noise_alone() -> None:
    assert passages(REJECTED, NAMED["rejection, noise only"]) == list(NOISE.negative[:5])


def test_all_parts_must_be_there_in_any_writing() -> None:
    assert holds("林若溪、韩 启明", BOTH.answers)
    assert holds("２０２３年４月", (("2023年4月",),))
    assert not holds("校长是林若溪。", BOTH.answers)
    assert not holds("什么都有", ())


def test_the_answer_within_the_planted_error_does_not_count() -> None:
    assert not holds("有170个", PLANTED.answers, rather_than=PLANTED.fakes)
    assert holds("有170个，也有人说70个", PLANTED.answers, rather_than=PLANTED.fakes)
    assert holds("有170个", PLANTED.fakes, rather_than=PLANTED.answers)


def test_the_pool_hides_what_answers_a_rejected_question() -> None:
    texts = set(pooled(ITEMS, [REJECTED]).values())
    assert not texts & set(NOISE.answering)
    assert texts >= {*NOISE.negative, *BOTH.answering, *PLANTED.answering}
    assert not texts & set(PLANTED.wrong)
    assert set(pooled(ITEMS, []).values()) > texts


def test_a_passage_of_another_item_may_tell_a_rejected_question() -> None:
    assert told_elsewhere(REJECTED, ["青石纺织厂的锅炉定在4月12日检修。"])
    assert not told_elsewhere(REJECTED, ["4月12日有雨。", *NOISE.negative])


def test_a_folder_holds_each_passage_of_an_item_once() -> None:
    files = lettered(ITEMS)
    inside = [text for name, text in files.items() if name.startswith("z-1/")]
    assert len(inside) == len(set(inside)) == 10  # five that answer and five that do not
    rejected = {text for name, text in files.items() if "n" in name.rpartition("-")[2].removesuffix(".txt")}
    assert rejected == set(NOISE.negative[:5])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Files in the form of RGB."""
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [
        {
            "id": item.id,
            "type": item.kind,
            "query": item.query,
            "answers": item.answers,
            "positive": item.positive[0] if len(item.positive) == 1 else item.positive,
            "negative": item.negative,
            "positive_wrong": item.wrong,
            "fake_answers": item.fakes,
        }
        for item in ITEMS[:3]
    ]
    rejection = {"id": REJECTED.id, "type": REJECTED.kind, "query": REJECTED.query, "docs": REJECTED.negative}
    for name, lines in (("rgb_zh_open.jsonl", rows), ("rgb_zh_open_rejection.jsonl", [rejection])):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_files_are_read_as_they_were_written(data: Path) -> None:
    assert read_items(data / "rgb_zh_open.jsonl") == ITEMS[:3]


def test_a_question_sees_the_passages_of_its_measure_alone(data: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    ran = program.run_python(["-m", "benchmarks.rgb", "--data", str(data), "--home", str(tmp_path / "kept"), "--json"])
    assert ran.code == 0, ran.err
    measures = ran.json["conditions"]
    assert ran.json["summary"]["quotes word for word"] == 1.0
    assert [measures[name]["found"] for name in ("noise 0.8", "integration, noise 0.0")] == [1.0, 1.0]
    assert measures["rejection, noise only"]["found"] == 0.0
    assert measures["counterfactual, planted errors only"]["found"] == 0.0
    assert measures["counterfactual, planted errors only"]["wrong by plant"] == 1.0


def test_a_model_that_sees_the_error_is_counted(data: Path, tmp_path: Path) -> None:
    with serve(Script(answers=[["资料有误：白塔酒厂应有70个酒窖[1]。"]])) as server:
        program = Program(tmp_path / "home", settings={"KB_LLM_BASE_URL": server.base_url})
        options = ["--data", str(data), "--home", str(tmp_path / "kept"), "--only", "counterfactual, planted", "--json"]
        ran = program.run_python(["-m", "benchmarks.rgb", *options])
    assert ran.code == 0, ran.err
    assert (ran.json["mode"], ran.json["model"]) == ("llm", "scripted")
    assert list(ran.json["conditions"]) == ["counterfactual, planted errors only"]
    assert ran.json["summary"]["planted errors noticed"] == 1.0
    assert ran.json["summary"]["planted errors repeated"] == 0.0


def test_without_the_data_the_program_says_so(tmp_path: Path) -> None:
    ran = Program(tmp_path / "home").run_python(["-m", "benchmarks.rgb", "--data", str(tmp_path)])
    assert ran.code == 0, ran.err
    assert ran.out.startswith("RGB: not measured, rgb_zh_open.jsonl")
