"""Split tests: was the deal fair, what did the change do, and could the test have found it.

Nothing here makes an experiment random: it believes the table, and checks what can be checked of it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from fbanalysis.analysis.experiments.panels import CONTROL, RANDOMISED, TREATMENT, in_several, of_design
from fbanalysis.analysis.intervals import percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA,
    HIGHER,
    LOWER,
    MINIMUM_BASE,
    POWER,
    adjust,
    cohens_h,
    hedges_g,
    two_proportions,
    verdict_of,
    verdicts,
    welch,
)

#: Units per arm that the organisation asks of a split test.
NEEDED_UNITS = 500
#: A standardised difference beyond this calls for a look (Austin 2009, Statistics in Medicine 28: 3083–3107).
BALANCE_LIMIT = 0.1
#: A deal as lopsided as this by chance less often than once in a thousand is no chance.
RATIO_ALPHA = 0.001
#: Methods in a phrase, for the ledger.
SHARES = "随机分组，两组比例之差；Newcombe 区间，两比例 z 检验，Holm 校正"
MEANS = "随机分组，两组均值之差；Welch 区间，Welch 检验，Holm 校正，效应量 Hedges g"
_SHARE, _MEAN = "share", "mean"
_COVARIATES = {"region": "地区", "size": "规模"}
_EFFECT_COLUMNS = [
    "stratum", "metric", "kind", "unit", "n", "n_treatment", "n_control", "treatment", "control", "value",
    "low", "high", "statistic", "p_raw", "p", "effect", "risk_ratio", "risk_low", "risk_high", "sd",
    "method", "caution", "verdict",
]  # fmt: skip


def split_effects(
    experiments: pd.DataFrame,
    *,
    needed: int = NEEDED_UNITS,
    ratios: Mapping[str, float] | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Compare the arms of every split test: shares where all values are 0 or 1, else means.

    Parameters
    ----------
    needed
        Units per arm below which a caution is given.
    ratios
        Experiment → declared share of the treatment (0–1), where it isn't a half.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment), ``metric``, ``kind`` (share, mean), ``unit`` (pp, ratio), ``n``,
        ``n_treatment``, ``n_control``, ``treatment``, ``control`` (percent, or mean), ``value`` (treatment minus
        control), ``low``, ``high``, ``statistic``, ``p_raw``, ``p`` (Holm over the experiments), ``effect``
        (Cohen h or Hedges g), ``risk_ratio``, ``risk_low``, ``risk_high`` (Katz, of shares), ``sd`` (pooled, of
        means), ``method``, ``caution``, ``verdict`` (较高, 较低, …).

    Notes
    -----
    Shares: pooled z and Newcombe's interval (`two_proportions`). Means: Welch (`welch`). Units seen in both arms are
    left out, of units seen twice the first value counts; both are told in ``caution``. Where the deal doesn't fit the
    declared ratio (`sample_ratios`) nothing is judged: what unbalanced the arms may have chosen the units too.
    """
    parts = of_design(experiments, RANDOMISED)
    table = pd.DataFrame([_row(name, rows, needed=needed) for name, rows in parts], columns=_EFFECT_COLUMNS)
    deal = sample_ratios(experiments, ratios=ratios).set_index("stratum")["p"].reindex(table["stratum"])
    is_lopsided = deal.lt(RATIO_ALPHA).to_numpy()
    p_raw = table["p_raw"].astype("float64").mask(is_lopsided)
    caution = table["caution"].astype(object).mask(is_lopsided, "分组人数与约定的比例不符")
    p, base = adjust(p_raw), table[["n_treatment", "n_control"]].min(axis=1)
    said = verdicts(table["value"], p, base, alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER))
    texts = dict.fromkeys(["stratum", "metric", "kind", "unit", "method", "caution", "verdict"], "str")
    return table.assign(p_raw=p_raw, p=p, caution=caution, verdict=said).astype(texts)


