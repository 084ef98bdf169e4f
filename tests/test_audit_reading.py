"""Reading finished files: every format gives its passages, nothing is lost in silence, nothing hostile is opened."""

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.formats import package as reading_package
from fbanalysis.report.audit.formats import pdf as reading_pdf
from fbanalysis.report.audit.formats.number_formats import shown
from fbanalysis.report.audit.passages import table_cells
from fbanalysis.report.audit.reading import Document, Passage, read_document


def texts(document: Document, *kinds: str) -> list[str]:
    return [one.text for one in document.passages if one.kind in kinds]


def find(document: Document, text: str, kind: str = "") -> Passage:
    """Give the first passage with this text."""
    return next(one for one in document.passages if one.text == text and kind in ("", one.kind))


def cells(document: Document, kind: str = "cell") -> dict[tuple[str, str], str]:
    """Give the cells that have both heads."""
    return {
        (one.row, one.column): one.text
        for one in document.passages
        if one.kind == kind and one.row and one.column
    }


# ------------------------------------------------------------------ HTML


def page(
    tmp_path: Path, body: str, *, head: str = "<title>年报</title>", encoding: str = "utf-8"
) -> Document:
    path = tmp_path / "年报.html"
    path.write_bytes(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(encoding))
    return read_document(path)


def test_a_paragraph_of_inline_pieces_is_one_passage_with_its_keys(tmp_path):
    read = page(
        tmp_path,
        '<p>满意度\n  <data value="m[全体]">4.1\u202f分</data>，比去年<span class="fb-word">提升</span>\n<b>0.2</b> 分</p>',
    )
    (passage,) = [one for one in read.passages if one.kind == "text"]
    assert passage.text == "满意度 4.1\u202f分，比去年提升 0.2 分"
    ((start, end, key),) = passage.keys
    assert (passage.text[start:end], key) == ("4.1\u202f分", "m[全体]")


def test_kinds_follow_the_elements(tmp_path):
    read = page(
        tmp_path,
        """<h2>标题 3 个</h2><script>var a = 1</script><style>p{}</style><p>正文<br>两行</p>
        <blockquote class="fb-quote"><p>等了 3 天</p></blockquote><pre>n = <span>12</span></pre>
        <aside class="notes">讲稿</aside><footer>第 2 页</footer><ul><li>一项<li>二项</ul>
        <p>行内 <code>x = 1</code> 不断开</p>""",
    )
    assert texts(read, "title") == ["标题 3 个"]
    assert texts(read, "text") == ["正文 两行", "一项", "二项", "行内 x = 1 不断开"]
    assert texts(read, "quote") == ["等了 3 天"]
    assert texts(read, "code") == ["n = 12"]
    assert texts(read, "note") == ["讲稿"]
    assert texts(read, "foot") == ["第 2 页"]
    assert read.properties == {"title": "年报"}
    assert texts(read, "hidden") == ["title：年报"]


def test_drawings_give_labels_and_descriptions_once(tmp_path):
    read = page(
        tmp_path,
        '<svg aria-label="条形图：86%"><title>条形图：86%</title><g><text x="1">全体</text><text>86%</text></g></svg>'
        '<img src="a.png" alt="照片"><img src="b.png"><span title="Welch 检验">提升</span>',
    )
    assert texts(read, "label") == ["全体", "86%"]
    assert texts(read, "alt") == ["条形图：86%", "照片", "Welch 检验"]
    assert [reason for _, reason in read.skipped] == ["图片没有替代文字，里面的字读不到"]


def test_cells_know_the_heads_of_row_and_column(tmp_path):
    read = page(
        tmp_path,
        """<table><thead><tr><th rowspan=2>领域<th colspan=2>满意度</tr><tr><th>今年<th>去年</tr></thead>
        <tbody><tr><th scope=row>产品<td><p>4.2</p><p>分</p><td>3.9</tr>
        <tr><th scope=row rowspan=2>服务<td>4.5<td>4.3</tr><tr><td>4.4<td>4.2</tr></tbody></table>""",
    )
    assert cells(read) == {
        ("产品", "满意度 今年"): "4.2 分",
        ("产品", "满意度 去年"): "3.9",
        ("服务", "满意度 今年"): "4.4",
        ("服务", "满意度 去年"): "4.2",
    }
    assert find(read, "产品").row == ""


