"""Saved web pages, the furniture of a page, and fetching one by its address."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from ingest.parse import parse_file
from ingest.parsers import web
from ingest.parsers.markup import read_html
from ingest.parsers.web import fetch, read_mhtml
from kb_app.errors import DocumentError
from tests import fuzzing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOURS = "东湖区图书馆自三月一日起延长开放时间，每晚八点半闭馆，周一照常闭馆整理。"
CARDS = "读者凭身份证可在一楼服务台办理借书证，押金一百元，退证时全额退还。"
LINKS = "".join(f'<li><a href="/n/{i}">本市要闻第{i}条</a></li>' for i in range(6))
PAGE = f"""<html><head><title>延长开放通知</title></head><body>
<div id="cookie-banner"><p>本网站使用小甜饼，继续浏览即表示同意。</p></div>
<div class="breadcrumb"><a href="/">首页</a> &gt; 通知</div>
<div class="main"><h1>延长开放通知</h1><p>{HOURS}</p>
<div class="ad">广告位</div><p>{CARDS}</p>
<table><tr><th>日期</th><th>闭馆</th></tr><tr><td>周二</td><td>20:30</td></tr></table></div>
<aside><h3>热门</h3><ul>{LINKS}</ul></aside>
<div class="related-news"><ul>{LINKS}</ul></div>
<div id="comments"><p>沙发！</p></div>
<div class="page-footer">版权所有 备案号 123</div></body></html>"""
MHTML = """From: <Saved by Blink>
Subject: =?utf-8?Q?=E9=80=9A=E7=9F=A5?=
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="b"

--b
Content-Type: {type}
Content-Transfer-Encoding: {encoding}
Content-Location: https://example.com/

{body}
--b
Content-Type: text/css

p {{ color: red }}
--b
Content-Type: text/html

