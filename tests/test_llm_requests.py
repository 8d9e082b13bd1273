"""What a request to the model server holds, and what is left out where a server refuses it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb_app.errors import ModelError
from kb_app.models.faults import ContextOverflowError
from kb_app.models.llm import ServedModel
from kb_app.models.streaming import Request
from tests.asking import ASK, QUICK, client, joined
from tests.scripted_server import Script, serve

SCHEMA = {"type": "object", "properties": {"天数": {"type": "integer"}}, "required": ["天数"]}


@pytest.mark.parametrize("thinking", [True, False])
def test_thinking_is_switched_in_the_chat_template(thinking: bool) -> None:
    with serve() as server:
        list(client(server).stream(ASK, Request(thinking=thinking)))
    assert server.requests[0]["chat_template_kwargs"] == {"enable_thinking": thinking, "thinking": thinking}


def test_a_plain_request_holds_nothing_that_a_server_may_not_know() -> None:
    with serve() as server:
        list(client(server).stream(ASK))
    assert server.requests[0].keys() == {"model", "messages", "stream", "max_tokens", "temperature"}


def test_the_request_counts_before_the_options() -> None:
    with serve() as server:
        list(client(server).stream(ASK, Request(temperature=0.0, max_tokens=77)))
    assert (server.requests[0]["temperature"], server.requests[0]["max_tokens"]) == (0.0, 77)


def test_a_schema_is_asked_for_as_structured_output() -> None:
    with serve(Script(answers=[['{"天数": 5}']])) as server:
        assert joined(client(server).stream(ASK, Request(schema=SCHEMA))) == '{"天数": 5}'
    asked = server.requests[0]["response_format"]
    assert (asked["type"], asked["json_schema"]["schema"]) == ("json_schema", SCHEMA)


@pytest.mark.parametrize(
    ("refused", "request_"),
    [
        ("chat_template_kwargs", Request(thinking=False)),
        ("response_format", Request(schema=SCHEMA)),
        ("temperature", Request()),
        ("max_tokens", Request()),
    ],
)
def test_a_field_that_is_refused_is_left_out_at_once_and_from_then_on(refused: str, request_: Request) -> None:
    with serve(Script(refuses=[refused])) as server:
        model = client(server)
        assert joined(model.stream(ASK, request_)) == "好的"
        assert joined(model.stream(ASK, request_)) == "好的"
    assert [refused in body for body in server.requests] == [True, False, False]


def test_the_longest_answer_is_told_under_the_name_that_the_server_wants() -> None:
    with serve(Script(refuses=["max_tokens"], context=400)) as server:
        list(client(server).stream(ASK))
    assert server.requests[-1]["max_completion_tokens"] == 100


def test_a_refusal_that_names_no_field_leaves_out_what_not_every_server_knows() -> None:
    with serve(Script(statuses=[400], trouble="bad request")) as server:
        assert joined(client(server).stream(ASK, Request(thinking=True, schema=SCHEMA))) == "好的"
    assert "chat_template_kwargs" not in server.requests[1]
    assert "response_format" in server.requests[1]


def test_a_refusal_that_is_about_something_else_is_told_and_not_remembered() -> None:
    with serve(Script(status=400, trouble="messages must alternate")) as server:
        model = client(server)
        with pytest.raises(ModelError, match="messages must alternate"):
            list(model.stream(ASK, Request(thinking=True)))
        server.script.status = 200
        list(model.stream(ASK, Request(thinking=True)))
    assert len(server.requests) == 3
    assert "chat_template_kwargs" in server.requests[2]


def test_the_penalty_goes_only_to_a_server_that_is_known_to_take_it() -> None:
    for engine, name in (("vllm", "repetition_penalty"), ("llamacpp", "repeat_penalty"), ("openai", "")):
        with serve(Script(engine=engine)) as server:
            list(client(server).stream(ASK))
        sent = server.requests[0]
        assert {one: sent[one] for one in ("repetition_penalty", "repeat_penalty") if one in sent} == (
            {name: 1.05} if name else {}
        )


def test_a_reasoning_model_is_asked_as_its_maker_recommends() -> None:
    with serve(Script(engine="vllm", model="Qwen3-8B", context=40960)) as server:
        model = client(server)
        list(model.stream(ASK))
        list(model.stream(ASK, Request(thinking=False)))
    thinks, speaks = server.requests
    assert "repetition_penalty" not in thinks
    assert (thinks["temperature"], thinks["max_tokens"]) == (0.6, 8192)
    assert (speaks["temperature"], speaks["max_tokens"]) == (0.1, 1024)


def test_adapters_are_listed_with_the_context_of_their_parent() -> None:
    with serve(Script(model="base", context=2048, adapters=["legal", "finance"])) as server:
        model = client(server)
        assert model.models() == [
            ServedModel("base", 2048),
            ServedModel("legal", 2048, "base"),
            ServedModel("finance", 2048, "base"),
        ]
        assert model.served() == ServedModel("base", 2048)
        assert client(server, model="legal").served() == ServedModel("legal", 2048, "base")
        list(client(server, model="legal").stream(ASK))
    assert server.requests[0]["model"] == "legal"


OVERFLOWS = [
    (
        "This model's maximum context length is 2048 tokens. However, you requested 2300 tokens "
        "(2040 in the messages, 260 in the completion). Please reduce the length.",
        (2048, 2040),
    ),
    ("This model's maximum context length is 2048 tokens. However, your request has 2500 input tokens.", (2048, 2500)),
    (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        (8192, 9000),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, your prompt contains at least 2049 input tokens, "
        "which exceeds this limit even without any output tokens.",
        (2048, 2049),
    ),
    (
        "This model's maximum context length is 2048 tokens. However, your prompt contains 90000 characters (more than "
        "16384 characters, which is the upper bound for 2048 input tokens).",
        (2048, None),
    ),
    (
        "The decoder prompt (length 2048) plus the number of requested output tokens (at least 1) is longer than the "
        "maximum model length of 2048.",
        (2048, 2048),
    ),
    ("The decoder prompt (length 3000) is longer than the maximum model length of 2048.", (2048, 3000)),
    ("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", (4096, 5000)),
    ("The input (5000 tokens) is longer than the model's context length (4096 tokens).", (4096, 5000)),
    (
        '{"error": {"code": 400, "message": "the request exceeds the available context size", '
        '"type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096}}',
        (4096, 5000),
    ),
    (
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of "
        "5000 tokens: 4090 tokens from the input messages and 910 tokens for the completion.",
        (4096, 4090),
    ),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4090 `inputs` tokens and 9 "
        "`max_new_tokens`",
        (4096, 4090),
    ),
    ("Input tokens exceed the configured limit of 2000 tokens. Your messages resulted in 3000 tokens.", (2000, 3000)),
    ("Error: prompt is too long", (None, None)),
]


@pytest.mark.parametrize(("words", "numbers"), OVERFLOWS)
def test_a_prompt_that_is_too_long_is_an_error_of_its_own_with_the_numbers(
    words: str, numbers: tuple[int | None, int | None]
) -> None:
    with serve(Script(status=400, trouble=words)) as server, pytest.raises(ContextOverflowError) as caught:
        list(client(server).stream(ASK, Request(thinking=True)))
    assert (caught.value.limit, caught.value.prompt) == numbers
    assert "KB_TOP_K" in str(caught.value)
    assert len(server.requests) == 1


def test_where_only_the_answer_is_too_long_a_shorter_one_is_asked_for() -> None:
    words = (
        "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 2048 "
        "tokens and your request has 1500 input tokens (1024 > 2048 - 1500)."
    )
    with serve(Script(statuses=[400], trouble=words)) as server:
        assert joined(client(server).stream(ASK)) == "好的"
    assert server.requests[1]["max_tokens"] == 547


def test_an_error_about_something_else_is_no_overflow() -> None:
    script = Script(status=400, trouble="the context of this tool call is invalid")
    with serve(script) as server, pytest.raises(ModelError) as caught:
        list(client(server).stream(ASK))
    assert not isinstance(caught.value, ContextOverflowError)


def test_the_limits_of_the_options_hold_where_the_context_is_not_known() -> None:
    with serve(Script(context=None)) as server:
        list(client(server, replace(QUICK, max_tokens=300)).stream(ASK))
    assert server.requests[0]["max_tokens"] == 300
