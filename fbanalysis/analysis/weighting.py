"""Weights that bring those heard to the declared make-up of the target population, and what they do to a mean.

Nobody was drawn by chance: weights mend who is heard too often, not who chose to speak. Without base weights.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from fbanalysis.analysis.intervals import LEVEL
from fbanalysis.analysis.significance import ALPHA, HIGHER, LOWER, MINIMUM_BASE, adjust, verdicts
from fbanalysis.errors import DataError, listed
from fbanalysis.schema import TABLES

#: What is cut: a weight of more than this many times the mean weight of its side.
CAP = 5.0
#: When raking stops: no share further than this from its margin, in percentage points.
TOLERANCE = 1e-6
_MOST_ROUNDS, _MOST_CUTS = 500, 50
_SIDES = {"internal": "内部", "external": "外部"}

MARGINS = ["side", "variable", "level", "population"]
BALANCE = ["stratum", "side", "variable", "level", "n", "population", "percent", "population_percent",
           "weighted_percent", "deviation"]  # fmt: skip
ESTIMATES = ["stratum", "n", "value", "se", "low", "high", "deff", "effective_n"]
WEIGHTED_T = "加权均值的 t 检验"


# ---------------------------------------------------------------- weights


@dataclass(frozen=True)
class Weighting:
    """Weights of rows, and how well they reach the margins.

    Parameters
    ----------
    weights
        People that a row stands for, in the frame's index; NaN of rows outside the declared strata.
    balance
        A row a declared level: ``stratum`` ("内部·年龄段·30岁以下"), ``side``, ``variable``, ``level``, ``n``
        (rows), ``population``, ``percent`` (of the rows that name one), ``population_percent``,
        ``weighted_percent``, ``deviation`` (percentage points from the margin).
    rounds, is_converged
        How often all margins were gone through, and whether every share came within the tolerance.
    trimmed
        Rows whose weight stands at the cap.
    unheard
        Declared levels without a row, that were left out: nobody speaks for them.
    notes
        What readers need to know, in Chinese: levels that nobody speaks for, missing answers, trimmed weights.
    """

    weights: pd.Series
    balance: pd.DataFrame
    rounds: int
    is_converged: bool
    trimmed: int
    unheard: tuple[str, ...]
    notes: tuple[str, ...]
    cells: np.ndarray = field(repr=False)
    levels: np.ndarray = field(repr=False)

    @property
    def deviation(self) -> float:
        """The largest distance of a weighted share from its margin, in percentage points."""
        return float(self.balance["deviation"].abs().max()) if len(self.balance) else float("nan")

    @property
    def n(self) -> int:
        return int(self.weights.notna().sum())

    @property
    def deff(self) -> float:
        return design_effect(self.weights)

    @property
    def effective_n(self) -> float:
        return self.n / self.deff if self.n else 0.0

    @property
    def largest_ratio(self) -> float:
        """The largest weight over the mean weight."""
        return float(self.weights.max() / self.weights.mean())


def design_effect(weights: pd.Series) -> float:
    """Say how many times unequal weights widen the variance of a mean; 1 for equal ones, NaN for none.

    Notes
    -----
    n Σw² / (Σw)², one plus the squared coefficient of variation (L. Kish 1965, Survey Sampling, section 11.7; 1992,
    Journal of Official Statistics 8: 183–200). It holds for what the weights have nothing to do with; n / deff is
    the effective n. Missing weights don't count.

    Examples
    --------
    >>> design_effect(pd.Series([1.0, 1.0, 4.0]))
    1.5
    """
    known = weights.dropna().to_numpy(dtype=float)
    total = known.sum()
    return float(len(known) * (known**2).sum() / total**2) if total > 0 else float("nan")


def margins_of(population: pd.DataFrame, margins: pd.DataFrame | None = None) -> pd.DataFrame:
    """Put the strata of the population table and the declared margins into one table, strata first.

    Returns
    -------
    pandas.DataFrame
        ``side``, ``variable`` (stratum, then those declared), ``level``, ``population``; levels of no people left out.
    """
    strata = population.rename(columns={"stratum": "level"}).assign(variable="stratum")
    parts = [strata[MARGINS]] + ([] if margins is None or margins.empty else [margins[MARGINS]])
    table = pd.concat([part.astype({"population": "float64"}) for part in parts], ignore_index=True)
    return table[table["population"].gt(0)].reset_index(drop=True)


def rake(
    frame: pd.DataFrame,
    margins: pd.DataFrame,
    *,
    cap: float | None = CAP,
    empty: Literal["refuse", "leave_out"] = "refuse",
    tolerance: float = TOLERANCE,
) -> Weighting:
    """Weight rows so that every declared margin of every side comes out as in the target population.

    Parameters
    ----------
    frame
        ``side`` and the variables of the margins; as many rows as one likes.
    margins
        As `margins_of` gives them. One variable alone makes post-stratification, of one round.
    cap
        No weight above this many times (over 1) the mean weight of its side; None trims nothing.
    empty
        What becomes of a level of which there is no row: refused, or left out with a note; the others then
        stand for themselves only.
    tolerance
        In percentage points.

    Raises
    ------
    DataError
        Levels without a row (unless left out); names them with their people.

    Notes
    -----
    Iterative proportional fitting [1]_: the weights of a side begin equal (its people over its rows) and are
    multiplied, variable after variable, by target / weighted count of the level. Sides are raked by themselves;
    the first variable gives a side's people, the other margins count as shares. A missing answer, or one that
    no margin declares, is left alone by that variable, whose targets then hold among those who answered; whose
    stratum isn't declared lies outside the frame and has no weight. Trimming [2]_: weights beyond the cap are
    set to it, what they lose goes to the others of their side, and all is raked again, until both hold or 500
    rounds are done; what is then off shows in ``deviation``.
    Rows count in cells of equal answers, so that the work doesn't grow with them. No row gives no weights.

    .. [1] W. E. Deming, F. F. Stephan (1940), Annals of Mathematical Statistics 11: 427–444.
    .. [2] M. DeBell, J. A. Krosnick (2009), Computing Weights for American National Election Study Survey
       Data, ANES nes012427 (cap of 5, then raked again).

    Examples
    --------
    >>> heard = pd.DataFrame({"side": "internal", "stratum": ["甲", "甲", "甲", "乙"]})
    >>> people = pd.DataFrame({"side": "internal", "stratum": ["甲", "乙"], "population": [60, 40]})
    >>> rake(heard, margins_of(people)).weights.tolist()
    [20.0, 20.0, 20.0, 40.0]
    """
    coded = _coded(frame, margins)
    heard, unheard = _heard(coded, empty=empty)
    targets = _targets(heard)
    fit = _Fit.start(coded, heard, targets)
    limit = np.inf if cap is None else cap * fit.mean
    rounds = _raked(fit, limit=limit, tolerance=tolerance)
    weights = np.append(fit.weights, np.nan)[fit.cells]
    at_cap = np.append(fit.weights >= limit * (1 - 1e-6), False)[fit.cells]
    balance = _balance(fit, heard, targets)
    trimmed = int(at_cap.sum())
    return Weighting(
        weights=pd.Series(weights, index=frame.index, name="weight"),
        balance=balance,
        rounds=rounds,
        is_converged=bool(balance["deviation"].abs().le(tolerance).all()),
        trimmed=trimmed,
        unheard=unheard,
        notes=(
            *_unheard_notes(unheard),
            *_total_notes(heard),
            *_missing_notes(coded, fit.cells),
            *_trim_notes(trimmed, cap),
        ),
        cells=fit.cells,
        levels=fit.levels,
    )


@dataclass(frozen=True)
class _Coded:
    """Rows as codes: the place of each one's level in the table of margins, a column a variable; −1 for none."""

    margins: pd.DataFrame
    variables: list[str]
    codes: np.ndarray


