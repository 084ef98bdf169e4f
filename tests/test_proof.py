"""What a report rests on, counted from a few typed records."""

import pandas as pd

from fbanalysis.analysis.proof import compare_published, count_methods, count_tests, tables_read

RECORDS = pd.DataFrame(
    {
        "metric": ["mean", "change", "change", "share"],
        "stratum": ["all", "a", "b", "all"],
        "value": [4.0999, 0.2, 0.0, 12.5],
        "printed": ["4.1 分", "0.2 分", "0.0 分", "13%"],
        "method": ["均值", "Welch", "Welch", "份额"],
        "p": [None, 0.001, 0.7, None],
        "verdict": ["", "上升", "没有差异", ""],
        "tables": ["feedback:aa", "feedback:aa prior_year:bb", "feedback:aa", ""],
    }
)


def test_methods_are_counted_with_their_tests_and_findings() -> None:
    expected = pd.DataFrame(
        {"stratum": ["Welch", "份额", "均值"], "records": [2, 1, 1], "tests": [2, 0, 0], "found": [1, 0, 0]}
    )
    pd.testing.assert_frame_equal(count_methods(RECORDS), expected, check_dtype=False)


def test_tests_end_with_their_total_and_are_empty_without_one() -> None:
    made = count_tests(RECORDS)
    assert made["stratum"].tolist() == ["Welch", "合计"]
    assert made["tests"].tolist() == [2, 2]
    assert count_tests(RECORDS.assign(p=None)).empty


def test_tables_are_listed_once_with_their_fingerprint() -> None:
    assert tables_read(RECORDS).to_numpy().tolist() == [["feedback", "aa", 3], ["prior_year", "bb", 1]]
    assert tables_read(RECORDS.assign(tables="")).empty


def test_a_printed_figure_agrees_within_its_own_rounding() -> None:
    claims = pd.DataFrame(
        {
            "claim_id": ["1", "2", "3", "4", "5"],
            "page": [1, 1, 2, 2, 3],
            "statement": ["均分 4.1", "均分 4.2", "占 13%", "占 12%", "别的"],
            "metric": ["mean", "mean", "share", "share", "other"],
            "stratum": ["all"] * 5,
            "printed": ["4.1", "4.2", "13%", "12%", "7"],
            "value": [4.1, 4.2, 13, 12, 7],
            "decimals": [1, 1, 0, 0, 0],
        }
    )
    compared = compare_published(claims, RECORDS)
    assert compared["standing"].tolist() == ["相符", "不符", "相符", "相符", "账本里没有"]
    assert compared["recorded"].tolist()[:2] == ["4.1 分", "4.1 分"]
    assert compare_published(claims.assign(metric=None), RECORDS).empty
