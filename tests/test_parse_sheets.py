"""Excel old and new, and CSV: every cell as it is shown, findable by its header."""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment

from ingest.parse import parse_file
from ingest.parsers import grid
from kb_app.errors import DocumentError
from tests import fuzzing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCORES = [["年级", "语文 平均分", "数学 平均分"], ["二年级", 88.5, 90], ["三年级", 91.25, 86]]


def save(path: Path, rows: Sequence[Sequence[object]] = (), *, merge: Sequence[str] = ()) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merge:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def save_old(path: Path, cells: dict[tuple[int, int], Any], formats: dict[tuple[int, int], str] | None = None) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名册")
    for (row, column), value in cells.items():
        style = xlwt.easyxf(num_format_str=(formats or {}).get((row, column), "General"))
        sheet.write(row, column, value, style)
    book.save(str(path))
    return path


def tables(path: Path) -> list[list[str]]:
    return [e.text.split("\n") for e in parse_file(path).elements if e.kind == "table"]


def texts(path: Path) -> list[str]:
    return [e.text for e in parse_file(path).elements if e.kind == "text"]


def test_a_row_stands_below_its_header(tmp_path: Path) -> None:
    (table,) = tables(save(tmp_path / "a.xlsx", SCORES))
    assert table[0] == "| 年级 | 语文 平均分 | 数学 平均分 |"
    assert table[3] == "| 三年级 | 91.25 | 86 |"


def test_titles_above_the_header(tmp_path: Path) -> None:
    rows = [["阳光小学期末成绩", None, None], ["制表：教务处", None, None], *SCORES]
    path = save(tmp_path / "a.xlsx", rows, merge=["A1:C1"])
    assert texts(path) == ["阳光小学期末成绩", "制表：教务处"]
    assert tables(path)[0][0].startswith("| 年级 |")


def test_a_title_row_of_two_texts_in_a_wide_sheet(tmp_path: Path) -> None:
    head = [f"项目{i}" for i in range(9)]
    path = save(tmp_path / "a.xlsx", [["单位：红星机械厂", *[None] * 7, "日期：2026年3月"], head, list(range(9)), head])
    assert texts(path) == ["单位：红星机械厂  日期：2026年3月"]
    assert tables(path)[0][0] == f"| {' | '.join(head)} |"


def test_a_header_of_two_rows(tmp_path: Path) -> None:
    rows = [
        ["产品", "上半年", None, "下半年", None],
        [None, "销量", "金额", "销量", "金额"],
        ["水泵", 12, 3400, 15, 4200],
    ]
    merge = ["A1:A2", "B1:C1", "D1:E1"]
    (table,) = tables(save(tmp_path / "a.xlsx", rows, merge=merge))
    assert table == [
        "| 产品 | 上半年 销量 | 上半年 金额 | 下半年 销量 | 下半年 金额 |",
        "| --- | --- | --- | --- | --- |",
        "| 水泵 | 12 | 3400 | 15 | 4200 |",
    ]


def test_a_header_of_two_rows_below_a_title(tmp_path: Path) -> None:
    rows = [["销售汇总", None, None], ["产品", "上半年", None], [None, "销量", "金额"], ["水泵", 12, 3400]]
    path = save(tmp_path / "a.xlsx", rows, merge=["A1:C1", "A2:A3", "B2:C2"])
    assert tables(path)[0][0] == "| 产品 | 上半年 销量 | 上半年 金额 |"


