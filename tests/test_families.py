"""Every test of the report belongs to a declared family, and under no effect a whole report says no strong word."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fbanalysis.analysis.significance import FAMILIES, ROOM, family_of, strong_level, undeclared

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
HOW = (
    "每个带 p 的指标都要属于一个声明过的检验族：请在 fbanalysis/analysis/significance/families.py 的 FAMILIES 里加一行"
    '（"中文族名": ("指标名",)；各层各自检验的写 "指标[层]"）。'
)


def test_every_record_with_p_of_the_sample_year_belongs_to_a_declared_family(sample_report: Path) -> None:
    records = pd.DataFrame(json.loads((sample_report / "metrics.json").read_text("utf-8")))
    assert records["p"].notna().sum() > 50
    assert sorted(set(undeclared(records))) == [], HOW


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_order_and_course_that_a_notebook_tells_belongs_to_a_declared_family(notebook: Path) -> None:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    told = re.findall(r"\{(?:leads|rank|trend)\(([a-z_0-9]+)", "".join("".join(c["source"]) for c in cells))
    assert [metric for metric in told if family_of(metric) is None] == [], HOW


def test_no_metric_stands_in_two_families() -> None:
    metrics = [metric for family in FAMILIES.values() for metric in family]
    assert len(metrics) == len(set(metrics))
    assert len(FAMILIES) <= ROOM, "族多于留的位子：请调大 ROOM，强词的界限随之变严"


def test_a_record_finds_its_family_by_name_or_by_name_and_stratum() -> None:
    assert family_of("satisfaction_yoy", "产品满意度") == "满意度与去年相比"
    assert family_of("association", "region × kind") == "地区与反馈类型"
    assert family_of("association", "别的") is None
    table = pd.DataFrame({"metric": ["residual", "mine"], "stratum": ["a", "b"], "p": [0.1, 0.2]})
    assert undeclared(table) == ["mine[b]"]
    assert undeclared(table.assign(p=np.nan)) == undeclared(table.iloc[:0]) == []


def test_the_level_of_strong_words_is_alpha_over_the_families() -> None:
    assert strong_level(0.05) == pytest.approx(0.05 / ROOM)
    assert strong_level(0.01) == pytest.approx(0.01 / ROOM)