def _row(name: str, rows: pd.DataFrame, *, needed: int) -> dict[str, object]:
    units = one_value_each(rows)
    arms = [units.loc[units["arm"].eq(arm), "value"] for arm in (TREATMENT, CONTROL)]
    is_share = bool(units["value"].isin([0, 1]).all())
    crossed, repeated = _crossed(rows), _repeated(rows)
    told = {
        f"{crossed} 个单位两组都有，已剔除": crossed,
        f"{repeated} 个单位重复，只取首次": repeated,
        f"每组不足 {needed} 个": min(map(len, arms)) < needed,
    }
    return {
        "stratum": name,
        "metric": rows["metric"].iloc[0],
        "kind": _SHARE if is_share else _MEAN,
        "unit": "pp" if is_share else "ratio",
        "n": len(units),
        "n_treatment": len(arms[0]),
        "n_control": len(arms[1]),
        "method": SHARES if is_share else MEANS,
        "caution": "；".join(text for text, is_told in told.items() if is_told),
        **(_share_row(*arms) if is_share else _mean_row(*arms)),
    }


def one_value_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the first value of every unit, and no unit that was seen in both arms."""
    return rows[~in_several(rows, "arm")].drop_duplicates("unit_id")


def _crossed(rows: pd.DataFrame) -> int:
    return int(rows.loc[in_several(rows, "arm"), "unit_id"].nunique())


def _repeated(rows: pd.DataFrame) -> int:
    kept = rows.loc[~in_several(rows, "arm"), "unit_id"]
    return int(kept[kept.duplicated()].nunique())


def _share_row(treated: pd.Series, control: pd.Series) -> dict[str, float]:
    a, n, b, m = float(treated.sum()), len(treated), float(control.sum()), len(control)
    row = two_proportions(a, n, b, m).iloc[0]
    ratio, half = np.nan, np.nan
    if min(n, m) and min(a, b) > 0:
        ratio, half = (a / n) / (b / m), 1.959964 * np.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    return {
        **row[["value", "low", "high", "statistic", "p_raw", "effect"]].to_dict(),
        "treatment": row["percent"],
        "control": row["other_percent"],
        "risk_ratio": ratio,
        "risk_low": ratio * np.exp(-half),
        "risk_high": ratio * np.exp(half),
    }


def _mean_row(treated: pd.Series, control: pd.Series) -> dict[str, float]:
    first, other = (
        pd.DataFrame({"n": [len(arm)], "mean": [arm.mean()], "sd": [arm.std()]}) for arm in (treated, control)
    )
    row, size = welch(first, other).iloc[0], hedges_g(first, other)["effect"].iloc[0]
    df = len(treated) + len(control) - 2
    pooled = (
        ((len(treated) - 1) * treated.var() + (len(control) - 1) * control.var()) / df if df > 0 else np.nan
    )
    told = row[["value", "low", "high", "statistic", "p_raw"]].to_dict()
    return told | {
        "effect": float(size),
        "treatment": treated.mean(),
        "control": control.mean(),
        "sd": float(np.sqrt(pooled)),
    }


# The deal


def sample_ratios(experiments: pd.DataFrame, *, ratios: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Check that the arms are as large as they were meant to be.

    Parameters
    ----------
    ratios
        Experiment → declared share of the treatment (0–1); a half where none is given.

    Returns
    -------
    DataFrame
        ``stratum``, ``n``, ``treatment``, ``control`` (units), ``declared`` and ``value`` (the treatment's percent),
        ``low``, ``high`` (Wilson), ``statistic`` (χ², one degree of freedom), ``p``, ``verdict`` (有差异 below
        `RATIO_ALPHA`: a sample ratio mismatch).

    Notes
    -----
    χ² of goodness of fit; the strict level as in Kohavi, Tang and Xu (2020, Trustworthy Online Controlled
    Experiments, chapter 21). Units in both arms are left out. No units give no test.
    """
    rows = [
        {"stratum": name, **_ratio(one_value_each(part)["arm"], declared=(ratios or {}).get(name, 0.5))}
        for name, part in of_design(experiments, RANDOMISED)
    ]
    columns = ["stratum", "n", "treatment", "control", "declared", "value", "low", "high", "statistic", "p"]
    table = pd.DataFrame(rows, columns=columns).astype({"stratum": "str"})
    said = [
        verdict_of(p, n, alpha=RATIO_ALPHA, minimum_base=1)
        for p, n in zip(table["p"], table["n"], strict=True)
    ]
    return table.assign(verdict=pd.Series(said, dtype="str"))


