"""Which outcome rates of AAPOR can be stated of those invited, those who started and those who answered.

It states no rate that would need what nobody recorded (refusals, contacts, how much of a form was filled in),
and says why.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.analysis.coverage import rate_by_stratum, rates_by_stratum
from fbanalysis.analysis.intervals import percent_of, wilson_interval

OUTCOMES = ["stratum", "name", "count", "n", "percent", "low", "high", "formula", "reason"]
FUNNEL = ["stratum", "side", "step", "n", "of_invited", "of_previous", "lost"]
STEPS = ("受邀", "开始作答", "给了反馈")


@dataclass(frozen=True)
class _Outcome:
    """One rate: what it is called, its formula in AAPOR's letters, its two counts, and why it can or can't be stated."""

    stratum: str
    name: str
    formula: str
    reason: str
    count: float = float("nan")
    base: float = float("nan")


def completion_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Say which part of those who started gave feedback in the end; the rest broke off.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n`` (distinct respondents), ``started``, ``percent``, ``low``,
        ``high``, in the order of `coverage.coverage_by_stratum`.

    Notes
    -----
    100 · n / started with the Wilson interval: the completion rate [1]_; 100 minus it is the break-off rate. A
    stratum of which more answered than started (by other ways than the questionnaire) has none: NaN.

    .. [1] M. Callegaro, C. DiSogra (2008), Public Opinion Quarterly 72: 1008–1032.
    """
    return rate_by_stratum(feedback, population, size="started")


