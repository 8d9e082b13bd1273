"""Source code, settings, reStructuredText, JSON and XML."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ingest.parsers import structured
from ingest.parsers.restructured import read_rst
from ingest.parsers.source import read_code, read_settings
from ingest.parsers.structured import read_json, read_xml
from kb_app.errors import DocumentError
from tests import fuzzing

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.document import Element, ParsedDocument

PYTHON = '''"""工资计算。"""

import math

RATE = 0.2


# 加班按一点五倍计。
@cached
class Payroll:
    """一个月的工资表。"""

    def overtime(self, hours):
        """加班费。"""
        if hours:

            return hours * 1.5

    async def total(self): ...


def 汇总(rows):
    return math.fsum(rows)
'''
RST = """
车辆管理
====

适用于全体
驾驶员 和 drivers
of vans。

借车
----

1. 填单
2. 签字

- 油卡
- 钥匙

.. note:: 周末不借车。

.. code-block:: python

   def 借(车):
       return 车

=====  ======
车牌   座位数
=====  ======
甲A1   5
甲A2   7
=====  ======

+------+------+------+
| 线路 | 时间        |
|      +------+------+
|      | 去   | 回   |
+------+------+------+
| 东线 | 7:30 | 17:0 |
+------+------+------+

.. automodule:: fleet.booking
   :members:

   由程序生成的说明。

.. include:: /etc/passwd
.. raw:: html

   <b>原样</b>

.. csv-table::
   :file: /etc/passwd

