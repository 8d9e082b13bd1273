"""PowerPoint: slides in the order of the show, with all that is drawn, written or said on them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from ingest.parsers.slides import read_pptx
from kb_app.errors import DocumentError
from tests import make_office
from tests.make_office import NAMESPACES, package, part, relations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.document import ParsedDocument

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def shape(text: str, top: int = 0, left: int = 0, *, holder: str = "", properties: str = "") -> str:
    place = f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/></a:xfrm></p:spPr>'
    held = f'<p:nvPr><p:ph type="{holder}"/></p:nvPr>' if holder else "<p:nvPr/>"
    lines = "".join(f"<a:p>{properties}<a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr><p:cNvPr/>{held}</p:nvSpPr>{place}<p:txBody>{lines}</p:txBody></p:sp>"


def frame(inner: str, top: int = 0) -> str:
    place = f'<p:xfrm><a:off x="0" y="{top}"/></p:xfrm>'
    graphic = f"<a:graphic><a:graphicData>{inner}</a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{place}{graphic}</p:graphicFrame>"


def pptx(
    *slides: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
    show: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """A show of slides, each the XML of its shapes; the links are those of the first one."""
    ids = "".join(f'<p:sldId id="{256 + i}" r:id="s{i}"/>' for i in range(len(slides)))
    targets = {f"s{i}": ("slide", f"slides/slide{i}.xml") for i in range(len(slides))}
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations({"r0": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": part("p:presentation", f"<p:sldIdLst>{ids}</p:sldIdLst>"),
        "ppt/_rels/presentation.xml.rels": relations(targets | dict(show or {})),
        "ppt/slides/_rels/slide0.xml.rels": relations(links or {}),
    }
    for i, shapes in enumerate(slides):
        content = (
            shapes
            if shapes.startswith("<p:sld")
            else f"<p:sld {NAMESPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        )
        files[f"ppt/slides/slide{i}.xml"] = content
    return package(files | {f"ppt/{name}": one for name, one in (parts or {}).items()})


def seen(parsed: ParsedDocument) -> list[tuple[str, int | None, str]]:
    return [(e.kind, e.page, e.text) for e in parsed.elements]


def test_reading_order_groups_and_hidden_slides() -> None:
    place = '<p:grpSpPr><a:xfrm><a:off x="0" y="3000000"/></a:xfrm></p:grpSpPr>'
    group = f"<p:grpSp>{place}{shape('组内二', 400_000)}{shape('组内一', 3)}</p:grpSp>"
    first = (
        shape("页脚区", 6_000_000)
        + shape("右栏", 1_010_000, 5_000_000)
        + group
        + shape("左栏", 1_000_000)
        + shape("消防演练", 5_000_000, holder="title")
        + shape("12", 0, holder="sldNum")
    )
    tree = f"<p:cSld><p:spTree>{shape('备用页', holder='ctrTitle')}</p:spTree></p:cSld>"
    hidden = f'<p:sld {NAMESPACES} show="0">{tree}</p:sld>'
    parsed = read_pptx(pptx(first, hidden))
    assert [text for _, _, text in seen(parsed)] == ["消防演练", "左栏", "右栏", "组内一", "组内二", "页脚区", "备用页"]
    assert seen(parsed)[-1] == ("heading", 2, "备用页")
    assert parsed.pages == 2


def test_numbers_that_powerpoint_counts() -> None:
    numbered = shape("断电\n疏散", 1, properties='<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr>')
    chinese = shape("清点", 2_000_000, properties='<a:pPr><a:buAutoNum type="ea1ChsPlain" startAt="3"/></a:pPr>')
    parsed = read_pptx(pptx(shape("步骤", holder="title") + numbered + chinese))
    assert [text for _, _, text in seen(parsed)] == ["步骤", "1. 断电", "2. 疏散", "三 清点"]


def test_a_table_with_merged_cells() -> None:
    def row(*cells: str) -> str:
        return f"<a:tr>{''.join(cells)}</a:tr>"

    def one(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    rows = row(one("班次", 'rowSpan="2"'), one("时间", 'gridSpan="2"'), one("", 'hMerge="1"'))
    rows += row(one("", 'vMerge="1"'), one("始"), one("终")) + row(one("早班"), one("7:30"), one("15:30"))
    (element,) = read_pptx(pptx(frame(f"<a:tbl>{rows}</a:tbl>"))).elements
    assert element.text.split("\n")[::2] == ["| 班次 | 时间 始 | 时间 终 |", "| 早班 | 7:30 | 15:30 |"]


def test_a_chart_of_a_real_program_is_a_table() -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "用水量"
    data = CategoryChartData(number_format="0%")
    data.categories = ["一季度", "二季度"]
    data.add_series("东区", (0.3, 0.1))
    data.add_series("西区", (0.25, 0.35))
    placed: Any = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data
    )
    placed.chart.has_title = True
    placed.chart.chart_title.text_frame.text = "各区占比"
    buffer = io.BytesIO()
    show.save(buffer)
    assert seen(read_pptx(buffer.getvalue())) == [
        ("heading", 1, "用水量"),
        ("text", 1, "各区占比"),
        ("table", 1, "|  | 东区 | 西区 |\n| --- | --- | --- |\n| 一季度 | 30% | 25% |\n| 二季度 | 10% | 35% |"),
    ]


def test_smartart_from_the_outside_inwards() -> None:
    def point(name: str, text: str, kind: str = "node") -> str:
        return f'<dgm:pt modelId="{name}" type="{kind}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'

    points = point("3", "抢修组") + point("2", "通讯组") + point("1", "总指挥") + point("0", "", "doc")
    joins = "".join(
        f'<dgm:cxn srcId="{a}" destId="{b}" srcOrd="{n}"/>' for a, b, n in (("0", "1", 0), ("1", "3", 1), ("1", "2", 0))
    )
    model = part("dgm:dataModel", f"<dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{joins}</dgm:cxnLst>")
    shapes = shape("应急组织", holder="title") + frame('<dgm:relIds r:dm="d1"/>')
    parsed = read_pptx(
        pptx(shapes, parts={"diagrams/data1.xml": model}, links={"d1": ("diagramData", "../diagrams/data1.xml")})
    )
    assert [text for _, _, text in seen(parsed)] == ["应急组织", "总指挥", "通讯组", "抢修组"]


def test_notes_and_comments_are_marked() -> None:
    said = shape("先问一个问题。", holder="body")
    parts = {
        "notesSlides/n.xml": part(
            "p:notes",
            f"<p:cSld><p:spTree>{said}{shape('7', holder='sldNum')}</p:spTree></p:cSld>",
        ),
        "comments/c.xml": part("p:cmLst", '<p:cm authorId="4"><p:text>数字要更新</p:text></p:cm>'),
        "commentAuthors.xml": part("p:cmAuthorLst", '<p:cmAuthor id="4" name="李岩"/>'),
    }
    links = {"n1": ("notesSlide", "../notesSlides/n.xml"), "c1": ("comments", "../comments/c.xml")}
    show = {"a1": ("commentAuthors", "commentAuthors.xml")}
    parsed = read_pptx(pptx(shape("培训目标", holder="title"), parts=parts, links=links, show=show))
    assert [text for _, _, text in seen(parsed)] == ["培训目标", "批注（李岩）：数字要更新", "备注：先问一个问题。"]


def test_text_in_a_picture() -> None:
    pytest.importorskip("ingest.ocr")
    image = '<p:pic><p:blipFill><a:blip r:embed="i1"/></p:blipFill></p:pic>'
    parsed = read_pptx(
        pptx(image, parts={"media/a.png": make_office.picture("PUMP 7306")}, links={"i1": ("image", "../media/a.png")})
    )
    assert ["7306" in text for _, _, text in seen(parsed)] == [True]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (pptx(shape("甲"))[:200], "broken or truncated"),
        (package({"[Content_Types].xml": "x", "ppt/a.xml": "<a/>"}), "not in it"),
        (pptx("<p:sld"), "no valid XML"),
    ],
)
def test_broken_shows_say_why(broken: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_pptx(broken)


def test_mutated_shows_never_crash_the_reader() -> None:
    data = pptx(
        shape("消防演练", holder="title") + shape("断电\n疏散", 9), frame("<a:tbl><a:tr><a:tc/></a:tr></a:tbl>")
    )
    results, errors = make_office.survivors("slides:read_pptx", data)
    assert results > 50
    assert errors > 50


def test_slides_stand_below_the_title_of_the_cover() -> None:
    slides = [shape("安全培训", holder="ctrTitle") + shape("安全科", 900_000), shape("时长") + shape("三天", 900_000)]
    headings = [(e.text, e.level) for e in read_pptx(pptx(*slides)).elements if e.kind == "heading"]
    assert headings == [("安全培训", 1), ("时长", 2)]


@pytest.mark.parametrize("first", ["目录", "Agenda"])
def test_a_table_of_contents_is_no_cover(first: str) -> None:
    slides = [shape(first) + shape("一、时长", 900_000), shape("时长") + shape("三天", 900_000)]
    assert {e.level for e in read_pptx(pptx(*slides)).elements if e.kind == "heading"} == {1}


def test_a_first_slide_that_says_much_is_no_cover() -> None:
    slides = [
        shape("劳保") + shape("手套每月四副，安全鞋一年两双。" * 10, 900_000),
        shape("时长") + shape("三天", 900_000),
    ]
    assert {e.level for e in read_pptx(pptx(*slides)).elements if e.kind == "heading"} == {1}
