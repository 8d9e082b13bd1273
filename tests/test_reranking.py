"""A reranker behind an endpoint: in order, with logits, slow, overloaded, talking nonsense."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import pytest

from kb_app.errors import ModelError, SettingsError
from kb_app.models.rerank_endpoint import RerankEndpoint
from kb_app.models.reranking import load_reranker, logistic
from tests.rerank_server import RerankScript, serve_reranker
from tests.reranker_contract import RerankerContract
from tests.scripted_server import refusing_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kb_app.models.reranking import Reranker

QUESTION = "温室的湿度要保持在多少？"
TEXTS = ["苗圃每天浇水两次。", "温室的湿度保持在百分之七十。"]


class TestRerankEndpoint(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Iterator[Reranker]:
        with serve_reranker() as server:
            loaded = load_reranker(f"rerank:松塔@{server.url}")
            assert loaded is not None
            yield loaded


def test_no_setting_is_no_reranker() -> None:
    assert load_reranker("") is None
    assert load_reranker("  ") is None


def test_it_is_loaded_once_a_process() -> None:
    spec = "rerank:松塔@http://127.0.0.1:9/v1"
    assert load_reranker(spec) is load_reranker(spec)
    assert load_reranker(spec) is not load_reranker(spec, api_key="sk-1")


@pytest.mark.parametrize(
    "spec",
    [
        "rerank:",
        "rerank:bge",
        "rerank:@http://127.0.0.1/v1",
        "rerank:bge@somewhere",
        "rerank:bge@http:///v1",
        "rerank:bge@http://127.0.0.1:99999/v1",
    ],
)
def test_an_endpoint_needs_a_name_and_a_url(spec: str) -> None:
    with pytest.raises(SettingsError, match=r"KB_RERANKER is .*write rerank:NAME@URL") as caught:
        load_reranker(spec)
    assert "\n" not in str(caught.value)


def test_what_is_sent_and_what_comes_back() -> None:
    with serve_reranker(RerankScript(rate=lambda _, texts: [0.25, 0.75])) as server:
        assert RerankEndpoint("松塔", server.url).scores(QUESTION, TEXTS) == [0.25, 0.75]
    assert server.requests == [{"model": "松塔", "query": QUESTION, "documents": TEXTS}]
    assert server.paths == ["/v1/rerank"]


def test_an_address_may_hold_the_whole_path() -> None:
    with serve_reranker() as server:
        assert len(RerankEndpoint("松塔", f"{server.url}/rerank/").scores(QUESTION, TEXTS)) == 2
    assert server.paths == ["/v1/rerank"]


def test_logits_become_probabilities_and_stay_so() -> None:
    answers = iter([[-4.0, 6.0], [0.5, -0.5]])
    with serve_reranker(RerankScript(rate=lambda *_: next(answers))) as server:
        endpoint = RerankEndpoint("松塔", server.url)
        assert endpoint.scores(QUESTION, TEXTS) == pytest.approx([1 / (1 + math.exp(4)), 1 / (1 + math.exp(-6))])
        assert endpoint.scores(QUESTION, TEXTS) == pytest.approx([logistic(0.5), logistic(-0.5)])


def test_a_cosine_below_zero_counts_as_zero() -> None:
    with serve_reranker(RerankScript(rate=lambda *_: [-0.2, 0.4])) as server:
        assert RerankEndpoint("松塔", server.url).scores(QUESTION, TEXTS) == [0.0, 0.4]


@pytest.mark.parametrize(("logit", "probability"), [(0, 0.5), (1e9, 1), (-1e9, 0), (math.log(3), 0.75)])
def test_the_logistic_function_by_hand(logit: float, probability: float) -> None:
    assert logistic(logit) == pytest.approx(probability)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (lambda rows: rows[:1], "1 scores for 2"),
        (lambda rows: [*rows, {"index": 2, "relevance_score": 0.1}], "3 scores for 2"),
        (lambda rows: [rows[0], rows[0]], "not one for each"),
        (lambda rows: [rows[0], {"index": 7, "relevance_score": 0.1}], "not one for each"),
        (lambda rows: [], "0 scores for 2"),
        (lambda rows: [{**row, "relevance_score": math.nan} for row in rows], "not numbers"),
        (lambda rows: [{**row, "relevance_score": math.inf} for row in rows], "not numbers"),
        (lambda rows: [{**row, "relevance_score": None} for row in rows], "nonsense"),
        (lambda rows: [{**row, "relevance_score": 10**400} for row in rows], "nonsense"),
        (lambda rows: [{**row, "index": math.inf} for row in rows], "nonsense"),
        (lambda rows: [{"score": 0.5, "index": row["index"]} for row in rows], "nonsense"),
        (lambda rows: [0.5, 0.5], "nonsense"),
        (lambda rows: {"0": 0.5}, "nonsense"),
        (lambda rows: None, "nonsense"),
    ],
)
def test_wrong_rows_are_refused_in_one_line(rows: Callable[[list[dict[str, Any]]], object], complaint: str) -> None:
    with serve_reranker(RerankScript(rows=rows)) as server:
        assert complaint in complaint_of(server.url)


@pytest.mark.parametrize("body", ["<html>It works!</html>", "[]", "7", '{"data": []}', '{"results": '])
def test_another_answer_than_a_reranker_s_is_refused_in_one_line(body: str) -> None:
    with serve_reranker(RerankScript(body=body)) as server:
        assert "answered nonsense" in complaint_of(server.url)


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        (401, "status 401 (does it want KB_RERANKER_API_KEY?)"),
        (403, "status 403 (does it want KB_RERANKER_API_KEY?)"),
        (404, "status 404 (does it know this model, and does the address end with /v1?)"),
        (400, "status 400: the passages are too long"),
        (500, "status 500: the passages are too long"),
    ],
)
def test_a_status_is_told_with_what_the_server_says(status: int, complaint: str) -> None:
    with serve_reranker(RerankScript(statuses=[status], trouble="the passages\nare too long")) as server:
        assert complaint in complaint_of(server.url)
        assert len(server.requests) == 1


def test_a_key_is_sent() -> None:
    with serve_reranker(RerankScript(key="sk-right")) as server:
        assert len(RerankEndpoint("松塔", server.url, api_key="sk-right").scores(QUESTION, TEXTS)) == 2
        with pytest.raises(ModelError, match="KB_RERANKER_API_KEY") as caught:
            RerankEndpoint("松塔", server.url, api_key="sk-wrong").scores(QUESTION, TEXTS)
        assert "sk-wrong" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 503])
def test_an_overloaded_endpoint_is_asked_again(status: int) -> None:
    with serve_reranker(RerankScript(statuses=[status])) as server:
        assert len(RerankEndpoint("松塔", server.url).scores(QUESTION, TEXTS)) == 2
        assert len(server.requests) == 2


def test_an_endpoint_that_wants_a_longer_pause_than_there_is_time_is_given_up_at_once() -> None:
    with serve_reranker(RerankScript(statuses=[429], headers={"Retry-After": "120"})) as server:
        begin = time.monotonic()
        assert "status 429" in complaint_of(server.url)
        assert time.monotonic() - begin < 2


def test_an_endpoint_that_is_overloaded_for_long_is_given_up() -> None:
    with serve_reranker(RerankScript(statuses=[503] * 9)) as server:
        assert "status 503: scripted trouble" in complaint_of(server.url, timeout=1.0)
        assert 1 < len(server.requests) < 4


def test_an_endpoint_that_loads_its_model_says_so() -> None:
    with serve_reranker(RerankScript(statuses=[503], trouble="model is still loading")) as server:
        assert "is still loading (HTTP 503)" in complaint_of(server.url)


def test_an_answer_that_comes_drop_by_drop_is_bounded_and_hung_up_on() -> None:
    with serve_reranker(RerankScript(drip=0.05)) as server:
        begin = time.monotonic()
        assert "did not answer within 0.5 s" in complaint_of(server.url, timeout=0.5)
        assert time.monotonic() - begin < 3
        assert server.hung_up.wait(5)


def test_a_hanging_endpoint_is_given_up() -> None:
    with serve_reranker(RerankScript(drip=30)) as server:
        begin = time.monotonic()
        assert "did not answer within 0.3 s" in complaint_of(server.url, timeout=0.3)
        assert time.monotonic() - begin < 3


def test_an_endpoint_that_is_not_there_gets_one_line() -> None:
    assert "does not answer (ConnectError)" in complaint_of(refusing_url())


def test_a_proxy_is_not_asked_for_an_endpoint_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serve_reranker() as server:
        assert len(RerankEndpoint("松塔", server.url).scores(QUESTION, TEXTS)) == 2


def complaint_of(url: str, *, timeout: float = 10.0) -> str:
    """The one line that an endpoint's failure becomes."""
    with pytest.raises(ModelError) as caught:
        RerankEndpoint("松塔", url, timeout=timeout).scores(QUESTION, TEXTS)
    told = str(caught.value)
    assert "\n" not in told
    assert told.startswith(f"the rerank endpoint {url} ")
    assert told.endswith("for model '松塔'; check the server and KB_RERANKER")
    return told
