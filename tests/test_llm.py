"""The model client against a real HTTP server that follows a script."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from langchain_core.language_models import FakeListChatModel

from kb_app.errors import ModelError
from kb_app.models.llm import ChatModel, LanguageModel, Options, ServedModel, discover
from tests.asking import ASK, QUICK, client, joined
from tests.scripted_server import Script, refusing_url, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_server_names_its_model_and_context() -> None:
    with serve(Script(model="qwen", context=2048)) as server:
        assert discover(server.base_url) == ServedModel("qwen", 2048)


def test_no_server_is_no_error_but_none() -> None:
    assert discover(refusing_url()) is None


def test_the_list_is_remembered_for_a_while() -> None:
    with serve() as server:
        model = client(server)
        assert model.served() == model.served()
        assert server.listed == 1


def test_text_comes_in_pieces_as_it_was_sent() -> None:
    with serve(Script(answers=[["年假", "五天", "[1]。"]])) as server:
        pieces = list(client(server).stream(ASK))
    assert [piece.text for piece in pieces] == ["年假", "五天", "[1]。"]
    assert server.requests[0]["messages"] == ASK
    assert server.requests[0]["temperature"] <= 0.3


def test_the_answer_takes_at_most_a_quarter_of_the_context() -> None:
    with serve(Script(context=400)) as server:
        list(client(server).stream(ASK))
    assert server.requests[0]["max_tokens"] == 100


def test_thinking_is_told_from_text_in_tags_and_in_fields() -> None:
    script = Script(answers=[["<thi", "nk>想", "</th", "ink>答"]], reasoning=["先", "看"])
    with serve(script) as server:
        pieces = list(client(server).stream(ASK))
    assert joined(pieces) == "答"
    assert joined(pieces, "thinking") == "先看想"


def test_html_for_an_answer_is_no_answer() -> None:
    with serve() as server:
        model = client(server)
        model.served()
        server.script.fault = "html"
        with pytest.raises(ModelError, match=r"does not answer as a model server does.*/v1"):
            list(model.stream(ASK))


def test_an_absent_server_is_named() -> None:
    url = refusing_url()
    with pytest.raises(ModelError, match=f"{url}.*KB_LLM_BASE_URL"):
        list(LanguageModel(url, options=QUICK).stream(ASK))


def test_a_server_that_vanished_since_it_was_seen_is_named() -> None:
    with serve() as server:
        model = client(server)
        model.served()
    with pytest.raises(ModelError, match="KB_LLM_BASE_URL"):
        list(model.stream(ASK))


def test_a_model_that_is_not_served_is_named_with_those_that_are() -> None:
    with serve(Script(model="qwen")) as server, pytest.raises(ModelError, match=r"no model 'glm', only qwen"):
        discover(server.base_url, model="glm")


def test_a_server_without_a_list_answers_to_a_name() -> None:
    with serve(Script(list_status=404)) as server:
        assert joined(client(server, model="scripted").stream(ASK)) == "好的"


def test_the_key_is_sent_and_never_the_one_of_another_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    with serve(Script(key="secret")) as server:
        assert joined(client(server, api_key="secret").stream(ASK)) == "好的"
    with serve(Script(key="other")) as server, pytest.raises(ModelError, match="KB_LLM_API_KEY"):
        list(client(server).stream(ASK))


def test_waiting_between_words_has_a_bound() -> None:
    with serve(Script(answers=[["一", "二"]], delay=1.0)) as server, pytest.raises(ModelError, match="too slow"):
        list(client(server, Options(first=5, between=0.2, retries=0)).stream(ASK))


def test_closing_the_iterator_ends_the_request() -> None:
    with serve(Script(answers=[["啊"] * 500], delay=0.02)) as server:
        pieces = client(server).stream(ASK)
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]  # it is a generator
        assert server.hung_up.wait(2)


def test_a_chat_model_can_be_handed_in() -> None:
    model = ChatModel(FakeListChatModel(responses=["<think>嗯</think>五天[1]。"]))
    pieces = list(model.stream(ASK))
    assert (joined(pieces), joined(pieces, "thinking")) == ("五天[1]。", "嗯")
    assert model.served().name == "FakeListChatModel"


def test_a_chat_model_that_fails_is_a_model_error() -> None:
    class Broken(FakeListChatModel):
        def _stream(self, *args: object, **named: object) -> object:  # type: ignore[override]
            raise OSError("no weights")

    with pytest.raises(ModelError, match="no weights"):
        list(ChatModel(Broken(responses=["x"])).stream(ASK))


def test_a_server_that_accepts_no_connection_is_not_waited_for() -> None:
    with full_socket() as url:
        began = time.monotonic()
        with pytest.raises(ModelError, match="KB_LLM_BASE_URL"):
            list(LanguageModel(url).stream(ASK))
        assert time.monotonic() - began < 4


def test_a_server_that_never_lists_its_models_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match="too slow"):
            discover(url, timeout=0.3)


@contextmanager
def full_socket() -> Iterator[str]:
    """An address whose queue of connections is full: further ones get no answer at all."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as kept:
        for _ in range(4):
            waiting = kept.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


def test_no_trace_leaves_the_machine() -> None:
    """In a process of its own, since the tracing variables are read once."""
    program = (
        "import socket, sys\n"
        "from kb_app.models.llm import ChatModel, LanguageModel\n"
        "from langchain_core.language_models import FakeListChatModel\n"
        "ask = [{'role': 'user', 'content': 'x'}]\n"
        "asked = []\n"
        "real = socket.getaddrinfo\n"
        "socket.getaddrinfo = lambda host, *a, **k: (asked.append(host), real(host, *a, **k))[1]\n"
        "assert list(LanguageModel(sys.argv[1]).stream(ask))\n"
        "assert list(ChatModel(FakeListChatModel(responses=['x'])).stream(ask))\n"
        "from langsmith.run_trees import get_cached_client\n"
        "import threading, time; time.sleep(0.5)\n"
        "print(set(asked) - {'127.0.0.1'}, [t.name for t in threading.enumerate() if 'trac' in t.name.lower()])\n"
    )
    tracing = {"LANGCHAIN_TRACING_V2": "true", "LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "k"}
    with serve() as server:
        done = subprocess.run(
            [sys.executable, "-c", program, server.base_url],
            env={**os.environ, **tracing},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert done.stdout.split() == ["set()", "[]"], done.stderr