def test_a_table_without_heads_is_headed_by_its_first_row(tmp_path):
    read = page(tmp_path, "<table><tr><td>话题<td>占比</tr><tr><td>产品<td>32%</tr></table>")
    assert cells(read) == {("产品", "占比"): "32%"}


def test_slides_of_a_deck_are_numbered_and_sections_named(tmp_path):
    read = page(
        tmp_path,
        """<div class="reveal"><div class="slides"><section><section id="a"><h2>一</h2></section>
        <section id="b"><p>二</p></section></section><section id="c"><p>三</p></section></div></div><p>以外</p>""",
    )
    assert [(find(read, text).page, find(read, text).anchor) for text in ("一", "二", "三", "以外")] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (0, ""),
    ]
    assert find(read, "三").place == "幻灯片 3"


def test_sections_of_a_page_are_named_by_heading_and_anchor(tmp_path):
    read = page(
        tmp_path, '<section><h3 id="ch-2">样本</h3><p>甲</p></section><figure id="f-1"><p>乙</p></figure>'
    )
    assert (find(read, "甲").anchor, find(read, "甲").place) == ("ch-2", "「样本」")
    assert find(read, "乙").anchor == "f-1"


def test_our_style_sheet_sets_pieces_apart_and_others_run_on(tmp_path):
    body = "<p><span>4.</span><span>1 分</span></p>"
    assert texts(page(tmp_path, body), "text") == ["4.1 分"]
    own = '<p class="fb-lead">导语</p><a href="#"><b>背景</b><span>凭什么</span></a><pre><span>a</span><span>b</span></pre>'
    read = page(tmp_path, own)
    assert texts(read, "text") == ["导语", "背景", "凭什么"]
    assert texts(read, "code") == ["ab"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_page_is_read_in_its_encoding(tmp_path, encoding):
    assert texts(page(tmp_path, "<p>总体满意度 4.1 分，显著提升</p>", encoding=encoding), "text") == [
        "总体满意度 4.1 分，显著提升"
    ]


def test_entities_of_a_page_are_characters_and_files_stay_closed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("机密")
    path = tmp_path / "a.html"
    path.write_text(
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]><p>&lt;5%&nbsp;&x;</p>', "utf-8"
    )
    assert "机密" not in "".join(one.text for one in read_document(path).passages)


def test_a_deeply_nested_page_and_a_large_one_are_read(tmp_path):
    assert texts(page(tmp_path, "<div>" * 2000 + "底" + "</div>" * 2000), "text") == ["底"]
    with pytest.raises(AuditError, match="嵌套"):
        page(tmp_path, "<div>" * 3000 + "底" + "</div>" * 3000)
    large = page(
        tmp_path,
        "<p>共 3,528 份</p>" * 20_000 + f'<img alt="" src="data:image/png;base64,{"A" * 11_000_000}">',
    )
    assert len(texts(large, "text")) == 20_000


# ------------------------------------------------------------------ PowerPoint


def presentation(tmp_path: Path) -> Path:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "满意度 4.1 分"
    group = slide.shapes.add_group_shape()
    box = group.shapes.add_textbox(0, 0, Inches(1), Inches(1))
    box.text_frame.text = "第一段\v换行"
    box.text_frame.add_paragraph().text = "第二段"
    table = slide.shapes.add_table(3, 2, 0, 0, Inches(2), Inches(2)).table
    for i, row in enumerate((("领域", "分数"), ("产品", "4.2"), ("服务", "4.5"))):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    data = CategoryChartData(number_format='0.0" 分"')
    data.categories = ["产品", "服务"]
    data.add_series("今年", (4.2, 4.5))
    data.add_series("去年", (3.9, None))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(3), data)
    frame.name = "图 1"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", "柱形图")
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "两年比较"
    frame.chart.plots[0].series[0].points[1].data_label.text_frame.text = "4.5 最高"
    slide.notes_slide.notes_text_frame.text = "先说结论\n再说例外"
    slide.shapes.add_picture(BytesIO(picture()), 0, 0).name = "照片"
    slide.shapes[-1]._element.nvPicPr.cNvPr.attrib.pop("descr", None)
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "藏起来的"
    second._element.set("show", "0")
    deck.core_properties.title = "年报"
    path = tmp_path / "年报.pptx"
    deck.save(path)
    return path


