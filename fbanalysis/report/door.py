"""The door: one page that leads to every file of the report and says how each chapter ended."""

import json

from fbanalysis.report.page import font_face, page
from fbanalysis.report.slides import environment, plain
from fbanalysis.report.story import Chapter, Story


def index(story: Story) -> str:
    """Build the page that leads to everything."""
    shared = page(story, body="", scripts=[], styles=["index.css"])
    said = {"doors": doors(story), "audit": audited(story)} | {
        "chapters": [_door_row(chapter) for chapter in story.chapters]
    }
    draw = environment().get_template("index.html.j2").render
    body = draw(**shared | {"font": "", "css": ""}, **said)
    return draw(**shared | {"font": font_face(body)}, **said)


def audited(story: Story) -> dict[str, object]:
    """Say what reading the finished files back came to; nothing where it was not done."""
    path = story.dataset.reports / "audit.json"
    if not path.is_file():
        return {}
    found = json.loads(path.read_text("utf-8"))
    count = len(found["story"]) + sum(len(one["findings"]) for one in found["files"])
    read = (
        f"读回审核：{len(found['files'])} 个文件里的 {sum(one['numbers'] for one in found['files']):,} 个数字"
    )
    said = f"有 {count} 处不符，见 audit.json" if count else "都有记录，或有允许它的规则"
    return {"text": f"{read}，{said}。", "is_bad": bool(count)}


def doors(story: Story) -> list[dict[str, str]]:
    """Name the files of the report that are there."""
    records = f"{len(story.ledger):,} 条记录：数值、区间、样本量、方法"
    files = [
        ("deck.html", "演示文稿", "逐章演示，方向键翻页，可离线打开"),
        ("report.html", "完整报告", "全部说明、图表、可筛选的明细与可展开的代码"),
        ("report.pptx", "PowerPoint", "文字、表格、图表都可以编辑，备注里有数字来历"),
        ("report.xlsx", "工作簿", "每张图、每张表的数据，附样本量与说明"),
        ("deck.pdf", "演示文稿 PDF", "每页一张，可直接打印"),
        ("report.pdf", "完整报告 PDF", "A4 版式，可直接打印"),
        ("metrics.csv", "账本", records),
    ]
    return [
        {"href": href, "name": name, "text": text}
        for href, name, text in files
        if (story.dataset.reports / href).is_file()
    ]


def _door_row(chapter: Chapter) -> dict[str, object]:
    return {
        "name": chapter.topic,
        "anchor": chapter.anchor,
        "is_done": chapter.is_done,
        "reason": chapter.reason,
        "error_link": chapter.error_link,
        "state": {"done": "完成", "failed": "失败"}.get(chapter.status, "未编入"),
        "answer_text": plain(chapter.answer),
        "notebook": "" if chapter.executed is None else f"notebooks/{chapter.executed.name}",
    }
