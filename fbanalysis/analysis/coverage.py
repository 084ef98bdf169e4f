"""Who was heard: coverage, participation, shares, monthly volume and representativeness.

It counts people and items; it reads no score and no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from fbanalysis.analysis.intervals import LEVEL, percent_of, wilson_interval
from fbanalysis.analysis.significance import (
    ALPHA, DIFFERENT, GOODNESS_OF_FIT, MINIMUM_BASE, residual_tests, sparse, two_proportions, verdicts,
)
from fbanalysis.errors import DataError, listed
from fbanalysis.schema import SIDES

_SHARES = ["stratum", "n", "base", "percent", "low", "high"]


# ---------------------------------------------------------------- people against the frame


def coverage_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Say which part of every stratum of the target population gave feedback at all.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n`` (distinct respondents), ``population``, ``percent``, ``low``,
        ``high``; rows ``all``, the sides, then the strata in the population table's order, also those that
        nobody answered from. Respondents of strata that the population table does not know don't count
        (`outside_frame` lists them).

    Raises
    ------
    DataError
        More respondents than people in a stratum.

    Notes
    -----
    percent = 100 · n / population, with the Wilson interval [1]_ of n cases in ``population`` trials:
    (p + z²/2N ± z √(p(1 − p)/N + z²/4N²)) / (1 + z²/N). Everybody in the finite population was either heard or
    not, so the share itself is exact and takes no finite-population correction, which would leave no width;
    the interval is that of the chance to be heard, from which other years differ too. People chose to answer:
    neither number says that those who did speak for those who did not. Whoever stands in two strata counts in
    both, and once in their sum. A population of zero gives NaN.

    .. [1] E. B. Wilson (1927), JASA 22: 209–212.
    """
    table = _people(feedback, population, size="population").astype({"population": "int64"})
    _refuse_too_many(table)
    return _with_shares(table, base="population")


def participation_by_stratum(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Say which part of those invited answered.

    Returns
    -------
    pandas.DataFrame
        ``stratum``, ``label``, ``side``, ``n`` (distinct respondents), ``invited``, ``percent``, ``low``,
        ``high``, in the order of `coverage_by_stratum`.

    Notes
    -----
    100 · n / invited with the Wilson interval; the response rate RR2 of AAPOR [1]_ if all invitations reached
    somebody. A stratum without invitations, or from which more people answered than were invited, has no rate:
    NaN. Such strata count neither in ``n`` nor in ``invited`` of their side and of all.

    .. [1] AAPOR (2023), Standard Definitions, 10th edition.
    """
    cells = _people(feedback, population, size="invited")
    invited = cells.loc[cells["label"].ne("") & cells["n"].le(cells["invited"]) & cells["invited"].gt(0)]
    rated = population.loc[_stratum_of(population).isin(invited["stratum"])]
    totals = _people(feedback, rated, size="invited")
    table = cells.set_index("stratum")
    totals = totals.loc[totals["label"].eq("")].set_index("stratum").reindex(table.index[table["label"].eq("")])
    table.loc[totals.index, "n"] = totals["n"].fillna(0).astype("int64")
    table.loc[totals.index, "invited"] = totals["invited"]
    return _labelled(_with_shares(table.reset_index(), base="invited"))


def outside_frame(feedback: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """List strata that feedback comes from and the population table does not know: ``stratum``, ``side``, ``n``."""
    outside = feedback.loc[~_stratum_of(feedback).isin(_stratum_of(population))]
    people = outside.assign(label=outside["stratum"], stratum=_stratum_of(outside))
    return people.groupby(["stratum", "side"])["respondent_id"].nunique().rename("n").reset_index()
