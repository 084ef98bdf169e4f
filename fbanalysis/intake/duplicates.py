"""Rows that were delivered twice, and matters sent twice: the first stays, later ones are told which it was."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from rapidfuzz.fuzz import ratio

from fbanalysis.schema import DTYPES, TABLES

#: Below so many characters two texts may agree by chance ("很好", "没有意见").
SHORTEST = 8
#: A respondent with more items than this is no person but a shared account.
MOST_PER_PERSON = 100

_COLUMNS = TABLES["resubmissions"].columns
_SIGNS = re.compile(r"[\W_]+")
_NEGATION = re.compile(r"[不没未无非别]|\d+")


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


def find_resubmissions(feedback: pd.DataFrame, *, days: int, similarity: float) -> pd.DataFrame:
    """Find items in which a person sends once more what was sent before, through whatever channel.

    Parameters
    ----------
    feedback
        Accepted items of all sources, unmasked; other items of a respondent than repeated ones stay.
    days
        How long after the first item a repetition is looked for.
    similarity
        From which similarity (0–100) two texts say the same.

    Returns
    -------
    pandas.DataFrame
        The table ``resubmissions``, in the order of submission; of a chain, the first item is named.

    Notes
    -----
    Compared are items of one respondent and one kind whose texts have `SHORTEST` characters or more, without
    signs and blanks, by rapidfuzz's ratio (2 × common subsequence / both lengths). Two texts that differ in a
    negation or a number say different things, however alike they look, unless one is wholly in the other.
    """
    cores = [_core(text) for text in feedback["comment"].astype("str").fillna("")]
    texts = pd.Series(cores, index=feedback.index, dtype="str")
    told = feedback.assign(core=texts)[texts.str.len() >= SHORTEST]
    counts = told["respondent_id"].map(told["respondent_id"].value_counts())
    several = told[counts.between(2, MOST_PER_PERSON)]
    several = several.sort_values(["respondent_id", "kind", "submitted_at", "feedback_id"], kind="stable")
    rows = [
        row
        for _, items in several.groupby(["respondent_id", "kind"], sort=False)
        if len(items) > 1
        for row in _repeated(items, days=days, similarity=similarity)
    ]
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    found = found.astype({name: DTYPES[column.kind] for name, column in _COLUMNS.items()})
    return found.sort_values(["submitted_at", "feedback_id"], ignore_index=True)


def _core(text: str) -> str:
    """Leave the letters and digits of a text, widths folded."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text)).lower()


def _repeated(items: pd.DataFrame, *, days: int, similarity: float) -> list[tuple]:
    """Compare one person's items, in order of time, with those that stay."""
    staying, rows = [], []
    for item in items.itertuples(index=False):
        matches = [
            (first, likeness)
            for first in staying
            if item.submitted_at - first.submitted_at <= pd.Timedelta(days=days)
            and (likeness := _likeness(first.core, item.core)) >= similarity
        ]
        if not matches:
            staying.append(item)
            continue
        first, likeness = max(matches, key=lambda match: match[1])
        pairs = ((item.feedback_id, first.feedback_id), (item.channel, first.channel))
        times = (item.submitted_at, first.submitted_at)
        rows.append((*pairs[0], item.respondent_id, *pairs[1], *times, round(likeness, 1)))
    return rows


def _likeness(one: str, other: str) -> float:
    """Similarity 0–100; 0 where a negation or a number differs and neither text is part of the other."""
    short, long = sorted((one, other), key=len)
    if short in long:
        return 100.0
    if Counter(_NEGATION.findall(one)) != Counter(_NEGATION.findall(other)):
        return 0.0
    return ratio(one, other)
