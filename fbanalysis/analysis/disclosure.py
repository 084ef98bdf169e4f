"""What may be shown of small groups of people: whose estimates stay hidden, and whose name is not told.

It hides; it computes no statistic and changes no count.
"""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

#: Stands for the name of a group of so few people that it would tell who spoke.
UNNAMED = "不公开"


def suppress(
    frame: pd.DataFrame,
    *,
    below: int,
    base: str = "n",
    keep: Collection[str] = (),
    group: str | None = None,
    within: Sequence[str] = (),
    has_total: bool = True,
) -> pd.DataFrame:
    """Hide the estimates of groups of so few people that they would tell what one of them said.

    Parameters
    ----------
    below
        From how many people on a group's estimates are shown.
    base
        Column with the number of people behind a row.
    keep
        Columns of fractions that are no estimates, and stay.
    group
        Column that names the group, where a group has several rows; else each row is one.
    within
        Columns that name the whole which the groups make up, where the frame holds several wholes.
    has_total
        Whether the groups make up a whole that is printed too; rows of the whole itself must not be among them.

    Returns
    -------
    pandas.DataFrame
        The frame with its estimates (all columns of fractions but ``base`` and ``keep``) missing where 0 < base
        < below; counts and texts stay, but for ``n`` beside another ``base``: it counts an answer inside the group,
        and would give the share away.

    Notes
    -----
    A threshold rule, and complementary suppression behind it [1]_: total and shown groups give away by subtraction
    what the hidden ones are together. So they must be two groups at least and ``below`` people at least; until
    they are, the next smallest is hidden too (the first of equals). Groups whose estimates are all missing already count as hidden, so that a frame may be taken
    through several wholes one after another. It guards against what is printed together, not against somebody
    who knows the answers of others in the group.

    .. [1] A. Hundepool et al. (2012), Statistical Disclosure Control, Wiley: chapter 4 on magnitude tables
       (secondary cell suppression) and chapter 5 on frequency tables.

    Examples
    --------
    >>> scores = pd.DataFrame({"stratum": ["甲", "乙", "丙"], "n": [40, 9, 3], "mean": [4.1, 3.9, 2.0]})
    >>> suppress(scores, below=5)["mean"].tolist()
    [4.1, nan, nan]
    """
    estimates = [
        name
        for name in frame.columns
        if pd.api.types.is_float_dtype(frame[name]) and name not in {base, *keep}
    ]
    sizes = frame[base].fillna(0).astype("float64")
    is_small = sizes.gt(0) & sizes.lt(below)
    is_missing = frame[estimates].isna().all(axis=1) if estimates else False
    rows = pd.DataFrame({"size": sizes, "is_hidden": is_small | (sizes.gt(0) & is_missing)})
    rows["group"] = frame[group] if group else np.arange(len(frame))
    rows["whole"] = frame.groupby(list(within), dropna=False).ngroup() if within else 0
    is_hidden = _completed(rows, below=below) if has_total else rows["is_hidden"]
    parts = ["n"] if base != "n" and "n" in frame and is_hidden.any() else []
    return frame.assign(**{name: frame[name].mask(is_hidden) for name in [*estimates, *parts]})


def _completed(rows: pd.DataFrame, *, below: int) -> pd.Series:
    """Say of each row whether it is hidden, once what is hidden of a whole is of two groups and enough people."""
    groups = rows.groupby(["whole", "group"], sort=False, dropna=False)
    sizes = groups.agg(size=("size", "max"), is_hidden=("is_hidden", "any")).reset_index()
    hidden = sizes[sizes["is_hidden"]].groupby("whole")["size"].agg(["size", "sum"])
    others = sizes[~sizes["is_hidden"] & sizes["size"].gt(0) & sizes["whole"].isin(hidden.index)]
    others = others.sort_values("size", kind="stable")
    smaller = others.groupby("whole")["size"]
    count = others["whole"].map(hidden["size"]) + smaller.cumcount()
    people = others["whole"].map(hidden["sum"]) + smaller.cumsum() - others["size"]
    needed = others[count.lt(2) | people.lt(below)]
    return rows["is_hidden"] | groups.ngroup().isin(needed.index)


def without_small_names(names: pd.Series, *, below: int) -> pd.Series:
    """Replace the names of groups of fewer than ``below`` rows, for quotes that stand beside their group's name.

    Notes
    -----
    Whoever knows all groups finds the only one without a name by elimination: the rule of `suppress` holds for
    names too, and the next smallest loses its own.

    Examples
    --------
    >>> without_small_names(pd.Series(["客户"] * 3 + ["员工"] * 2 + ["厂长"]), below=2).tolist()
    ['客户', '客户', '客户', '不公开', '不公开', '不公开']
    """
    sizes = names.value_counts(sort=False).rename("n").rename_axis("name").reset_index()
    sizes = suppress(sizes.assign(is_named=1.0), below=below)
    return names.mask(names.isin(sizes.loc[sizes["is_named"].isna(), "name"]), UNNAMED)


def remark(frame: pd.DataFrame, value: str, *, base: str = "n") -> str:
    """Say what readers of a chart need to know where `suppress` left groups without a value; else nothing.

    Examples
    --------
    >>> remark(pd.DataFrame({"n": [3, 40], "mean": [None, 4.1]}), "mean")
    '；没有数值的组人数太少，不公开'
    """
    is_hidden = frame[value].isna() & frame[base].gt(0)
    return "；没有数值的组人数太少，不公开" if is_hidden.any() else ""
