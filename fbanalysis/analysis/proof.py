"""What a report rests on, counted from its own records: methods, tests, tables, and what an earlier draft printed.

It reads records as a table (`fbanalysis.report.ledger.Ledger.frame`); it makes no statistic of its own.
"""

import pandas as pd

from fbanalysis.analysis.significance import REPEATED

#: Verdicts of tests that found something, and of comparisons that could not be made.
FOUND = ("上升", "下降", "较高", "较低", "偏多", "偏少", "有差异")
UNTESTED = ("基数不足", "无法检验", "未检验")

#: How a printed figure stands against its record.
AGREES, DIFFERS, UNKNOWN = "相符", "不符", "账本里没有"


def count_methods(records: pd.DataFrame) -> pd.DataFrame:
    """Count the records that each method made.

    Parameters
    ----------
    records
        Columns ``method``, ``p``, ``verdict``.

    Returns
    -------
    DataFrame
        ``stratum`` (the method), ``records``, ``tests`` (records with a p value), ``found`` (tests whose
        verdict is a difference); most records first, then by name.

    Examples
    --------
    >>> frame = pd.DataFrame({"method": ["均值", "Welch"], "p": [None, 0.01], "verdict": ["", "上升"]})
    >>> count_methods(frame)[["stratum", "records", "tests", "found"]].to_numpy().tolist()
    [['Welch', 1, 1, 1], ['均值', 1, 0, 0]]
    """
    marked = records.assign(
        tests=records["p"].notna(), found=records["p"].notna() & records["verdict"].isin(FOUND), records=1
    )
    table = marked.groupby("method", as_index=False)[["records", "tests", "found"]].sum()
    order = table.sort_values(["records", "method"], ascending=[False, True], ignore_index=True)
    return order.rename(columns={"method": "stratum"}).astype({"tests": int, "found": int})


def count_tests(records: pd.DataFrame) -> pd.DataFrame:
    """List the methods that test, most tests first, with a last row ``合计``; empty without a test.

    Records of ``metric`` `REPEATED`, tables that list tests a second time, don't count.
    """
    if "metric" in records:
        records = records[~records["metric"].isin(REPEATED)]
    tests = (
        count_methods(records).query("tests > 0").sort_values(["tests", "stratum"], ascending=[False, True])
    )
    if tests.empty:
        return tests
    total = tests[["records", "tests", "found"]].sum()
    return pd.concat([tests, pd.DataFrame([{"stratum": "合计", **total}])], ignore_index=True)


def tables_read(records: pd.DataFrame) -> pd.DataFrame:
    """List the tables that the records were computed from, with their fingerprints.

    Parameters
    ----------
    records
        Column ``tables``: ``name:digest`` separated by blanks.

    Returns
    -------
    DataFrame
        ``stratum`` (the table), ``digest`` (first twelve hexadecimal digits of its SHA-256), ``records``.

    Examples
    --------
    >>> tables_read(pd.DataFrame({"tables": ["a:11 b:22", "a:11", ""]})).to_numpy().tolist()
    [['a', '11', 2], ['b', '22', 1]]
    """
    pairs = records["tables"].fillna("").str.split().explode().dropna()
    parts = pairs[pairs.str.contains(":")].str.split(":", n=1, expand=True).reindex(columns=[0, 1])
    counted = parts.value_counts(sort=False).rename("records").reset_index()
    return counted.set_axis(["stratum", "digest", "records"], axis=1).sort_values(
        "stratum", ignore_index=True
    )


def compare_published(published: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Hold every figure that an earlier draft printed against the record of its name.

    A figure agrees when the record, rounded to the decimals that were printed, is the printed value (half a
    unit of the last printed digit, both ways, since drafts round halves either way).

    Parameters
    ----------
    published
        Columns ``claim_id``, ``page``, ``statement``, ``metric``, ``stratum``, ``printed``, ``value``,
        ``decimals``; claims without a metric or a value are left out.
    records
        Columns ``metric``, ``stratum``, ``value``, ``printed``.

    Returns
    -------
    DataFrame
        The claims with ``recorded`` (the record as printed, or missing) and ``standing`` (相符, 不符, 账本里没有).
    """
    claims = published.dropna(subset=["metric", "value"])
    known = records[["metric", "stratum", "value", "printed"]].rename(
        columns={"value": "found", "printed": "recorded"}
    )
    joined = claims.merge(known, on=["metric", "stratum"], how="left")
    found = pd.to_numeric(joined["found"], errors="coerce")
    half = 0.5 * 10.0 ** -joined["decimals"].fillna(0).astype(float)
    agrees = (found - joined["value"].astype(float)).abs() <= half + 1e-9
    standing = agrees.map({True: AGREES, False: DIFFERS}).where(found.notna(), UNKNOWN)
    return joined.drop(columns="found").assign(standing=standing)
