"""Draw the tickets of one year as they come in: who asks what, when and where. Nobody has touched them yet.

Counts are exact because labels are dealt: tickets by quarter, complaints by month, distinct customers by
problem. Moments are seconds since the first of January. How tickets are handled is in ``handling``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.sample.dealing import apportion
from fbanalysis.sample.draws import chosen, dealt, drawn, drawn_by_group
from fbanalysis.sample.records import COMPLAINTS, RESPONSE_QUARTERS
from fbanalysis.sample.service.causes import OTHER, PROBLEM_OF, PROBLEMS, STABILITY, SYNC
from fbanalysis.sample.service.workdays import DAY, Calendar

#: Kinds of tickets that are no complaints.
OTHER_KINDS = {"咨询": 0.52, "故障": 0.30, "需求": 0.18}
KINDS = ("咨询", "投诉", "故障", "需求")
PRIORITIES: Mapping[str, Mapping[str, float]] = {
    "故障": {"P0": 0.08, "P1": 0.40, "P2": 0.40, "P3": 0.12},
    "投诉": {"P0": 0.01, "P1": 0.21, "P2": 0.55, "P3": 0.23},
    "咨询": {"P0": 0.00, "P1": 0.03, "P2": 0.27, "P3": 0.70},
    "需求": {"P0": 0.00, "P1": 0.02, "P2": 0.38, "P3": 0.60},
}
CHANNELS = {"电话热线": 0.34, "在线客服": 0.30, "线上表单": 0.20, "邮件": 0.11, "移动端": 0.05}
CHANNEL_OF = {
    "客户服务热线": "电话热线",
    "在线问卷调查": "线上表单",
    "社交媒体监测": "社交媒体",
    "面对面深度访谈": "客户经理转交",
    "焦点小组讨论": "客户经理转交",
}
#: Share of problem reports on other departments that become tickets; on 技术支持部 all do.
LINKED_SHARE = 0.5
SUPPORT = "技术支持部"
SUPPORT_COMPLAINTS = 0.4
#: Tickets of the last three days that nobody has answered yet, on top of the answered ones.
OPEN = {2022: 18, 2023: 25}
REPEATS = {2022: 59, 2023: 36}
REPEAT_DAYS = 30
#: Complaints about data synchronisation: 15 % more, since the measure against it isn't done.
SYNC_COMPLAINTS = {2022: 80, 2023: 92}

WEEKDAYS = (1.25, 1.10, 1.0, 1.0, 0.90, 0.35, 0.27)
HOLIDAY_WEIGHT = 0.27
BURST = (pd.Timestamp("2023-05-15"), pd.Timestamp("2023-05-19"))
BURST_FACTOR = 6.0
BURST_SYNC = 0.8
#: Until when the incident's tickets come in, and the share of them that is of customers who lost service.
BURST_END = pd.Timestamp("2023-05-23")
BURST_AFFECTED = 0.85
#: Further faults and questions of customers with a stability problem, relative to these customers.
AGAIN_SHARE = 0.05
AGAIN = "again"
#: Strata that don't use the product: they ask, but nothing breaks for them.
WITHOUT_USE = ("潜在客户", "供应商")

PEAK_HOURS = (9, 10, 14, 15)
#: Share of tickets created in peak hours: 2.2 times as often for stability problems.
PEAK_SHARE = 0.30
PEAK_FACTOR = 2.2
CALM_HOURS = {7: 6, 8: 10, 11: 10, 12: 9, 13: 10, 16: 10, 17: 10, 18: 9, 19: 8, 20: 7, 21: 5, 22: 3}
MOBILE_SHARES = {True: 0.60, False: 0.30}
OTHER_PLATFORMS = {"网页端": 0.65, "客户端": 0.35}
WITH_PLATFORM = ("产品质量", "服务体验")
REPORTED_SHARE = 0.25
STRATUM_WEIGHTS = {"核心客户": 1.6, "普通客户": 1.3, "潜在客户": 0.7, "合作伙伴": 0.8, "供应商": 0.5}


def draw_rows(
    year: int,
    *,
    items: pd.DataFrame,
    customers: pd.DataFrame,
    days: Calendar,
    rng: np.random.Generator,
    scale: float,
) -> pd.DataFrame:
    """Draw the tickets in the order of creation, as they stand before anybody has touched them."""
    linked = _linked(items, days=days, rng=rng)
    fresh = _fresh(year, linked=linked, days=days, rng=rng, scale=scale)
    rows = pd.concat([linked, fresh], ignore_index=True)
    rows = _with_problems(rows, year=year, rng=rng, scale=scale)
    rows = _with_customers(rows, customers=customers, days=days, rng=rng)
    rows = _repeated(rows, rng=rng)
    rows = _with_places(rows, rng=rng)
    rows["created"] += np.where(rows["respondent_id"].isna(), _clock(rows, rng=rng), 0)
    return rows.sort_values("created", kind="stable", ignore_index=True)


# ------------------------------------------------------------------ who asks, and on what day


def _linked(items: pd.DataFrame, *, days: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """Make tickets of problem reports: of all about 技术支持部, of half of the others."""
    problems = items[items["kind"] == "问题反映"].reset_index(drop=True)
    is_support = (problems["department"] == SUPPORT).to_numpy()
    problems = problems[is_support | (rng.random(len(problems)) < LINKED_SHARE)].reset_index(drop=True)
    seconds = (problems["submitted_at"] - days.start).dt.total_seconds().to_numpy().astype(np.int64)
    year_end = (pd.Timestamp(f"{days.start.year + 1}-01-01") - days.start).days * DAY - 1
    delay = 120 + np.minimum(-5400 * np.log(1 - rng.random(len(problems))), 20 * 3600).astype(np.int64)
    rows = pd.DataFrame(
        {
            "created": np.minimum(seconds + delay, year_end),
            "respondent_id": problems["respondent_id"].astype(object),
            "side": problems["side"].astype(object),
            "region": _filled(problems, "region"),
            "platform": _filled(problems, "platform"),
            "customer_id": _filled(problems, "customer_id"),
            "channel": problems["channel"].map(CHANNEL_OF).astype(object),
            "department": problems["department"].astype(object),
            "issue": problems["issue"].map(PROBLEM_OF).fillna(OTHER).astype(object),
            "is_support": problems["department"] == SUPPORT,
        }
    )
    kinds = _linked_kinds(rows, rng=rng)
    kinds[problems["stratum"].isin(WITHOUT_USE).to_numpy() & (kinds == "故障")] = "咨询"
    return rows.assign(kind=kinds, is_open=False, is_burst=False)


def _filled(items: pd.DataFrame, column: str) -> pd.Series:
    """Give a column of the items with nothing where it is empty or not there."""
    if column not in items:
        return pd.Series(None, index=items.index, dtype=object)
    values = items[column].astype(object)
    return values.where(values.notna() & (values != ""), None)


def _linked_kinds(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Call them complaints, questions or faults; employees don't complain, nobody does twice of one thing."""
    luck = rng.random(len(rows))
    outside = (rows["side"] == "external").to_numpy()
    is_product = rows["issue"].map(lambda issue: PROBLEMS[issue].topic == "产品质量").to_numpy()
    kinds = np.where(luck < SUPPORT_COMPLAINTS, "投诉", "咨询").astype(object)
    kinds[~rows["is_support"].to_numpy() & is_product & (luck > 0.6)] = "故障"
    again = rows["customer_id"].notna() & rows.duplicated(["customer_id", "issue"])
    kinds[(kinds == "投诉") & (~outside | again.to_numpy())] = "咨询"
    return kinds