def picture() -> bytes:
    """Make the smallest bitmap."""
    return (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\0\0\0\0"
    )


def test_a_slide_gives_titles_texts_tables_notes(tmp_path):
    read = read_document(presentation(tmp_path))
    assert texts(read, "title") == ["满意度 4.1 分", "藏起来的"]
    assert texts(read, "text") == ["第一段 换行", "第二段"]
    assert cells(read) == {("产品", "分数"): "4.2", ("服务", "分数"): "4.5"}
    assert texts(read, "note") == ["先说结论", "再说例外"]
    assert texts(read, "alt") == ["柱形图"]
    assert find(read, "藏起来的").place == "幻灯片 2（隐藏）"
    assert "title：年报" in texts(read, "hidden")
    assert read.skipped == (("幻灯片 1", "图片「照片」没有替代文字，里面的字读不到"),)


def test_a_chart_is_read_from_its_cache_and_from_its_workbook(tmp_path):
    read = read_document(presentation(tmp_path))
    assert texts(read, "label") == ["两年比较", "4.5 最高"]
    label = find(read, "4.5 最高")
    assert (label.row, label.column) == ("服务", "今年")
    points = [one for one in read.passages if one.kind == "chart" and one.row and one.column]
    expected = [("产品", "今年", 4.2), ("服务", "今年", 4.5), ("产品", "去年", 3.9)]
    for source in ("（缓存值）", "（内嵌工作簿）"):
        mine = [one for one in points if one.place == f"幻灯片 1 图表「图 1」{source}"]
        assert [(one.row, one.column, one.value) for one in mine] == expected
        names = [
            one.text for one in read.passages if one.place.endswith(source) and not (one.row and one.column)
        ]
        assert names == ["今年", "产品", "服务", "去年"]
    assert points[0].text == "4.2 分"


def altered(path: Path, name: str, old: bytes, new: bytes) -> Path:
    """Write a package anew with something else in one part."""
    changed = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.namelist():
            content = source.read(one)
            assert one != name or old in content
            target.writestr(one, content.replace(old, new) if one == name else content)
    return changed


def test_a_chart_whose_cache_was_changed_differs_from_its_workbook(tmp_path):
    path = presentation(tmp_path)
    with zipfile.ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.startswith("ppt/charts/chart"))
    read = read_document(altered(path, name, b"<c:v>4.2</c:v>", b"<c:v>4.9</c:v>"))
    values = {one.place[-6:]: one.value for one in read.passages if (one.row, one.column) == ("产品", "今年")}
    assert sorted(values.values()) == [4.2, 4.9]


def test_the_number_of_a_page_is_the_page(tmp_path):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    paragraph = slide.shapes.add_textbox(0, 0, 1, 1).text_frame.paragraphs[0]._p
    field = paragraph.makeelement(f"{{{paragraph.nsmap['a']}}}fld", {"type": "slidenum", "id": "{0}"})
    field.append(paragraph.makeelement(f"{{{paragraph.nsmap['a']}}}t", {}))
    field[0].text = "‹#›"
    paragraph.append(field)
    deck.save(tmp_path / "a.pptx")
    assert texts(read_document(tmp_path / "a.pptx"), "text") == ["1"]


DIAGRAM = """<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>收集 3 天</a:t></a:r></a:p></dgm:t></dgm:pt>
 <dgm:pt><dgm:t><a:p><a:r><a:t>分析</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"""


