"""The stream of a server is read as it is written, wherever the network cuts it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import ModelError
from kb_app.models.completion import events
from kb_app.models.llm import LanguageModel, ServedModel, discover
from kb_app.models.metrics import server_load
from tests.asking import ASK, QUICK, client, joined
from tests.scripted_bytes import LISTED, event, serve_bytes
from tests.scripted_server import serve

if TYPE_CHECKING:
    from collections.abc import Sequence

END = event("", finish_reason="stop") + b"data: [DONE]\n\n"


def said(writes: Sequence[bytes]) -> list[str]:
    with serve_bytes(writes) as url:
        return [piece.text for piece in LanguageModel(url, options=QUICK).stream(ASK)]


def test_events_are_whole_wherever_the_bytes_are_cut() -> None:
    stream = ": 连接\r\n\r\ndata: 年假\r\n\r\nevent: message\nid: 7\ndata:五天\n\ndata: 上\ndata: 下\n\n\n".encode()
    for at in range(len(stream) + 1):
        datas = [data.decode() for data in events([stream[:at], stream[at:]])]
        assert datas == ["年假", "五天", "上\n下"], stream[:at]


def test_bytes_that_come_one_by_one_are_events_too() -> None:
    stream = b"data: a\r\n\r\ndata: b\n\n"
    assert list(events(stream[at : at + 1] for at in range(len(stream)))) == [b"a", b"b"]


def test_half_a_line_at_the_end_is_no_event() -> None:
    assert list(events([b"data: a\n\ndata: b\n", b"data"])) == [b"a", b"b"]
    assert list(events([b"data: a\n\n", b"data: b"])) == [b"a"]


@pytest.mark.parametrize("stream", [b"", b"<html>It works!</html>", b": ping\n\n", b'{"choices": []}\n'])
def test_what_holds_no_event_is_no_stream(stream: bytes) -> None:
    with pytest.raises(ValueError, match="no event"):
        list(events([stream]))


def test_tokens_that_come_together_stay_pieces_of_their_own() -> None:
    assert said([event("年假") + event("五天") + event("[1]。") + END]) == ["年假", "五天", "[1]。"]


def test_signs_that_end_lines_elsewhere_end_none_here() -> None:
    assert said([event("一\u2028二\u0085三\n四\r五") + END]) == ["一\u2028二\u0085三\n四\r五"]


def test_events_that_say_nothing_are_passed_over() -> None:
    usage = b'data: {"choices": [], "usage": {"completion_tokens": 2}}\n\n'
    bare = b'data: {"choices": [{"index": 0, "delta": null}]}\n\ndata: {"choices": null}\n\n'
    assert said([event(None, finish_reason=None) + bare, event("好"), event(None) + usage + END]) == ["好"]


def test_an_answer_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "五"}, {"type": "image_url", "image_url": {"url": "x"}}, "天"]
    assert said([event(parts) + END]) == ["五天"]


def test_nothing_behind_the_end_is_read() -> None:
    assert said([event("好") + END + event("坏") + b"data: {\n\n"]) == ["好"]


def test_a_stream_that_is_cut_within_an_event_broke_off() -> None:
    with pytest.raises(ModelError, match="broke off in the middle"):
        said([event("好") + b'data: {"choices": [{"delta": {"con'])


@pytest.mark.parametrize(
    "told",
    [
        b'{"error": {"message": "engine died"}}',
        b'{"error": "engine died"}',
        b'{"object": "error", "message": "engine died"}',
    ],
)
def test_an_error_in_the_stream_is_told_in_its_words(told: bytes) -> None:
    with pytest.raises(ModelError, match="broke off with an error: engine died"):
        said([event("好") + b"data: " + told + b"\n\n"])


@pytest.mark.parametrize("stream", [b"data: 3\n\n", b"data: [1]\n\n", b'data: {"choices": [7]}\n\n'])
def test_events_of_another_kind_are_nonsense(stream: bytes) -> None:
    with pytest.raises(ModelError, match="does not answer as a model server does"):
        said([stream])


def test_half_a_character_in_a_question_is_asked_as_a_question_mark() -> None:
    with serve() as server:
        assert joined(client(server).stream([{"role": "user", "content": "年假\ud83d几天"}])) == "好的"
    assert server.requests[0]["messages"][0]["content"] == "年假?几天"


def test_a_server_that_answers_drop_by_drop_is_not_waited_for() -> None:
    with serve_bytes([b" "] * 1000, pause=0.02, list_too=True) as url:
        began = time.monotonic()
        with pytest.raises(ModelError, match="too slow"):
            discover(url, timeout=0.3)
        assert time.monotonic() - began < 2
        assert server_load(url) is None
        assert time.monotonic() - began < 5


def test_nobody_waits_while_another_one_looks_at_the_list_again() -> None:
    with serve_bytes([LISTED[:9], LISTED[9:]], pause=0.4, list_too=True) as url:
        model = LanguageModel(url, options=replace(QUICK, remember=0.0))
        first = model.served()
        looking = threading.Thread(target=model.served)
        looking.start()
        time.sleep(0.1)
        began = time.monotonic()
        assert model.served() == first == ServedModel("scripted", 4096)
        assert time.monotonic() - began < 0.2
        looking.join(5)