:维护人: 老周
"""


def texts(parsed: ParsedDocument) -> list[str]:
    return [element.text for element in parsed.elements]


def of_kind(parsed: ParsedDocument, kind: str) -> list[Element]:
    return [element for element in parsed.elements if element.kind == kind]


def test_definitions_head_their_code() -> None:
    parsed = read_code(PYTHON.encode())
    headings = [(e.level, e.text) for e in of_kind(parsed, "heading")]
    assert headings == [(1, "Payroll"), (2, "overtime"), (2, "total"), (1, "汇总")]
    code = of_kind(parsed, "code")
    assert [e.kind for e in parsed.elements].count("text") == 0
    assert code[1].text.startswith("# 加班按一点五倍计。\n@cached\nclass Payroll:")
    assert code[2].text.startswith("    def overtime")
    assert code[2].text.endswith("            return hours * 1.5")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("export default class OrderList extends Page {", "OrderList"),
        ("public static void main(String[] args) {", "main"),
        ("func (s *Store) Save(doc Doc) error {", "Save"), ("pub fn parse(text: &str) -> Tree {", "parse"),
        ("int add(int a, int b) {", "add"), ("CREATE TABLE IF NOT EXISTS `员工` (", "员工"), ("deploy() {", "deploy"),
        ("interface Shape {", "Shape"), ("\\section{实验方法}", "实验方法"), ("\tdef inner(self):", "inner"),
        ("if (ready) {", ""), ("return compute(x) {", ""), ("    x = make_class(1)", ""), ("} else if (a) {", ""),
    ],
)  # fmt: skip
def test_what_is_a_definition(line: str, name: str) -> None:
    headings = of_kind(read_code(f"{line}\n    body\n".encode()), "heading")
    assert [e.text for e in headings] == ([name] if name else [])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_no_line_of_code_is_lost(encoding: str) -> None:
    lines = "\n".join(element.text for element in of_kind(read_code(PYTHON.encode(encoding)), "code")).split("\n")
    assert [line for line in lines if line.strip()] == [line for line in PYTHON.split("\n") if line.strip()]


def test_long_code_is_cut_at_blank_lines() -> None:
    block = "x = 1  # 说明\n" * 30
    pieces = of_kind(read_code("\n".join([block] * 10).encode()), "code")
    assert len(pieces) == 5
    assert all(len(piece.text) <= 1000 and piece.text.startswith("x = 1") for piece in pieces)


def test_sections_of_settings() -> None:
    ini = read_settings("[数据库]\nhost = 10.0.0.1\n\n[mail]\nport=25\n".encode("gbk"))
    assert texts(ini) == ["数据库", "[数据库]\nhost = 10.0.0.1", "mail", "[mail]\nport=25"]
    yaml = read_settings("版本: 3\n# 两个服务\nservices:\n  web:\n    image: kb\nvolumes:\n- data\n".encode())
    assert [e.text for e in of_kind(yaml, "heading")] == ["services", "volumes"]
    assert "# 两个服务\nservices:\n  web:\n    image: kb" in texts(yaml)


def test_restructured_text() -> None:
    parsed = read_rst(RST.encode())
    assert parsed.title == "车辆管理"
    assert [(e.level, e.text) for e in of_kind(parsed, "heading")] == [(1, "车辆管理"), (2, "借车")]
    assert texts(parsed)[1] == "适用于全体驾驶员 和 drivers of vans。"
    assert texts(parsed)[3:8] == ["1. 填单", "2. 签字", "油卡", "钥匙", "周末不借车。"]
    assert [e.text for e in of_kind(parsed, "code")] == ["def 借(车):\n    return 车"]
    simple, grid = of_kind(parsed, "table")
    assert simple.text.split("\n")[2:] == ["| 甲A1 | 5 |", "| 甲A2 | 7 |"]
    assert grid.text.split("\n")[0] == "| 线路 | 时间 | 时间 |"
    assert grid.text.split("\n")[2] == "| 线路 | 去 | 回 |"
    assert "维护人: 老周" in texts(parsed)


def test_restructured_text_reads_no_other_file_and_loses_no_foreign_directive() -> None:
    whole = "\n".join(texts(read_rst(RST.encode())))
    assert "root:" not in whole
    assert "由程序生成的说明。" in whole


def test_json_as_paths_and_values() -> None:
    data = {
        "单位": "红星厂",
        "地址": {"城市": "沈阳", "邮编": "110000"},
        "标签": ["国营", "机械"],
        "停产": False,
        "备注": None,
    }
    (element,) = read_json(json.dumps(data, ensure_ascii=True).encode()).elements
    assert element.text.split("\n") == [
        "单位: 红星厂", "地址.城市: 沈阳", "地址.邮编: 110000", "标签: 国营, 机械", "停产: false",
    ]  # fmt: skip


def test_json_numbers_stay_as_they_are_written() -> None:
    (element,) = read_json(b'{"a": 1.10, "b": 1e400, "c": 12345678901234567890.123456789, "d": NaN, "a": 2}').elements
    assert element.text == "a: 1.10\nb: 1e400\nc: 12345678901234567890.123456789\nd: NaN\na: 2"


def test_json_lists_of_records_are_tables() -> None:
    rows = [{"姓名": "王芳", "部门": {"名称": "财务"}, "证书": ["会计", "税务"]}, {"姓名": "李强", "工龄": 7}]
    lead, table = read_json(json.dumps({"员工": rows}).encode()).elements
    assert lead.text == "员工:"
    assert table.text.split("\n") == [
        "| 姓名 | 部门.名称 | 证书 | 工龄 |",
        "| --- | --- | --- | --- |",
        "| 王芳 | 财务 | 会计, 税务 |  |",
        "| 李强 |  |  | 7 |",
    ]


def test_json_records_with_lists_of_records_within() -> None:
    orders = [{"单号": f"A{i}", "行": [{"货": "螺栓", "数": i}, {"货": "螺母", "数": 2}]} for i in (1, 2)]
    parsed = read_json(json.dumps(orders).encode())
    assert [e.kind for e in parsed.elements] == ["text", "table"] * 2
    assert texts(parsed)[0] == "单号: A1\n行:"


def test_json_lines() -> None:
    lines = '{"时间": "08:00", "事件": "开机"}\n\n{"时间": "17:30", "事件": "关机"}\n'
    (table,) = read_json(lines.encode("gb18030")).elements
    assert table.text.split("\n")[2:] == ["| 08:00 | 开机 |", "| 17:30 | 关机 |"]


@pytest.mark.parametrize("broken", ['{"单位": "红星厂", "地址": ', "[" * 100_000, "红星厂的说明"])
def test_broken_json_is_plain_text(broken: str) -> None:
    assert "".join(texts(read_json(broken.encode()))) == broken.strip()


def test_too_much_json_and_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured, "MAX_BYTES", 10)
    monkeypatch.setattr(structured, "MAX_XML", 10)
    for read in (read_json, read_xml):
        with pytest.raises(DocumentError, match="over the bound of 10"):
            read(b'{"a": "bbbbbbbbbbbb"}')


def test_xml_in_order_with_names() -> None:
    xml = (
        '<?xml version="1.0" encoding="GB2312"?><!-- 注 --><合同 编号="H-007"><甲方>红星厂</甲方>'
        "<乙方>东方公司</乙方><条款>价款<b>十万元</b>整，分两次付。</条款></合同>"
    )
    (element,) = read_xml(xml.encode("gb18030")).elements
    assert element.text.split("\n") == [
        "编号: H-007",
        "甲方: 红星厂",
        "乙方: 东方公司",
        "条款: 价款十万元整，分两次付。",
    ]


def test_xml_records_are_a_table() -> None:
    rows = "".join(f'<m:人 xmlns:m="urn:x" 号="{i}"><m:名>职工{i}</m:名></m:人>' for i in range(2))
    *_, table = read_xml(f"<册><标题>名册</标题>{rows}</册>".encode()).elements
    assert table.text.split("\n") == ["| 号 | 名 |", "| --- | --- |", "| 0 | 职工0 |", "| 1 | 职工1 |"]


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x "哈哈">', '<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;'],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_entities_are_refused(entity: str, encoding: str) -> None:
    with pytest.raises(DocumentError, match="declares entities"):
        read_xml(f"<!DOCTYPE a [{entity}]><a>&x;</a>".encode(encoding))


def test_broken_xml_is_plain_text() -> None:
    assert "<甲>没有结尾" in "".join(texts(read_xml("<甲>没有结尾".encode())))


def test_a_large_json_file_within_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    row = {f"字段{i}": f"第{i}个值" for i in range(8)}
    path.write_text("\n".join(json.dumps(row | {"号": i}, ensure_ascii=False) for i in range(80_000)), encoding="utf-8")
    code = (
        "import pathlib, sys; from ingest.parse import parse_file;"
        "print(len(parse_file(pathlib.Path(sys.argv[1])).elements[0].text));"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    length, memory = map(int, done.stdout.split())
    assert length > 80_000 * 40
    assert memory < 700_000
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize(
    "kind", ["source:read_code", "restructured:read_rst", "structured:read_json", "structured:read_xml"]
)
def test_mutated(tmp_path: Path, kind: str) -> None:
    xml = "<册>" + "".join(f'<人 号="{i}"><名>职工{i}</名></人>' for i in range(9)) + "</册>"
    sample = {"source:read_code": PYTHON, "restructured:read_rst": RST, "structured:read_xml": xml}
    path = tmp_path / "a.txt"
    path.write_text(sample.get(kind, json.dumps([{"姓名": "王芳", "龄": 1.5}] * 9)), encoding="utf-8")
    assert fuzzing.survive(kind, path) > 50