def test_a_diagram_gives_its_points(tmp_path):
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    part = pptx.opc.package.Part(
        pptx.opc.packuri.PackURI("/ppt/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        deck.part.package,
        DIAGRAM.encode(),
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
    relation = slide.part.relate_to(part, kind)
    frame = slide.shapes.add_table(1, 1, 0, 0, 1, 1)._element
    data = frame.graphic.graphicData
    data.set("uri", "http://schemas.openxmlformats.org/drawingml/2006/diagram")
    data.remove(data[0])
    names = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data.append(data.makeelement(f"{{{names}}}relIds", {f"{{{office}}}dm": relation}))
    deck.save(tmp_path / "a.pptx")
    assert texts(read_document(tmp_path / "a.pptx"), "text") == ["收集 3 天", "分析"]


# ------------------------------------------------------------------ Excel


def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "年报.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("各领域")
        percent = book.add_format({"num_format": '0.0"%"'})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write("A1", "各领域满意度")
        sheet.write_row("A3", ["领域", "占比", "日期", "样本"])
        sheet.write("A4", "产品")
        sheet.write("B4", 32.04, percent)
        sheet.write("C4", 45000, day)
        sheet.write("D4", 1256)
        sheet.write_rich_string("A5", book.add_format({"bold": True}), "服", "务")
        sheet.write_formula("B5", "=B4-4", percent, 28.04)
        sheet.write("A7", "说明：占比取整")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"name": "占比", "categories": "=各领域!$A$4:$A$5", "values": "=各领域!$B$4:$B$5"})
        chart.set_title({"name": "图题 2 项"})
        sheet.insert_chart("F2", chart, {"description": "柱形图"})
        sheet.write_comment("B4", "请核对")
        sheet.set_header('&L&"宋体"内部资料')
        hidden = book.add_worksheet("底稿")
        hidden.hide()
        hidden.write_row("A1", ["甲", "乙"])
        book.set_properties({"title": "年报"})
    return path


def test_cells_are_read_as_shown_and_as_stored(tmp_path):
    read = read_document(workbook(tmp_path))
    assert cells(read) == {
        ("产品", "占比"): "32.0%",
        ("产品", "日期"): "2023-03-15",
        ("产品", "样本"): "1256",
        ("服务", "占比"): "28.0%",
    }
    share = find(read, "32.0%")
    assert (share.value, share.place, share.page, share.anchor) == (32.04, "工作表「各领域」B4", 1, "各领域")
    assert texts(read, "text") == ["各领域满意度", "说明：占比取整"]
    assert texts(read, "alt") == ["柱形图"]
    assert [one.partition("：")[2].strip() or one for one in texts(read, "note")][-1].endswith("请核对")
    assert texts(read, "foot") == ["内部资料"]
    assert find(read, "甲").place == "工作表「底稿」（隐藏）A1"
    assert "图题 2 项" in texts(read, "label")


