"""All tests that a chapter made, whatever they came to, and how many of them hold."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from fbanalysis.analysis.significance.decisions import ALPHA
from fbanalysis.analysis.significance.groups import GAMES_HOWELL, KRUSKAL, WELCH_ANOVA
from fbanalysis.analysis.significance.means import WELCH_T
from fbanalysis.analysis.significance.paired import MCNEMAR, PAIRED_T, SIGNED_RANK
from fbanalysis.analysis.significance.ranks import BRUNNER_MUNZEL, DUNN, MANN_WHITNEY
from fbanalysis.analysis.significance.shares import FISHER, K_PROPORTIONS, TWO_PROPORTIONS
from fbanalysis.analysis.significance.tables import CHI_SQUARE, GOODNESS_OF_FIT, RESIDUAL
from fbanalysis.analysis.significance.waves import WAVE_TREND

#: The effect size that goes with each test.
EFFECTS: Mapping[str, str] = {
    WELCH_T: "Hedges g",
    TWO_PROPORTIONS: "Cohen h",
    WELCH_ANOVA: "ω²",
    GAMES_HOWELL: "Hedges g",
    KRUSKAL: "ε²",
    CHI_SQUARE: "Cramér V",
    GOODNESS_OF_FIT: "Cohen w",
    RESIDUAL: "",
    MANN_WHITNEY: "秩二列相关",
    BRUNNER_MUNZEL: "秩二列相关",
    DUNN: "秩二列相关",
    PAIRED_T: "d_z",
    SIGNED_RANK: "配对秩二列相关",
    MCNEMAR: "Cohen g",
    K_PROPORTIONS: "Cramér V",
    FISHER: "Cramér V",
    WAVE_TREND: "标准化变化",
}
#: How a record's method names each test with its effect size, in the words of the glossary; others by their own name.
_METHODS: Mapping[str, str] = {
    WELCH_T: "Welch 检验，效应量 Hedges g",
    TWO_PROPORTIONS: "两比例 z 检验，效应量 Cohen h",
    CHI_SQUARE: "卡方检验，效应量 Cramér V",
    GOODNESS_OF_FIT: "卡方适合度检验，效应量 Cohen w",
    RESIDUAL: "校正残差，Holm 校正",
    GAMES_HOWELL: "Games–Howell 检验，效应量 Hedges g",
}
TEST_COLUMNS = [
    "family",
    "comparison",
    "test",
    "statistic",
    "df",
    "df2",
    "n",
    "other_n",
    "p_raw",
    "p",
    "effect",
    "effect_low",
    "effect_high",
    "effect_name",
    "verdict",
    "method",
]


class Result(Protocol):
    """What `all_tests` asks of a result that is no frame."""

    test: str
    statistic: float
    df: float
    n: int
    p: float
    effect: float
    verdict: str


def all_tests(results: Mapping[str, pd.DataFrame | Result]) -> pd.DataFrame:
    """List every test that a chapter made, whatever it came to.

    Parameters
    ----------
    results
        What was compared (in Chinese) → a frame or result of this module, or of another that has ``test``,
        ``statistic``, ``p`` and ``verdict``. A result's ``pairs`` or ``table`` of tests follow it.

    Returns
    -------
    pandas.DataFrame
        `TEST_COLUMNS`: ``comparison``, ``test``, ``statistic``, ``df``, ``df2``, ``n``, ``other_n`` (the
        other group's, or last year's), ``p_raw``, ``p`` (as adjusted within its own family), ``effect`` with its
        interval where one is known, ``effect_name``, ``verdict``, ``method`` (test and effect in a phrase); before
        them ``family``, what was compared.
    """
    parts = [part.assign(family=name) for name, result in results.items() for part in _parts(result)]
    rows = [_test_rows(part) for part in parts if len(part)]
    if not rows:
        return pd.DataFrame(columns=TEST_COLUMNS)
    table = pd.concat(rows, ignore_index=True)
    named = table["stratum"].notna()
    family, stratum = table["family"], table["stratum"].astype("str")
    table["comparison"] = family.where(~named, family + "：" + stratum)
    table["effect_name"] = table["test"].map(EFFECTS)
    usual = table["test"] + "，效应量 " + table["effect_name"].fillna("")
    table["method"] = table["test"].map(_METHODS).fillna(usual)
    return table[TEST_COLUMNS]


def count_outcomes(tests: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Count what the tests of a chapter came to.

    Parameters
    ----------
    tests
        As `all_tests` gives them.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``: all, 有差异 (after adjustment), 没有差异, 未检验 (base too small or no spread), and 校正前
        (those whose raw p alone would have said a difference; tests that adjust as they test count by p).
    """
    outcome = _outcomes(tests["verdict"])
    raw = tests["p_raw"].fillna(tests["p"])
    counts = {
        "all": len(tests),
        **{name: int(outcome.eq(name).sum()) for name in ("有差异", "没有差异", "未检验")},
        "校正前": int((raw < alpha).sum()),
    }
    return pd.DataFrame({"stratum": list(counts), "n": list(counts.values())})


def count_by_family(tests: pd.DataFrame, *, alpha: float = ALPHA) -> pd.DataFrame:
    """Count each family's tests: ``stratum`` (family), ``n``, ``raw`` (p below alpha before adjustment), ``kept``."""
    family = tests["comparison"].str.split("：").str[0]
    flags = pd.DataFrame(
        {
            "raw": tests["p_raw"].fillna(tests["p"]).lt(alpha),
            "kept": _outcomes(tests["verdict"]).eq("有差异"),
        }
    )
    counts = flags.groupby(family, sort=False).agg(
        n=("raw", "size"), raw=("raw", "sum"), kept=("kept", "sum")
    )
    return counts.rename_axis("stratum").reset_index()


def _outcomes(verdicts: pd.Series) -> pd.Series:
    return verdicts.replace({"基数不足": "未检验", "无法检验": "未检验"}).where(
        verdicts.isin(["没有差异", "基数不足", "无法检验"]), "有差异"
    )


def _parts(result: pd.DataFrame | Result) -> list[pd.DataFrame]:
    """Give a result as frames of tests: itself, and the tests that it carries."""
    if isinstance(result, pd.DataFrame):
        return [result]
    names = ("test", "statistic", "df", "df2", "n", "p", "effect", "effect_low", "effect_high", "verdict")
    whole = pd.DataFrame([{name: getattr(result, name, np.nan) for name in names}])
    carried = [getattr(result, name, None) for name in ("pairs", "table")]
    return [whole.assign(p_raw=whole["p"]), *(part for part in carried if part is not None and "p" in part)]


_TEXTS = ("family", "comparison", "test", "effect_name", "verdict", "method")
_NUMBERS = [name for name in TEST_COLUMNS if name not in _TEXTS]


def _test_rows(tests: pd.DataFrame) -> pd.DataFrame:
    """Bring tests to common columns and types."""
    numbers = dict.fromkeys(_NUMBERS, "float64")
    if "prior_n" in tests:
        tests = tests.assign(other_n=tests["prior_n"])
    return tests.reindex(columns=["family", "stratum", "test", *numbers, "verdict"]).astype(numbers)
