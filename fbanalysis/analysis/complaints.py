"""How often services end in a complaint, month by month and against last year.

Complaints that nobody registered are not seen here.
"""

import pandas as pd

from fbanalysis.analysis.intervals import percent_of, wilson_interval
from fbanalysis.analysis.significance import ALPHA, MINIMUM_BASE, two_proportions

#: The measures of table ``operations``.
COMPLAINTS, SERVED = "投诉量", "服务量"


def complaint_rates(
    operations: pd.DataFrame, *, complaints: str = COMPLAINTS, served: str = SERVED
) -> pd.DataFrame:
    """Give the complaints per hundred services of every month.

    Parameters
    ----------
    complaints, served
        The names of the two measures in table ``operations``; rows of grain ``month`` are used.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` ("2023-01"), ``month``, ``n`` (served), ``complaints``, ``percent``, ``low``, ``high``
        (Wilson); months for which both measures are known.

    Notes
    -----
    Treats each service as complained about or not. NaN where nothing was served; a month with more
    complaints than services has a percentage above 100 and no interval.
    """
    rows = operations.loc[operations["grain"].eq("month") & operations["measure"].isin([complaints, served])]
    wide = rows.pivot(index="period_start", columns="measure", values="value")
    wide = wide.reindex(columns=[served, complaints]).dropna().sort_index()
    n, count = wide[served].to_numpy(dtype=float), wide[complaints].to_numpy(dtype=float)
    low, high = wilson_interval(count, n)
    months = pd.Series(pd.DatetimeIndex(wide.index))
    return pd.DataFrame(
        {
            "stratum": months.dt.strftime("%Y-%m").astype("str"),
            "month": months,
            "n": n,
            "complaints": count,
            "percent": percent_of(count, n),
            "low": low,
            "high": high,
        }
    )


def total_complaint_rate(rates: pd.DataFrame) -> pd.DataFrame:
    """Give the complaint rate of all months together, as one row ``all`` with the columns of a share.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``base`` (served), ``percent``, ``low``, ``high`` (Wilson); no rows without a month.
    """
    count, n = rates["complaints"].sum(), rates["n"].sum()
    low, high = wilson_interval(count, n)
    whole = pd.DataFrame(
        [{"stratum": "all", "base": n, "percent": percent_of(count, n), "low": low, "high": high}]
    )
    return whole.astype({"percent": "float64", "low": "float64", "high": "float64"}).iloc[: int(n > 0)]


def compare_complaint_rates(
    rates: pd.DataFrame, prior_rates: pd.DataFrame, *, alpha: float = ALPHA, minimum_base: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Compare complaint rates with last year's: the year as a whole, then each month that both years have.

    Parameters
    ----------
    rates, prior_rates
        As `complaint_rates` gives them. The whole year is made of the months that both years have.

    Returns
    -------
    pandas.DataFrame
        ``stratum`` (all, "01" … "12"), ``n``, ``prior_n``, ``percent``, ``prior_percent``, ``value``
        (percentage points), ``low``, ``high`` (Newcombe), ``test``, ``statistic``, ``df``, ``p_raw``, ``p``
        (the year by itself; Holm over the months), ``effect`` (Cohen h), ``verdict``.
    """
    this, prior = (part.assign(stratum=part["month"].dt.strftime("%m")) for part in (rates, prior_rates))
    both = this.merge(prior, on="stratum", suffixes=("", "_prior")).sort_values("stratum", ignore_index=True)
    columns = ["complaints", "n", "complaints_prior", "n_prior"]
    whole = two_proportions(*both[columns].sum(), alpha=alpha, minimum_base=minimum_base)
    months = two_proportions(*(both[name] for name in columns), alpha=alpha, minimum_base=minimum_base)
    table = pd.concat([whole, months], ignore_index=True).assign(stratum=["all", *both["stratum"]])
    table = table.rename(columns={"other_n": "prior_n", "other_percent": "prior_percent"})
    return table[["stratum", *table.columns.drop("stratum")]]
