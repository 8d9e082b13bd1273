"""Pages of the web, read only when they are named, and only from where that is allowed."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from ingest import sync
from kb_app import KnowledgeBase, Settings
from tests.fakes import HashEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAVE = "员工入职满一年后每年有七天年假，当年没有休完的可以顺延到次年三月底。"


class _Site(BaseHTTPRequestHandler):
    body = LEAVE

    def do_GET(self) -> None:
        page = f"<html><head><title>年假</title></head><body><nav>首页</nav><p>{self.body}</p></body></html>".encode()
        self.send_response(200 if self.path == "/leave" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    _Site.body = LEAVE
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open("网", Settings(home=tmp_path, allow_private_urls=True), embedder=HashEmbedder()) as kb:
        yield kb


def test_a_page_is_read_and_followed_over_time(own: KnowledgeBase, site: str) -> None:
    first = sync([f"{site}/leave"], own)
    assert len(first.added) == 1
    (found,) = own.search("年假有几天")
    assert (found.text, found.title) == (LEAVE, "年假")
    assert "127.0.0.1" in found.source
    again = sync([f"{site}/leave"], own)
    assert (again.unchanged, again.embedded) == (first.added, 0)
    _Site.body = LEAVE.replace("七天", "九天")
    assert sync([f"{site}/leave"], own).updated == first.added
    assert [passage.text for passage in own.search("年假有几天")] == [_Site.body]


def test_a_page_that_is_not_there_fails_alone(own: KnowledgeBase, site: str, tmp_path: Path) -> None:
    path = tmp_path / "docs" / "a.txt"
    path.parent.mkdir()
    path.write_text(LEAVE, encoding="utf-8")
    report = sync([f"{site}/gone", path], own)
    assert (report.added, report.failed) == (["a.txt"], [f"{site}/gone"])
    assert "404" in report.errors[f"{site}/gone"]


def test_a_private_address_is_refused_unless_it_is_allowed(kb: KnowledgeBase, site: str) -> None:
    report = sync([f"{site}/leave"], kb)
    assert "KB_ALLOW_PRIVATE_URLS" in report.errors[f"{site}/leave"]
    assert kb.search("年假") == []
