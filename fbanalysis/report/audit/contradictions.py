"""Searches what anybody's report says for contradictions of its own arithmetic; it needs no data."""

from collections.abc import Iterable, Iterator, Sequence

from fbanalysis.report.audit.claims.claims import Claims, Table
from fbanalysis.report.audit.claims.explaining import sift
from fbanalysis.report.audit.claims.facts import Stock
from fbanalysis.report.audit.claims.rosters import Roster, Rosters, as_series, gather_rosters
from fbanalysis.report.audit.claims.runs import Run, find_runs
from fbanalysis.report.audit.claims.series import Shelf, gather
from fbanalysis.report.audit.claims.tables import read_claims
from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.numbers import find_numbers
from fbanalysis.report.audit.reading import Document
from fbanalysis.report.audit.rules.attainment import find_attainment
from fbanalysis.report.audit.rules.averages import find_false_means, find_mean_rows
from fbanalysis.report.audit.rules.bases import find_base_conflicts
from fbanalysis.report.audit.rules.change import find_changes, find_false_comparisons
from fbanalysis.report.audit.rules.closed import find_miscounted_lines, find_named_counts, find_open_shares
from fbanalysis.report.audit.rules.columns import find_broken_rows
from fbanalysis.report.audit.rules.counts import find_false_counts, find_false_successes
from fbanalysis.report.audit.rules.dates import find_date_faults, find_impossible_days
from fbanalysis.report.audit.rules.gaps import find_false_scores, find_gaps
from fbanalysis.report.audit.rules.goals import find_false_verdicts
from fbanalysis.report.audit.rules.lists import find_miscounts, find_missing_marks
from fbanalysis.report.audit.rules.operands import drop_explained, find_unsupported
from fbanalysis.report.audit.rules.order import (
    find_disorder,
    find_false_alls,
    find_loose_words,
)
from fbanalysis.report.audit.rules.ranks import find_false_places, find_rank_disorder
from fbanalysis.report.audit.rules.repeat import find_repeats
from fbanalysis.report.audit.rules.same import find_unlike_values
from fbanalysis.report.audit.rules.shares import find_multiple_answers, find_share_sums
from fbanalysis.report.audit.rules.sums import (
    find_rates,
    find_shares_of_counts,
    find_shares_of_named_bases,
    find_sums,
)
from fbanalysis.report.audit.rules.tables import NEAR, explained_pages, find_table_faults
from fbanalysis.report.audit.rules.tallies import find_false_tallies
from fbanalysis.report.audit.rules.typos import find_typos
from fbanalysis.report.audit.rules.wholes import find_false_wholes

_BY_SENTENCE = (
    find_changes,
    find_false_comparisons,
    find_attainment,
    find_rates,
    find_shares_of_counts,
    find_shares_of_named_bases,
    find_miscounts,
    find_false_scores,
    find_open_shares,
    find_named_counts,
    find_false_counts,
)
_BY_SERIES = (find_gaps, find_false_means)
_BY_RUN = (find_share_sums, find_sums, find_disorder)
_BY_RUNS = (find_loose_words, find_false_alls)
_HARD_FIRST = {"矛盾": 0, "可能": 1}


def find_contradictions(document: Document) -> list[Finding]:
    """Find what contradicts itself in a report, in reading order, each contradiction once.

    Parameters
    ----------
    document
        Any report as read: passages with their places.

    Returns
    -------
    list of Finding
        ``矛盾`` where no rounding explains it, ``可能`` where rounding, another period or another definition may.

    Notes
    -----
    Statements are compared inside a sentence, inside a list or table, and by measure over the whole document.
    Takes time in proportion to the length of the text.
    """
    claims = read_claims(document)
    runs = find_runs(claims)
    series, rosters = gather(runs, claims.tables), gather_rosters(claims, runs)
    stock, lists = Stock(claims), Shelf([*series, *as_series(rosters, series)])
    found = sift(_all(claims, document, runs, Shelf(series), rosters), claims.sentences)
    return once([*drop_explained(found, claims, stock, lists), *find_unsupported(claims, stock, lists)])


def _all(
    claims: Claims, document: Document, runs: Sequence[Run], shelf: Shelf, rosters: Sequence[Roster]
) -> Iterator[Finding]:
    for sentence in claims.sentences:
        for rule in _BY_SENTENCE:
            yield from rule(sentence)
        for rule in _BY_SERIES:
            yield from rule(sentence, shelf)
    for passage in document.passages:
        yield from find_missing_marks(passage.text, passage.place)
        yield from find_impossible_days(passage)
    yield from find_miscounted_lines(document.passages)
    multiple = find_multiple_answers(document.passages)
    for run in runs:
        for rule in _BY_RUN:
            if rule is not find_share_sums or run.place not in multiple:
                yield from rule(run)
    apart = explained_pages(claims.sentences)
    for table in claims.tables:
        yield from find_rank_disorder(table)
        yield from _of_table(table, shelf, is_explained=(table.page, table.passage // NEAR) in apart)
    for rule in _BY_RUNS:
        yield from rule(claims.sentences, runs)
    found = Rosters(rosters, claims.sentences)
    yield from find_false_places(claims.sentences, found)
    yield from find_false_tallies(claims.sentences, found)
    yield from find_false_verdicts(claims)
    yield from find_false_wholes(claims.sentences)
    yield from find_false_successes(claims.sentences, claims.tables)
    yield from find_date_faults(claims.sentences)
    yield from find_repeats(claims.sentences)
    yield from find_typos(claims)
    yield from find_unlike_values(claims.sentences, claims.tables)
    yield from find_base_conflicts(claims.sentences, runs, claims.tables)


def _of_table(table: Table, shelf: Shelf, *, is_explained: bool) -> Iterator[Finding]:
    """Check rows and columns; a column is off by what one of its rows is off by: the row tells which cell is wrong."""
    rows = [*find_mean_rows(table, shelf), *find_broken_rows(table)]
    told = {_deviation(row) for row in rows} - {None}
    yield from rows
    for fault in find_table_faults(table, is_explained=is_explained):
        if fault.rule != "分项合计" or _deviation(fault) not in told:
            yield fault


def _deviation(finding: Finding) -> float | None:
    printed, expected = find_numbers(finding.printed), find_numbers(finding.expected)
    if not (printed and expected) or printed[0].value is None or expected[0].value is None:
        return None
    return round(abs(printed[0].value - expected[0].value), 6)


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Keep one finding of those that say the same of the same numbers, the harder one, and one of each number."""
    kept: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.printed, finding.expected)
        if key not in kept or _HARD_FIRST[finding.severity] < _HARD_FIRST[kept[key].severity]:
            kept[key] = finding
    told: dict[tuple[str, str, str], Finding] = {}
    for finding in kept.values():
        told.setdefault((finding.place, finding.sentence, finding.printed), finding)
    repeats = [finding.printed for finding in told.values() if finding.rule == "前后不一"]
    changes = {part for one in told.values() if one.rule == "变幅不一" for part in one.printed.split(" / ")}
    return [
        finding
        for finding in told.values()
        if not _is_part_of(finding, repeats)
        and (finding.rule != "升降幅度" or finding.printed not in changes)
    ]


def _is_part_of(finding: Finding, repeats: Iterable[str]) -> bool:
    """Say whether a slip of the pen is told already, among the values of one measure."""
    both = (finding.printed, finding.expected)
    return finding.rule == "前后不一" and any(
        printed not in both and all(value in printed for value in both) for printed in repeats
    )
