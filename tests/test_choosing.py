"""The right test for scale, groups and base, with its reason; never switched in silence."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis import significance as s
from fbanalysis.analysis.significance import compare

RNG = np.random.default_rng(5)
ONE = RNG.integers(1, 6, 80).astype(float)
OTHER = np.minimum(RNG.integers(1, 6, 60) + RNG.integers(0, 2, 60), 5).astype(float)
THIRD = RNG.integers(2, 6, 50).astype(float)
TWO = pd.DataFrame({"g": ["a"] * 80 + ["b"] * 60, "s": np.concatenate([ONE, OTHER])})
THREE = pd.concat([TWO, pd.DataFrame({"g": "c", "s": THIRD})], ignore_index=True)


@pytest.mark.parametrize(
    ("frame", "scale", "test", "effect"),
    [
        (TWO, "interval", s.WELCH_T, "Hedges g"),
        (TWO, "ordinal", s.BRUNNER_MUNZEL, "秩二列相关"),
        (TWO, "nominal", s.CHI_SQUARE, "Cramér V"),
        (THREE, "interval", s.WELCH_ANOVA, "ω²"),
        (THREE, "ordinal", s.KRUSKAL, "ε²"),
        (THREE, "nominal", s.CHI_SQUARE, "Cramér V"),
    ],
)
def test_scale_and_groups_choose_the_test(frame: pd.DataFrame, scale, test: str, effect: str) -> None:
    found = compare(frame, score="s", group="g", scale=scale)
    assert (found.test, found.effect_name, found.n) == (test, effect, len(frame))
    assert found.why
    assert 0 <= found.p <= 1
    assert (found.pairs is not None) == (len(frame) == 190 or scale == "nominal")


def test_the_chosen_tests_give_what_scipy_gives() -> None:
    p = {
        scale: compare(TWO, score="s", group="g", scale=scale).p
        for scale in ("interval", "ordinal", "nominal")
    }
    assert p["interval"] == pytest.approx(stats.ttest_ind(ONE, OTHER, equal_var=False).pvalue)
    assert p["ordinal"] == pytest.approx(stats.brunnermunzel(ONE, OTHER).pvalue)
    assert p["nominal"] == pytest.approx(stats.chi2_contingency(pd.crosstab(TWO["g"], TWO["s"])).pvalue)


def paired_frame(first: np.ndarray, other: np.ndarray) -> pd.DataFrame:
    who = [f"p{i}" for i in range(len(first))]
    return pd.DataFrame({"who": who * 2, "g": ["1"] * len(who) + ["2"] * len(who), "s": [*first, *other]})


@pytest.mark.parametrize(
    ("scale", "test"), [("interval", s.PAIRED_T), ("ordinal", s.SIGNED_RANK), ("nominal", s.MCNEMAR)]
)
def test_the_same_people_twice_are_paired(scale, test: str) -> None:
    first, other = ONE[:60], OTHER
    if scale == "nominal":
        first, other = (first > 3).astype(float), (other > 3).astype(float)
    found = compare(
        paired_frame(first, other).sample(frac=1, random_state=1),
        score="s",
        group="g",
        scale=scale,
        paired="who",
    )
    expected = {
        "interval": stats.ttest_rel(first, other).pvalue,
        "ordinal": s.signed_rank(first, other).p,
        "nominal": s.mcnemar(first, other).p,
    }
    assert (found.test, found.n) == (test, 60)
    assert found.p == pytest.approx(expected[scale])


def test_small_expected_counts_switch_to_fishers_test_and_say_so() -> None:
    frame = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 35, "s": ["x"] * 1 + ["y"] * 39 + ["x"] * 6 + ["y"] * 29})
    found = compare(frame, score="s", group="g", scale="nominal")
    assert found.test == s.FISHER
    assert "精确" in found.why
    assert found.p == pytest.approx(stats.fisher_exact([[1, 39], [6, 29]]).pvalue)


def test_small_expected_counts_in_a_larger_table_are_a_small_base_and_say_so() -> None:
    found = compare(THREE.iloc[[0, 1, 2, 80, 81, 140, 141]], score="s", group="g", scale="nominal")
    assert (found.test, found.verdict) == ("", "基数不足")
    assert "合并类别" in found.why


def test_few_scores_switch_to_the_exact_rank_test_and_say_so() -> None:
    frame = pd.DataFrame(
        {"g": ["a"] * 5 + ["b"] * 6, "s": [1.1, 2.3, 3.2, 4.8, 5.0, 2.9, 6.1, 7.4, 8.8, 9.0, 3.3]}
    )
    found = compare(frame, score="s", group="g", scale="ordinal", minimum_base=2)
    expected = stats.mannwhitneyu(frame["s"][:5], frame["s"][5:], method="exact")
    assert (found.test, found.p) == (s.MANN_WHITNEY, pytest.approx(expected.pvalue))
    assert "人数太少" in found.why
    assert "精确" in found.why


def test_groups_that_do_not_overlap_or_do_not_vary_switch_and_say_so() -> None:
    apart = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40, "s": [1.0, 2] * 20 + [4.0, 5] * 20})
    found = compare(apart, score="s", group="g", scale="ordinal")
    assert (found.test, found.verdict) == (s.MANN_WHITNEY, "较低")
    assert "没有交叠" in found.why
    flat = pd.DataFrame({"g": ["a"] * 40 + ["b"] * 40 + ["c"] * 40, "s": [3.0] * 40 + [4.0, 5] * 40})
    found = compare(flat, score="s", group="g")
    assert found.test == s.KRUSKAL
    assert "均值没法检验" in found.why


@pytest.mark.parametrize(
    ("frame", "options", "verdict", "why"),
    [
        (TWO.iloc[:0], {}, "基数不足", "没有可比"),
        (TWO.iloc[:50], {}, "基数不足", "没有可比"),
        (TWO.assign(s=np.nan), {}, "基数不足", "没有可比"),
        (THREE.assign(who="x"), {"paired": "who"}, "无法检验", "选两组"),
        (TWO.assign(who="x"), {"paired": "who", "scale": "nominal"}, "无法检验", "合并类别"),
        (TWO.assign(who=range(140)), {"paired": "who"}, "基数不足", "没有人"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_reason(
    frame: pd.DataFrame, options, verdict: str, why: str
) -> None:
    found = compare(frame, score="s", group="g", **options)
    assert (found.verdict, found.test) == (verdict, "")
    assert why in found.why
    assert np.isnan(found.p)


@pytest.mark.parametrize("scale", ["interval", "ordinal", "nominal"])
def test_a_small_group_gets_no_verdict_whatever_its_test_says(scale) -> None:
    frame = pd.DataFrame({"g": ["a"] * 100 + ["b"] * 12, "s": [1.0, 2] * 50 + [4.0, 5] * 6})
    assert compare(frame, score="s", group="g", scale=scale).verdict == "基数不足"
