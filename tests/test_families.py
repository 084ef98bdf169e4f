"""Every test of the report belongs to a declared family, and under no effect a whole report says no strong word."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from fbanalysis.analysis.proof import count_tests
from fbanalysis.analysis.significance import (
    FAMILIES,
    ROOM,
    adjust,
    family_of,
    hedges_g,
    report_tests,
    strong_level,
    undeclared,
    welch,
)
from fbanalysis.report.judgements import degree_of, told_apart
from fbanalysis.report.ledger import Ledger

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


def test_the_list_of_all_tests_has_each_once_family_by_family() -> None:
    table = pd.DataFrame(
        {
            "metric": ["mine", "residual", "satisfaction_yoy", "test_statistic", "residual"],
            "stratum": list("abcde"),
            "p": [0.1, 0.2, 0.3, 0.3, np.nan],
        }
    )
    found = report_tests(table)
    assert found["family"].tolist() == ["满意度与去年相比", "地区与反馈类型逐格", "未声明"]
    assert found["stratum"].tolist() == ["satisfaction_yoy：c", "residual：b", "mine：a"]
    assert found["name"].tolist() == ["c", "b", "a"]
    assert report_tests(table.iloc[:0]).empty
    assert count_tests(table.assign(method="x", verdict=""))["tests"].tolist() == [3, 3]


def test_the_level_of_strong_words_is_alpha_over_the_families() -> None:
    assert strong_level(0.05) == pytest.approx(0.05 / ROOM)
    assert strong_level(0.01) == pytest.approx(0.01 / ROOM)


# Under no effect anywhere


def scores_without_effect(comparisons: int, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw moments of small groups from one normal population: chance alone makes effects of 0.2 and more."""
    mean = rng.normal(4, 0.8 / np.sqrt(n), comparisons)
    return pd.DataFrame(
        {"n": n, "mean": mean, "sd": 0.8 * np.sqrt(rng.chisquare(n - 1, comparisons) / (n - 1))}
    )


def report_of_families(runs: int, *, families: int, size: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulate reports of families of comparisons: the adjusted p and the effects, run × family × comparison."""
    rng = np.random.default_rng(20231231)
    first, other = (scores_without_effect(runs * families * size, n, rng) for _ in range(2))
    raw = welch(first, other)["p_raw"].to_numpy().reshape(-1, size)
    shape = (runs, families, size)
    return np.array([adjust(family) for family in raw]).reshape(shape), hedges_g(first, other)[
        "effect"
    ].to_numpy().reshape(shape)


def test_a_whole_report_without_any_effect_rarely_says_a_strong_word() -> None:
    p, effect = report_of_families(runs=300, families=ROOM, size=4, n=35)
    ledger = Ledger()
    says = np.zeros(len(p), dtype=bool)
    for run, family, place in np.argwhere(p < 0.05):
        found = {"p": p[run, family, place], "effect": effect[run, family, place], "verdict": "上升"}
        record = ledger.note("m", f"{run}/{family}/{place}", 0.1, unit="score", method="Welch", **found)
        says[run] |= degree_of(record) != ""
    by_family = ((p < 0.05) & (abs(effect) >= 0.2)).any(axis=(1, 2)).mean()
    assert by_family > 0.85, "family by family nearly every report would have said one"
    assert 0 < says.mean() < 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(says))


def test_forty_orders_without_any_effect_rarely_have_an_undisputed_first() -> None:
    rng = np.random.default_rng(7)
    undisputed = 0
    for k in rng.integers(2, 9, 100 * 40):
        ledger = Ledger()
        for i, value in enumerate(rng.normal(4, 0.1, k)):
            ends = {"low": value - 0.1 * norm.ppf(0.975), "high": value + 0.1 * norm.ppf(0.975)}
            ledger.note("m", str(i), value, unit="score", method="均值", **ends)
        first, *others = sorted(ledger, key=lambda record: -record.value)
        undisputed += all(told_apart(first, others))
    assert undisputed / 100 < 0.05