def _ratio(arms: pd.Series, *, declared: float) -> dict[str, float]:
    n, treated = len(arms), int(arms.eq(TREATMENT).sum())
    low, high = wilson_interval(treated, n)
    chi2 = (treated - n * declared) ** 2 / (n * declared * (1 - declared)) if n else np.nan
    return {
        "n": n, "treatment": treated, "control": n - treated, "declared": 100 * declared,
        "value": float(percent_of(treated, n)), "low": float(low), "high": float(high),
        "statistic": chi2, "p": float(chdtrc(1, chi2)),
    }  # fmt: skip


def balance(
    experiments: pd.DataFrame, *, covariates: Sequence[str] = ("region", "size"), limit: float = BALANCE_LIMIT
) -> pd.DataFrame:
    """Compare who is in both arms, level by level.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment/level), ``experiment``, ``covariate`` (地区, 规模), ``level``, ``n`` (units with
        a known level), ``treatment``, ``control`` (percent of the arm), ``value`` (standardised mean difference),
        ``is_flagged`` (beyond ``limit``); experiments without covariates have no rows.

    Notes
    -----
    (p₁ − p₀) / √((p₁(1 − p₁) + p₀(1 − p₀)) / 2) (Austin 2009, Statistics in Medicine 28: 3083–3107). With few units
    chance alone goes beyond 0.1; `balance_tests` says whether all levels together do. Missing levels don't count.
    """
    parts = [
        _levels(one_value_each(rows), name=name, covariate=covariate, limit=limit)
        for name, rows in of_design(experiments, RANDOMISED)
        for covariate in covariates
    ]
    columns = [
        "stratum",
        "experiment",
        "covariate",
        "level",
        "n",
        "treatment",
        "control",
        "value",
        "is_flagged",
    ]
    found = [part for part in parts if len(part)]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return table[columns].astype(dict.fromkeys(columns[:4], "str"))


def _levels(units: pd.DataFrame, *, name: str, covariate: str, limit: float) -> pd.DataFrame:
    known = units.dropna(subset=[covariate])
    counts = pd.crosstab(known[covariate].astype("str"), known["arm"]).reindex(columns=[TREATMENT, CONTROL])
    counts = counts.fillna(0)
    p1, p0 = (counts[arm].to_numpy(float) / max(counts[arm].sum(), 1) for arm in (TREATMENT, CONTROL))
    spread = np.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) / 2)
    value = (p1 - p0) / np.where(spread > 0, spread, np.nan)
    return pd.DataFrame(
        {
            "stratum": [f"{name}/{level}" for level in counts.index],
            "experiment": name,
            "covariate": _COVARIATES.get(covariate, covariate),
            "level": counts.index,
            "n": len(known),
            "treatment": 100 * p1,
            "control": 100 * p0,
            "value": value,
            "is_flagged": np.abs(value) > limit,
        }
    )


def balance_tests(
    experiments: pd.DataFrame,
    *,
    covariates: Sequence[str] = ("region", "size"),
    limit: float = BALANCE_LIMIT,
    alpha: float = ALPHA,
) -> pd.DataFrame:
    """Test all covariates of a split test at once: could the deal have come about by chance.

    Returns
    -------
    DataFrame
        ``stratum`` (experiment), ``n`` (units with all covariates), ``value`` (χ²), ``df``, ``p``, ``levels``,
        ``flagged`` (levels beyond ``limit``), ``largest`` (largest size of a difference), ``verdict``.

    Notes
    -----
    d² = d′ [S (1/n₁ + 1/n₀)]⁻ d with d the differences of the levels' shares, S their pooled covariance and a
    generalised inverse, χ² on its rank (Hansen and Bowers 2008, Statistical Science 23: 219–236). With one covariate it
    is Pearson's χ² · (n − 1)/n. Large samples only: fewer than 30 units an arm are not tested.
    """
    levels = balance(experiments, covariates=covariates, limit=limit).groupby("experiment")
    flagged = levels["is_flagged"].agg(["sum", "size"])
    rows = [
        {"stratum": name, **_omnibus(one_value_each(part), [c for c in covariates if part[c].notna().any()])}
        for name, part in of_design(experiments, RANDOMISED)
    ]
    table = pd.DataFrame(rows, columns=["stratum", "n", "smaller", "value", "df", "p"]).astype(
        {"stratum": "str"}
    )
    counts = flagged.reindex(table["stratum"], fill_value=0).astype("int64")
    largest = levels["value"].agg(lambda smd: smd.abs().max()).reindex(table["stratum"])
    said = [
        verdict_of(p, base, alpha=alpha, minimum_base=MINIMUM_BASE)
        for p, base in zip(table["p"], table.pop("smaller"), strict=True)
    ]
    return table.assign(
        levels=counts["size"].to_numpy(), flagged=counts["sum"].to_numpy(), largest=largest.to_numpy(float),
        verdict=pd.Series(said, dtype="str"),
    )  # fmt: skip