def _fresh(
    year: int, *, linked: pd.DataFrame, days: Calendar, rng: np.random.Generator, scale: float
) -> pd.DataFrame:
    """Draw kind and day of the tickets that come of no feedback item, up to the planned counts."""
    dates = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    weights = _day_weights(dates, days=days)
    when = dates[linked["created"].to_numpy() // DAY]
    complained = (linked["kind"] == "投诉").to_numpy()
    months = _scaled(COMPLAINTS[year], scale=scale)
    quarters = _scaled([counts[-1] for counts in RESPONSE_QUARTERS[year]], scale=scale)
    parts = [_open_rows(round(OPEN[year] * scale), dates=dates, rng=rng)]
    for month in range(1, 13):
        count = max(months[month - 1] - (complained & (when.month == month)).sum(), 0)
        parts.append(_days_of("投诉", count, weights=weights * (dates.month == month), rng=rng))
    for quarter in range(1, 5):
        there = (~complained & (when.quarter == quarter)).sum()
        count = max(quarters[quarter - 1] - months[3 * quarter - 3 : 3 * quarter].sum() - there, 0)
        inside = weights * (dates.quarter == quarter)
        known = ((linked["kind"] == "故障").to_numpy() & (when.quarter == quarter)).sum()
        burst = _burst(count, known=known, weights=inside, dates=dates, rng=rng)
        parts.append(burst)
        kinds = apportion(list(OTHER_KINDS.values()), total=count - len(burst))
        parts += [
            _days_of(kind, size, weights=inside, rng=rng)
            for kind, size in zip(OTHER_KINDS, kinds, strict=True)
        ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(
        **dict.fromkeys(("respondent_id", "region", "platform", "customer_id", "department", "issue"), None),
        side="external",
        channel=drawn(CHANNELS, size=len(rows), rng=rng),
        is_support=False,
    )


def _scaled(counts: list[int] | tuple[int, ...], *, scale: float) -> np.ndarray:
    return apportion(counts, total=round(sum(counts) * scale))


def _day_weights(dates: pd.DatetimeIndex, *, days: Calendar) -> np.ndarray:
    usual = np.array(WEEKDAYS)[dates.day_of_week.to_numpy()]
    is_work = days.is_work[: len(dates)]
    made_up = np.where(is_work, np.maximum(usual, 0.9), np.minimum(usual, HOLIDAY_WEIGHT))
    return np.where((dates.day_of_week < 5) == is_work, usual, made_up)


def _days_of(kind: str, count: int, *, weights: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    drawn_days = np.searchsorted(np.cumsum(weights), rng.random(int(count)) * weights.sum(), side="right")
    return pd.DataFrame({"created": drawn_days * DAY, "kind": kind, "is_open": False, "is_burst": False})


def _open_rows(count: int, *, dates: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    weights = np.where(np.arange(len(dates)) >= len(dates) - 3, 1.0, 0.0)
    rows = _days_of("咨询", count, weights=weights, rng=rng)
    return rows.assign(kind=drawn(OTHER_KINDS, size=count, rng=rng), is_open=True)


def _burst(
    count: int, *, known: int, weights: np.ndarray, dates: pd.DatetimeIndex, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the faults of the incident's four days that come on top of the usual ones.

    ``count`` is of all fresh tickets but complaints in the quarter, ``known`` of faults already there.
    """
    inside = (dates >= BURST[0]) & (dates < BURST[1]) & (weights > 0)
    if not inside.any():
        return _days_of("故障", 0, weights=weights, rng=rng).assign(is_burst=True)
    work = weights[(weights > 0.5) & ~inside]
    extra = (BURST_FACTOR - 1) * work.mean() * inside.sum() / weights.sum()
    usual = OTHER_KINDS["故障"]
    size = max(round((usual * count + known) * extra / (1 + usual * extra)), 0)
    return _days_of("故障", size, weights=inside.astype(float), rng=rng).assign(is_burst=True)


# ------------------------------------------------------------------ problems and customers


def _with_problems(rows: pd.DataFrame, *, year: int, rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Deal problems to the tickets without one, in exact numbers, and say which of them come from inside."""
    rows = rows.assign(is_repeat=False, is_again=False)
    free = rows["issue"].isna().to_numpy(copy=True)
    complaint = (rows["kind"] == "投诉").to_numpy()
    late = rows["created"].to_numpy() > REPEAT_DAYS * DAY
    weights = (free & complaint & late).astype(float)
    again = chosen(weights, count=round(REPEATS[year] * scale), rng=rng)
    rows.loc[again, "is_repeat"] = True
    free[again] = False
    known = (complaint & (rows["issue"] == SYNC).to_numpy()).sum()
    sync = chosen(
        (free & complaint).astype(float), count=round(SYNC_COMPLAINTS[year] * scale) - known, rng=rng
    )
    burst = free & rows["is_burst"].to_numpy() & (rng.random(len(rows)) < BURST_SYNC)
    rows.loc[np.union1d(sync, np.flatnonzero(burst)), "issue"] = SYNC
    part = np.flatnonzero(free & rows["issue"].isna().to_numpy())
    counts = _problem_counts(rows, size=len(part), year=year, scale=scale)
    kinds = rows["kind"].iloc[part]
    leanings = {label: _leaning(kinds, label=label) for label in counts}
    labels = pd.Series(dealt(counts, weights=leanings, rng=rng)).str.split("|", expand=True)
    rows.loc[part, "issue"] = labels[0].to_numpy()
    rows.loc[part, "side"] = labels[1].replace(AGAIN, "external").to_numpy()
    rows.loc[part, "is_again"] = (labels[1] == AGAIN).to_numpy()
    return rows


def _problem_counts(rows: pd.DataFrame, *, size: int, year: int, scale: float) -> dict[str, int]:
    """Say how many fresh tickets each problem gets, labelled ``problem|side``.

    Inside ones come first, with the further tickets of customers who have a stability problem already.
    """
    inside, outside = {}, {}
    for name, problem in PROBLEMS.items():
        if problem.insiders:
            inside[f"{name}|internal"] = round(problem.insiders[year] * scale)
        if problem.customers:
            there = rows.loc[rows["issue"] == name, "customer_id"].nunique()
            outside[f"{name}|external"] = round(problem.customers[year] * scale) - there
    inside[f"{STABILITY}|{AGAIN}"] = round(AGAIN_SHARE * outside[f"{STABILITY}|external"])
    rest = size - sum(inside.values()) - sum(outside.values())
    if rest < 0:
        raise ValueError(f"{size} 张工单不够分给各问题，还缺 {-rest} 张")
    weights = {f"{name}|external": problem.weight for name, problem in PROBLEMS.items() if problem.weight}
    others = apportion(list(weights.values()), total=rest).tolist()
    counts = inside | dict(zip(weights, others, strict=True)) | outside
    # the largest problem comes last: it takes what the others leave over
    last = f"{STABILITY}|external"
    return {name: count for name, count in counts.items() if name != last} | {last: counts[last]}


def _leaning(kinds: pd.Series, *, label: str) -> np.ndarray:
    """Weight tickets by their kind; what does not fit is taken only when nothing else is left."""
    name, side = label.split("|")
    weights = dict(zip(KINDS, PROBLEMS[name].kinds, strict=True))
    if side == AGAIN:  # repeated complaints are counted elsewhere
        weights["投诉"] = 0.0
    return np.maximum(kinds.map(weights).to_numpy(dtype=float), 1e-9)


Fits = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Stays:
    """From when to when customers are there (seconds), and whether they use the product."""

    first: np.ndarray
    last: np.ndarray
    uses: np.ndarray

    def fits(self, rows: pd.DataFrame) -> Fits:
        """Make the test whether a ticket (by place in ``rows``) can be a customer's: in time, no fault unused."""
        when, is_fault = rows["created"].to_numpy(), (rows["kind"] == "故障").to_numpy()

        def fits(tickets: np.ndarray, owners: np.ndarray) -> np.ndarray:
            there = (when[tickets] > self.first[owners] + DAY) & (when[tickets] < self.last[owners] - DAY)
            return there & (self.uses[owners] | ~is_fault[tickets])

        return fits


def _stays(customers: pd.DataFrame, *, start: pd.Timestamp) -> Stays:
    return Stays(
        first=_seconds(customers["since"], start=start, missing=0),
        last=_seconds(customers["churned_at"], start=start, missing=400 * DAY),
        uses=~customers["stratum"].isin(WITHOUT_USE).to_numpy(),
    )


def _with_customers(
    rows: pd.DataFrame, *, customers: pd.DataFrame, days: Calendar, rng: np.random.Generator
) -> pd.DataFrame:
    """Give every fresh external ticket a customer: in his time, and few have a problem twice."""
    stays = _stays(customers, start=days.start)
    owner = pd.Index(customers["customer_id"]).get_indexer(rows["customer_id"].fillna(""))
    fresh = rows["respondent_id"].isna().to_numpy()
    needs = fresh & (rows["side"] == "external").to_numpy()
    weights = _customer_weights(customers, stays=stays)
    hit = customers["is_hit"].to_numpy(dtype=bool)
    burst = needs & _in_burst(rows, start=days.start)
    struck = _struck(burst, hit=hit, rng=rng)
    groups = [(SYNC, struck, hit.astype(float)), (SYNC, burst & ~struck, np.where(hit, 0.0, weights))]
    groups += [(name, needs & (rows["issue"] == name).to_numpy(), weights) for name in PROBLEMS]
    again = rows["is_again"].to_numpy(dtype=bool)
    for name, part, likely in groups:
        there = owner[(rows["issue"] == name).to_numpy() & (owner >= 0)]
        free = np.where(stays.uses, likely, 0.0) if PROBLEMS[name].topic == "产品质量" else likely.copy()
        free[there] = 0.0
        part = np.flatnonzero(part & (owner < 0) & ~again)
        owner[part] = _owners(free, size=len(part), fits=stays.fits(rows.iloc[part]), rng=rng)
    some = np.flatnonzero(again)
    mine = np.unique(owner[needs & (rows["issue"] == STABILITY).to_numpy() & (owner >= 0)])
    owner[some] = _old_owners(mine, size=len(some), fits=stays.fits(rows.iloc[some]), rng=rng)
    has_one = owner >= 0
    ids, regions = (customers[name].to_numpy(dtype=object)[owner] for name in ("customer_id", "region"))
    return rows.assign(
        customer_id=np.where(has_one, ids, rows["customer_id"]),
        region=np.where(has_one & fresh, regions, rows["region"]),
        until=np.where(has_one, stays.last[owner], 0.0),
    )


def _customer_weights(customers: pd.DataFrame, *, stays: Stays) -> np.ndarray:
    days = np.clip(stays.last, 0, 365 * DAY) - np.clip(stays.first, 0, 365 * DAY)
    weights = customers["stratum"].map(STRATUM_WEIGHTS).fillna(1.0).to_numpy(dtype=float)
    return np.where(days > 30 * DAY, weights, 0.0)


def _in_burst(rows: pd.DataFrame, *, start: pd.Timestamp) -> np.ndarray:
    """Say which tickets are about the incident: data synchronisation, in its days."""
    moment = start + pd.to_timedelta(rows["created"], unit="s")
    return ((rows["issue"] == SYNC) & (moment >= BURST[0]) & (moment < BURST_END)).to_numpy()


def _struck(burst: np.ndarray, *, hit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mark the tickets of the incident that go to customers who lost service."""
    marked = np.zeros(len(burst), dtype=bool)
    if hit.any():
        marked[chosen(burst.astype(float), count=round(BURST_AFFECTED * burst.sum()), rng=rng)] = True
    return marked


def _owners(weights: np.ndarray, *, size: int, fits: Fits, rng: np.random.Generator) -> np.ndarray:
    """Choose customers for the tickets of a problem, each once as long as there are enough."""
    if not size:
        return np.array([], dtype=int)
    pool = chosen(weights, count=size, rng=rng)
    rest = weights.copy()
    rest[pool] = 0.0
    pool = np.resize(rng.permutation(pool), size)
    return _in_time(pool, spare=np.flatnonzero(rest > 0), fits=fits, rng=rng)


def _old_owners(known: np.ndarray, *, size: int, fits: Fits, rng: np.random.Generator) -> np.ndarray:
    """Choose customers for further tickets of a problem they have already: a few come back several times."""
    few = rng.permutation(known)[: max(size // 2, 1)]
    pool = few[np.floor(len(few) * rng.random(size) ** 1.5).astype(int)]
    return _in_time(pool, spare=np.setdiff1d(known, few), fits=fits, rng=rng)


def _seconds(times: pd.Series, *, start: pd.Timestamp, missing: int) -> np.ndarray:
    return ((times - start) / pd.Timedelta(seconds=1)).fillna(missing).to_numpy(dtype=float)


def _in_time(pool: np.ndarray, *, spare: np.ndarray, fits: Fits, rng: np.random.Generator) -> np.ndarray:
    """Swap customers among tickets until each fits its ticket, or take a spare one."""
    pool = pool.copy()
    for _ in range(60):
        wrong = np.flatnonzero(~fits(np.arange(len(pool)), pool))
        others = rng.permutation(np.setdiff1d(np.arange(len(pool)), wrong))[: len(wrong)]
        if not len(others):
            break
        wrong = wrong[: len(others)]
        good = fits(wrong, pool[others]) & fits(others, pool[wrong])
        one, two = wrong[good], others[good]
        pool[one], pool[two] = pool[two], pool[one]
    for ticket in np.flatnonzero(~fits(np.arange(len(pool)), pool)):
        suited = spare[fits(np.full(len(spare), ticket), spare)]
        if len(suited):
            pool[ticket], spare = suited[0], spare[spare != suited[0]]
    return pool


def _repeated(rows: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Let the repeats be second complaints of a customer: same problem, within thirty days."""
    first = rows["customer_id"].notna() & (rows["kind"] == "投诉") & (rows["issue"] != SYNC)
    first &= ~rows.duplicated(["customer_id", "issue"], keep=False)
    earlier = np.flatnonzero(first.to_numpy() & ~rows["is_repeat"].to_numpy())
    earlier = earlier[np.argsort(rows["created"].to_numpy()[earlier], kind="stable")]
    moments = rows["created"].to_numpy()[earlier]
    until = rows["until"].to_numpy()[earlier]
    taken = np.zeros(len(earlier), dtype=bool)
    values = {name: rows[name].to_numpy(dtype=object).copy() for name in ("customer_id", "issue", "region")}
    for row in np.flatnonzero(rows["is_repeat"].to_numpy()):
        moment = rows["created"].to_numpy()[row]
        low, high = np.searchsorted(moments, [moment - (REPEAT_DAYS - 2) * DAY, moment - 2 * DAY])
        open_ones = low + np.flatnonzero(~taken[low:high] & (until[low:high] > moment + DAY))
        if len(open_ones):
            source = open_ones[int(rng.random() * len(open_ones))]
            taken[source] = True
            for column in values.values():
                column[row] = column[earlier[source]]
    return rows.assign(**values)


# ------------------------------------------------------------------ where, and at what hour


def _with_places(rows: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Add topic, departments, platform and priority."""
    rows = rows.assign(topic=rows["issue"].map({name: problem.topic for name, problem in PROBLEMS.items()}))
    handlers = {name: problem.handlers for name, problem in PROBLEMS.items()}
    own = drawn_by_group(rows["issue"], shares=handlers, rng=rng)
    rows["department"] = rows["department"].where(rows["respondent_id"].notna(), own)
    rows["reported_by"] = _reporters(rows, rng=rng)
    rows["platform"] = _platforms(rows, rng=rng)
    priority = drawn_by_group(rows["kind"], shares=PRIORITIES, rng=rng)
    calm = (rows["is_support"] | rows["is_open"]).to_numpy()
    routine = np.where((rows["kind"] == "投诉") & (rng.random(len(rows)) < 0.6), "P2", "P3")
    return rows.assign(priority=np.where(calm, routine, priority))


def _reporters(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Deal the departments that report a problem evenly to its internal tickets and some external ones."""
    named = (rows["side"] == "internal").to_numpy() | (rng.random(len(rows)) < REPORTED_SHARE)
    reporters = np.full(len(rows), None, dtype=object)
    for name, problem in PROBLEMS.items():
        part = np.flatnonzero(named & (rows["issue"] == name).to_numpy())
        reporters[part] = rng.permutation(np.resize(np.array(problem.reporters, dtype=object), len(part)))
    return reporters


def _platforms(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Deal the mobile app to exact shares of the tickets with a platform, stability problems or others."""
    platforms = rows["platform"].to_numpy(dtype=object).copy()
    fresh = rows["respondent_id"].isna().to_numpy() & rows["topic"].isin(WITH_PLATFORM).to_numpy()
    known = ~rows["platform"].isna().to_numpy()
    stability = (rows["issue"] == STABILITY).to_numpy()
    for is_its, share in MOBILE_SHARES.items():
        group = (stability == is_its) & (fresh | known)
        there = (group & known & (platforms == "移动端")).sum()
        part = group & fresh
        platforms[part] = drawn(OTHER_PLATFORMS, size=part.sum(), rng=rng)
        mobile = chosen(part.astype(float), count=max(round(share * group.sum()) - there, 0), rng=rng)
        platforms[mobile] = "移动端"
    return platforms


def _clock(rows: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """Draw the time of day of fresh tickets: exact shares of peak hours in all tickets."""
    fresh = rows["respondent_id"].isna().to_numpy()
    stability = (rows["issue"] == STABILITY).to_numpy()
    peak = ~fresh & np.isin(rows["created"].to_numpy() % DAY // 3600, PEAK_HOURS)
    calm = rng.choice(np.array(list(CALM_HOURS)), size=len(rows), p=_shares(CALM_HOURS))
    hours = np.where(peak, 0, calm)
    for group, factor in ((stability, PEAK_FACTOR), (~stability, 1.0)):
        count = round(PEAK_SHARE * factor * group.sum()) - (group & peak).sum()
        busy = chosen((group & fresh).astype(float), count=max(count, 0), rng=rng)
        hours[busy] = rng.choice(np.array(PEAK_HOURS), size=len(busy))
    return hours * 3600 + np.floor(rng.random(len(rows)) * 3600).astype(np.int64)


def _shares(weights: Mapping[int, float]) -> np.ndarray:
    values = np.array(list(weights.values()), dtype=float)
    return values / values.sum()
