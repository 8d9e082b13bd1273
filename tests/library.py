"""A knowledge base of a few invented documents with the embedding model of the repository, and a scripted server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest import sync
from kb_app import KnowledgeBase, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.scripted_server import ScriptedServer

DOCUMENTS = {
    "婚假.md": "# 柳林中学教职工婚假规定\n\n教职工婚假为三天，须提前两周向人事处申请。\n",
    "年假.md": "# 柳林中学教职工年假规定\n\n教职工入职满一年享有五天年假，满十年享有十天年假。\n",
    "报销.md": "# 柳林中学差旅报销办法\n\n住宿费每晚不超过三百元，凭发票在三十日内报销。\n",
}


@contextmanager
def library(
    tmp_path: Path, server: ScriptedServer | None, documents: Mapping[str, str] = DOCUMENTS, **settings: object
) -> Iterator[KnowledgeBase]:
    """Open it; ``settings`` are those of ``Settings``."""
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")
    url = server.base_url if server else "none"
    with KnowledgeBase.open("柳林", Settings(home=tmp_path / "home", llm_base_url=url, **settings)) as kb:  # type: ignore[arg-type]
        sync([folder], kb)
        yield kb


def prompts_sent(server: ScriptedServer) -> list[list[dict[str, str]]]:
    """The messages of each request for an answer, without those that only count tokens."""
    return [request["messages"] for request in server.requests if "stream" in request]
