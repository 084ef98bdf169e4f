"""The page that shows what differs between two editions of a report; it compares nothing itself."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from fbanalysis.dataset import Theme
from fbanalysis.errors import listed
from fbanalysis.report.changes import CHANGED, GONE, NEW, Changes, different
from fbanalysis.report.editions import Edition
from fbanalysis.report.ledger import guarded, write_whole
from fbanalysis.report.page import font_face, policy
from fbanalysis.report.slides import TEMPLATES, environment
from fbanalysis.report.theme import css, use
from fbanalysis.report.wording import Segment

#: What each table of the page shows: head → column of `changes.compare`, and whether it holds numbers.
_COLUMNS = {
    "章": ("notebook", False),
    "指标": ("metric", False),
    "层": ("stratum", False),
    "原来": ("old", True),
    "现在": ("new", True),
    "变化": ("change", True),
    "z": ("z", True),
    "抽样误差": ("sampling", False),
    "有关的变化": ("causes", False),
}
_FILTERS = [0, 1, 7]
_ALONE = ("章", "指标", "层", "原来", "现在", "有关的变化")
#: Marks that the style sheet and the scripts put in.
_MARKS = "↕↑↓清除搜索不限共行符合显示前再没有的内容查找（），：–"


def write_changes(changes: Changes, folder: Path, *, theme: Theme | None = None) -> tuple[Path, Path]:
    """Write ``diff-<a>-<b>.csv`` with every figure, and ``diff-<a>-<b>.html`` with those that differ."""
    folder.mkdir(parents=True, exist_ok=True)
    csv, page = folder / f"{changes.name}.csv", folder / f"{changes.name}.html"
    write_whole(csv, "\ufeff" + _safe(changes.frame).to_csv(index=False, lineterminator="\n"))
    write_whole(page, draw_changes(changes, theme=theme or Theme()))
    return csv, page


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would take for formulas get an apostrophe before them."""
    texts = [name for name in frame.columns if name not in ("difference", "z", "is_inside")]
    return frame.assign(**{name: frame[name].map(guarded) for name in texts})


def draw_changes(changes: Changes, *, theme: Theme) -> str:
    """Draw the page: how many figures differ, what changed between the editions, and every figure that differs."""
    use(theme)
    report = changes.after.receipt["report"]
    content = {
        "title": f"{changes.before.name} 与 {changes.after.name} 的差别",
        "organisation": str(report.get("organisation", "")),
        "lead": "；".join(_stated(edition) for edition in (changes.before, changes.after)),
        "counts": [(name, f"{count:,}") for name, count in changes.counts.items()],
        "reading": _reading(changes),
        "facts": facts(changes),
        "tables": _tables(changes),
        "foot": f"全部数字（含未变的）见 {changes.name}.csv",
    }
    scripts = [(TEMPLATES / "tables.js").read_text("utf-8")]
    styles = [(TEMPLATES / name).read_text("utf-8") for name in ("paper.css", "changes.css")]
    look = {
        "css": "\n".join([f":root {{ {css()} }}", *styles]),
        "scripts": scripts,
        "policy": policy(scripts),
    }
    draw = environment().get_template("changes.html.j2").render
    text = draw(content, **look | {"css": "", "scripts": []}, font="")
    return draw(content, **look, font=font_face(text + _MARKS))


def _stated(edition: Edition) -> str:
    delivered = f"，{edition.released_on} 交付" if edition.released_on else ""
    note = f"（{edition.note}）" if edition.note else ""
    return f"{edition.name}：收据 {edition.receipt.get('receipt', '没有')}{delivered}{note}"


def _reading(changes: Changes) -> list[str]:
    pairs, outside = changes.compared
    said = f"两版都有区间的数有 {pairs:,} 个，其中 {outside:,} 个的差在抽样误差之外（单次比较、双侧、百分之五）。"
    if changes.are_years:
        return [
            f"{said}没有按比较的个数校正：即使处处没有真正的差别，也会有约 {round(pairs * 0.05):,} 个落在外面。",
            "两版是不同年份的数据；层名里的年份按与报告年的距离对应（上一年的三月对今年的三月）。",
        ]
    return [
        said,
        "两版是同一年的两稿，多半用了同样的行：两个估计不独立，z 只会偏小；要看的是“有关的变化”一列。",
        "“有关的变化”列出与这个数有关、两版之间不同的一切；究竟是哪一项改了它，要由人判断。",
    ]


def facts(changes: Changes) -> list[tuple[str, str]]:
    """Say what changed between the editions as a whole: kind of thing, and the names of what differs."""
    kinds = {
        "原始文件": "raw",
        "评注": "comments",
        "笔记本": "notebooks",
        "程序": "package",
        "设置": "settings",
        "软件包": "packages",
    }
    told = {name: _differing(changes, part) for name, part in kinds.items()}
    return [(name, text) for name, text in told.items() if text]


def _differing(changes: Changes, part: str) -> str:
    """Name what differs of a part of the receipts; raw files of two years are all different, and not listed."""
    one, other = (_part(edition, part) for edition in (changes.before, changes.after))
    if not (one and other) or (part == "raw" and changes.are_years):
        return ""
    names = different(one, other)
    if part in ("settings", "packages"):
        return "；".join(f"{name} {one.get(name, '–')} → {other.get(name, '–')}" for name in names)
    return listed([Path(name).name if part == "raw" else name for name in names], most=12) if names else ""


def _part(edition: Edition, part: str) -> Mapping[str, object]:
    """A part of a receipt; a notebook is another one by its cells, not by the year that it is given."""
    found = edition.receipt.get(part) or {}
    return {name: one["source"] for name, one in found.items()} if part == "notebooks" else found


def _tables(changes: Changes) -> list[Mapping[str, object]]:
    heads = {CHANGED: tuple(_COLUMNS), NEW: _ALONE, GONE: _ALONE}
    frames = {status: changes.frame[changes.frame["status"] == status] for status in heads}
    return [
        _table(status, frame, heads=heads[status], anchor=f"table-{i}")
        for i, (status, frame) in enumerate(frames.items(), start=1)
        if len(frame)
    ]


def _table(name: str, frame: pd.DataFrame, *, heads: Sequence[str], anchor: str) -> Mapping[str, object]:
    columns = [{"name": head, "is_number": _COLUMNS[head][1]} for head in heads]
    return {
        "kind": "table",
        "name": f"{name}的数：{len(frame):,} 个",
        "anchor": anchor,
        "columns": columns,
        "rows": [[_cell(row[_COLUMNS[head][0]]) for head in heads] for row in frame.to_dict("records")],
        "filters": [i for i, head in enumerate(heads) if list(_COLUMNS).index(head) in _FILTERS],
        "note": [],
    }


def _cell(value: object) -> Iterable[Mapping[str, object]]:
    """One cell as a sentence of one piece; a z is printed with two decimals, what is missing as a dash."""
    if isinstance(value, float):
        text = "–" if value != value else f"{value:+.2f}".replace("-", "−")
    else:
        text = str(value) if value is not None and str(value) else "–"
    return [vars(Segment(text))]
