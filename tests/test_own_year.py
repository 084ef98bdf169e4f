"""Another organisation's year: its own strata, areas and few rows, with and without the optional tables."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]

CONFIG = """
[report]
title = "年度报告"
organisation = "别的机构"
author = "办公室"
report_date = 2025-01-10
[period]
start = 2024-01-01
end = 2024-12-31
[scale]
minimum = 1
maximum = 5
[disclosure]
sponsor = "办公室"
conducted_by = "办公室"
population = "社工与志愿者"
sampling_frame = "没有名单"
recruitment = "意见箱，自愿投入"
instruments = "一张意见卡，原文在办公室"
languages = "中文"
incentives = "没有"
purpose = "改进服务"
consent = "投入即同意，卡上写明用途"
retention = "一年后销毁"
quality_procedures = "逐张录入，抽查十分之一"
limitations = "只有来过窗口的人"
ai_use = "没有"
contact = "办公室"
next_review = 2025-12-31
[[feedback]]
file = "意见.csv"
channel = "意见箱"
[feedback.columns]
feedback_id = "号"
submitted_at = "日期"
stratum = "身份"
kind = "类型"
overall_score = "总分"
"""
MORE_COLUMNS = """
department = "部门"
topic = "话题"
area = "领域"
area_score = "领域分"
comment = "内容"
"""
SIDE = """
[feedback.constants]
side = "internal"
"""
TABLES = """
[tables.population]
file = "人数.csv"
columns = { side = "side", stratum = "stratum", population = "population" }
[tables.kpis]
file = "指标.csv"
[tables.kpis.columns]
kpi = "kpi"
department = "department"
period = "period"
direction = "direction"
unit = "unit"
target = "target"
actual = "actual"
weight = "weight"
"""

#: Notebooks that need feedback and nothing else, or whatever the others left.
ALWAYS = ["11_background", "31_content", "71_outlook", "81_proof", "82_method"]


def write_year(root: Path, *, is_full: bool) -> None:
    """Write 160 rows of a small office: strata, areas and departments that the sample does not know."""
    folder = root / "data" / "raw" / "2024"
    folder.mkdir(parents=True)
    n = range(160)
    frame = pd.DataFrame({
        "号": n, "日期": [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in n], "身份": [("社工", "志愿/者")[i % 2] for i in n],
        "类型": [("建议", "表扬", "问题反映")[i % 3] for i in n], "总分": [1 + (i * 7) % 5 for i in n],
        "部门": [("一科", "二科", "三科")[i % 3] for i in n], "话题": [("5G网络", "排班")[i % 2] for i in n],
        "领域": [("5G{网络}", "食堂")[i % 2] for i in n], "领域分": [1 + (i * 3) % 5 for i in n],
        "内容": [f"第{i}次反映，食堂{'很好' if i % 2 else '太慢了，等了很久'}。" for i in n],
    })  # fmt: skip
    frame.to_csv(folder / "意见.csv", index=False, encoding="gb18030")
    (folder / "dataset.toml").write_text(
        CONFIG + (MORE_COLUMNS + SIDE + TABLES if is_full else SIDE), "utf-8"
    )
    if is_full:
        people = pd.DataFrame({"side": "internal", "stratum": ["社工", "志愿/者"], "population": [200, 300]})
        people.to_csv(folder / "人数.csv", index=False)
        columns = ["kpi", "department", "period", "direction", "unit", "target", "actual", "weight"]
        kpis = [
            ["满意率", "一科", "2024", "higher", "percent", 80, 75, 1],
            ["满意率", "二科", "2024", "higher", "percent", 80, 85, 1],
        ]
        pd.DataFrame(kpis, columns=columns).to_csv(folder / "指标.csv", index=False)


@pytest.mark.parametrize(
    ("is_full", "made"),
    [
        (False, [*ALWAYS, "41_satisfaction"]),
        (True, [*ALWAYS, "21_sample_coverage", "41_satisfaction", "43_sentiment", "45_kpi_ranking"]),
    ],
    ids=["only feedback", "more columns and tables"],
)
def test_the_chapters_fit_another_organisation(is_full: bool, made: list[str], tmp_path: Path) -> None:
    write_year(tmp_path, is_full=is_full)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    run = subprocess.run(
        [sys.executable, str(ROOT / "run_all.py")],
        cwd=tmp_path,
        env=os.environ | {"FBANALYSIS_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]
    executed = sorted(path.stem for path in (tmp_path / "reports" / "2024" / "notebooks").glob("*.ipynb"))
    assert executed == sorted(made)
    deck = (tmp_path / "reports" / "2024" / "deck.html").read_text("utf-8")
    assert "本章未能生成" not in deck
    assert "nan" not in deck.split('id="fb-records"')[0].lower().replace("nanosecond", "").split("<body>")[1]
