"""Tokens are counted by the server's tokenizer where it has one, with few requests, and never fail an answer."""

from __future__ import annotations

import time

import pytest

from kb_app.models.llm import ChatModel, LanguageModel
from kb_app.text import estimate_tokens
from tests.asking import ASK, client
from tests.scripted_server import Script, refusing_url, serve
from tests.scripted_tokenizer import TEMPLATE_TOKENS, tokens_of

TEXTS = ["第三条 员工每年享有年假。", "Annual leave is five days", "表一\n| 工龄 | 天数 |", "", "年假🙂"]


def test_a_prompt_is_counted_with_its_chat_template() -> None:
    with serve(Script(tokenizer="vllm")) as server:
        assert client(server).count(ASK) == len(ASK[0]["content"]) + TEMPLATE_TOKENS
    assert server.tokenized == [{"model": "scripted", "messages": ASK, "add_generation_prompt": True}]


@pytest.mark.parametrize("tokenizer", ["llama.cpp", "plain"])
def test_a_tokenizer_of_plain_text_counts_a_prompt_from_above(tokenizer: str) -> None:
    with serve(Script(tokenizer=tokenizer)) as server:  # type: ignore[arg-type]  # one of the forms
        model = client(server)
        exact = len(ASK[0]["content"])
        assert exact <= model.count(ASK) <= exact + 10
        model.count(ASK)
    assert ["messages" in body for body in server.tokenized] == [True, False, False]


@pytest.mark.parametrize("tokenizer", ["vllm", "llama.cpp"])
def test_passages_are_counted_exactly_with_one_request_for_all(tokenizer: str) -> None:
    with serve(Script(tokenizer=tokenizer)) as server:  # type: ignore[arg-type]
        counts = client(server).count_texts(TEXTS)
    exact = [len(tokens_of(text)) for text in TEXTS]
    assert all(count - one in {0, 1} for count, one in zip(counts, exact, strict=True) if one)  # the joint is one
    assert len(server.tokenized) == 1


def test_where_only_the_sum_is_told_it_is_shared_out() -> None:
    with serve(Script(tokenizer="plain")) as server:
        counts = client(server).count_texts(TEXTS)
    exact = sum(len(tokens_of(text)) for text in TEXTS)
    assert exact <= sum(counts) <= exact + 2 * len(TEXTS)
    assert len(server.tokenized) == 1


def test_what_was_counted_is_not_asked_for_again() -> None:
    with serve(Script(tokenizer="vllm")) as server:
        model = client(server)
        first = model.count_texts(TEXTS[:2])
        assert model.count_texts([*TEXTS[:2], TEXTS[2]])[:2] == first
        assert model.count_texts(TEXTS[:3])[:2] == first
    assert [body["prompt"] for body in server.tokenized] == ["\n".join(TEXTS[:2]), TEXTS[2]]


def test_without_a_tokenizer_it_is_estimated_and_not_asked_for_again() -> None:
    with serve() as server:
        model = client(server)
        assert model.count_texts(TEXTS) == [estimate_tokens(text) for text in TEXTS]
        assert model.count(ASK) >= estimate_tokens(ASK[0]["content"])
        assert len(server.tokenized) == 1


def test_a_slow_tokenizer_is_not_waited_for_twice() -> None:
    with serve(Script(tokenizer="slow")) as server:
        model = client(server)
        model.count(ASK)
        began = time.monotonic()
        assert model.count_texts(TEXTS) == [estimate_tokens(text) for text in TEXTS]
        assert time.monotonic() - began < 0.2
    assert len(server.tokenized) == 1


def test_no_server_and_a_model_handed_in_are_estimated() -> None:
    from langchain_core.language_models import FakeListChatModel

    absent, handed_in = LanguageModel(refusing_url()), ChatModel(FakeListChatModel(responses=["x"]))
    assert absent.count(ASK) == handed_in.count(ASK) >= estimate_tokens(ASK[0]["content"])
    assert absent.count_texts(TEXTS) == handed_in.count_texts(TEXTS)


def test_a_server_that_refuses_the_key_still_lets_count() -> None:
    with serve(Script(key="secret", tokenizer="vllm")) as server:
        assert client(server).count_texts(TEXTS) == [estimate_tokens(text) for text in TEXTS]
