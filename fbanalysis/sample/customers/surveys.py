"""Draw the customer surveys of a sample year: NPS, CSI, CES and Kano, with known answers.

Scores are dealt from exact counts, so that every figure of :data:`EFFECTS` holds at any seed. Planted:

- *NPS* is 32 in 2023 and 25 in 2022; 核心客户 are 15 points above the others; in the six weeks from
  2023-05-15 it is 20 points lower. One customer may answer more than once, through different people.
- *CSI* is 74.0 in 2023 and 71.5 in 2022, from a factor model: a common factor, one of each dimension,
  and an error of each item. 2 % tick one number throughout, 1.5 % of the answers are missing.
- *CES* is 1.9, of hotline callers 2.3.
- *Kano*: each feature has one category that most respondents give it.

Nothing planted: region and channel in NPS, the two waves and the strata in CSI.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion, codes, dealt_evenly, pack, ranked, score_counts
from fbanalysis.sample.delivery.exports import Melt, TableFile
from fbanalysis.sample.plans import Effect

# ------------------------------------------------------------------ NPS

NPS_ANSWERS = {2023: 1200, 2022: 1067}
#: Shares in percent of promoters, passives and detractors.
NPS_SHARES = {2023: (47.0, 38.0, 15.0), 2022: (44.0, 37.0, 19.0)}
NPS_STRATA = {"核心客户": 0.40, "普通客户": 0.41, "潜在客户": 0.12, "合作伙伴": 0.05, "供应商": 0.02}
NPS_CHANNELS = {"邮件邀请": 0.45, "短信邀请": 0.30, "应用内邀请": 0.25}
NPS_CORE = 15.0
NPS_DIP = -20.0
NPS_DIP_START = pd.Timestamp("2023-05-15")
NPS_DIP_END = NPS_DIP_START + pd.Timedelta(weeks=6)
#: Scores of promoters, passives and detractors, and how often each is given.
NPS_SCORES = (
    {9: 0.55, 10: 0.45},
    {7: 0.45, 8: 0.55},
    {0: 0.02, 1: 0.01, 2: 0.02, 3: 0.05, 4: 0.08, 5: 0.30, 6: 0.52},
)
NPS_SOON = 0.90


def nps(year: int, *, customers: pd.DataFrame, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """Draw the year's answers to the question whether one would recommend the company."""
    size = round(NPS_ANSWERS[year] * scale)
    answers = _nps_times(year, size=size, rng=rng)
    answers["stratum"] = pack(NPS_STRATA, total=size, rng=rng)
    chosen = customers.iloc[_customers_of(answers, customers=customers, rng=rng)]
    answers["customer_id"] = chosen["customer_id"].to_numpy()
    answers["region"] = chosen["region"].to_numpy()
    answers["channel"] = pack(NPS_CHANNELS, total=size, rng=rng)
    answers["score"] = _nps_scores(answers, year=year, rng=rng)
    answers = answers.sort_values("asked_at", kind="stable", ignore_index=True)
    answers["respondent_id"] = codes("NP", size, rng=rng)
    order = ["respondent_id", "customer_id", "stratum", "region", "channel", "asked_at", "event_at", "score"]
    return answers[order]


