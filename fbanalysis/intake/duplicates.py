"""Rows that were delivered twice: the first good one stays, later ones are told which it was."""

from collections.abc import Sequence

import pandas as pd


def first_of_repeats(frame: pd.DataFrame, *, key: Sequence[str], is_bad: pd.Series) -> pd.Series:
    """Give, for every row that repeats an earlier good row, the label of that row.

    Parameters
    ----------
    frame
        Rows with ascending labels.
    key
        The columns that tell one row from another; rows that lack one of them repeat nothing.
    is_bad
        Which rows are refused for another reason and so can't be the one that stays.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["a", "b", "a", "a"]})
    >>> first_of_repeats(frame, key=["id"], is_bad=pd.Series([True, False, False, False]))
    3    2
    Name: first, dtype: int64
    """
    keyed = frame[list(key)].dropna()
    again = keyed[keyed.duplicated(keep=False)]
    good = again[~is_bad[again.index]].drop_duplicates()
    found = again.assign(label=again.index).merge(good.assign(first=good.index), on=list(key))
    found = found[found["label"] > found["first"]].set_index("label")["first"]
    return found.rename_axis(None).sort_index()
