"""What part of a change of the mean is change, and what part is only that other people answered.

It knows the composition by the groups it is given and no other; what shifted inside a group counts as change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from fbanalysis.analysis.disclosure import suppress
from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.satisfaction import pooled
from fbanalysis.analysis.significance import ALPHA, MINIMUM_BASE, verdicts, welch

TEST = "分层差的 t 检验"
TOTAL, REAL, MIX, LEFT_OUT = "合计变化", "同口径变化", "构成变化", "未能对照"
GROUP_COLUMNS = [
    "stratum",
    "n",
    "prior_n",
    "share",
    "prior_share",
    "mean",
    "prior_mean",
    "difference",
    "real",
    "mix",
]
PART_COLUMNS = [
    "stratum",
    "n",
    "prior_n",
    "value",
    "low",
    "high",
    "test",
    "statistic",
    "df",
    "p_raw",
    "p",
    "effect",
]
_SPAN = ("value", "low", "high")


@dataclass(frozen=True)
class LikeForLike:
    """A change of the mean, taken apart.

    ``parts`` has `PART_COLUMNS` and ``verdict``, a row each for 合计变化, 同口径变化, 构成变化 and 未能对照 (tested is
    同口径变化 alone; 未能对照 has no interval). ``groups`` has `GROUP_COLUMNS` of all groups: shares in percent,
    contributions in score points; those left out have neither.
    ``left_out`` names groups with fewer than two scores in a year, ``n_left_out`` and ``prior_n_left_out`` count their
    scores; ``caution`` says it in words, or why nothing could be compared.
    """

    parts: pd.DataFrame
    groups: pd.DataFrame
    left_out: tuple[str, ...]
    n_left_out: int
    prior_n_left_out: int
    caution: str


def like_for_like(
    this: pd.DataFrame,
    prior: pd.DataFrame,
    *,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
    level: float = LEVEL,
) -> LikeForLike:
    """Split the change between two years into change within groups and change of who answered.

    Parameters
    ----------
    this, prior
        ``stratum``, ``n``, ``mean``, ``sd`` of the same groups in two years, as `significance.group_moments` gives them.

    Notes
    -----
    With w the groups' shares of the scores and m their means, over the groups that both years have: m₁ − m₀ =
    Σ ½(w₁ + w₀)(m₁ − m₀) [real] + Σ ½(m₁ + m₀)(w₁ − w₀) [mix] [1]_; a group's mix is told against the mean of both
    years' totals, which leaves the sum as it is. 未能对照 is what the other groups add to the change of the total.
    Variances by the delta method, shares multinomial and independent of the means: real Σ w̄² (s₁²/n₁ + s₀²/n₀) +
    ¼ Σ over years [Σ w d² − (Σ w d)²] / N with d = m₁ − m₀; mix Σ ¼(w₁ − w₀)² (s₁²/n₁ + s₀²/n₀) + Σ over years
    [Σ w c² − (Σ w c)²] / N with c = ½(m₁ + m₀); t with the degrees of freedom of Satterthwaite [2]_. The two years
    count as independent samples. ``effect`` is real over the pooled sd within groups (Cohen's d). Groups need two
    scores in both years; without one, or without spread, there is nothing to test: NaN.

    .. [1] E. M. Kitagawa (1955), JASA 50: 1168–1194.
    .. [2] F. E. Satterthwaite (1946), Biometrics Bulletin 2: 110–114.

    Examples
    --------
    >>> prior = pd.DataFrame({"stratum": ["a", "b"], "n": [90, 10], "mean": [4.0, 3.0], "sd": 1.0})
    >>> this = pd.DataFrame({"stratum": ["a", "b"], "n": [50, 50], "mean": [4.0, 3.0], "sd": 1.0})
    >>> like_for_like(this, prior).parts.set_index("stratum")["value"].round(2).to_dict()
    {'合计变化': -0.4, '同口径变化': 0.0, '构成变化': -0.4, '未能对照': 0.0}
    """
    both, others = _matched(this, prior)
    cells = _cells(both)
    n, prior_n = cells["n"].sum(), cells["prior_n"].sum()
    known = len(cells) > 0
    total = welch(_whole(this), _whole(prior), level=level).iloc[0]
    real, mix = (float(cells[name].sum()) if known else float("nan") for name in ("real", "mix"))
    errors = cells["error"] + cells["prior_error"]
    real_variance = float((cells["weight"] ** 2 * errors).sum()) + _of_shares(cells, "difference") / 4
    mix_variance = float((cells["shift"] ** 2 / 4 * errors).sum()) + _of_shares(cells, "level")
    parts = pd.DataFrame(
        [
            {
                "stratum": TOTAL,
                "n": this["n"].sum(),
                "prior_n": prior["n"].sum(),
                **total[["value", "low", "high"]],
            },
            {"stratum": REAL, "n": n, "prior_n": prior_n}
            | _tested(real, real_variance, _freedom(cells), level=level)
            | {"effect": real / _pooled_sd(cells), "test": TEST},
            {"stratum": MIX, "n": n, "prior_n": prior_n}
            | {
                key: of for key, of in _tested(mix, mix_variance, np.inf, level=level).items() if key in _SPAN
            },
            {"stratum": LEFT_OUT, "n": others["n"].sum(), "prior_n": others["prior_n"].sum()}
            | {"value": total["value"] - real - mix if len(others) else 0.0},
        ],
        columns=PART_COLUMNS,
    )
    verdict = verdicts(real, parts["p"].iloc[1], min(n, prior_n), alpha=alpha, minimum_base=minimum_base)
    parts["verdict"] = np.where(parts["stratum"].eq(REAL), str(verdict), "")
    return LikeForLike(
        parts=parts.astype({"n": "int64", "prior_n": "int64", "test": "str"}),
        groups=pd.concat([cells, others])
        .sort_values("stratum", ignore_index=True)[GROUP_COLUMNS]
        .astype({"n": "int64", "prior_n": "int64"}),
        left_out=tuple(others["stratum"]),
        n_left_out=int(others["n"].sum()),
        prior_n_left_out=int(others["prior_n"].sum()),
        caution=_caution(cells, others),
    )


def _matched(this: pd.DataFrame, prior: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the years side by side: groups with two scores in both, and the others."""
    moments = ["stratum", "n", "mean", "sd"]
    before = prior[moments].set_axis(["stratum", "prior_n", "prior_mean", "prior_sd"], axis=1)
    rows = this[moments].merge(before, on="stratum", how="outer").sort_values("stratum", ignore_index=True)
    numbers = {name: "float64" for name in rows.columns.drop("stratum")}
    rows = rows.astype(numbers).fillna({"n": 0.0, "prior_n": 0.0})
    is_matched = rows["n"].ge(2) & rows["prior_n"].ge(2)
    return rows[is_matched].reset_index(drop=True), rows[~is_matched].reset_index(drop=True)


def _cells(both: pd.DataFrame) -> pd.DataFrame:
    """Add shares, contributions and what their variances are made of."""
    share, prior_share = (both[name] / max(both[name].sum(), 1) for name in ("n", "prior_n"))
    cells = both.assign(
        weight=(share + prior_share) / 2,
        shift=share - prior_share,
        difference=both["mean"] - both["prior_mean"],
        level=(both["mean"] + both["prior_mean"]) / 2,
        error=both["sd"] ** 2 / both["n"],
        prior_error=both["prior_sd"] ** 2 / both["prior_n"],
    )
    middle = float(((share * both["mean"]).sum() + (prior_share * both["prior_mean"]).sum()) / 2)
    return cells.assign(
        share=100 * share,
        prior_share=100 * prior_share,
        real=cells["weight"] * cells["difference"],
        mix=cells["shift"] * (cells["level"] - middle),
    )


def _of_shares(cells: pd.DataFrame, value: str) -> float:
    """Give the variance of Σ w · value from multinomial shares, both years together."""
    variance = 0.0
    for share, n in ((cells["share"] / 100, cells["n"]), (cells["prior_share"] / 100, cells["prior_n"])):
        spread = float((share * cells[value] ** 2).sum() - (share * cells[value]).sum() ** 2)
        variance += max(spread, 0.0) / max(float(n.sum()), 1.0)
    return variance


def _tested(value: float, variance: float, freedom: float, *, level: float) -> dict[str, float]:
    """Give interval and two-sided test of a value with its variance; NaN where that is zero."""
    error = float(np.sqrt(variance)) if variance > 0 else float("nan")
    half, statistic = float(stdtrit(freedom, (1 + level) / 2)) * error, value / error
    return {
        "value": value,
        "low": value - half,
        "high": value + half,
        "statistic": statistic,
        "df": freedom,
        "p_raw": (p := float(2 * stdtr(freedom, -abs(statistic)))),
        "p": p,
    }


def _freedom(cells: pd.DataFrame) -> float:
    """Degrees of freedom of the change within groups, by Satterthwaite; NaN where no group has spread."""
    own, prior = (cells["weight"] ** 2 * cells[name] for name in ("error", "prior_error"))
    below = float((own**2 / (cells["n"] - 1)).sum() + (prior**2 / (cells["prior_n"] - 1)).sum())
    return float(own.sum() + prior.sum()) ** 2 / below if below > 0 else float("nan")


def _pooled_sd(cells: pd.DataFrame) -> float:
    years = (("n", "sd"), ("prior_n", "prior_sd"))
    squares = sum(float(((cells[n] - 1) * cells[sd] ** 2).sum()) for n, sd in years)
    freedom = sum(float((cells[n] - 1).sum()) for n, _ in years)
    return float(np.sqrt(squares / freedom)) if squares > 0 else float("nan")


def _whole(moments: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([pooled(moments)], columns=["n", "mean", "sd"])


def _caution(cells: pd.DataFrame, others: pd.DataFrame) -> str:
    """Say in the words of the report which groups could not be compared."""
    if cells.empty:
        return "没有两年都有评分的组，分不开构成与变化"
    if others.empty:
        return ""
    names = "、".join(others["stratum"].head(5)) + ("等" if len(others) > 5 else "")
    return f"{len(others)} 个组只有一年有评分或评分太少，不在同口径之内：{names}"


def suppress_groups(
    groups: pd.DataFrame, *, below: int, within: Sequence[Sequence[str]] = ((),)
) -> pd.DataFrame:
    """Hide the estimates of groups of few people in either year, and of those that would give them away.

    Parameters
    ----------
    groups
        As `LikeForLike.groups`, with the columns of ``within``.
    within
        Columns that name the wholes whose totals are printed, one list a kind of total; none is the total of all.

    Returns
    -------
    pandas.DataFrame
        The groups that were compared. Those left out count among the hidden, or the total would give them away.
    """
    shown = groups
    for base in ("n", "prior_n"):
        for columns in within:
            shown = suppress(shown, below=below, base=base, within=list(columns), keep=("n", "prior_n"))
    is_compared = groups["real"].notna()
    return shown.assign(n=groups["n"]).loc[is_compared].reset_index(drop=True)


def suppress_parts(found: LikeForLike, *, below: int) -> pd.DataFrame:
    """Hide 构成变化 and 未能对照 where they would tell what a few people said who are in no compared group.

    Notes
    -----
    The totals of both years are printed: with 同口径变化 and 构成变化 they give the mean of those left out.
    """
    rest = found.groups[found.groups["stratum"].isin(found.left_out)]
    is_small = rest[["n", "prior_n"]].ge(1) & rest[["n", "prior_n"]].lt(below)
    is_hidden = found.parts["stratum"].isin([MIX, LEFT_OUT]) & bool(is_small.any(axis=None))
    estimates = {name: found.parts[name].mask(is_hidden) for name in _SPAN}
    return found.parts.assign(**estimates)
