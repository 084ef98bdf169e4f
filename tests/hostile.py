"""A year's report that holds what nobody hoped for: texts too long, too many rows, markup in every field."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import test_charts
import test_plan_and_change_charts
from PIL import Image

from fbanalysis.dataset import Dataset, Theme, Thresholds
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import LedgerTable, Slide, make_slide
from fbanalysis.report.story import Chapter

MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
SENTENCE = "客户在高峰时段反复反映响应太慢而各部门的答复又互相矛盾，于是同一件事要说很多遍；"
TITLE = (SENTENCE * 9)[:300]
PARAGRAPH = SENTENCE * 5
CAPTION = SENTENCE * 3
QUOTE = (SENTENCE * 9)[:300]
STRATA = [f"第 {i + 1} 营业部客户服务与技术支持" for i in range(40)]
NINE = {f"第{name}项指标的数值": f"m{i}" for i, name in enumerate("一二三四五六七八九")}


def dataset(root: Path) -> Dataset:
    """A year whose organisation, title and author are far too long, with a logo."""
    root.mkdir(parents=True, exist_ok=True)
    logo = root / "logo.png"
    Image.new("RGB", (900, 120), "#1B5E20").save(logo)
    return Dataset(
        root=root,
        year=2023,
        seed=1,
        title=f"年度反馈分析报告：{SENTENCE}{MARKUP}",
        organisation=f"云衡科技股份有限公司及其全部分公司、子公司与合营企业{MARKUP}",
        author=f"客户与员工体验部{SENTENCE}{MARKUP}",
        report_date=date(2024, 1, 15),
        allowed=(),
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        midyear_check=None,
        scale_minimum=1,
        scale_maximum=5,
        thresholds=Thresholds(),
        feedback=(),
        tables={},
        theme=Theme(logo=logo, footer="内部资料，未经许可不得外传，违者按公司制度处理"),
    )


def chapters(folder: Path) -> list[Chapter]:
    """Finished, empty, failed and left-out chapters in all seven parts and the appendix."""
    ledger = _ledger()
    cast = {
        "11": list(_texts(ledger)),
        "21": list(_charts("forty rows", ledger, title=TITLE, reading=[PARAGRAPH] * 2)),
        "31": list(_charts("forty rows", ledger, title="{n[all]} 条反馈", reading=[])),
        "32": list(_charts("hostile", ledger, title=f"{{n[all]}} 条反馈{MARKUP}", reading=[MARKUP])),
        "41": [*_few(ledger), *_tables(ledger)],
        "42": list(_quotes(ledger)),
        "43": [],
        "91": [make_slide(TITLE, topic="附", ledger=ledger, reading=[PARAGRAPH], place="appendix")],
    }
    made = [_executed(folder, number, shown, ledger) for number, shown in cast.items()]
    made.insert(
        -1, Chapter("51", "51_x", f"{SENTENCE}：{SENTENCE}", None, "failed", f"{MARKUP}{SENTENCE * 4}")
    )
    made.insert(-1, Chapter("61", "61_y", "计划：做了没有？", None, "left out", "缺少 actions 表"))
    return made


def _ledger() -> Ledger:
    ledger = Ledger()
    ledger.note("n", "all", 3528, unit="count", method=MARKUP * 3)
    ledger.note("big", "all", 123_456_789_012, unit="count", method=SENTENCE)
    for metric in NINE.values():
        for i, stratum in enumerate(STRATA):
            ledger.note(metric, stratum, 1_234_567.0 + i, unit="count", method="计数")
    return ledger


def _texts(ledger: Ledger) -> Iterator[Slide]:
    """Slides of words and large figures alone, without a chart."""
    big = ("{big[all]}", CAPTION)
    yield make_slide(TITLE, topic=SENTENCE * 3, ledger=ledger, reading=[PARAGRAPH] * 8, source=PARAGRAPH)
    yield make_slide("{n[all]} 条", topic="数", ledger=ledger, figures=[big] * 6, reading=[PARAGRAPH] * 3)
    yield make_slide(TITLE, topic="数", ledger=ledger, figures=[big], answer=TITLE, notes=PARAGRAPH)
    yield make_slide(f"{MARKUP}", topic=MARKUP, ledger=ledger, reading=[("look", MARKUP)], source=MARKUP)
    yield make_slide("Pneumonoultramicroscopicsilicovolcanoconiosis" * 6, topic="长词", ledger=ledger)


def _charts(case: str, ledger: Ledger, *, title: str, reading: Sequence[str]) -> Iterator[Slide]:
    """Every kind of chart with many or strange rows."""
    for module in (test_charts, test_plan_and_change_charts):
        for kind in module.KINDS:
            chart = module.drawn(kind, case)
            yield _unmarked(
                make_slide(title, topic=kind, ledger=ledger, chart=chart, reading=reading, source=CAPTION)
            )


def _few(ledger: Ledger) -> Iterator[Slide]:
    for case in ("one row", "empty"):
        for kind in ("bars", "trend", "heat", "cloud"):
            chart = test_charts.drawn(kind, case)
            figures = [("{big[all]}", CAPTION)] * 3
            slide = make_slide(f"{case} {kind}", topic="少", ledger=ledger, chart=chart, figures=figures)
            yield _unmarked(slide)


def _unmarked(slide: Slide) -> Slide:
    """Without the draft's mark over charts whose values no record stands behind: these have none."""
    return Slide({**slide.spec, "chart": {**slide.spec["chart"], "untraced": []}})


def _tables(ledger: Ledger) -> Iterator[Slide]:
    table = LedgerTable(rows=STRATA, columns=NINE, header=SENTENCE, highlight=STRATA[:2], total=STRATA[-1:])
    yield make_slide(TITLE, topic="表", ledger=ledger, table=table, source=CAPTION)
    yield make_slide("{n[all]} 条", topic="表", ledger=ledger, table=table, reading=[PARAGRAPH] * 3)


def _quotes(ledger: Ledger) -> Iterator[Slide]:
    for strata in (["甲"] * 6, ["甲", "乙", "丙"] * 2, [SENTENCE, MARKUP, "丙", "丁", "戊", "己"]):
        said = pd.DataFrame({"stratum": strata, "comment": [QUOTE] * 5 + [MARKUP * 5]})
        yield make_slide(TITLE, topic="原话", ledger=ledger, quotes=said, reading=[PARAGRAPH])
        yield make_slide("{n[all]} 条", topic="原话", ledger=ledger, quotes=said)


def _executed(folder: Path, number: str, shown: Sequence[object], ledger: Ledger) -> Chapter:
    """Write an executed notebook as the pipeline would leave it."""
    title = f"{SENTENCE[: 12 + int(number)]}：{SENTENCE}{MARKUP}"
    outputs = [
        nbformat.v4.new_output("display_data", data=item._repr_mimebundle_()) for item in [*shown, ledger]
    ]
    limits = "\n".join(["## 这些数字没有说明什么", "", *[f"- {PARAGRAPH}{MARKUP}"] * 3])
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title}"),
        *(nbformat.v4.new_code_cell("slide(...)", outputs=[output]) for output in outputs),
        nbformat.v4.new_markdown_cell(limits),
    ]
    path = folder / f"{number}_hostile.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return Chapter(number, path.stem, title, path, "done")