def test_a_chart_of_a_workbook_is_read_from_its_cache(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.load_workbook(workbook(tmp_path))
    book["各领域"]["B4"].comment = Comment("再核对", "甲")
    book.save(path)
    assert "再核对" in texts(read_document(path), "note")
    read = read_document(workbook(tmp_path))
    assert {one.text for one in read.passages if one.kind == "chart"} >= {"占比"}


def test_merged_heads_head_every_column(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["领域", "分数", None])
    sheet.merge_cells("B1:C1")
    sheet.append(["产品", 4.2, 3.9])
    sheet.append([None, 4.3, 4.0])
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    read = read_document(tmp_path / "a.xlsx")
    assert [(one.row, one.column, one.value) for one in read.passages if one.row] == [
        ("产品", "分数", 4.2),
        ("产品", "分数", 3.9),
        ("产品", "分数", 4.3),
        ("产品", "分数", 4.0),
    ]


def test_a_formula_without_a_value_is_told(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "a.xlsx")
    ((place, reason),) = read_document(tmp_path / "a.xlsx").skipped
    assert place == "工作表「Sheet」"
    assert "公式" in reason


def test_broken_numbers_in_a_sheet_break_nothing(tmp_path):
    path = altered(workbook(tmp_path), "xl/worksheets/sheet1.xml", b"<v>1256</v>", b"<v>1e999</v>")
    assert find(read_document(path), "inf").column == "样本"
    path = altered(workbook(tmp_path), "xl/worksheets/sheet1.xml", b'<row r="4"', b'<row r="x"')
    assert find(read_document(path), "1256").value == 1256


FORMATS = [
    # value, format, what Excel shows
    (4.12, "General", "4.12"),
    (0.1 + 0.2, "General", "0.3"),
    (3528, "#,##0", "3,528"),
    (2.5, "0", "3"),
    (1.005, "0.00", "1.01"),
    (-2.5, "0", "-3"),
    (0.586, "0.0%", "58.6%"),
    (-3, '#,##0"%";"−"#,##0"%"', "−3%"),
    (0, '0.0;-0.0;"零"', "零"),
    (3, "+0;−0;0", "+3"),
    (-3, "+0;−0;0", "−3"),
    (7, "00", "07"),
    (1234.5, "#,##0.###", "1,234.5"),
    (1234567, '0.0,,"百万"', "1.2百万"),
    (0.00012, "0.00E+00", "1.20E-04"),
    (1200, "[$¥-804]#,##0.00", "¥1,200.00"),
    (5, "_ * #,##0_ ;_ * -#,##0_ ", "5"),
    (0.3, '[<1]0.0;0" 个"', "0.3"),
    (3, '[<1]0.0;0" 个"', "3 个"),
    (45000, "yyyy-mm-dd", "2023-03-15"),
    (45000.5, 'yyyy"年"m"月"d"日" h:mm', "2023年3月15日 12:00"),
    (0.75, "h:mm AM/PM", "6:00 PM"),
    (1.5, "[h]:mm", "36:00"),
    (-1, "yyyy-mm-dd", "-1"),
    (float("nan"), "0.00", "nan"),
    (1e300, "#,##0", f"{10**300:,}"),
]


@pytest.mark.parametrize(("value", "code", "text"), FORMATS)
def test_a_number_is_shown_by_its_format(value, code, text):
    assert shown(value, code) == text


@given(st.floats(min_value=-1e9, max_value=1e9), st.text('0#?,.%;"\\_*[]Ehmsyd -', max_size=12))
def test_no_format_breaks_the_reading(value, code):
    assert isinstance(shown(value, code), str)


# ------------------------------------------------------------------ Word


def test_a_text_document_is_read_in_order(tmp_path):
    document = docx.Document()
    document.add_heading("样本", level=1)
    paragraph = document.add_paragraph("共收集 ")
    paragraph.add_run("3,528").bold = True
    paragraph.add_run(" 份")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("领域", "占比", "产品", "32%"), strict=True
    ):
        cell.text = text
    document.add_paragraph("之后")
    document.sections[0].footer.paragraphs[0].text = "内部资料"
    document.core_properties.title = "年报"
    document.save(tmp_path / "a.docx")
    read = read_document(tmp_path / "a.docx")
    assert [(one.kind, one.text) for one in read.passages[:7]] == [
        ("title", "样本"),
        ("text", "共收集 3,528 份"),
        ("cell", "领域"),
        ("cell", "占比"),
        ("cell", "产品"),
        ("cell", "32%"),
        ("text", "之后"),
    ]
    assert cells(read) == {("产品", "占比"): "32%"}
    assert find(read, "共收集 3,528 份").place == "「样本」第 1 段"
    assert texts(read, "foot") == ["内部资料"]


def test_deleted_and_hidden_words_are_not_read_and_inserted_ones_are(tmp_path):
    document = docx.Document()
    paragraph = document.add_paragraph("共 ")._p
    names = paragraph.nsmap["w"]
    for tag, text, kind in (("del", "3", "delText"), ("ins", "4", "t")):
        change = paragraph.makeelement(f"{{{names}}}{tag}", {})
        run = paragraph.makeelement(f"{{{names}}}r", {})
        piece = paragraph.makeelement(f"{{{names}}}{kind}", {})
        piece.text = text
        run.append(piece)
        change.append(run)
        paragraph.append(change)
    document.paragraphs[0].add_run("（藏）").font.hidden = True
    document.save(tmp_path / "a.docx")
    assert texts(read_document(tmp_path / "a.docx"), "text") == ["共 4"]