def _coded(frame: pd.DataFrame, margins: pd.DataFrame) -> _Coded:
    """Code the rows; whose stratum isn't declared, or who names no declared level at all, has −1 throughout."""
    margins = margins[MARGINS].reset_index(drop=True)
    variables = [name for name in dict.fromkeys(margins["variable"]) if name in frame.columns]
    columns = [_codes_of(frame, margins, variable) for variable in variables]
    codes = np.column_stack(columns) if columns else np.empty((len(frame), 0), dtype=np.int64)
    if variables[:1] == ["stratum"]:
        codes[codes[:, 0] < 0] = -1
    return _Coded(margins, variables, codes)


def _codes_of(frame: pd.DataFrame, margins: pd.DataFrame, variable: str) -> np.ndarray:
    """Give each row's place in the table of margins for one variable."""
    declared = margins[margins["variable"].eq(variable)]
    sides, levels = pd.Index(declared["side"].unique()), pd.Index(declared["level"].unique())
    place = np.full((len(sides) + 1, len(levels) + 1), -1)
    place[sides.get_indexer(declared["side"]), levels.get_indexer(declared["level"])] = declared.index
    return place[_positions(frame["side"], sides), _positions(frame[variable], levels)]


def _positions(column: pd.Series, names: pd.Index) -> np.ndarray:
    """Give the position of each value among names, −1 for others and missing ones; each value is looked up once."""
    codes, values = pd.factorize(column)
    return np.append(names.get_indexer(pd.Index(values)), -1)[codes]


