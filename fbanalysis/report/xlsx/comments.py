"""The workbook's sheet of analysts' comments: what they say now, and what they printed when they were confirmed."""

from fbanalysis.report.comments import Remark
from fbanalysis.report.grids import Cell, Grid, text_cell
from fbanalysis.report.layout import plain
from fbanalysis.report.story import Story
from fbanalysis.report.xlsx.binder import HEAD_ROW, Binder, set_widths

_HEADS = ("编号", "章节", "幻灯片", "作者", "评注", "状态", "与确认时的差别")
_WIDTHS = (72.0, 160.0, 130.0, 130.0, 460.0, 80.0, 380.0)


def write_comments(binder: Binder, *, name: str) -> None:
    """Write all comments of the report's year, a row a comment."""
    sheet = binder.sheet(name, colour="ink")
    set_widths(sheet, _WIDTHS)
    binder.head(
        sheet, _WIDTHS, "附录 · 评注", "分析人员的评注", "评注里的数取自账本；过期的，数已与确认时不同。"
    )
    rows = tuple(_row(remark, binder.story) for remark in binder.story.remarks)
    binder.table(sheet, Grid(_HEADS, rows), _WIDTHS)
    sheet.freeze_panes(HEAD_ROW + 1, 0)


def _row(remark: Remark, story: Story) -> tuple[Cell, ...]:
    topics = {chapter.name: chapter.topic for chapter in story.chapters}
    said = story.referred({"pieces": remark.pieces}, pages=True)["pieces"]
    return (
        Cell(remark.comment.name),
        Cell(topics[remark.comment.notebook]),
        text_cell(remark.comment.slide),
        text_cell(remark.comment.author),
        Cell(plain(said)),
        Cell(remark.status),
        text_cell(remark.caution),
    )
