"""Do scores of a group rise, stay level or fall over waves: a test of the straight line, group by group."""

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance.decisions import (
    ALPHA,
    FALL,
    MINIMUM_BASE,
    NO_DIFFERENCE,
    RISE,
    adjust,
    verdicts,
)
from fbanalysis.analysis.significance.means import group_moments

WAVE_TREND = "均值的线性趋势检验"
#: What is said of the course besides the verdict: level is shown, unclear is not known.
LEVEL_COURSE, UNCLEAR = "持平", "看不出"
WAVE_COLUMNS = [
    "stratum", "n", "waves", "first_mean", "last_mean", "value", "low", "high", "test", "statistic", "df",
    "p_raw", "p", "effect", "verdict", "course",
]  # fmt: skip


def wave_moments(frame: pd.DataFrame, *, score: str, group: str, wave: str) -> pd.DataFrame:
    """Summarise scores by group and wave: ``stratum``, ``wave``, ``n``, ``mean``, ``sd``; waves in their order."""
    parts = [
        group_moments(part, score=score, by=wave)
        .rename(columns={"stratum": "wave"})
        .assign(stratum=str(name))
        for name, part in frame.groupby(group, observed=True)
    ]
    columns = ["stratum", "wave", "n", "mean", "sd"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts)[columns].sort_values(["stratum", "wave"], ignore_index=True)


def trend_over_waves(
    moments: pd.DataFrame,
    *,
    margin: float = 0.2,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Test for each group whether its mean rises or falls in a straight line over the waves.

    Parameters
    ----------
    moments
        ``stratum``, ``wave``, ``n``, ``mean``, ``sd``; as `wave_moments` gives them. Waves are equally far apart, in the
        order of their names.
    margin
        What still counts as level, in standard deviations from the first wave to the last.

    Returns
    -------
    pandas.DataFrame
        `WAVE_COLUMNS`: ``n`` (scores of all waves), ``value`` (change from the first to the last wave along the line)
        with its interval, ``statistic`` (t), ``df``, ``p_raw``, ``p`` (Holm over the groups), ``effect`` (value in standard
        deviations), ``verdict`` (上升, 下降, 没有差异, 基数不足), ``course``: the verdict, or 持平 where the change is shown
        to be smaller than the margin, 看不出 where neither is known.

    Notes
    -----
    The contrast Σ cᵢ m̄ᵢ with cᵢ = (K − 1)(i − ī) / Σ(i − ī)² and standard error √(Σ cᵢ² sᵢ²/nᵢ), degrees of freedom after
    Satterthwaite [1]_: spreads need not be equal, waves count as independent. 持平 needs the 1 − 2α interval within ± the
    margin (two one-sided tests [2]_). A group whose smallest wave is below ``minimum_base``, or with one wave only, is
    基数不足.

    .. [1] B. L. Welch (1947), Biometrika 34: 28–35.
    .. [2] D. J. Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15: 657–680.
    """
    if moments.empty:
        return pd.DataFrame(columns=WAVE_COLUMNS)
    places = {name: place for place, name in enumerate(sorted(moments["wave"].unique()))}
    rows = [
        _line(name, part, places=places, alpha=alpha) for name, part in moments.groupby("stratum", sort=False)
    ]
    table = pd.DataFrame(rows)
    table["p"] = adjust(table["p_raw"])
    table["verdict"] = verdicts(
        table["value"],
        table["p"],
        table["smallest"],
        alpha=alpha,
        minimum_base=minimum_base,
        words=(RISE, FALL),
    )
    is_level = (table["sure"] < margin) & table["verdict"].eq(NO_DIFFERENCE)
    course = table["verdict"].mask(table["verdict"].eq(NO_DIFFERENCE), UNCLEAR)
    return table.assign(test=WAVE_TREND, course=course.mask(is_level, LEVEL_COURSE))[WAVE_COLUMNS]


def _line(name: str, part: pd.DataFrame, *, places: dict[str, int], alpha: float) -> dict[str, object]:
    """Fit the line of one group; ``sure`` is the largest change in standard deviations that is not excluded."""
    part = part.sort_values("wave")
    x, n = part["wave"].map(places).to_numpy(float), part["n"].to_numpy(float)
    mean, sd = part["mean"].to_numpy(float), part["sd"].to_numpy(float)
    gap = x - x.mean()
    span = np.ptp(x)
    c = span * gap / (gap**2).sum() if span else np.full(len(x), np.nan)
    parts = c**2 * sd**2 / n
    value, variance = float((c * mean).sum()), float(parts.sum())
    se = np.sqrt(variance) if variance > 0 else np.nan
    df = float(variance**2 / (parts**2 / np.maximum(n - 1, 1)).sum()) if variance > 0 else np.nan
    spread = np.sqrt(((n - 1) * sd**2).sum() / max((n - 1).sum(), 1))
    half = stdtrit(df, (1 + LEVEL) / 2) * se
    return {
        "stratum": name,
        "n": int(n.sum()),
        "waves": len(part),
        "first_mean": mean[0],
        "last_mean": mean[-1],
        "value": value,
        "low": value - half,
        "high": value + half,
        "statistic": value / se,
        "df": df,
        "p_raw": float(2 * stdtr(df, -abs(value / se))),
        "effect": value / spread if spread > 0 else np.nan,
        "smallest": n.min() if len(part) > 1 else 0,
        "sure": (abs(value) + stdtrit(df, 1 - alpha) * se) / spread if spread > 0 else np.nan,
    }
