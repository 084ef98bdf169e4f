"""Rows that were delivered twice, and matters sent twice: the first stays, later ones are told which it was."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
from rapidfuzz.fuzz import ratio

from fbanalysis.schema import DTYPES, TABLES

#: Below so many characters two texts may agree by chance ("很好", "没有意见").
SHORTEST = 8
#: A respondent with more items than this is no person but a shared account.
MOST_PER_PERSON = 100

_COLUMNS = TABLES["resubmissions"].columns
_NOTHING = pd.Timedelta(0)
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
        How long after the first item a repetition is looked for; 0 looks for none.
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
    negation or a number say different things, however alike they look. Items of one moment are answers of one
    sitting, and ids with several strata or more than `MOST_PER_PERSON` items are shared accounts: neither is
    compared. A matter first sent in the year before is not known here.
    """
    rows: list[tuple] = []
    staying: list[_Told] = []
    for item in _told(feedback) if days else []:
        if staying and (item.respondent, item.kind) != (staying[0].respondent, staying[0].kind):
            staying = []
        first, likeness = _most_alike(item, staying, days=days, similarity=similarity)
        if first is None:
            staying.append(item)
        else:
            pairs = (item.id, first.id, item.respondent, item.channel, first.channel)
            rows.append((*pairs, item.at, first.at, round(likeness, 1)))
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    found = found.astype({name: DTYPES[column.kind] for name, column in _COLUMNS.items()})
    return found.sort_values(["submitted_at", "feedback_id"], ignore_index=True)


@dataclass(frozen=True)
class _Told:
    """An item as it is compared: its letters, and how often each negation and number stands in it."""

    id: str
    respondent: str
    kind: str
    channel: str
    at: pd.Timestamp
    core: str
    signs: Counter[str]


def _told(feedback: pd.DataFrame) -> Iterator[_Told]:
    """Give the items that can be compared, person by person and kind by kind in the order of time."""
    cores = pd.Series(
        [_core(text) for text in feedback["comment"].astype("str").fillna("")], feedback.index, dtype="str"
    )
    told = feedback.assign(core=cores)[cores.str.len() >= SHORTEST]
    people = told.groupby("respondent_id")["stratum"].agg(["size", "nunique"])
    several = people.index[people["size"].between(2, MOST_PER_PERSON) & (people["nunique"] == 1)]
    told = told[told["respondent_id"].isin(several)]
    order = ["respondent_id", "kind", "submitted_at", "feedback_id"]
    told = told.sort_values(order, kind="stable")
    columns = ["feedback_id", "respondent_id", "kind", "channel", "submitted_at", "core"]
    for row in told[columns].itertuples(index=False, name=None):
        yield _Told(*row, Counter(_NEGATION.findall(row[-1])))


def _core(text: str) -> str:
    """Leave the letters and digits of a text, widths folded."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text)).lower()


def _most_alike(
    item: _Told, staying: Sequence[_Told], *, days: int, similarity: float
) -> tuple[_Told | None, float]:
    """Find the earlier item that says the same, and how alike it is (0–100)."""
    best, most = None, 0.0
    for first in staying:
        gap = item.at - first.at
        if gap <= _NOTHING or gap.days > days or first.signs != item.signs:
            continue
        likeness = ratio(first.core, item.core, score_cutoff=similarity)
        if likeness > most:
            best, most = first, likeness
    return best, most