def completion_funnel(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Count how many are left at each step from the invitation to the feedback, in all and by side.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("all/受邀"), ``side`` (all, internal, external), ``step`` (受邀, 开始作答, 给了反馈), ``n``,
        ``of_invited``, ``of_previous`` (percent), ``lost`` (people since the step before); no row where nobody
        was invited or nobody is known to have started.

    Notes
    -----
    Of the strata whose three counts are known and don't grow from step to step. At which question people broke off
    is in none of the tables.
    """
    cells = _counted(feedback, population)
    cells = cells[
        cells["invited"].ge(cells["started"]) & cells["started"].ge(cells["n"]) & cells["invited"].gt(0)
    ]
    parts = {"all": cells, **{str(side): part for side, part in cells.groupby("side", sort=False)}}
    tables = [_steps(side, part) for side, part in parts.items() if len(part)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=FUNNEL)


def _steps(side: str, cells: pd.DataFrame) -> pd.DataFrame:
    n = cells[["invited", "started", "n"]].sum().to_numpy(dtype=float)
    before = np.append(np.nan, n[:-1])
    table = pd.DataFrame({"side": side, "step": STEPS, "n": n.astype("int64")})
    table.insert(0, "stratum", side + "/" + table["step"])
    return table.assign(of_invited=percent_of(n, n[0]), of_previous=percent_of(n, before), lost=before - n)


def _counted(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Give ``side``, ``invited``, ``started``, ``n`` (respondents) of every stratum."""
    started, invited = rates_by_stratum(feedback, population, sizes=["started", "invited"])
    table = started[["stratum", "side", "n", "started"]].merge(invited[["stratum", "invited"]], on="stratum")
    return table[table["stratum"].str.contains("/")]


def outcome_rates(
    feedback: pd.DataFrame, population: pd.DataFrame, *, self_initiated: Collection[str] = ()
) -> pd.DataFrame:
    """List the outcome rates of AAPOR: those that the data allow, with interval, and why the others can't be stated.

    Parameters
    ----------
    self_initiated
        Channels that answer no invitation (a hotline, social media). Who spoke there only is no response: the
        participation rate counts them, the response rates don't.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (参与率, 完成率, 中断率, RR1 … RR6, COOP1, CON1, REF1), ``name``, ``count``, ``n`` (the base),
        ``percent``, ``low``, ``high`` (Wilson), ``formula``, ``reason``; the numbers are NaN where a rate can't be
        stated.

    Notes
    -----
    AAPOR [1]_: with I complete answers, P partial ones, R refusals and break-offs, NC not contacted, O others, and
    UH, UO of unknown eligibility, RR1 = I / (I + P + R + NC + O + UH + UO). Everybody invited stands by name in the
    population table and is eligible, so that nothing is unknown and RR5 is RR1. What a break-off had filled in is not
    recorded, so that P can't be told from R: no RR2 and RR6. No share e of the unknown is to be estimated: no RR3 and RR4.
    Who read the invitation and who declined is not recorded: no COOP, CON and REF. Only strata with an invitation
    and no more answers than invitations count.

    .. [1] AAPOR (2023), Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys, 10th
       edition.
    """
    is_asked = ~feedback["channel"].isin(list(self_initiated))
    who = feedback[["respondent_id", "side", "stratum"]]
    part, done = map(_whole, rates_by_stratum(who, population, sizes=["invited", "started"]))
    asked = _whole(rates_by_stratum(who[is_asked], population, sizes=["invited"])[0])
    rows = _stated(part, asked, done, is_told=bool(len(self_initiated)))
    table = pd.DataFrame(
        [(row.stratum, row.name, row.count, row.base, row.formula, row.reason) for row in rows],
        columns=["stratum", "name", "count", "n", "formula", "reason"],
    )
    low, high = wilson_interval(table["count"], table["n"])
    return table.assign(percent=percent_of(table["count"], table["n"]), low=low, high=high)[OUTCOMES]


def _whole(rates: pd.DataFrame) -> tuple[float, float]:
    """Give respondents and the base of all strata with a rate, in the first row; NaN where there is none."""
    n, base = rates["n"].iloc[0], rates.filter(["invited", "started"]).iloc[0, 0]
    return (float(n), float(base)) if base > 0 else (float("nan"), float("nan"))


def _stated(
    part: tuple[float, float], asked: tuple[float, float], done: tuple[float, float], *, is_told: bool
) -> list[_Outcome]:
    """Say each rate with its counts, or why it has none."""
    whom = "不计自己找上门的渠道" if is_told else "没有说明哪些渠道不经邀请，各渠道都计入"
    no_partial = "没有记录中断的人答了多少，部分作答与中断分不开"
    no_contact = "没有记录谁看到了邀请、谁拒绝了"
    none_unknown = "受邀者都在人群表里，没有资格不明的人，不需要估计其中合格的比例"
    return [
        _Outcome("参与率", "参与率", "给过反馈的人 ÷ 受邀的人", "自愿参加的反馈用这个名称；各渠道都计入", *part),
        _Outcome("完成率", "完成率", "给过反馈的人 ÷ 开始作答的人", "开始作答人数取自人群表", *done),
        _Outcome("中断率", "中断率", "开始作答而没有给反馈的人 ÷ 开始作答的人", "同上", done[1] - done[0], done[1]),
        _Outcome("RR1", "应答率下限", "I ÷ (I + P + R + NC + O + UH + UO)", f"可以声明；没有回音的都在分母里；{whom}", *asked),
        _Outcome("RR2", "应答率下限，含部分作答", "(I + P) ÷ (I + P + R + NC + O + UH + UO)", f"不能声明：{no_partial}"),
        _Outcome("RR3", "估计应答率", "I ÷ (I + P + R + NC + O + e(UH + UO))", f"不声明：{none_unknown}，与 RR1 相同"),
        _Outcome("RR4", "估计应答率，含部分作答", "(I + P) ÷ (I + P + R + NC + O + e(UH + UO))", f"不能声明：{no_partial}"),
        _Outcome("RR5", "应答率上限", "I ÷ (I + P + R + NC + O)", "没有资格不明的人，因而等于 RR1", *asked),
        _Outcome("RR6", "应答率上限，含部分作答", "(I + P) ÷ (I + P + R + NC + O)", f"不能声明：{no_partial}"),
        _Outcome("COOP1", "合作率", "I ÷ (I + P + R + O)", f"不能声明：{no_contact}"),
        _Outcome("REF1", "拒绝率", "R ÷ (I + P + R + NC + O + UH + UO)", f"不能声明：{no_contact}"),
        _Outcome("CON1", "接触率", "(I + P + R + O) ÷ (I + P + R + NC + O + UH + UO)", f"不能声明：{no_contact}"),
    ]  # fmt: skip