# ------------------------------------------------------------------ PDF


def pdf(tmp_path: Path, lines: Sequence[tuple[int, int, str]]) -> Path:
    """Write the smallest PDF that sets lines at places, in Helvetica of 12 points."""
    stream = "BT /F1 12 Tf " + " ".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in lines) + " ET"
    bodies = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    content, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(content))
        content += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    content += f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(content)}\n%%EOF"
    path = tmp_path / "a.pdf"
    path.write_text(content, "latin-1")
    return path


def test_lines_of_a_page_are_joined_into_paragraphs(tmp_path):
    lines = [
        (50, 700, "Satisfaction reached 4.1 points in this year, which is"),
        (50, 686, "0.2 points more than in the year before."),
        (50, 640, "Another paragraph stands here."),
        (400, 700, "86%"),
    ]
    read = read_document(pdf(tmp_path, lines))
    assert texts(read, "text") == [
        "Satisfaction reached 4.1 points in this year, which is 0.2 points more than in the year before.",
        "Another paragraph stands here.",
        "86%",
    ]
    assert (read.passages[0].place, read.passages[0].page) == ("第 1 页", 1)


def line(text: str, top: float, *, left: float = 0.0, size: float = 10.0) -> reading_pdf._Line:
    return reading_pdf._Line(text, left, top - size, left + size * len(text), top)