def test_merged_cells_among_the_rows_are_filled(tmp_path: Path) -> None:
    rows = [["车间", "班组"], ["铸造车间", "甲班"], [None, "乙班"], ["装配车间", "丙班"]]
    (table,) = tables(save(tmp_path / "a.xlsx", rows, merge=["A2:A3"]))
    assert table[2:] == ["| 铸造车间 | 甲班 |", "| 铸造车间 | 乙班 |", "| 装配车间 | 丙班 |"]


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (0.15, "0%", "15%"), (0.15, "0.00%", "15.00%"), (0.123456, "0.0%", "12.3456%"),
        (1234.5, '"¥"#,##0.00', "¥1,234.50"), (-1234.5, "[$¥-804]#,##0.00", "-¥1,234.50"),
        (1234.5, '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ', "¥1,234.50"), (9800, "$#,##0", "$9,800"),
        (7, "000000", "000007"), (3.14159265358, "0.00", "3.14159265358"), (12, '0"元"', "12元"),
        (12345678901234, "General", "12345678901234"), (1.5, "# ?/?", "1.5"), (True, "General", "TRUE"),
        (dt.date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"), (dt.date(2026, 3, 1), 'yyyy"年"m"月"d"日"', "2026年3月1日"),
        (dt.date(2026, 3, 1), 'yyyy"年"m"月"', "2026年3月"), (dt.date(2026, 3, 1), 'm"月"d"日"', "2026-03-01"),
        (dt.datetime(2026, 3, 1, 9, 30), "yyyy/m/d h:mm", "2026-03-01 09:30:00"), (dt.time(8, 0), "h:mm", "08:00:00"),
    ],
)  # fmt: skip
def test_values_as_shown(tmp_path: Path, value: object, number_format: str, expected: str) -> None:
    book = Workbook()
    book.active.append(["名称", "值"])
    book.active.append(["甲", value])
    book.active["B2"].number_format = number_format
    book.save(tmp_path / "a.xlsx")
    assert tables(tmp_path / "a.xlsx")[0][2] == f"| 甲 | {expected} |"


