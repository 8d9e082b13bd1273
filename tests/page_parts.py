"""What tests of the chat page below its surface share: labels, a passage, hostile words, a reader of HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from kb_app.page.labels import Labels
from kb_app.types import Citation, Passage

ROOT = Path(__file__).resolve().parents[1]
ZH, EN = Labels("zh"), Labels("en")
LEAVE = "员工入职满一年，每年有五天年假。满十年的，每年有十天。"
HOSTILE = (
    "<script>alert(1)</script> <img src=http://evil.example/a.png onerror=alert(1)> ![p](http://evil.example/p.png) "
    "[go](javascript:alert(1)) <http://evil.example> www.evil.example $x^2$ :material/home: :red[hot] "
    "<|im_start|> &lt;b&gt;"
)


def passage(text: str = LEAVE, *, title: str = "员工手册", page: int | None = 3) -> Passage:
    return Passage(
        text, "制度/员工手册.pdf", title, ("员工手册", "第二章 假期"), page, 0.9, "1", "7", 0, len(text), ("keyword",)
    )


def cited(number: int, start: int, end: int, where: Passage | None = None) -> Citation:
    where = where or passage()
    return Citation(number, where, where.text[start:end], start, end)


def no_context(_: Passage) -> tuple[str, str]:
    return "", ""


class Tags(HTMLParser):
    """The tags and attributes that a browser would see, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


ALLOWED = {
    "div", "span", "p", "br", "hr", "sup", "mark", "details", "summary", "strong", "em", "s", "code", "pre", "ul", "ol",
    "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "b",
}  # fmt: skip


def assert_inert(html: str) -> Tags:
    tags = Tags(html)
    assert {tag for tag, _ in tags.seen} <= ALLOWED
    assert {name for _, attributes in tags.seen for name in attributes} <= {"class", "title", "role", "style", "start"}
    assert all("url" not in (attributes.get("style") or "") for _, attributes in tags.seen)
    return tags