def test_a_broken_page_is_told_and_the_others_are_read(tmp_path):
    path = pdf(tmp_path, [(50, 700, "Hello 4.1")])
    path.write_bytes(path.read_bytes().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[3 0 R 9 0 R]/Count 2"))
    read = read_document(path)
    assert texts(read, "text") == ["Hello 4.1"]
    assert [place for place, _ in read.skipped] == ["第 2 页"]


def test_chinese_lines_are_joined_without_a_blank():
    lines = [line("总体满意度达到了四点一分，比去", 100), line("年提升了很多。", 86), line("结论", 60)]
    assert reading_pdf.paragraphs(lines) == ["总体满意度达到了四点一分，比去年提升了很多。", "结论"]


def test_labels_below_one_another_stay_apart():
    assert reading_pdf.paragraphs([line("全体", 100), line("内部", 86), line("外部", 72)]) == [
        "全体",
        "内部",
        "外部",
    ]


def test_a_page_without_text_is_told(tmp_path):
    read = read_document(pdf(tmp_path, []))
    assert read.passages == ()
    ((place, reason),) = read.skipped
    assert place == "第 1 页"
    assert "文字识别" in reason


# ------------------------------------------------------------------ plain texts


def test_a_plain_text_is_cut_at_lines_unless_they_were_wrapped(tmp_path):
    path = tmp_path / "a.txt"
    wrapped = "本段文字在行末被折断，因此和下一行合起来才是一段完整的话，份数是\r\n3 份"
    path.write_bytes(f"{wrapped}\r\n\r\n第二段\r\n另一行".encode("gb18030"))
    read = read_document(path)
    assert texts(read, "text") == [wrapped.replace("\r\n", " "), "第二段", "另一行"]
    assert read.passages[1].place == "第 4 行"


def test_a_plain_text_without_empty_lines_is_cut_at_lines(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("一行\n二行\n", "utf-8")
    assert [(one.text, one.place) for one in read_document(path).passages] == [
        ("一行", "第 1 行"),
        ("二行", "第 2 行"),
    ]


def test_markdown_gives_headings_tables_quotes_code(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(
        "# 样本 #\n\n共 **3,528** 份，见[说明](a.md)。\n续行\n\n- 一项\n- 二项\n\n> 等了 3 天\n\n"
        "```\nx = 1\n```\n\n| 领域 | 占比 |\n|---|--:|\n| 产品 | 32 |\n",
        "utf-8",
    )
    read = read_document(path)
    assert texts(read, "title") == ["样本"]
    assert texts(read, "text") == ["共 3,528 份，见说明。 续行", "一项", "二项"]
    assert (texts(read, "quote"), texts(read, "code")) == (["等了 3 天"], ["x = 1"])
    cell = find(read, "32")
    assert (cell.row, cell.column, cell.value) == ("产品", "占比", 32.0)
    assert cell.place == "第 17 行第 2 列"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separated_values_are_cells(tmp_path, separator):
    path = tmp_path / "a.csv"
    path.write_text(f"领域{separator}样本\n产品{separator}1256\n", "utf-8-sig")
    cell = find(read_document(path), "1256")
    assert (cell.row, cell.column, cell.value) == ("产品", "样本", 1256.0)


def test_rows_of_different_length_lose_nothing():
    rows = [["领域", "占比"], ["产品", "32%", "多出"], ["服务"]]
    assert [text for _, _, text, _, _ in table_cells(rows)] == ["领域", "占比", "产品", "32%", "多出", "服务"]


# ------------------------------------------------------------------ what is refused


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_what_cannot_be_read_is_refused_with_a_remedy(tmp_path):
    written = {
        "a.ppt": b"x",
        "a.jpg": b"x",
        "empty.html": b"",
        "secret.pptx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "broken.xlsx": b"PK\x03\x04 cut off",
        "broken.pdf": b"%PDF-1.4 cut off",
        "binary.txt": b"\0\x01\xff\xfe\x80" * 50,
    }
    remedies = {
        "a.ppt": r"另存为 \.pptx",
        "a.jpg": "另存为 html",
        "empty.html": "空文件",
        "secret.pptx": "取消密码",
        "broken.xlsx": "重新导出",
        "broken.pdf": "重新导出",
        "binary.txt": "UTF-8",
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AuditError, match=remedies[name]) as refused:
            read_document(tmp_path / name)
        assert name in str(refused.value)
    with pytest.raises(AuditError, match="找不到"):
        read_document(tmp_path / "none.html")


def test_an_archive_that_is_no_office_file_is_refused(tmp_path):
    with pytest.raises(AuditError, match="不是演示文稿"):
        read_document(packed(tmp_path / "a.pptx", {"a.txt": b"x"}))


def test_an_archive_that_swells_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(reading_package, "MOST_BYTES", 1024**2)
    with pytest.raises(AuditError, match="展开后有"):
        read_document(packed(tmp_path / "a.docx", {"word/document.xml": b"0" * (2 * 1024**2)}))


def test_a_workbook_inside_a_chart_that_swells_is_not_opened(tmp_path, monkeypatch):
    path = presentation(tmp_path)
    bomb = packed(tmp_path / "bomb.xlsx", {"xl/a.xml": b"0" * (8 * 1024**2)}).read_bytes()
    swollen = tmp_path / "swollen.pptx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(swollen, "w") as target:
        for one in source.namelist():
            target.writestr(one, bomb if one.endswith(".xlsx") else source.read(one))
    monkeypatch.setattr(reading_package, "MOST_BYTES", 4 * 1024**2)
    with pytest.raises(AuditError, match=r"Microsoft_Excel.*展开后有"):
        read_document(swollen)


def test_declared_entities_are_refused(tmp_path):
    with zipfile.ZipFile(presentation(tmp_path)) as archive:
        head = archive.read("ppt/presentation.xml")[:60]
    start = head[: head.index(b"?>") + 2]
    bad = altered(
        tmp_path / "年报.pptx", "ppt/presentation.xml", start, start + b'<!DOCTYPE a [<!ENTITY b "c">]>'
    )
    with pytest.raises(AuditError, match="声明了实体"):
        read_document(bad)


def test_a_part_cut_off_names_the_part(tmp_path):
    path = altered(presentation(tmp_path), "ppt/slides/slide1.xml", b"</p:sld>", b"")
    with pytest.raises(AuditError, match=r"ppt/slides/slide1\.xml 已损坏"):
        read_document(path)
