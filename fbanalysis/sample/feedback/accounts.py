"""Where each item comes from: the region, and for customers which customer. Drawn last, given the item.

A customer is drawn with the likelihood that a customer of that kind says what the item says, so that
each planted association has its stated size: slow responses are a matter of the north, large customers
suggest interfaces, small ones simpler handling and prices, old ones praise more, busy ones of 核心客户
complain more.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fbanalysis.sample.draws import drawn
from fbanalysis.sample.feedback.tagging import SLOW_TAG
from fbanalysis.sample.plans import REGIONS

#: Strata whose items name a customer.
WITH_ACCOUNT = ("核心客户", "普通客户")
NORTH = ("华北", "东北")
NORTH_WEIGHT = 2.5
UNKNOWN_REGION = 0.02

LARGE_ISSUES = ("接口", "行业方案")
SMALL_ISSUES = ("价格", "易用性")
SIZE_ODDS = 2.5
OLD_SINCE = pd.Timestamp("2019-01-01")
OLD_PRAISE = 1.6
BUSY_BLAME = 1.35
MOST_ITEMS = 4
ROUNDS = 12


def settled(items: pd.DataFrame, *, customers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give every item ``customer_id`` and ``region``; a customer's item has the customer's region."""
    is_slow = items["tags"].str.contains(SLOW_TAG, regex=False).to_numpy()
    regions = drawn(REGIONS, size=len(items), rng=rng)
    regions[is_slow] = drawn(_northern(), size=int(is_slow.sum()), rng=rng)
    regions[rng.random(len(items)) < UNKNOWN_REGION] = ""
    ids = np.full(len(items), "", dtype=object)
    for stratum in WITH_ACCOUNT:
        rows = np.flatnonzero(items["stratum"] == stratum)
        known = customers[customers["stratum"] == stratum].reset_index(drop=True)
        own = _accounts(items.iloc[rows], known=known, is_slow=is_slow[rows], rng=rng)
        ids[rows] = known["customer_id"].to_numpy(dtype=object)[own]
        regions[rows] = known["region"].fillna("").to_numpy(dtype=object)[own]
    return items.assign(customer_id=ids, region=regions)


def _northern() -> dict[str, float]:
    return {name: share * (NORTH_WEIGHT if name in NORTH else 1) for name, share in REGIONS.items()}


def _accounts(
    items: pd.DataFrame, *, known: pd.DataFrame, is_slow: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw a customer (position in ``known``) for every item, nobody more than :data:`MOST_ITEMS` times."""
    facts = _facts(items, is_slow=is_slow)
    weights = {fact: _likelihood(known, fact=fact, items=facts) for fact in sorted(set(facts))}
    own = np.full(len(items), -1)
    waiting = np.arange(len(items))
    for _ in range(ROUNDS):
        own[waiting] = _drawn_once([facts[row] for row in waiting], weights=weights, rng=rng)
        waiting = _unfit(own, items=items, known=known)
        if not len(waiting):
            break
    return own


def _facts(items: pd.DataFrame, *, is_slow: np.ndarray) -> list[tuple[bool, str, bool, bool]]:
    """Tell what matters for who says it: slow responses, a suggestion for large or small, praise, blame."""
    suggests = (items["kind"] == "建议").to_numpy()
    both = [items[column].isin(LARGE_ISSUES).to_numpy() for column in ("issue", "issue2")]
    small = [items[column].isin(SMALL_ISSUES).to_numpy() for column in ("issue", "issue2")]
    scale = np.select(
        [suggests & (both[0] | both[1]), suggests & (small[0] | small[1])], ["大型", "小型"], ""
    )
    praises = (items["kind"] == "表扬").to_numpy()
    blames = ((items["kind"] == "问题反映") & (items["stratum"] == "核心客户")).to_numpy()
    return list(zip(is_slow.tolist(), scale.tolist(), praises.tolist(), blames.tolist(), strict=True))


def _likelihood(known: pd.DataFrame, *, fact: tuple[bool, str, bool, bool], items: list[tuple]) -> np.ndarray:
    is_slow, scale, praises, blames = fact
    weight = np.ones(len(known))
    if is_slow:
        weight = weight * known["region"].isin(NORTH).map({True: NORTH_WEIGHT, False: 1.0}).to_numpy()
    if scale:
        weight = weight * (known["size"] == scale).map({True: SIZE_ODDS, False: 1.0}).to_numpy()
    praise_rate = np.mean([item[2] for item in items])
    weight = weight * _by_class(known["since"] < OLD_SINCE, ratio=OLD_PRAISE, rate=praise_rate, says=praises)
    blame_rate = np.mean([item[3] for item in items])
    is_busy = known["active_users"] > known["active_users"].median()
    return weight * _by_class(is_busy, ratio=BUSY_BLAME, rate=blame_rate, says=blames)


def _by_class(is_member: pd.Series, *, ratio: float, rate: float, says: bool) -> np.ndarray:
    """Give P(says) or P(doesn't) per customer, members saying it ``ratio`` times as often, ``rate`` overall."""
    share = is_member.mean()
    others = rate / (share * ratio + 1 - share)
    chance = np.where(is_member, min(ratio * others, 0.98), others)
    return chance if says else 1 - chance


def _drawn_once(
    facts: list[tuple], *, weights: Mapping[tuple, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    own = np.empty(len(facts), dtype=int)
    groups = pd.Series(range(len(facts))).groupby(pd.Series(facts).map(str), sort=True).indices
    by_name = {str(fact): weight for fact, weight in weights.items()}
    for name, rows in groups.items():
        cuts = np.cumsum(by_name[name])
        own[rows] = np.searchsorted(cuts, rng.random(len(rows)) * cuts[-1], side="right")
    return np.minimum(own, len(next(iter(weights.values()))) - 1)


def _unfit(own: np.ndarray, *, items: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    """Find items drawn for a customer that wasn't one yet or any more, or has said enough."""
    days = items["day"].to_numpy()
    early = days < known["since"].to_numpy()[own]
    late = days > known["churned_at"].to_numpy()[own]  # nothing is later than no day
    times_before = pd.Series(own).groupby(own).cumcount().to_numpy()
    return np.flatnonzero(early | late | (times_before >= MOST_ITEMS))
