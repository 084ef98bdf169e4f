"""Two people's reading of a random sample of comments: the table ``codings``.

Planted: coder 甲 gives the meant feeling in 95 % of the comments, coder 乙 in 93 % of those that both read.
Their errors come in pairs that swap two labels, so that the shares of the feelings stay the same.
"""

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.delivery.exports import TableFile
from fbanalysis.sample.plans import Effect, Plan

AGREEMENT = {"甲": 0.95, "乙": 0.93}
#: Which labels are confused, and how often.
CONFUSIONS = {("正面", "中性"): 0.55, ("中性", "负面"): 0.40, ("正面", "负面"): 0.05}
READ_A_DAY = 260

LAYOUTS: dict[str, TableFile | tuple[TableFile, ...]] = {
    "codings": TableFile(
        file="人工标注.xlsx",
        sheet="标注",
        title="评论情感人工标注（双人编码）",
        headers={"comment": "原文", "coder": "标注人", "sentiment": "情感", "coded_on": "日期"},
        values={"sentiment": {"积极": "正面", "中立": "中性", "消极": "负面"}},
        formats={"coded_on": "%Y.%m.%d"},
        filler={"序号": (), "备注": ("", "", "", "", "", "", "", "", "复看")},
        faults=(
            {"原文": "（空白）", "标注人": "甲", "情感": "待定", "日期": "{next}.1.9"},
            {"原文": "重复行，作废", "标注人": "乙", "情感": "", "日期": "{next}.1.9"},
        ),
    )
}


def codings(items: pd.DataFrame, *, plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Draw distinct comments, proportionally by kind, and let both coders read them.

    ``items`` are the accepted items with ``comment``, ``kind`` and ``feeling``.
    """
    pool = items[items["comment"] != ""].drop_duplicates("comment")
    size, shared = plan.codings
    kinds = pool.groupby("kind", sort=True).indices
    counts = apportion([len(rows) for rows in kinds.values()], total=min(size, len(pool)))
    rows = [rng.permutation(rows)[:count] for rows, count in zip(kinds.values(), counts, strict=True)]
    sample = pool.iloc[rng.permutation(np.concatenate(rows))]
    parts = [_read(sample, coder="甲", year=plan.year, rng=rng)]
    parts.append(_read(sample.iloc[:shared], coder="乙", year=plan.year, rng=rng))
    return pd.concat(parts, ignore_index=True)


def _read(sample: pd.DataFrame, *, coder: str, year: int, rng: np.random.Generator) -> pd.DataFrame:
    meant = sample["feeling"].to_numpy(dtype=object)
    days = pd.bdate_range(f"{year + 1}-01-03", periods=1 + len(sample) // READ_A_DAY, unit="us")
    return pd.DataFrame(
        {
            "comment": sample["comment"].to_numpy(dtype=object),
            "coder": coder,
            "sentiment": _with_errors(meant, share=1 - AGREEMENT[coder], rng=rng),
            "coded_on": days[np.arange(len(sample)) // READ_A_DAY],
        }
    )


def _with_errors(meant: np.ndarray, *, share: float, rng: np.random.Generator) -> np.ndarray:
    """Swap labels between pairs of comments until ``share`` of them are wrong."""
    told = meant.copy()
    pairs = apportion(list(CONFUSIONS.values()), total=round(share * len(meant) / 2))
    is_free = np.ones(len(meant), dtype=bool)
    for (one, other), count in zip(CONFUSIONS, pairs, strict=True):
        first = rng.permutation(np.flatnonzero(is_free & (meant == one)))[:count]
        second = rng.permutation(np.flatnonzero(is_free & (meant == other)))[:count]
        number = min(len(first), len(second))
        told[first[:number]], told[second[:number]] = other, one
        is_free[first[:number]] = is_free[second[:number]] = False
    return told


EFFECTS: tuple[Effect, ...] = tuple(
    Effect(
        f"coder_{key}_{year}",
        "codings",
        f"share of the comments that coder {coder} read in which the meant feeling is given",
        AGREEMENT[coder],
        0.005,
        "share",
        year,
    )
    for year in (2023, 2022)
    for key, coder in (("first", "甲"), ("second", "乙"))
)
