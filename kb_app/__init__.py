"""A Chinese-first knowledge base: documents in, answers with their sources out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb_app.config import Settings
    from kb_app.errors import KBError
    from kb_app.knowledge_base import KnowledgeBase
    from kb_app.types import Answer, Citation, Event, Message, Passage

_HOMES = {
    "Answer": "kb_app.types",
    "Citation": "kb_app.types",
    "Event": "kb_app.types",
    "KBError": "kb_app.errors",
    "KnowledgeBase": "kb_app.knowledge_base",
    "Message": "kb_app.types",
    "Passage": "kb_app.types",
    "Settings": "kb_app.config",
}
__all__ = ["Answer", "Citation", "Event", "KBError", "KnowledgeBase", "Message", "Passage", "Settings"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that ``import kb_app`` costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kb_app' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
