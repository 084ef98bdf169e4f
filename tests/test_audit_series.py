"""Series: names with their numbers, the whole apart from its parts, and where they are looked for."""

from fbanalysis.report.audit.claims.claims import Table
from fbanalysis.report.audit.claims.series import Series, Shelf, earlier_and_later, gather
from fbanalysis.report.audit.numbers import find_numbers


def make(names: tuple[str, ...], texts: tuple[str, ...], passage: int = 1, page: int = 0) -> Series:
    mentions = tuple(find_numbers(text)[0] for text in texts)
    return Series(names, mentions, "满意度", "list", page, passage, "第 1 段")


def table(heads: tuple[str, ...], *rows: tuple[str, ...]) -> Table:
    cells = {
        (r, c): find_numbers(text)[0] for r, (_, *texts) in enumerate(rows) for c, text in enumerate(texts)
    }
    return Table("表", 0, 1, tuple(name for name, *_ in rows), heads, cells)


def test_the_whole_is_no_part():
    one = make(("甲店", "乙店", "合计"), ("90分", "88分", "89分"))
    assert list(one.parts) == ["甲店", "乙店"]


def test_names_are_found_in_order_and_by_their_stem():
    one = make(("线上渠道", "线下渠道"), ("90分", "88分"))
    assert one.named_in("线下比线上低") == ["线下渠道", "线上渠道"]
    assert one.named_in("其他") == []


def test_near_series_come_first_and_far_ones_never():
    near, far, away = (
        make(("甲店", "乙店"), ("1分", "2分"), at, page) for at, page in ((5, 1), (50, 1), (5, 9))
    )
    assert Shelf([far, near, away]).near(6, 1) == [near]


def test_columns_of_two_periods_are_told_from_targets():
    cells = table(("2022年", "2023年", "2023年目标"), ("准点", "84", "87", "88"), ("安全", "91", "90", "92"))
    assert earlier_and_later(cells) == (0, 1)
    changes = [one for one in gather([], [cells]) if one.style == "change"]
    assert changes[0].values == {"准点": 3, "安全": -1}
