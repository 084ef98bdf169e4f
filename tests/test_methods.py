"""The glossary knows every method of the sample year, and its formulas are what the package computes."""

import importlib
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis import significance
from fbanalysis.analysis.intervals import mean_interval, newcombe_interval, wilson_interval
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.methods import (
    TERMS,
    formula_of,
    formulas_for,
    is_plain,
    terms_used,
)
from fbanalysis.report.methods.term import EFFECT, INTERVAL, RULE, TEST


@pytest.fixture(scope="module")
def records(sample_report: Path) -> list[dict[str, object]]:
    return json.loads((sample_report / "metrics.json").read_text("utf-8"))


def test_every_method_of_the_sample_year_has_a_formula_with_its_source(
    records: list[dict[str, object]],
) -> None:
    methods = {str(record["method"]) for record in records if record["unit"] not in ("text", "date")}
    assert len(methods) > 100
    assert [method for method in sorted(methods) if not formulas_for(method) and not is_plain(method)] == []


@pytest.mark.parametrize(("part", "kind"), [("low", INTERVAL), ("p", TEST), ("effect", EFFECT)])
def test_what_a_record_has_its_method_names(part: str, kind: str, records: list[dict[str, object]]) -> None:
    having = {str(record["method"]) for record in records if record[part] is not None}
    assert len(having) > 10 or part != "low"
    assert [m for m in sorted(having) if kind not in {term.kind for term in formulas_for(m)}] == []


def test_every_term_is_complete_and_names_a_function_that_exists() -> None:
    for term in TERMS:
        module, name = term.function.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(f"fbanalysis.analysis.{module}"), name)), (
            term.function
        )
        assert term.formula, term.name
        assert re.search(r"\(\d{4}\)", term.source) or term.source.startswith("约定") or term.kind == RULE, (
            term.name
        )
    assert len({term.name for term in TERMS}) == len(TERMS)


def test_counts_and_registers_need_no_formula_and_estimates_do() -> None:
    assert [is_plain(m) for m in ("有效反馈计数", "措施台账", "报告期，见 dataset.toml")] == [True] * 3
    assert [is_plain(m) for m in ("均值；t 区间", "份额；Wilson 区间", "卡方检验，效应量 Cramér V")] == [
        False
    ] * 3


def test_terms_used_count_the_records_of_each() -> None:
    ledger = Ledger()
    ledger.note("a", "x", 4.0, unit="score", method="均值；t 区间")
    ledger.note("a", "y", 4.0, unit="score", method="均值；t 区间")
    ledger.note("b", "x", 40.0, unit="percent", method="份额；Wilson 区间")
    ledger.note("n", "x", 4, unit="count", method="计数")
    table = terms_used(ledger)
    assert table.set_index("stratum")["records"].to_dict() == {
        "份额": 1,
        "均值": 2,
        "Wilson 区间": 1,
        "t 区间": 2,
    }
    assert list(table.columns) == ["stratum", "kind", "formula", "source", "function", "records"]
    assert terms_used([]).empty


def test_a_records_own_formula_goes_before_the_glossary() -> None:
    ledger = Ledger()
    own = ledger.note("a", "x", 4.0, unit="score", method="均值；t 区间", formula="自己的算法")
    usual = ledger.note("a", "y", 4.0, unit="score", method="均值；t 区间")
    assert formula_of(own) == "自己的算法"
    assert formula_of(usual).startswith("均值：x̄ = Σxᵢ ÷ n")


# The formulas as they are printed, worked out again


def test_wilson_as_printed() -> None:
    p, n, z = 81 / 263, 263, stats.norm.ppf(0.975)
    middle, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = [100 * (middle - half) / (1 + z**2 / n), 100 * (middle + half) / (1 + z**2 / n)]
    np.testing.assert_allclose(wilson_interval(81, 263), expected)


def test_newcombe_as_printed() -> None:
    (l1, u1), (l2, u2) = wilson_interval(56, 70), wilson_interval(48, 80)
    p1, p2 = 80.0, 60.0
    low = p1 - p2 - math.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high = p1 - p2 + math.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    np.testing.assert_allclose(newcombe_interval(56, 70, 48, 80), [low, high])


def test_t_interval_as_printed() -> None:
    half = stats.t.ppf(0.975, 24) * 0.7 / math.sqrt(25)
    np.testing.assert_allclose(mean_interval(4.2, 0.7, 25), [4.2 - half, 4.2 + half])


def test_hedges_g_as_printed() -> None:
    first, other = ({"n": [n], "mean": [m], "sd": [s]} for n, m, s in ((12, 4.4, 0.6), (20, 4.0, 0.9)))
    nu = 30
    pooled = math.sqrt((11 * 0.6**2 + 19 * 0.9**2) / nu)
    shrink = math.gamma(nu / 2) / (math.sqrt(nu / 2) * math.gamma((nu - 1) / 2))
    found = significance.hedges_g(pd.DataFrame(first), pd.DataFrame(other))["effect"]
    np.testing.assert_allclose(found, [shrink * 0.4 / pooled])


def test_holm_and_bh_as_printed() -> None:
    p = np.array([0.001, 0.011, 0.02, 0.04])
    holm = [max((4 - j) * p[j] for j in range(i + 1)) for i in range(4)]
    bh = [min(4 * p[j] / (j + 1) for j in range(i, 4)) for i in range(4)]
    np.testing.assert_allclose(significance.adjust(p, method="holm"), holm)
    np.testing.assert_allclose(significance.adjust(p, method="bh"), bh)


def test_welch_anova_as_printed() -> None:
    groups = [np.array([1, 2, 3, 4.0]), np.array([2, 3, 5, 6, 7.0]), np.array([4, 4, 6, 9.0])]
    n, mean, w = (
        np.array(part)
        for part in zip(*((len(g), g.mean(), len(g) / g.var(ddof=1)) for g in groups), strict=True)
    )
    grand, k = (w * mean).sum() / w.sum(), 3
    spread = 3 * ((1 - w / w.sum()) ** 2 / (n - 1)).sum() / (k**2 - 1)
    expected = (w * (mean - grand) ** 2).sum() / (k - 1) / (1 + 2 * (k - 2) * spread / 3)
    frame = pd.concat([pd.DataFrame({"group": str(i), "score": g}) for i, g in enumerate(groups)])
    assert significance.welch_anova(frame)[0] == pytest.approx(expected)


def test_residual_and_cramers_v_as_printed() -> None:
    frame = pd.DataFrame(
        {"row": ["a"] * 30 + ["b"] * 50, "column": ["x"] * 20 + ["y"] * 10 + ["x"] * 15 + ["y"] * 35}
    )
    link = significance.association(frame, row="row", column="column")
    expected = 30 * 35 / 80
    residual = (20 - expected) / math.sqrt(expected * (1 - 30 / 80) * (1 - 35 / 80))
    cell = link.table.set_index("stratum").loc["a × x"]
    assert cell["statistic"] == pytest.approx(residual)
    chi2 = stats.chi2_contingency(pd.crosstab(frame["row"], frame["column"]), correction=False).statistic
    assert link.effect == pytest.approx(math.sqrt(chi2 / 80))
