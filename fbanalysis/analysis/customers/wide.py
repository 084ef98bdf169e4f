"""Long tables put side by side by the codes of their texts: a row a person, a column an item."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def wide_means(rows: pd.DataFrame, *, index: str, columns: str, value: str) -> pd.DataFrame:
    """Average the values of each pair of index and column, both in order of appearance.

    Notes
    -----
    What `pivot_table` gives, in a fifth of its time: it sums cells by the codes of both names, and neither pairs nor
    sorts the texts. Rows and columns without any value are left out, and rows without a name; no rows give an empty
    table.

    Examples
    --------
    >>> long = pd.DataFrame({"who": ["b", "b", "a"], "item": ["y", "x", "y"], "score": [1, 2, 3]})
    >>> wide_means(long, index="who", columns="item", value="score").to_dict("list")
    {'y': [1.0, 3.0], 'x': [2.0, nan]}
    """
    row, names = pd.factorize(rows[index])
    column, heads = pd.factorize(rows[columns])
    values = rows[value].to_numpy(dtype=float, na_value=np.nan)
    is_known = (row >= 0) & (column >= 0) & ~np.isnan(values)
    cell, size = row[is_known] * len(heads) + column[is_known], len(names) * len(heads)
    count = np.bincount(cell, minlength=size).reshape(len(names), len(heads))
    total = np.bincount(cell, values[is_known], minlength=size).reshape(count.shape)
    has_rows, has_columns = count.any(axis=1), count.any(axis=0)
    cells = np.ix_(has_rows, has_columns)
    with np.errstate(invalid="ignore"):
        means = total[cells] / np.where(count[cells] > 0, count[cells], np.nan)
    return pd.DataFrame(
        means, index=pd.Index(names[has_rows], name=index), columns=pd.Index(heads[has_columns], name=columns)
    )


def places_of(values: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Give the place of each value among unique names, −1 where it isn't one of them or is missing.

    As `pandas.Index.get_indexer`, but Arrow's texts are not turned into Python's, which takes five times as long.

    Examples
    --------
    >>> places_of(pd.Series(["b", "x", None]), pd.Index(["a", "b"])).tolist()
    [1, -1, -1]
    """
    found = pc.index_in(
        pa.array(values, type=pa.large_string(), from_pandas=True),
        value_set=pa.array(names, type=pa.large_string(), from_pandas=True),
        skip_nulls=True,
    )
    return found.fill_null(-1).to_numpy(zero_copy_only=False)