def _heard(coded: _Coded, *, empty: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count the rows of every declared level, and drop the levels of none."""
    table = coded.margins.assign(n=_count(coded.codes, size=len(coded.margins)))
    lacking = table[table["n"].eq(0)]
    if empty == "refuse" and len(lacking):
        cases = [
            f"{_SIDES.get(row.side, row.side)}·{_said(row.variable)}·{row.level}（{row.population:.0f} 人）"
            for row in lacking.itertuples()
        ]
        raise DataError(
            f"总体构成里的这些取值没有一条反馈，无法按它们加权：{listed(cases)}。"
            '请核对取值的写法，把它们并入相邻的取值，或用 empty="leave_out" 略去'
        )
    return table[table["n"].gt(0)], tuple(dict.fromkeys(lacking["level"]))


def _count(codes: np.ndarray, *, size: int) -> np.ndarray:
    known = codes[codes >= 0]
    return np.bincount(known, minlength=size)


def _targets(heard: pd.DataFrame) -> pd.Series:
    """Give every level its share of its side (0–1), and the side's people by the first variable it has."""
    return heard["population"] / heard.groupby(["side", "variable"])["population"].transform("sum")


@dataclass
class _Fit:
    """Cells of rows that answered alike, and their weights while they are raked.

    ``levels`` has a row a cell and a column a variable: the place of the cell's level, −1 for none.
    """

    cells: np.ndarray
    levels: np.ndarray
    counts: np.ndarray
    sides: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    targets: np.ndarray

    @classmethod
    def start(cls, coded: _Coded, heard: pd.DataFrame, targets: pd.Series) -> "_Fit":
        """Gather the rows into cells, each at its side's people over its side's rows."""
        is_inside = (coded.codes >= 0).any(axis=1)
        levels, cells = _cells_of(coded.codes[is_inside], size=len(coded.margins))
        counts = np.bincount(cells, minlength=len(levels)).astype(float)
        names = pd.Index(coded.margins["side"].unique())
        side_of_level = names.get_indexer(coded.margins["side"])
        sides = side_of_level[levels.max(axis=1)] if len(levels) else np.empty(0, dtype=np.int64)
        people = np.zeros(len(names))
        first = heard.groupby("side", sort=False)["variable"].transform("first")
        totals = heard[heard["variable"].eq(first)].groupby("side")["population"].sum()
        people[names.get_indexer(totals.index)] = totals
        rows = np.bincount(sides, counts, minlength=len(names))
        mean = (people / np.where(rows > 0, rows, 1))[sides]
        shares = np.zeros(len(coded.margins))
        shares[heard.index] = targets
        where = np.full(len(is_inside), len(levels))
        where[is_inside] = cells
        return cls(where, levels, counts, sides, mean.copy(), mean, shares)

    def sums(self, variable: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give a variable's level of every cell, the weighted rows of every level, and of all levels of its side."""
        level = self.levels[:, variable]
        known = level >= 0
        weighted = np.where(known, self.counts * self.weights, 0)
        have = np.bincount(level[known], weighted[known], minlength=len(self.targets))
        whole = np.bincount(self.sides, weighted, minlength=int(self.sides.max(initial=0)) + 1)
        return level, have, whole[self.sides]

    def off(self) -> float:
        """The largest distance of a weighted share from its target, in percentage points."""
        return max((self._off(variable) for variable in range(self.levels.shape[1])), default=0.0)

    def _off(self, variable: int) -> float:
        level, have, whole = self.sums(variable)
        known = level >= 0
        gap = have[level[known]] / whole[known] - self.targets[level[known]]
        return float(np.abs(100 * gap).max(initial=0))

    def turn(self) -> None:
        """Bring the variables to their margins, one after another."""
        for variable in range(self.levels.shape[1]):
            level, have, whole = self.sums(variable)
            known = level >= 0
            self.weights[known] *= (self.targets[level] * whole)[known] / have[level[known]]


def _cells_of(codes: np.ndarray, *, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the different rows of a table of codes, and which of them each row is."""
    key = np.zeros(len(codes), dtype=np.int64)
    for column in range(codes.shape[1]):
        key, _ = pd.factorize(key * (size + 1) + codes[:, column] + 1)
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return codes[first], key


def _raked(fit: _Fit, *, limit: np.ndarray | float, tolerance: float) -> int:
    """Rake until the margins hold; where weights then exceed the cap, cut them in every further round."""
    rounds = _fitted(fit, np.inf, tolerance=tolerance)
    if (fit.weights > limit * (1 + 1e-9)).any():
        _cut(fit, limit)
        rounds += _fitted(fit, limit, tolerance=tolerance)
    return rounds


def _fitted(fit: _Fit, limit: np.ndarray | float, *, tolerance: float) -> int:
    for done in range(1, _MOST_ROUNDS + 1):
        fit.turn()
        _cut(fit, limit)
        if fit.off() <= tolerance:
            return done
    return _MOST_ROUNDS


def _cut(fit: _Fit, limit: np.ndarray | float) -> None:
    """Set weights beyond the cap to it, and hand what they lose to the others of their side, in proportion."""
    sides = int(fit.sides.max(initial=0)) + 1
    for _ in range(_MOST_CUTS):
        is_over = fit.weights >= limit
        if not (fit.weights > limit * (1 + 1e-9)).any():
            return
        excess = np.bincount(
            fit.sides, fit.counts * np.where(is_over, fit.weights - limit, 0), minlength=sides
        )
        below = np.bincount(fit.sides, fit.counts * np.where(is_over, 0, fit.weights), minlength=sides)
        share = np.where(below > 0, excess / np.where(below > 0, below, 1), 0)
        fit.weights[:] = np.where(is_over, limit, fit.weights * (1 + share[fit.sides]))


def _balance(fit: _Fit, heard: pd.DataFrame, targets: pd.Series) -> pd.DataFrame:
    """Say of every level what it is in the rows, in the population and in the weighted rows."""
    weighted = np.zeros(len(fit.targets))
    for variable in range(fit.levels.shape[1]):
        weighted += fit.sums(variable)[1]
    table = heard.assign(weighted=weighted[heard.index], population_percent=100 * targets)
    whole = table.groupby(["side", "variable"])[["n", "weighted"]].transform("sum")
    percent, shown = 100 * table["n"] / whole["n"], 100 * table["weighted"] / whole["weighted"]
    name = table["side"].replace(_SIDES) + "·" + table["variable"].map(_said) + "·" + table["level"]
    table = table.assign(stratum=name, percent=percent, weighted_percent=shown)
    return table.assign(deviation=shown - table["population_percent"])[BALANCE].reset_index(drop=True)


def _unheard_notes(unheard: tuple[str, ...]) -> Iterator[str]:
    if unheard:
        yield f"没有反馈、因而不代表：{listed(unheard)}"


def _total_notes(heard: pd.DataFrame) -> Iterator[str]:
    """Say where a margin's people differ by more than a hundredth from those of its side's first margin."""
    totals = heard.groupby(["side", "variable"], sort=False)["population"].sum().reset_index()
    first = totals.groupby("side")["population"].transform("first")
    for row in totals[(totals["population"] / first - 1).abs().gt(0.01)].itertuples():
        yield f"{_SIDES.get(row.side, row.side)}的{_said(row.variable)}合计与人群表不同，只按份额使用"


def _missing_notes(coded: _Coded, cells: np.ndarray) -> Iterator[str]:
    """Say how many rows inside the frame answered nothing, or nothing declared, to a variable."""
    is_inside = (coded.codes >= 0).any(axis=1)
    for variable, column in zip(coded.variables, coded.codes.T, strict=True):
        if missing := int((is_inside & (column < 0)).sum()):
            yield f"{_said(variable)}未填写的 {missing} 条不受这一项的调整"
    if outside := int((~is_inside).sum()):
        yield f"不在人群表里的 {outside} 条没有权重"


def _said(variable: str) -> str:
    """Name a variable for readers, as the data dictionary does."""
    known = TABLES["feedback"].columns.get(variable)
    return known.description if known else variable


def _trim_notes(trimmed: int, cap: float | None) -> Iterator[str]:
    if trimmed:
        yield f"{trimmed} 条的权重截在平均权重的 {cap:g} 倍"


# ---------------------------------------------------------------- estimates


def weighted_mean(
    values: pd.Series, weighting: Weighting, *, cluster: pd.Series | None = None, stratum: str = "all"
) -> pd.DataFrame:
    """Give the weighted mean with its linearised standard error; of a yes-or-no column, the weighted share.

    Parameters
    ----------
    values
        In the order of the weighting's rows; missing ones, and rows without a weight, are left out.
    cluster
        Who gave a row: rows of one person don't count as independent.

    Returns
    -------
    pandas.DataFrame
        One row of `ESTIMATES`: ``stratum``, ``n``, ``value``, ``se``, ``low``, ``high``, ``deff`` (Kish),
        ``effective_n``; no row without a value.

    Notes
    -----
    Σwy / Σw. Taylor linearisation for calibrated weights [1]_: with e the residual of y on the levels of the
    margins and z = w e / Σw, variance k / (k − 1) · Σ(z − z̄)² over the k persons, interval ± t(k − 1). No finite
    population correction: it speaks of how people like these would answer, not of those alone who are counted.
    It takes those heard in a cell for a random part of it: what opt-in feedback can't promise. One row has no
    standard error.

    .. [1] J.-C. Deville, C.-E. Särndal (1992), JASA 87: 376–382.
    """
    known = values.notna().to_numpy() & weighting.weights.notna().to_numpy()
    if not known.any():
        return pd.DataFrame(columns=ESTIMATES)
    y = values.to_numpy(dtype=float, na_value=np.nan)[known]
    w, mean, z = _linearised(y, weighting, known)
    se, k = _standard_error(z, None if cluster is None else cluster[known])
    return _estimate(stratum, n=len(y), mean=mean, se=se, df=k - 1, deff=design_effect(pd.Series(w)))


def _linearised(
    y: np.ndarray, weighting: Weighting, known: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Give the rows' weights, the weighted mean, and each row's part in its error."""
    w = weighting.weights.to_numpy()[known]
    mean = float((w * y).sum() / w.sum())
    return w, mean, w * _residuals(y, weighting.cells[known], weighting.levels) / w.sum()


def _residuals(y: np.ndarray, cells: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Take from y what the levels of the margins explain: least squares, of the cells' counts and sums."""
    width = int(levels.max(initial=-1)) + 1
    design = np.zeros((len(levels), width))
    for column in levels.T:
        design[np.flatnonzero(column >= 0), column[column >= 0]] = 1
    counts = np.bincount(cells, minlength=len(levels))
    sums = np.bincount(cells, y, minlength=len(levels))
    slopes = np.linalg.pinv(design.T @ (design * counts[:, None])) @ (design.T @ sums)
    return y - (design @ slopes)[cells]


def _standard_error(z: np.ndarray, cluster: pd.Series | None) -> tuple[float, int]:
    """Give the standard error of a sum of parts, and of how many persons it is made."""
    if cluster is not None:
        z = np.bincount(pd.factorize(cluster)[0], z)
    k = len(z)
    return (float(np.sqrt(k / (k - 1) * ((z - z.mean()) ** 2).sum())) if k > 1 else float("nan")), k


def _estimate(stratum: str, *, n: int, mean: float, se: float, df: float, deff: float) -> pd.DataFrame:
    half = stdtrit(max(df, 1), (1 + LEVEL) / 2) * se
    row = [stratum, n, mean, se, mean - half, mean + half, deff, n / deff]
    return pd.DataFrame([row], columns=ESTIMATES)


def compare_weightings(
    values: pd.Series,
    weightings: Mapping[str, Weighting],
    *,
    cluster: pd.Series | None = None,
    unweighted: str = "不加权",
) -> pd.DataFrame:
    """Put the unweighted mean and the weighted ones below each other.

    Parameters
    ----------
    weightings
        What they are weighted by (in Chinese) → the weights, all of the rows of ``values``.

    Returns
    -------
    pandas.DataFrame
        `ESTIMATES`, the unweighted mean first (design effect 1); no rows without a value.
    """
    known = values.notna()
    if not known.any():
        return pd.DataFrame(columns=ESTIMATES)
    y = values[known].to_numpy(dtype=float)
    se, k = _standard_error((y - y.mean()) / len(y), None if cluster is None else cluster[known])
    plain = _estimate(unweighted, n=len(y), mean=float(y.mean()), se=se, df=k - 1, deff=1.0)
    others = (weighted_mean(values, one, cluster=cluster, stratum=name) for name, one in weightings.items())
    return pd.concat([plain, *others], ignore_index=True)


def weighting_shift(
    values: pd.Series,
    weightings: Mapping[str, Weighting],
    *,
    cluster: pd.Series | None = None,
    alpha: float = ALPHA,
    minimum_base: int = MINIMUM_BASE,
) -> pd.DataFrame:
    """Test what weighting does to a mean: weighted minus unweighted, over the rows that have a weight.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``n``, ``value``, ``low``, ``high``, ``test``, ``statistic`` (t), ``df``, ``p_raw``, ``p``
        (Holm over the weightings), ``effect`` (over the standard deviation of the values), ``verdict`` (较高, 较低, …).

    Notes
    -----
    Both means are of the same people, so that their difference is linearised as one: z = w e / Σw − (y − ȳ) / n, its
    variance as in `weighted_mean`. Weights that change nothing have no test and are 没有差异. That weights change
    a mean tells that who answers and how they answer go together (W. H. DuMouchel, G. J. Duncan 1983, JASA 78:
    535–543); that they don't, that those margins matter little, not that nothing else does.
    """
    rows = [_shift(name, values, one, cluster=cluster) for name, one in weightings.items()]
    columns = ["stratum", "n", "value", "low", "high", "test", "statistic", "df", "p_raw", "effect"]
    table = pd.DataFrame(rows, columns=columns)
    p = adjust(table["p_raw"].to_numpy(dtype=float))
    verdict = verdicts(
        table["value"], p, table["n"], alpha=alpha, minimum_base=minimum_base, words=(HIGHER, LOWER)
    )
    return table.assign(p=p, verdict=verdict)[[*columns[:9], "p", "effect", "verdict"]]


def _shift(name: str, values: pd.Series, weighting: Weighting, *, cluster: pd.Series | None) -> list[object]:
    known = values.notna().to_numpy() & weighting.weights.notna().to_numpy()
    y = values.to_numpy(dtype=float, na_value=np.nan)[known]
    if len(y) < 2:
        return [name, len(y), np.nan, np.nan, np.nan, WEIGHTED_T, np.nan, np.nan, np.nan, np.nan]
    _, mean, z = _linearised(y, weighting, known)
    value = _whole_zero(mean - y.mean())
    se, k = _standard_error(z - (y - y.mean()) / len(y), None if cluster is None else cluster[known])
    t = value / se if se > 0 and value else np.nan
    half, sd = stdtrit(max(k - 1, 1), (1 + LEVEL) / 2) * se, y.std(ddof=1)
    p, effect = 2 * stdtr(k - 1, -abs(t)), value / sd if sd > 0 else np.nan
    return [name, len(y), value, value - half, value + half, WEIGHTED_T, t, k - 1, p, effect]


def _whole_zero(value: float) -> float:
    """Take a difference that only the order of summing makes for none."""
    return float(value) if abs(value) > 1e-12 else 0.0


def stratified_mean(cells: pd.DataFrame) -> pd.DataFrame:
    """Give the mean and the total of a finite population from its strata.

    Parameters
    ----------
    cells
        A row a stratum: ``n``, ``mean``, ``sd``, ``population``; those without a score or people are left out.

    Returns
    -------
    pandas.DataFrame
        One row: `ESTIMATES` (``deff`` against a simple random sample of as many), ``total``, ``total_se``; no row
        without a stratum.

    Notes
    -----
    Σ W_h ȳ_h with W_h = N_h/N and variance Σ W_h² (1 − n_h/N_h) s_h²/n_h [1]_. The finite population
    correction shrinks the interval to none where all of a stratum were heard: it speaks of those counted alone,
    and needs those heard to be a random part of each stratum. The design effect divides by
    (1 − n/N) s²/n with s² estimated from the weighted scores [2]_. A stratum with one score has no s_h and adds none.

    .. [1] W. G. Cochran (1977), Sampling Techniques, eq. 5.1 and 5.7.
    .. [2] L. Kish (1965), Survey Sampling, section 8.2; as R's survey package has it.
    """
    known = cells[cells["n"].gt(0) & cells["population"].gt(0)].astype(
        dict.fromkeys(["n", "mean", "sd", "population"], "float64")
    )
    if known.empty:
        return pd.DataFrame(columns=[*ESTIMATES, "total", "total_se"])
    n, size, sd = known["n"], known["population"], known["sd"].fillna(0)
    share = size / size.sum()
    mean = float((share * known["mean"]).sum())
    variance = float((share**2 * (1 - n / size).clip(lower=0) * sd**2 / n).sum())
    spread = (
        (share * ((n - 1) / n * sd**2 + (known["mean"] - mean) ** 2)).sum() * n.sum() / max(n.sum() - 1, 1)
    )
    simple = spread / n.sum() * (1 - n.sum() / size.sum())
    se, deff = float(np.sqrt(variance)), float(variance / simple) if simple > 0 else float("nan")
    row = _estimate("all", n=int(n.sum()), mean=mean, se=se, df=float(max(n.sum() - len(n), 1)), deff=deff)
    return row.assign(total=mean * size.sum(), total_se=se * size.sum())


def score_cells(feedback: pd.DataFrame, population: pd.DataFrame, *, score: str) -> pd.DataFrame:
    """Sum up a score by stratum of the population table: ``side``, ``stratum``, ``n``, ``mean``, ``sd``, ``population``."""
    scores = feedback.dropna(subset=[score]).groupby(["side", "stratum"])[score]
    cells = scores.agg(n="size", mean="mean", sd="std").reset_index()
    return cells.merge(population[["side", "stratum", "population"]], on=["side", "stratum"])