def test_dates_that_chinese_excel_knows_by_number(tmp_path: Path) -> None:
    """The file says format 31 and never what that is."""
    path = save(tmp_path / "a.xlsx", [["名称", "签订"], ["合同", 46082]])
    data: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as archive:
        data = {name: archive.read(name) for name in archive.namelist()}
    style = b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="31" applyNumberFormat="1"/></cellXfs>'
    styles = data["xl/styles.xml"]
    data["xl/styles.xml"] = styles[: styles.index(b"<cellXfs")] + style + styles[styles.index(b"</cellXfs>") + 10 :]
    sheet = data["xl/worksheets/sheet1.xml"]
    data["xl/worksheets/sheet1.xml"] = sheet.replace(b'<c r="B2"', b'<c r="B2" s="1"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in data.items():
            archive.writestr(name, content)
    assert tables(path)[0][2] == "| 合同 | 2026年3月1日 |"


def test_formulas_without_a_result(tmp_path: Path) -> None:
    (table,) = tables(save(tmp_path / "a.xlsx", [["甲", "乙", "合计"], [1, 2, "=SUM(A2:B2)"]]))
    assert table[2] == "| 1 | 2 | =SUM(A2:B2) |"


def test_hidden_sheets_and_comments(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["岗位", "津贴"])
    book.active.append(["焊工", 300])
    book.active["B2"].comment = Comment("自四月起调整为三百二十元。", "王芳")
    hidden = book.create_sheet("旧标准")
    hidden.append(["岗位", "津贴"])
    hidden.append(["焊工", 260])
    hidden.sheet_state = "hidden"
    book.properties.creator = "财务科"
    book.save(tmp_path / "a.xlsx")
    parsed = parse_file(tmp_path / "a.xlsx")
    assert parsed.pages == 2
    assert parsed.metadata["author"] == "财务科"
    assert "批注（王芳 B2）：自四月起调整为三百二十元。" in [e.text for e in parsed.elements]
    assert [e.text for e in parsed.elements if e.kind == "heading"] == ["Sheet", "旧标准（隐藏）"]
    assert "| 焊工 | 260 |" in parsed.elements[-1].text
    assert {e.page for e in parsed.elements if "260" in e.text} == {2}


def test_tables_of_different_heights_beside_each_other(tmp_path: Path) -> None:
    rows = [["科室", "人数", None, None, None], ["财务", 4, None, "车牌", "司机"], ["人事", 3, None, "甲A123", "老周"],
            ["总务", 5, None, None, None]]  # fmt: skip
    assert [table[0] for table in tables(save(tmp_path / "a.xlsx", rows))] == ["| 科室 | 人数 |", "| 车牌 | 司机 |"]


def test_no_value_of_a_wide_table_stands_without_its_name(tmp_path: Path) -> None:
    names = ["站点", *(f"第{i}天降水" for i in range(1, 41))]
    path = save(tmp_path / "a.xlsx", [names, ["东湖站", *range(100, 140)], ["西山站", *range(200, 240)]])
    assert not tables(path)
    first, second = texts(path)
    assert first.split("\n")[:3] == ["站点: 东湖站", "第1天降水: 100", "第2天降水: 101"]
    assert second.split("\n")[-1] == "第40天降水: 239"


def test_ten_thousand_columns(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", [[f"列{i}" for i in range(10_000)], list(range(10_000))])
    (row,) = texts(path)
    assert row.endswith("列9999: 9999")


def test_one_cell_in_the_last_corner(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "左上"
    book.active["XFD1048576"] = "右下"
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == ["左上", "右下"]


def test_too_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "MAX_CELLS", 5)
    for path in (save(tmp_path / "a.xlsx", SCORES), save_old(tmp_path / "a.xls", {(i, 0): "字" for i in range(6)})):
        with pytest.raises(DocumentError, match="more than 5 filled cells"):
            parse_file(path)


def test_fifty_thousand_rows(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("流水")
    sheet.append([f"列{i}" for i in range(10)])
    for i in range(50_000):
        sheet.append([i, f"工号{i}", i * 1.5, "装配车间", f"第{i}号", i % 7, 0.25, "早班", i * 100, "是"])
    book.save(tmp_path / "a.xlsx")
    code = (
        "import pathlib, sys; from ingest.parse import parse_file;"
        "print(parse_file(pathlib.Path(sys.argv[1])).elements[1].text.count(chr(10)));"
        "print(pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    begin = time.process_time() + _children()
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.xlsx")], capture_output=True, text=True, check=True
    )
    lines, memory = done.stdout.split()
    assert int(lines) == 50_001
    assert int(memory) < 400_000
    assert time.process_time() + _children() - begin < 20


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_old_excel(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("采购")
    sheet.write_merge(0, 0, 0, 3, "二〇〇三年采购清单")
    for column, name in enumerate(["物料", "单价", "到货", "占比"]):
        sheet.write(1, column, name)
    sheet.write_merge(2, 3, 0, 0, "轴承")
    sheet.write(2, 1, 12.5, xlwt.easyxf(num_format_str='"￥"#,##0.00'))
    sheet.write(2, 2, dt.date(2003, 9, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(2, 3, 0.3, xlwt.easyxf(num_format_str="0%"))
    sheet.write(3, 1, 7)
    hidden = book.add_sheet("底价")
    hidden.visibility = 1
    hidden.write(0, 0, "保密")
    book.save(str(tmp_path / "a.xls"))
    parsed = parse_file(tmp_path / "a.xls")
    assert parsed.pages == 2
    assert [e.text for e in parsed.elements if e.kind == "heading"] == ["采购", "底价（隐藏）"]
    assert texts(tmp_path / "a.xls")[0] == "二〇〇三年采购清单"
    assert tables(tmp_path / "a.xls")[0] == [
        "| 物料 | 单价 | 到货 | 占比 |",
        "| --- | --- | --- | --- |",
        "| 轴承 | ￥12.50 | 2003-09-01 | 30% |",
        "| 轴承 | 7 |  |  |",
    ]


def test_old_excel_cut_off(tmp_path: Path) -> None:
    path = save_old(tmp_path / "a.xls", {(i, 0): f"第{i}行" for i in range(200)})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DocumentError) as caught:
        parse_file(path)
    assert "\n" not in str(caught.value)


def test_csv_below_a_title(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("2026年3月考勤\n\n姓名;出勤;加班\n王芳;22;3,5\n", encoding="gb18030")
    assert texts(path) == ["2026年3月考勤"]
    assert tables(path)[0] == ["| 姓名 | 出勤 | 加班 |", "| --- | --- | --- |", "| 王芳 | 22 | 3,5 |"]


def test_a_wide_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"指标{i}" for i in range(40)) + "\n" + ",".join(map(str, range(40))), encoding="utf-8")
    assert texts(path)[0].split("\n")[39] == "指标39: 39"


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "csv"])
def test_mutated(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in SCORES), encoding="utf-8")
    elif suffix == "xls":
        save_old(path, {(i, j): value for i, row in enumerate(SCORES) for j, value in enumerate(row)})
    else:
        save(path, SCORES, merge=["A2:A3"])
    fuzzing.survive({"xlsx": "sheets:read_xlsx", "xls": "sheets:read_xls", "csv": "plain:read_csv"}[suffix], path)
