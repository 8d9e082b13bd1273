"""Each thing that can go wrong with a model server is one clear line, and nothing waits for ever."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from kb_app.errors import ModelError
from kb_app.models.llm import LanguageModel, Options
from kb_app.models.streaming import Piece
from tests.asking import ASK, QUICK, client, joined
from tests.scripted_server import HTML, Script, refusing_url, serve

FOUR = [["年假", "五天", "[1]", "。"]]
BUSY = replace(QUICK, retries=3)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (Script(status=500), "HTTP 500: scripted trouble"),
        (Script(status=503), "overloaded or still loading"),
        (Script(status=503, trouble="Loading model"), "still loading its model; ask again in a minute"),
        (Script(list_status=503, trouble="Loading model"), "still loading its model"),
        (Script(status=503, health=503), "not healthy: it is still loading, or its engine has died"),
        (Script(status=429), "overloaded or the quota"),
        (Script(status=429, headers={"Retry-After": "30"}), "asks to wait 30 s"),
        (Script(status=502, trouble=HTML), "not reachable behind its gateway"),
        (Script(status=504, trouble=HTML), "too slow for its gateway"),
        (Script(status=500, trouble=HTML), "HTTP 500: 502 Bad Gateway; look"),
        (Script(status=413), "does not take a request of this size"),
        (Script(answers=FOUR, fault="dies"), "broke off in the middle"),
        (Script(answers=FOUR, fault="no_end"), "broke off in the middle"),
        (Script(answers=FOUR, fault="reset"), "broke off in the middle"),
        (Script(answers=FOUR, finish="abort"), "broke off in the middle"),
        (Script(answers=FOUR, fault="garbage"), "does not answer as a model server does"),
        (Script(answers=FOUR, fault="error_event"), "CUDA out of memory"),
        (Script(answers=FOUR, finish="content_filter"), "content filter"),
        (Script(fault="html"), "does not answer as a model server does"),
        (Script(fault="nonsense_json"), "does not answer as a model server does"),
        (Script(key="secret"), "KB_LLM_API_KEY"),
        (Script(list_status=500), "HTTP 500"),
        (Script(answers=[[" \n"]]), "answered nothing"),
        (Script(answers=[[]], finish="length"), "answered nothing"),
    ],
)
def test_a_fault_is_one_line_that_says_what_happened(script: Script, says: str) -> None:
    with serve(script) as server, pytest.raises(ModelError) as caught:
        list(client(server).stream(ASK))
    message = str(caught.value)
    assert says in message
    assert server.base_url in message or "answered nothing" in says or "filter" in says
    assert "\n" not in message
    assert "<" not in message


def test_an_overloaded_server_is_asked_again() -> None:
    with serve(Script(statuses=[503, 429])) as server:
        began = time.monotonic()
        assert joined(client(server, BUSY).stream(ASK)) == "好的"
        assert len(server.requests) == 3
        assert 1.2 <= time.monotonic() - began < 5  # a half second, then a whole one, each a fifth more or less


def test_the_server_says_when_to_ask_again() -> None:
    with serve(Script(statuses=[429], headers={"Retry-After": "1"})) as server:
        began = time.monotonic()
        assert joined(client(server, BUSY).stream(ASK)) == "好的"
        assert time.monotonic() - began >= 1


def test_asking_again_has_a_bound_in_number_and_in_time() -> None:
    with serve(Script(status=429, headers={"Retry-After": "60"})) as server, pytest.raises(ModelError, match="60 s"):
        list(client(server, BUSY).stream(ASK))
    assert len(server.requests) == 1
    with serve(Script(status=503)) as server, pytest.raises(ModelError, match="overloaded"):
        list(client(server, replace(QUICK, retries=2, patience=1.0)).stream(ASK))
    assert len(server.requests) == 2


def test_a_server_that_loads_its_model_is_not_asked_again() -> None:
    with serve(Script(status=503, trouble="Loading model")) as server, pytest.raises(ModelError):
        list(client(server, BUSY).stream(ASK))
    assert len(server.requests) == 1


def test_what_was_said_before_a_fault_is_not_asked_for_again() -> None:
    with serve(Script(answers=FOUR, fault="reset")) as server:
        pieces = client(server, BUSY).stream(ASK)
        assert [next(pieces).text, next(pieces).text] == ["年假", "五天"]
        with pytest.raises(ModelError, match="broke off"):
            next(pieces)
    assert len(server.requests) == 1


def test_a_connection_that_drops_before_the_first_word_is_made_again() -> None:
    with serve(Script(statuses=[0])) as server:
        assert joined(client(server, BUSY).stream(ASK)) == "好的"
    assert len(server.requests) == 2


@pytest.mark.parametrize("fault", ["silent", "hollow", "pings"])
def test_a_server_without_a_word_is_given_up_and_hung_up_on(fault: str) -> None:
    with serve(Script(fault=fault)) as server:  # type: ignore[arg-type]  # one of the faults
        began = time.monotonic()
        with pytest.raises(ModelError, match=r"too slow .*KB_LLM_TIMEOUT"):
            list(client(server, Options(first=0.3, between=0.3, retries=0)).stream(ASK))
        assert time.monotonic() - began < 3
        assert server.hung_up.wait(2)


def test_an_answer_that_is_cut_at_its_longest_says_so_at_the_end() -> None:
    with serve(Script(answers=FOUR, finish="length")) as server:
        pieces = list(client(server).stream(ASK))
    assert joined(pieces) == "年假五天[1]。"
    assert [piece.note for piece in pieces] == ["", "", "", "", "length"]


def test_a_server_that_knows_no_limit_is_stopped() -> None:
    words = [[chr(0x4E00 + number * number * 31 % 5000) * 2 + "、" for number in range(400)]]
    with serve(Script(answers=words, context=100, delay=0.001)) as server:
        pieces = list(client(server).stream(ASK))
    assert pieces[-1] == Piece("text", "", "length")
    assert 500 <= len(joined(pieces)) < 600


def test_a_model_that_changed_since_it_was_listed_is_found_with_the_next_question() -> None:
    with serve(Script(model="old")) as server:
        model = client(server)
        model.served()
        server.script.model = "new"
        with pytest.raises(ModelError, match="does not know the model 'old'"):
            list(model.stream(ASK))
        assert joined(model.stream(ASK)) == "好的"


def test_an_absent_server_costs_no_time() -> None:
    began = time.monotonic()
    with pytest.raises(ModelError, match="KB_LLM_BASE_URL"):
        list(LanguageModel(refusing_url()).stream(ASK))
    assert time.monotonic() - began < 2
