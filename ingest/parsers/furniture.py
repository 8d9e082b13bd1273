"""What a web page repeats on every page of its site: menus, related links, cookie notes, readers' comments.

A rule of names and links, not of text: pages that office programs save lose nothing. An extractor of articles drops
short paragraphs, tables and lists of questions, which are the whole of many an office page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALWAYS = (
    ".//nav | .//*[@role='navigation'] | .//select | .//template"
    # A button that unfolds a text holds its heading, often a question.
    " | .//button[not(ancestor::h1 or ancestor::h2 or ancestor::h3 or ancestor::h4 or ancestor::h5 or @aria-expanded"
    " or @aria-controls or contains(., '？') or contains(., '?'))]"
    " | .//body/header | .//body/footer | .//body/div/header | .//body/div/footer | .//body/div/div/footer"
    " | .//*[@role='banner'] | .//*[@role='contentinfo'] | .//*[@role='search'] | .//*[@aria-modal='true']"
)
_NAMED = (
    ".//*[self::div or self::section or self::aside or self::ul or self::ol or self::p][@id or @class or self::aside]"
)
# Names that say enough, if the block is a small part of the page.
_CLEAR = re.compile(
    r"(?:cookies?|gdpr|consent|breadcrumbs?|crumbs?|pagination|pager|sharebar|disqus|advert\w*)(?:[-_].*)?"
    r"|comments(?:[-_](?:list|area|section|box))?"
)
# Names that also stand for content: furniture where links make up most of the text, or an imprint is in it.
_DOUBTFUL = frozenset((
    "aside", "sidebar", "sidenav", "side", "nav", "menu", "navbar", "toolbar", "related", "relevant", "recommend",
    "recommended", "recommendations", "hot", "rank", "ranking", "links", "link", "tags", "prev", "next", "header",
    "top", "share", "footer", "foot", "bottom", "copyright",
))  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_IMPRINT = re.compile(r"版权所有|©|备案|ICP证|all rights reserved|copyright", re.IGNORECASE)
_MOST = 0.4
_LINKED = 0.5
_LONGEST_IMPRINT = 300


def remove_furniture(root: Any) -> None:
    """Take the furniture out of a page's tree."""
    for node in root.xpath(_ALWAYS):
        _drop(node)
    whole = _length(root)
    for node in list(_named(root, whole)):
        _drop(node)


def _named(root: Any, whole: int) -> Iterator[Any]:
    for node in root.xpath(_NAMED):
        names = f"{node.get('id', '')} {node.get('class', '')}".lower()
        clear = any(map(_CLEAR.fullmatch, names.split()))
        doubtful = node.tag == "aside" or not _DOUBTFUL.isdisjoint(_WORD.findall(names))
        if not (clear or doubtful):
            continue
        length = _length(node)
        if length < _MOST * whole and (clear or _linked(node) > _LINKED * length or _is_imprint(node, length)):
            yield node


def _is_imprint(node: Any, length: int) -> bool:
    return length < _LONGEST_IMPRINT and _IMPRINT.search(node.xpath("string()")) is not None


def _length(node: Any) -> int:
    return len("".join(node.xpath("string()").split()))


def _linked(node: Any) -> int:
    return sum(_length(link) for link in node.iter("a"))


def _drop(node: Any) -> None:
    if node.getparent() is not None:
        node.drop_tree()
