"""Wide tables of means, against pivot_table."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbanalysis.analysis.customers.wide import places_of, wide_means

_CELLS = st.tuples(
    st.sampled_from(["p", "q", "r", None]),
    st.sampled_from(["x", "y", "z", None]),
    st.sampled_from([1.0, 2.5, 4.0, None]),
)


@given(st.lists(_CELLS, min_size=1))
def test_it_is_a_pivot_table(cells):
    rows = pd.DataFrame(cells, columns=["who", "item", "score"]).astype(
        {"who": "str", "item": "str", "score": "float64"}
    )
    expected = rows.pivot_table(index="who", columns="item", values="score", aggfunc="mean")
    found = wide_means(rows, index="who", columns="item", value="score")
    assert set(found.columns) == set(expected.columns)
    for name in expected:
        np.testing.assert_allclose(found[name].reindex(expected.index), expected[name])


def test_names_stand_in_order_of_appearance():
    rows = pd.DataFrame({"who": ["b", "a", "b"], "item": ["y", "x", "x"], "score": [1, 2, 4]})
    found = wide_means(rows, index="who", columns="item", value="score")
    assert (found.index.tolist(), found.columns.tolist()) == (["b", "a"], ["y", "x"])
    assert found.loc["b"].tolist() == [1.0, 4.0]


@pytest.mark.parametrize("score", [[], [np.nan, np.nan]])
def test_nothing_known_gives_no_rows_and_no_columns(score):
    rows = pd.DataFrame({"who": ["a", "b"][: len(score)], "item": ["x", "x"][: len(score)], "score": score})
    assert wide_means(rows, index="who", columns="item", value="score").shape == (0, 0)


@pytest.mark.parametrize("kind", ["str", "object"])
def test_places_are_those_of_an_index(kind):
    values = pd.Series(["c", "a", None, "z", "a"], dtype=kind)
    names = pd.Index(["a", "b", "c"], dtype=kind)
    assert places_of(values, names).tolist() == names.get_indexer(values).tolist() == [2, 0, -1, -1, 0]
    assert places_of(values.iloc[:0], names).tolist() == []
    assert places_of(values, names[:0]).tolist() == [-1] * 5