<p>框架里的广告</p>
--b--
"""


class Site(BaseHTTPRequestHandler):
    """Answers what a test put down for a path: status, headers, body."""

    pages: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}
    hosts: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        status, headers, body = self.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    Site.pages.clear()
    Site.hosts.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def put(path: str, body: bytes = b"x", status: int = 200, **headers: str) -> None:
    Site.pages[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def texts(html: str) -> list[str]:
    return [element.text for element in read_html(html.encode()).elements]


def test_the_furniture_of_a_page_is_left_out() -> None:
    whole = "\n".join(texts(PAGE))
    assert all(text in whole for text in (HOURS, CARDS, "| 周二 | 20:30 |"))
    assert not any(text in whole for text in ("小甜饼", "首页", "热门", "本市要闻", "沙发", "版权所有"))


@pytest.mark.parametrize(
    "html",
    [
        f'<div class="comments"><p>{HOURS}</p></div><p>{CARDS}</p>',
        f'<p>{HOURS}</p><aside class="note"><p>注意：雷雨天停止开放。</p></aside><p>{CARDS}</p>',
        f'<p>{HOURS}</p><p class="comment">批注：以上自本年起执行。</p><p>{CARDS}</p>',
        f'<p>{HOURS}</p><div class="market-share">市场份额：三成。</div><p>{CARDS}</p>',
        f'<p>{HOURS}{CARDS}</p><div class="footer">编制：王芳 审核：李强</div>',
        "<h1>目录</h1><ul><li><a href=1>采购申请表</a></li><li><a href=2>准入流程</a></li></ul>",
        "<p class=MsoNormal><span>二、范围</span></p><p class=MsoNormal><span>无</span></p>",
    ],
)
def test_plain_office_pages_lose_nothing(html: str) -> None:
    import lxml.html

    expected = "".join(lxml.html.fromstring(f"<body>{html}</body>").text_content().split())
    assert "".join("".join(texts(html)).split()) == expected


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/html"])
def test_mhtml(tmp_path: Path, kind: str) -> None:
    import quopri

    path = tmp_path / "a.mht"
    body = quopri.encodestring(PAGE.encode()).decode("ascii")
    path.write_text(MHTML.format(type=kind, encoding="quoted-printable", body=body), encoding="utf-8")
    parsed = parse_file(path)
    assert parsed.title == "延长开放通知"
    assert HOURS in [element.text for element in parsed.elements]
    assert "框架里的广告" not in "".join(element.text for element in parsed.elements)


def test_mhtml_in_gbk_whose_page_has_no_title() -> None:
    mail = MHTML.format(type="text/html; charset=gb2312", encoding="8bit", body="<p>@@</p>").encode()
    parsed = read_mhtml(mail.replace(b"@@", "朱镕基路分馆同时开放。".encode("gbk")))
    assert [element.text for element in parsed.elements] == ["朱镕基路分馆同时开放。"]
    assert parsed.title == "通知"


@pytest.mark.parametrize("data", ["Content-Type: image/png\n\nabc", "From: a\nContent-Type: text/html\n\n", "\n"])
def test_mhtml_without_a_page(data: str) -> None:
    with pytest.raises(DocumentError, match="no web page in it"):
        read_mhtml(data.encode())


def test_fetch_a_page(tmp_path: Path, site: str) -> None:
    put("/news/view?id=3", PAGE.encode(), Content_Type="text/html; charset=utf-8")
    member = fetch(f"{site}/news/view?id=3", tmp_path, allow_private=True)
    assert member.name == "127.0.0.1/news/view_id_3.html"
    assert parse_file(member.path, name=member.name).title == "延长开放通知"


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/%E5%88%B6%E5%BA%A6.pdf", "application/pdf", "制度.pdf"), ("/download", "application/pdf", "download.pdf"),
        ("/a.md", "text/plain", "a.md"), ("/a.php", "text/html", "a.php.html"), ("/", "text/html", "index.html"),
        ("/a.docx", "application/octet-stream", "a.docx"), ("/x/..%2f..%2fetc/a.txt", "text/plain", "x/etc/a.txt"),
    ],
)  # fmt: skip
def test_names_of_what_is_fetched(tmp_path: Path, site: str, path: str, kind: str, name: str) -> None:
    put(path, Content_Type=kind)
    assert fetch(f"{site}{path}", tmp_path, allow_private=True).name == f"127.0.0.1/{name}"


def test_redirects_are_followed_with_the_name_of_the_host(tmp_path: Path, site: str) -> None:
    port = site.rpartition(":")[2]
    put("/old", status=302, Location=f"http://localhost:{port}/new")
    put("/new", Content_Type="text/plain")
    assert fetch(f"{site}/old", tmp_path, allow_private=True).name == "localhost/new.txt"
    assert Site.hosts == [f"127.0.0.1:{port}", f"localhost:{port}"]


def test_redirects_without_end(tmp_path: Path, site: str) -> None:
    put("/loop", status=301, Location="/loop")
    with pytest.raises(DocumentError, match="more than 5 times"):
        fetch(f"{site}/loop", tmp_path, allow_private=True)


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://example.com/a",
        "javascript:alert(1)",
        "//",
        "http://",
        "http://a:b@example.com/",
        "不是地址",
    ],
)
def test_what_is_no_address_of_the_web(tmp_path: Path, site: str, target: str) -> None:
    with pytest.raises(DocumentError):
        fetch(target, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_redirect_to_a_file_is_refused(tmp_path: Path, site: str) -> None:
    put("/out", status=302, Location="file:///etc/passwd")
    with pytest.raises(DocumentError, match="only http"):
        fetch(f"{site}/out", tmp_path, allow_private=True)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "[::1]",
     "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "0x7f.1",
     "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(DocumentError, match=r"private network|not found|not an address"):
        fetch(f"http://{host}:9/", tmp_path)


class Names:
    """A name server that answers anew each time, as one does that plays with its clients."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        is_name = host.endswith(".example")
        address = self.answers.pop(0) if is_name else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_every_hop_is_checked(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host counts as public here, so that it can be reached; where it leads to is private."""
    public = web._is_public
    monkeypatch.setattr(web, "_is_public", lambda address: address == "127.0.0.1" or public(address))
    put("/out", status=302, Location="http://10.0.0.8/admin")
    with pytest.raises(DocumentError, match=r"10\.0\.0\.8, in a private network"):
        fetch(f"{site}/out", tmp_path)


def test_the_connection_goes_to_the_address_that_was_checked(
    tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names("127.0.0.1", "127.0.0.99")
    monkeypatch.setattr(socket, "getaddrinfo", names)
    put("/a.txt", Content_Type="text/plain")
    port = site.rpartition(":")[2]
    assert fetch(f"http://kb.example:{port}/a.txt", tmp_path, allow_private=True).name == "kb.example/a.txt"
    assert Site.hosts == [f"kb.example:{port}"]


def test_bounds_of_a_fetch(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put("/a", bytes(2000))
    for bound, value, message in (("MAX_BYTES", 1000, "more than 1,000 bytes"), ("MAX_SECONDS", -1.0, "took more")):
        with monkeypatch.context() as bounded:
            bounded.setattr(web, bound, value)
            with pytest.raises(DocumentError, match=message):
                fetch(f"{site}/a", tmp_path, allow_private=True)
    assert not list(tmp_path.iterdir())


def test_errors_of_a_server(tmp_path: Path, site: str) -> None:
    for url, message in ((f"{site}/gone", "answered 404"), ("http://127.0.0.1:1/", "cannot be fetched")):
        with pytest.raises(DocumentError, match=message) as caught:
            fetch(url, tmp_path, allow_private=True)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["web:read_mhtml", "markup:read_html"])
def test_mutated(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.mht"
    page = MHTML.format(type="text/html; charset=utf-8", encoding="8bit", body="<p>甲</p><table><tr><td>乙</table>")
    path.write_text(page if name == "web:read_mhtml" else PAGE[:900], encoding="utf-8")
    fuzzing.survive(name, path)