def _nps_times(year: int, *, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Put services on the year's days, and the question after them: within 24 h for exactly 90 %."""
    days = pd.date_range(f"{year}-01-03", f"{year}-12-30", freq="D")
    weights = np.where(days.day_of_week < 5, 1.0, 0.2)
    day = days[rng.choice(len(days), size=size, p=weights / weights.sum())]
    event = day + _minutes(9 * 60 + rng.integers(0, 9 * 60, size))
    same_day, next_day = rng.integers(8, 240, size), rng.integers(22 * 60, 24 * 60, size)
    late = 1440 * rng.integers(2, 11, size) + rng.integers(-90, 180, size)
    kind = np.repeat([0, 1, 2], apportion([NPS_SOON * 0.8, NPS_SOON * 0.2, 1 - NPS_SOON], total=size))
    asked = event + _minutes(np.choose(rng.permutation(kind), [same_day, next_day, late]))
    beyond = np.where(asked.year > year, 14, 0)
    back = pd.to_timedelta(beyond, unit="D")
    times = pd.DataFrame({"asked_at": asked - back, "event_at": event - back})
    return times.astype("datetime64[us]")


def _minutes(count: np.ndarray) -> pd.TimedeltaIndex:
    return pd.to_timedelta(count, unit="min")


def _customers_of(answers: pd.DataFrame, *, customers: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Choose for each answer a customer of its stratum who was one at that time; give positions."""
    since = customers["since"].to_numpy()
    gone = customers["churned_at"].fillna(pd.Timestamp("2100-01-01")).to_numpy()
    event, asked = answers["event_at"].to_numpy(), answers["asked_at"].to_numpy()
    strata = answers["stratum"].to_numpy()
    chosen = np.empty(len(answers), dtype=int)
    for stratum in NPS_STRATA:
        pool, left = np.flatnonzero(customers["stratum"] == stratum), np.flatnonzero(strata == stratum)
        while len(left):
            chosen[left] = pool[rng.integers(0, len(pool), len(left))]
            left = left[(since[chosen[left]] > event[left]) | (gone[chosen[left]] <= asked[left])]
    return chosen


def _nps_scores(answers: pd.DataFrame, *, year: int, rng: np.random.Generator) -> np.ndarray:
    """Deal scores within stratum and time, evenly over regions: the three shares are exact."""
    is_core = (answers["stratum"] == "核心客户").to_numpy()
    in_dip = answers["asked_at"].between(NPS_DIP_START, NPS_DIP_END, inclusive="left").to_numpy()
    cell = is_core + 2 * in_dip
    promoters, detractors = _nps_cells(np.bincount(cell, minlength=4), year=year)
    regions = pd.factorize(answers["region"], sort=True)[0]
    groups = np.empty(len(answers), dtype=int)
    for number in np.unique(cell):
        rows = np.flatnonzero(cell == number)
        top, low = promoters[number], detractors[number]
        counts = np.array([top, len(rows) - top - low, low])
        groups[rows] = dealt_evenly(regions[rows], counts=counts, rng=rng)
    scores = np.empty(len(answers), dtype=int)
    for group, shares in enumerate(NPS_SCORES):
        rows = np.flatnonzero(groups == group)
        scores[rows] = pack(shares, total=len(rows), rng=rng)
    return scores


def _nps_cells(sizes: np.ndarray, *, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Count promoters and detractors of the cells others, core, and the same two in the dip."""
    top, _, low = NPS_SHARES[year]
    effects = np.array([0.0, NPS_CORE, NPS_DIP, NPS_DIP + NPS_CORE])
    shift = effects - effects @ sizes / sizes.sum()
    totals = [round(share / 100 * sizes.sum()) for share in (top, low)]
    promoters = apportion(sizes * (top + shift / 2), total=totals[0])
    detractors = apportion(sizes * (low - shift / 2), total=totals[1])
    return promoters, detractors


# ------------------------------------------------------------------ CSI

CSI = "CSI"
CSI_MAXIMUM = 7
CSI_RESPONDENTS = {2023: 900, 2022: 800}
CSI_WEIGHTS = {"产品质量": 0.40, "服务": 0.30, "价值": 0.20, "情感联结": 0.10}
#: Items of each dimension and how far each is above the mean of its dimension, in points of 7.
CSI_ITEMS = {
    "产品质量": {"运行稳定": -0.18, "功能完整": 0.12, "数据准确": 0.16, "操作顺手": -0.10},
    "服务": {"响应及时": -0.24, "沟通清楚": 0.04, "解决到位": -0.06, "态度专业": 0.26},
    "价值": {"价格合理": -0.16, "投入有回报": 0.10, "优于同类": 0.06},
    "情感联结": {"感到被重视": -0.12, "值得信任": 0.14, "愿意长期合作": -0.02},
}
CSI_QUESTIONS = {
    "运行稳定": "Q1、系统平时运行稳定，很少中断",
    "功能完整": "Q2、现有功能能覆盖我们的业务",
    "数据准确": "Q3、系统里的数据准确可信",
    "操作顺手": "Q4、日常操作顺手，不绕弯路",
    "响应及时": "Q5、遇到问题时，贵公司响应及时",
    "沟通清楚": "Q6、服务人员把事情讲得清楚",
    "解决到位": "Q7、问题解决得到位，不再反复",
    "态度专业": "Q8、服务人员态度好、够专业",
    "价格合理": "Q9、价格与得到的东西相称",
    "投入有回报": "Q10、用了以后工作效率有提高",
    "优于同类": "Q11、与同类产品相比更值得买",
    "感到被重视": "Q12、我们的意见受到重视",
    "值得信任": "Q13、我信任这家公司",
    "愿意长期合作": "Q14、我愿意长期合作下去",
}
#: Means on the scale 0–100 by dimension: weighted they give 74.0 and 71.5.
CSI_MEANS = {
    2023: {"产品质量": 76.0, "服务": 72.5, "价值": 70.0, "情感联结": 78.5},
    2022: {"产品质量": 73.5, "服务": 69.5, "价值": 69.0, "情感联结": 74.5},
}
CSI_SPREAD = 1.35
#: How strongly an item depends on its dimension; dimensions correlate 0.55.
CSI_LOADINGS = {"产品质量": 0.775, "服务": 0.785, "价值": 0.84, "情感联结": 0.84}
CSI_COMMON = 0.55
#: Cronbach's alpha that these loadings give after rounding to seven points.
CSI_ALPHAS = {"产品质量": 0.84, "服务": 0.845, "价值": 0.85, "情感联结": 0.845}
CSI_STRAIGHT = 0.02
CSI_MISSING = 0.015
CSI_STRATA = {"核心客户": 0.42, "普通客户": 0.40, "潜在客户": 0.08, "合作伙伴": 0.07, "供应商": 0.03}
#: The days on which the two waves open, half a year apart and clear of the incident; each lasts 19 days.
CSI_WAVES = ("04-03", "11-06")


def ratings(year: int, *, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """Draw the CSI survey: one row an answered item, respondent by respondent."""
    size = round(CSI_RESPONDENTS[year] * scale)
    answers = _csi_answers(year, size=size, rng=rng)
    straight = _straight_rows(answers, count=round(CSI_STRAIGHT * size), rng=rng)
    answers[straight] = np.rint(answers[straight].mean(axis=1, keepdims=True)).astype(int)
    people = pd.DataFrame(
        {
            "survey": CSI,
            "answered_at": _wave_times(year, size=size, rng=rng),
            "respondent_id": codes("CS", size, rng=rng),
            "stratum": pack(CSI_STRATA, total=size, rng=rng),
        }
    )
    dimensions = [dimension for dimension, items in CSI_ITEMS.items() for _ in items]
    table = _long(people, answers=answers, items={"dimension": dimensions, "item": list(CSI_QUESTIONS)})
    table.insert(len(table.columns) - 1, "scale_maximum", CSI_MAXIMUM)
    is_free = np.repeat(~np.isin(np.arange(size), straight), len(dimensions))
    missing = rng.choice(np.flatnonzero(is_free), round(CSI_MISSING * len(table)), replace=False)
    return table.drop(index=missing).reset_index(drop=True)


def _csi_answers(year: int, *, size: int, rng: np.random.Generator) -> np.ndarray:
    common = rng.normal(size=size)
    columns = []
    for dimension, items in CSI_ITEMS.items():
        own = np.sqrt(CSI_COMMON) * common + np.sqrt(1 - CSI_COMMON) * rng.normal(size=size)
        loading = CSI_LOADINGS[dimension]
        for above in items.values():
            latent = loading * own + np.sqrt(1 - loading**2) * rng.normal(size=size)
            mean = 1 + CSI_MEANS[year][dimension] / 100 * (CSI_MAXIMUM - 1) + above
            counts = score_counts(size, mean=mean, spread=CSI_SPREAD, maximum=CSI_MAXIMUM)
            columns.append(ranked(latent, counts=counts))
    return np.column_stack(columns)


def _straight_rows(answers: np.ndarray, *, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose who gives one score throughout: first those who happen to do so anyway."""
    varied = (answers != answers[:, :1]).any(axis=1)
    return np.lexsort((rng.random(len(answers)), varied))[:count]


def _wave_times(year: int, *, size: int, rng: np.random.Generator) -> pd.DatetimeIndex:
    """Give answering times in the order of the rows: the waves one after the other."""
    opened = pd.to_datetime([f"{year}-{day}" for day in CSI_WAVES])
    wave = np.repeat(np.arange(len(opened)), apportion([1] * len(opened), total=size))
    minutes = 1440 * np.floor(19 * rng.beta(1.0, 1.6, size)) + rng.integers(8 * 60, 22 * 60, size)
    return (opened[wave] + _minutes(minutes)).sort_values().as_unit("us")


def _long(people: pd.DataFrame, *, answers: np.ndarray, items: Mapping[str, list[str]]) -> pd.DataFrame:
    """Write a matrix of answers as one row an answer; ``items`` are columns that name its columns."""
    size, width = answers.shape
    rows = people.loc[people.index.repeat(width)].reset_index(drop=True)
    named = {name: np.tile(np.array(values, dtype=object), size) for name, values in items.items()}
    return rows.assign(**named, score=answers.ravel())


# ------------------------------------------------------------------ CES

CES_RESPONDENTS = 600
CES_MAXIMUM = 5
CES_MEAN = 1.9
CES_HOTLINE = 2.3
CES_SPREAD = 1.05
CES_MISSING = 0.01
HOTLINE = "客户服务热线"
CES_CHANNELS = {HOTLINE: 0.25, "在线客服": 0.35, "工单系统": 0.28, "现场服务": 0.12}
#: Items, how far each is above the mean, and the question.
CES_ITEMS = {
    "找到入口": (-0.15, "1、找到求助的入口，您费了多大力气"),
    "说明问题": (0.05, "2、把问题说清楚，您费了多大力气"),
    "等待回应": (0.20, "3、等到回应，您费了多大力气"),
    "重复联系": (0.05, "4、为同一件事再次联系，您费了多大力气"),
    "最终解决": (-0.15, "5、到问题解决为止，您总共费了多大力气"),
}


def ces(year: int, *, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """Draw the survey on effort: one row an answered item."""
    size = round(CES_RESPONDENTS * scale)
    channel = pack(CES_CHANNELS, total=size, rng=rng)
    hotline = np.flatnonzero(channel == HOTLINE)
    others = np.flatnonzero(channel != HOTLINE)
    rest = (CES_MEAN * size - CES_HOTLINE * len(hotline)) / len(others)
    answers = np.empty((size, len(CES_ITEMS)), dtype=int)
    person = rng.normal(size=size)
    for column, (above, _) in enumerate(CES_ITEMS.values()):
        latent = 0.7 * person + 0.7 * rng.normal(size=size)
        for rows, mean in ((hotline, CES_HOTLINE), (others, rest)):
            counts = score_counts(len(rows), mean=mean + above, spread=CES_SPREAD, maximum=CES_MAXIMUM)
            answers[rows, column] = ranked(latent[rows], counts=counts)
    days = pd.date_range(f"{year}-01-03", f"{year}-12-29", freq="B")
    people = pd.DataFrame(
        {
            "respondent_id": codes("CE", size, rng=rng),
            "answered_at": days[np.sort(rng.integers(0, len(days), size))].as_unit("us"),
            "channel": channel,
        }
    )
    table = _long(people, answers=answers, items={"item": list(CES_ITEMS)})
    missing = rng.choice(len(table), round(CES_MISSING * len(table)), replace=False)
    return table.drop(index=missing).reset_index(drop=True)


# ------------------------------------------------------------------ Kano

KANO_RESPONDENTS = 420
KANO_QUESTIONABLE = 2.0
#: Which pairs (functional, dysfunctional) of answers make a category, and how often each is given.
KANO_PAIRS = {
    "must-be": {("expect", "dislike"): 0.70, ("neutral", "dislike"): 0.22, ("tolerate", "dislike"): 0.08},
    "one-dimensional": {("like", "dislike"): 1.0},
    "attractive": {("like", "neutral"): 0.50, ("like", "tolerate"): 0.35, ("like", "expect"): 0.15},
    "indifferent": {
        ("neutral", "neutral"): 0.45,
        ("expect", "tolerate"): 0.14,
        ("neutral", "tolerate"): 0.13,
        ("expect", "neutral"): 0.12,
        ("tolerate", "neutral"): 0.08,
        ("expect", "expect"): 0.05,
        ("tolerate", "tolerate"): 0.03,
    },
    "reverse": {
        ("dislike", "expect"): 0.28,
        ("dislike", "neutral"): 0.24,
        ("dislike", "like"): 0.20,
        ("tolerate", "like"): 0.14,
        ("neutral", "like"): 0.14,
    },
    "questionable": {("like", "like"): 0.6, ("dislike", "dislike"): 0.4},
}
#: Percent of respondents that see a feature in each category, in the order of KANO_PAIRS.
KANO_SHARES = {
    "系统稳定运行": (61, 25, 5, 7, 0, 2),
    "数据准确": (58, 27, 4, 9, 0, 2),
    "权限安全": (53, 19, 7, 19, 0, 2),
    "响应速度": (24, 56, 11, 7, 0, 2),
    "报表能力": (16, 51, 18, 12, 1, 2),
    "接口开放": (13, 46, 17, 22, 0, 2),
    "智能问答": (3, 17, 52, 25, 1, 2),
    "移动端离线": (6, 15, 48, 28, 1, 2),
    "换肤主题": (1, 3, 14, 71, 9, 2),
    "弹窗公告": (2, 3, 5, 34, 54, 2),
}


def kano(*, rng: np.random.Generator, scale: float = 1.0) -> pd.DataFrame:
    """Draw the pairs of answers: one row a respondent and feature, categories in exact shares."""
    size = round(KANO_RESPONDENTS * scale)
    answers = {feature: _kano_pairs(shares, size=size, rng=rng) for feature, shares in KANO_SHARES.items()}
    table = pd.DataFrame(
        {
            "respondent_id": np.repeat(codes("KN", size, rng=rng), len(answers)),
            "feature": np.tile(np.array(list(answers), dtype=object), size),
        }
    )
    for place, column in enumerate(("functional", "dysfunctional")):
        table[column] = np.column_stack([pairs[:, place] for pairs in answers.values()]).ravel()
    return table


def _kano_pairs(shares: tuple[float, ...], *, size: int, rng: np.random.Generator) -> np.ndarray:
    counts = apportion(shares, total=size)
    parts = []
    for pairs, count in zip(KANO_PAIRS.values(), counts, strict=True):
        times = apportion(list(pairs.values()), total=count)
        parts.append(np.repeat(np.array(list(pairs), dtype=object), times, axis=0))
    return rng.permutation(np.concatenate(parts))


def tables(
    year: int, *, customers: pd.DataFrame, rng: np.random.Generator, scale: float = 1.0
) -> dict[str, pd.DataFrame]:
    """Collect a year's surveys by name; effort and Kano were asked in 2023 only."""
    common = {
        "nps": nps(year, customers=customers, rng=rng, scale=scale),
        "ratings": ratings(year, rng=rng, scale=scale),
    }
    if year != 2023:
        return common
    return common | {"ces": ces(year, rng=rng, scale=scale), "kano": kano(rng=rng, scale=scale)}


# ------------------------------------------------------------------ files

_STRATUM_WORDS = {
    "核心": "核心客户",
    "普通": "普通客户",
    "潜在": "潜在客户",
    "伙伴": "合作伙伴",
    "供方": "供应商",
}
_KANO_WORDS = {
    "很喜欢": "like",
    "理应如此": "expect",
    "无所谓": "neutral",
    "能忍受": "tolerate",
    "很不喜欢": "dislike",
}
_NPS_QUESTION = "您有多大可能把我们推荐给同行（0—10）"


def _csi_file(dimension: str) -> TableFile:
    """Describe one sheet of the CSI workbook: its dimension's questions, one row a respondent."""
    questions = {item: CSI_QUESTIONS[item] for item in CSI_ITEMS[dimension]}
    return TableFile(
        file="CSI专项调查.xlsx",
        sheet=dimension,
        headers={"answered_at": "提交时间", "respondent_id": "答卷编号", "stratum": "客户类型"},
        values={"stratum": _STRATUM_WORDS},
        formats={"answered_at": "%Y/%m/%d %H:%M"},
        constants={"survey": CSI, "dimension": dimension, "scale_maximum": str(CSI_MAXIMUM)},
        faults=(
            {"提交时间": "{year}/4/31 10:20", "答卷编号": "补录1", next(iter(questions.values())): "5"},
            {"提交时间": "{year}/11/8 9:05", "答卷编号": "补录2", next(iter(questions.values())): "同意"},
        ),
        melt=Melt(name="item", value="score", headers=questions),
    )


LAYOUTS: dict[str, TableFile | tuple[TableFile, ...]] = {
    "nps": TableFile(
        file="NPS调查.csv",
        headers={
            "respondent_id": "答卷编号",
            "customer_id": "客户编号",
            "stratum": "客户类型",
            "region": "大区",
            "channel": "邀请方式",
            "event_at": "服务完成时间",
            "asked_at": "答卷时间",
            "score": _NPS_QUESTION,
        },
        values={
            "stratum": _STRATUM_WORDS,
            "channel": {"邮件": "邮件邀请", "短信": "短信邀请", "应用内": "应用内邀请"},
        },
        formats={"event_at": "%Y/%m/%d %H:%M", "asked_at": "%Y/%m/%d %H:%M"},
        filler={"问卷版本": ("V3", "V3", "V4"), "语言": ("简体中文",)},
        faults=(
            {"答卷编号": "NP-T1", "答卷时间": "{year}/6/31 10:05", _NPS_QUESTION: "8"},
            {"答卷编号": "NP-T2", "答卷时间": "{year}/9/4 15:40", _NPS_QUESTION: "11"},
            {"答卷编号": "NP-T3", "答卷时间": "{year}/9/5 9:12", _NPS_QUESTION: "十分"},
            {"答卷编号": "导出时间：{next}/1/8 9:30"},
        ),
    ),
    "ratings": tuple(_csi_file(dimension) for dimension in CSI_ITEMS),
    "ces": TableFile(
        file="CES调查.xlsx",
        sheet="费力度",
        title="客户费力度调查（1＝毫不费力，5＝非常费力）",
        headers={"respondent_id": "编号", "answered_at": "日期", "channel": "最近一次求助的渠道"},
        values={"channel": {"热线": HOTLINE, "在线": "在线客服", "工单": "工单系统", "现场": "现场服务"}},
        formats={"answered_at": "%Y年%m月%d日"},
        filler={"回访员": ("HF01", "HF02", "HF03")},
        faults=(
            {
                "编号": "CE-T1",
                "日期": "{year}年2月30日",
                "最近一次求助的渠道": "热线",
                CES_ITEMS["找到入口"][1]: "2",
            },
            {
                "编号": "CE-T2",
                "日期": "{year}年6月2日",
                "最近一次求助的渠道": "在线",
                CES_ITEMS["找到入口"][1]: "6",
            },
        ),
        melt=Melt(name="item", value="score", headers={item: text for item, (_, text) in CES_ITEMS.items()}),
    ),
    "kano": TableFile(
        file="KANO问卷.xlsx",
        sheet="答卷",
        headers={
            "respondent_id": "答卷编号",
            "feature": "功能",
            "functional": "如果有这项功能，您觉得",
            "dysfunctional": "如果没有这项功能，您觉得",
        },
        values={"functional": _KANO_WORDS, "dysfunctional": _KANO_WORDS},
        faults=(
            {
                "答卷编号": "KN-T1",
                "功能": "报表能力",
                "如果有这项功能，您觉得": "看情况",
                "如果没有这项功能，您觉得": "无所谓",
            },
            {"答卷编号": "KN-T1", "功能": "响应速度", "如果有这项功能，您觉得": "很喜欢"},
        ),
    ),
}

# ------------------------------------------------------------------ what should be found

_DIMENSIONS = {"产品质量": "product", "服务": "service", "价值": "value", "情感联结": "bond"}
_FEATURES = {
    "系统稳定运行": "stability",
    "数据准确": "accuracy",
    "权限安全": "security",
    "响应速度": "speed",
    "报表能力": "reports",
    "接口开放": "interfaces",
    "智能问答": "assistant",
    "移动端离线": "offline",
    "换肤主题": "skins",
    "弹窗公告": "popups",
}


def _csi_total(year: int) -> float:
    return sum(weight * CSI_MEANS[year][dimension] for dimension, weight in CSI_WEIGHTS.items())


def _nps_effects(year: int) -> tuple[Effect, ...]:
    promoters, _, detractors = NPS_SHARES[year]
    asked = "NPS (percent of scores 9-10 less percent of scores 0-6)"
    apart = "NPS of 核心客户 less NPS of all others"
    return (
        Effect(f"nps_{year}", "nps", f"{asked} of all answers", promoters - detractors, 0.1, "points", year),
        Effect(f"nps_core_{year}", "nps", apart, NPS_CORE, 3.0, "points", year),
        Effect(f"nps_region_{year}", "nps", "Cramér's V of region and NPS group", 0.0, 0.06, "V", year),
        Effect(
            f"nps_in_time_{year}",
            "nps",
            "percent of answers within 24 h of event_at",
            NPS_SOON * 100,
            0.1,
            "percent",
            year,
        ),
    )


def _csi_effects(year: int) -> tuple[Effect, ...]:
    scale = "(score - 1) / 6 x 100"
    total = f"mean of {scale} by dimension, weighted 40/30/20/10"
    parts = [
        Effect(
            f"csi_{key}_{year}",
            "ratings",
            f"mean of the items' means on {scale} of {dimension}",
            CSI_MEANS[year][dimension],
            0.5,
            "points",
            year,
        )
        for dimension, key in _DIMENSIONS.items()
    ]
    return (Effect(f"csi_{year}", "ratings", total, _csi_total(year), 0.3, "points", year), *parts)


def _csi_structure() -> tuple[Effect, ...]:
    alphas = [
        Effect(
            f"csi_alpha_{key}",
            "ratings",
            f"Cronbach's alpha of the items of {dimension}, complete respondents",
            CSI_ALPHAS[dimension],
            0.035,
            "alpha",
        )
        for dimension, key in _DIMENSIONS.items()
    ]
    alike = "percent of CSI respondents who give all items one score"
    gaps = "percent of respondents x items without an answer"
    waves = "CSI of the November wave less CSI of the April wave"
    return (
        *alphas,
        Effect("csi_straight", "ratings", alike, CSI_STRAIGHT * 100, 0.3, "percent"),
        Effect("csi_missing", "ratings", gaps, CSI_MISSING * 100, 0.05, "percent"),
        Effect("csi_waves", "ratings", waves, 0.0, 3.0, "points"),
    )


def _kano_effects() -> tuple[Effect, ...]:
    strengths = [
        Effect(
            f"kano_{_FEATURES[feature]}",
            "kano",
            f"percent of respondents for whom {feature} is {list(KANO_PAIRS)[int(np.argmax(shares))]}",
            max(shares),
            0.3,
            "percent",
        )
        for feature, shares in KANO_SHARES.items()
    ]
    odd = "percent of pairs that contradict themselves (Q of the evaluation table)"
    return (*strengths, Effect("kano_questionable", "kano", odd, KANO_QUESTIONABLE, 0.3, "percent"))


EFFECTS: tuple[Effect, ...] = (
    *_nps_effects(2023),
    *_nps_effects(2022),
    Effect(
        "nps_incident",
        "nps",
        "NPS of answers in the six weeks from 2023-05-15 less NPS of the rest of the year",
        NPS_DIP,
        4.0,
        "points",
    ),
    *_csi_effects(2023),
    *_csi_effects(2022),
    *_csi_structure(),
    Effect("ces", "ces", "mean of all answers (1 = no effort)", CES_MEAN, 0.03, "score_1_5"),
    Effect("ces_hotline", "ces", f"mean of those who came by {HOTLINE}", CES_HOTLINE, 0.05, "score_1_5"),
    *_kano_effects(),
)
