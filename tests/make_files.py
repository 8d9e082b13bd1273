"""Writes the files that the parser tests read: an imaginary company's papers in every format."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LEAVE = (
    "入职满一年的员工每年享有五天带薪年休假。"
    "年休假应当在当年用完，确因工作无法休完的，经部门负责人同意可以顺延到次年三月底。"
)
SICK = "员工因病不能上班的，应当在当天九点以前告知直接主管，并在返岗后两天内交来医院开具的证明。"
TRAVEL = "出差住宿费按城市分档报销：一档城市每晚不超过六百元，二档城市每晚不超过四百元，凭发票实报实销。"
LEAVE_ROWS = [["假别", "天数", "工资"], ["年休假", "5", "全额"], ["婚假", "10", "全额"], ["病假", "按医嘱", "八成"]]

TEXT = f"""员工手册

第一章 总则

本手册适用于全体员工。

第二章 休假

第五条 {LEAVE}
第六条 {SICK}

第三章 差旅

{TRAVEL}
"""

MARKDOWN = f"""---
title: "员工手册（试行）"
---

# 员工手册

本手册由人事部
负责解释。

## 休假

{LEAVE}

| 假别 | 天数 |
|---|---|
| 年休假 | 5 |
| 甲\\|乙 | 1 |

办理时请带：
- 身份证
- 申请表

### 步骤

1. 填表
2. 交主管签字

```python
# 不是标题
def days(years):

    return 5 if years >= 1 else 0
```
"""

HTML = f"""<?xml version="1.0" encoding="utf-8"?>
<html><head><title>休假制度 &amp; 流程</title><style>p {{ color: red }}</style></head>
<body><nav><a href="/">网站首页</a><a href="/about">关于我们</a></nav>
<header>顶部横幅</header>
<h1>休假制度</h1><p>{LEAVE}</p>
<h2>天数</h2>
<table><caption>各类假期</caption>
<tr><th rowspan="2">假别</th><th colspan="2">天数</th></tr><tr><th>最少</th><th>最多</th></tr>
<tr><td>年休假</td><td>5</td><td>15</td></tr></table>
<details><summary>试用期有年假吗？</summary><p>没有。</p></details>
<dl><dt>甲</dt><dd>乙类假期</dd></dl>
<ol><li>填表</li><li>签字</li></ol>
<pre>第一行
    缩进的第二行</pre>
<script>alert("脚本")</script>
<footer>版权所有</footer></body></html>"""


def write_docx(path: Path) -> Path:
    """A Word document with styles, numbered paragraphs and a table with merged cells."""
    from docx import Document

    document = Document()
    document.add_heading("员工手册", level=0)
    document.add_heading("休假管理", level=1)
    document.add_paragraph(LEAVE)
    document.add_heading("病假", level=2)
    document.add_paragraph(SICK)
    document.add_paragraph("一、申请材料")
    document.add_paragraph("申请时交下列材料，缺一不可。")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(table.rows, [["假别", "天数", ""], ["", "最少", "最多"], ["年休假", "5", "15"]], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    document.core_properties.title = "员工手册 2026"
    document.save(str(path))
    return path


def write_pptx(path: Path) -> Path:
    """Two slides: text with notes, and a table."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "休假培训"
    first.placeholders[1].text = "年休假五天\n病假要证明"
    first.notes_slide.notes_text_frame.text = "讲到这里请停顿提问。"
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "天数一览"
    grid = second.shapes.add_table(len(LEAVE_ROWS), 3, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for i, row in enumerate(LEAVE_ROWS):
        for j, text in enumerate(row):
            grid.cell(i, j).text = text
    show.save(str(path))
    return path


def write_xlsx(path: Path) -> Path:
    """Sheets with numbers that are easily spoilt, a caption, merged cells, and an empty sheet."""
    from openpyxl import Workbook

    book = Workbook()
    staff = book.active
    staff.title = "员工名册"
    staff["A1"] = "2026 年在册员工"
    staff.merge_cells("A1:D1")
    for row in [
        ["工号", "姓名", "入职", "系数"],
        ["007", "林小满", dt.date(2024, 3, 1), 3.14159265358],
        ["N/A", "待定", None, 3],
        [12, "周到|齐", dt.datetime(2025, 1, 2, 9, 30), 0.15],
    ]:
        staff.append(row)
    staff["D5"].number_format = "0%"
    book.create_sheet("空表")
    leave = book.create_sheet("假期")
    for row in LEAVE_ROWS:
        leave.append(row)
    leave["B3"], leave["B4"] = 10, None
    leave.merge_cells("B3:B4")
    book.save(path)
    return path


def mail(*, html: bool = False, charset: str = "utf-8") -> bytes:
    """A mail in Chinese with an attachment."""
    message = EmailMessage()
    message["Subject"] = "关于年休假的通知"
    message["From"] = "人事部 <hr@example.com>"
    message["To"] = "all@example.com"
    message["Date"] = "Mon, 02 Feb 2026 09:00:00 +0800"
    if html:
        message.set_content(f"<html><body><h1>通知</h1><p>{LEAVE}</p></body></html>", subtype="html", charset=charset)
    else:
        message.set_content(f"各位同事：\n\n{LEAVE}\n\n人事部", charset=charset)
    message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="a.bin")
    return message.as_bytes()


def write_pdf(path: Path, pages: list[list[tuple[str, float]]], *, title: str = "", password: str = "") -> Path:
    """Pages of Chinese or English paragraphs, each ``(text, size)``, broken into lines as a text program does."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), A4, encrypt=StandardEncryption(password) if password else None)
    canvas.setTitle(title)
    for paragraphs in pages:
        height = 780.0
        for text, size in paragraphs:
            font = "Helvetica" if text.isascii() else "STSong-Light"
            canvas.setFont(font, size)
            for line in simpleSplit(text, font, size, 440) if text.isascii() else _chinese_lines(text, size):
                canvas.drawString(70, height, line)
                height -= 1.4 * size
            height -= 0.6 * size
        canvas.showPage()
    canvas.save()
    return path


def _chinese_lines(text: str, size: float) -> list[str]:
    width = int(440 / size)
    indented = "\u3000\u3000" + text if len(text) > width else text
    return [indented[i : i + width] for i in range(0, len(indented), width)]