def _omnibus(units: pd.DataFrame, covariates: Sequence[str]) -> dict[str, float]:
    known = units.dropna(subset=list(covariates))
    is_treated = known["arm"].eq(TREATMENT).to_numpy()
    sizes = int(is_treated.sum()), int((~is_treated).sum())
    row = {"n": len(known), "smaller": min(sizes), "value": np.nan, "df": np.nan, "p": np.nan}
    if not covariates or min(sizes) < 2:
        return row
    levels = pd.get_dummies(known[list(covariates)].astype("str"), dtype=float).to_numpy()
    gap = levels[is_treated].mean(axis=0) - levels[~is_treated].mean(axis=0)
    spread = np.atleast_2d(np.cov(levels, rowvar=False)) * (1 / sizes[0] + 1 / sizes[1])
    df = int(np.linalg.matrix_rank(spread, tol=1e-9 * np.trace(spread), hermitian=True))
    if not df:
        return row
    value = float(gap @ np.linalg.pinv(spread, rcond=1e-9, hermitian=True) @ gap)
    return row | {"value": value, "df": float(df), "p": float(chdtrc(df, value))}


# Could it have found anything


def split_power(
    effects: pd.DataFrame,
    *,
    relevant: float = 5.0,
    relevant_spread: float = 0.2,
    needed: int = NEEDED_UNITS,
    alpha: float = ALPHA,
    power: float = POWER,
) -> pd.DataFrame:
    """Say which difference each split test could have found, and how many units a relevant one needs.

    Parameters
    ----------
    effects
        As `split_effects` gives them.
    relevant, relevant_spread
        The difference worth finding: percentage points of shares, standard deviations of means.

    Returns
    -------
    DataFrame
        ``stratum``, ``unit``, ``n`` (the smaller arm), ``value`` (smallest difference found with ``power``; in
        percentage points, or in the metric's unit), ``needed`` (units per arm asked for), ``is_enough``, ``required``
        (units per arm to find the relevant difference), ``power`` (percent, of finding it with the units there were).

    Notes
    -----
    Normal approximation (Cohen 1988, sections 2.4 and 6.4) with size h of shares and d of means: power
    Φ(|h| √ñ − z) + Φ(−|h| √ñ − z), ñ = n₁n₂/(n₁ + n₂); required 2 ((z + z_β)/h)²; the relevant share lies above the
    control's, below it where there is no room. The power is that of a difference named beforehand: power worked out
    from the difference that was found says nothing besides its p (Hoenig and Heisey 2001, American Statistician 55:
    19–24).
    """
    is_share = effects["kind"].eq(_SHARE).to_numpy()
    n, m = (effects[f"n_{arm}"].to_numpy(float) for arm in ("treatment", "control"))
    units, z, z_power = n * m / np.where(n + m > 0, n + m, np.nan), ndtri(1 - alpha / 2), ndtri(power)
    base = effects["control"].to_numpy(float) / 100
    aim = np.where(base + relevant / 100 <= 1, base + relevant / 100, base - relevant / 100)
    with np.errstate(invalid="ignore"):
        size = np.where(is_share, np.abs(cohens_h(aim, np.where(is_share, base, np.nan))), relevant_spread)
        smallest = (z + z_power) / np.sqrt(np.where(units > 0, units, np.nan))
        angle = np.minimum(np.arcsin(np.sqrt(np.where(is_share, base, np.nan))) + smallest / 2, np.pi / 2)
    found = np.where(is_share, 100 * (np.sin(angle) ** 2 - base), smallest * effects["sd"].to_numpy(float))
    chance = ndtr(size * np.sqrt(units) - z) + ndtr(-size * np.sqrt(units) - z)
    return pd.DataFrame(
        {
            "stratum": effects["stratum"],
            "unit": effects["unit"],
            "n": np.minimum(n, m).astype("int64"),
            "value": found,
            "needed": needed,
            "is_enough": np.minimum(n, m) >= needed,
            "required": np.ceil(2 * ((z + z_power) / size) ** 2),
            "power": 100 * chance,
        }
    )
