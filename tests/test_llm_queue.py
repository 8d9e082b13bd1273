"""Many readers share a server: in order, within bounds, and a reader who leaves frees his place."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kb_app.errors import ModelError
from kb_app.models.slots import slots_for
from kb_app.models.streaming import Request
from tests.asking import ASK, QUICK, client, joined
from tests.scripted_server import Script, ScriptedServer, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb_app.models.llm import LanguageModel
    from kb_app.models.watching import Speech


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def reading(speech: Speech) -> threading.Thread:
    thread = threading.Thread(target=lambda: list(speech), daemon=True)
    thread.start()
    return thread


def occupy(model: LanguageModel, server: ScriptedServer) -> Speech:
    """One request that lasts."""
    speech = model.stream(ASK)
    reading(speech)
    assert until(lambda: bool(server.requests))
    return speech


def test_forty_readers_are_all_served_and_never_more_at_once_than_allowed() -> None:
    answers: dict[int, str] = {}
    with serve(Script(answers=[["好", "的"]], delay=0.02)) as server:
        model = client(server, replace(QUICK, requests=8))
        model.served()

        def ask(number: int) -> None:
            answers[number] = joined(model.stream([{"role": "user", "content": str(number)}]))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert answers == dict.fromkeys(range(40), "好的")
    assert server.most == 8
    assert len(server.requests) == 40


def test_forty_readers_are_served_in_the_order_in_which_they_came() -> None:
    with serve(Script(fault="silent")) as server:
        model = client(server, replace(QUICK, requests=1))
        first = occupy(model, server)
        server.script.fault = ""
        queue = slots_for(model.base_url, 1)
        threads = []
        for number in range(40):
            threads.append(reading(model.stream([{"role": "user", "content": str(number)}])))
            assert until(lambda waiting=number + 1: queue.waiting == waiting)  # type: ignore[misc]  # bound here
        first.close()
        for thread in threads:
            thread.join(30)
    assert [body["messages"][0]["content"] for body in server.requests[1:]] == [str(number) for number in range(40)]
    assert server.most == 1


def test_errors_and_readers_who_leave_lose_no_place() -> None:
    with serve(Script(status=500)) as server:
        model = client(server, replace(QUICK, requests=2, queue=2))
        for _ in range(5):
            with pytest.raises(ModelError):
                list(model.stream(ASK))
        server.script.status, server.script.answers, server.script.delay = 200, [["啊", "哦"] * 100], 0.01
        for _ in range(5):
            speech = model.stream(ASK)
            next(speech)
            speech.close()
        for _ in range(5):
            next(model.stream(ASK))  # nobody keeps it: it goes with its last reference
        server.script.answers, server.script.delay = [["好的"]], 0.0
        assert [joined(model.stream(ASK)) for _ in range(4)] == ["好的"] * 4


def test_waiting_for_a_turn_has_a_bound_and_says_how_many_wait() -> None:
    with serve(Script(fault="silent")) as server:
        model = client(server, replace(QUICK, requests=1, queue=0.3))
        first = occupy(model, server)
        with pytest.raises(ModelError, match=r"1 requests are waiting .* asked 1 at once.*KB_LLM_REQUESTS"):
            list(model.stream(ASK))
        first.close()
    assert len(server.requests) == 1


def test_a_waiting_reader_who_leaves_is_out_of_the_queue_and_never_asked_for() -> None:
    with serve(Script(fault="silent")) as server:
        model = client(server, replace(QUICK, requests=1))
        first = occupy(model, server)
        waiting = model.stream([{"role": "user", "content": "left"}])
        thread = reading(waiting)
        assert until(lambda: slots_for(model.base_url, 1).waiting == 1)
        waiting.close()
        thread.join(1)
        assert not thread.is_alive()
        server.script.fault = ""
        first.close()
        assert joined(model.stream(ASK)) == "好的"
    assert "left" not in str(server.requests)


def test_thirty_two_readers_of_a_server_that_dies_in_the_middle_are_all_told_and_lose_no_place() -> None:
    told: dict[int, str] = {}

    def ask(number: int) -> None:
        try:
            list(model.stream([{"role": "user", "content": str(number)}]))
        except ModelError as error:
            told[number] = str(error)

    with serve(Script(answers=[["啊"] * 2000], delay=0.01)) as server:
        model = client(server, replace(QUICK, requests=16, queue=20))
        model.served()
        threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(32)]
        for thread in threads:
            thread.start()
        queue = slots_for(model.base_url, 16)
        assert until(lambda: len(server.requests) == 16 and queue.waiting == 16)
    began = time.monotonic()
    for thread in threads:
        thread.join(max(0.1, began + 10 - time.monotonic()))
    assert [thread for thread in threads if thread.is_alive()] == []
    assert sorted(told) == list(range(32))
    # Those who waited come in time to see it break off, or find nobody there.
    assert sum("broke off in the middle" in line for line in told.values()) >= 16
    assert all("broke off in the middle" in line or "set KB_LLM_BASE_URL" in line for line in told.values())
    assert (queue.waiting, queue.running) == (0, 0)


def test_two_clients_of_a_server_share_its_queue() -> None:
    with serve(Script(fault="silent")) as server:
        limits = replace(QUICK, requests=1, queue=0.2)
        first = occupy(client(server, limits), server)
        with pytest.raises(ModelError, match="waiting"):
            list(client(server, limits).stream(ASK))
        first.close()


def test_closing_ends_the_request_while_the_first_word_is_waited_for() -> None:
    with serve(Script(fault="silent")) as server:
        speech = client(server).stream(ASK)
        thread = reading(speech)
        assert until(lambda: bool(server.requests))
        began = time.monotonic()
        speech.close()
        assert server.hung_up.wait(1)
        thread.join(1)
        assert not thread.is_alive()
        assert time.monotonic() - began < 1


def test_closing_ends_the_waiting_for_an_overloaded_server() -> None:
    with serve(Script(status=429, headers={"Retry-After": "9"})) as server:
        speech = client(server, replace(QUICK, retries=3)).stream(ASK)
        thread = reading(speech)
        assert until(lambda: bool(server.requests))
        time.sleep(0.2)
        speech.close()
        thread.join(1)
        assert not thread.is_alive()
    assert len(server.requests) == 1


def test_a_pulse_lets_a_reader_leave_who_sits_in_other_generators() -> None:
    with serve(Script(fault="silent")) as server:
        pieces = (piece for piece in client(server).stream(ASK, Request(pulse=0.1)))
        began = time.monotonic()
        assert next(pieces).text == ""
        assert time.monotonic() - began < 1
        pieces.close()
        assert server.hung_up.wait(1)


def test_a_pulse_comes_also_in_the_queue_and_changes_no_answer() -> None:
    with serve(Script(answers=[["好", "的"]], delay=0.15)) as server:
        model = client(server, replace(QUICK, requests=1))
        other = reading(model.stream(ASK))
        assert until(lambda: bool(server.requests))
        pieces = list(model.stream(ASK, Request(pulse=0.05)))
        other.join(5)
    assert [piece.text for piece in pieces if piece.text] == ["好", "的"]
    assert len(pieces) > 5


def test_our_own_share_of_the_time_to_the_first_word_is_small() -> None:
    with serve() as server:
        model = client(server)
        list(model.stream(ASK))  # loads the libraries
        times = []
        for _ in range(20):
            began = time.perf_counter()
            next(model.stream(ASK))
            times.append(time.perf_counter() - began)
    assert min(times) < 0.02  # the others waited for the processor
