"""Analysts' comments beside the notebooks: read, held against this run's records, and confirmed.

A comment is a template over the ledger in ``notebooks/<name>.comments.toml``. What it printed when somebody
confirmed it is kept with it; once a record prints differently, the comment is out of date until confirmed anew.
This module decides that and nothing else: it draws no page, and it writes only what confirms.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomlkit
from tomlkit.items import AoT, Item, Table, Whitespace

from fbanalysis.config import Keys, Section, read_config
from fbanalysis.dataset import Dataset, Year
from fbanalysis.errors import UsageError, WordingError, listed
from fbanalysis.report.ledger import THIN_SPACE, Ledger, Record, write_whole
from fbanalysis.report.slides import without_controls
from fbanalysis.report.theme import printable
from fbanalysis.report.wording import ABSENT, Segment, Sentence, compose

SUFFIX = ".comments.toml"

#: How a comment stands against this run's records.
CONFIRMED, UNCONFIRMED, OUT_OF_DATE = "已确认", "待确认", "过期"
#: What stands for a number that this run no longer has.
GONE = "（没有这条记录）"

_KEYS: Keys = {
    "year": ("whole", ...),
    "text": ("text", ...),
    "slide": ("text", ""),
    "author": ("text", ""),
    "confirmed": ("section", {}),
}
_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_RECORD = re.compile(r"[A-Za-z_]\w*\[[^\[\]]+\]")


@dataclass(frozen=True)
class Comment:
    """One ``[[comment]]``: whose it is, what it says, and what it printed when it was confirmed.

    ``name`` is 41-2 for the second comment beside notebook 41; ``place`` says the same for a message.
    """

    notebook: str
    name: str
    place: str
    year: int
    text: str
    slide: str = ""
    author: str = ""
    confirmed: Mapping[str, str] = field(default_factory=dict)

    @property
    def expressions(self) -> tuple[str, ...]:
        """What its braces hold, each once; references to slides print no record."""
        found = (expression.strip() for expression in _EXPRESSION.findall(self.text))
        return tuple(dict.fromkeys(one for one in found if not one.startswith("see(")))


@dataclass(frozen=True)
class Drift:
    """What a comment cites and prints differently now: before, now, and how far it moved."""

    expression: str
    old: str
    new: str
    reach: str

    @property
    def said(self) -> str:
        """The drift in a phrase."""
        return f"{self.expression}：确认时 {self.old}，现在 {self.new}（{self.reach}）"


@dataclass(frozen=True)
class Remark:
    """A comment as readers see it: its sentence now, and how it stands.

    ``keys`` are the records that it cites. ``anchor`` is the slide on which it stands, given by the story;
    empty where that slide is not in this report.
    """

    comment: Comment
    sentence: Sentence
    status: str
    drifts: tuple[Drift, ...] = ()
    anchor: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece.key for piece in self.sentence.segments if piece.key))

    @property
    def pieces(self) -> list[Mapping[str, object]]:
        """The sentence as plain data, without control characters."""
        return without_controls(self.sentence.as_json())

    @property
    def heading(self) -> str:
        """评注, by whom, and how it stands where that is not well."""
        said = f"评注（{printable(self.comment.author)}）" if self.comment.author else "评注"
        return said if self.status == CONFIRMED else f"{said} · {self.status}"

    @property
    def caution(self) -> str:
        """What readers have to know before they believe it; empty where it is confirmed."""
        if self.status == UNCONFIRMED:
            return "作者还没有按本次的数确认这条评注。"
        return "；".join(drift.said for drift in self.drifts)

    @property
    def as_note(self) -> list[Mapping[str, object]]:
        """The comment as a paragraph of the speaker's notes."""
        lead = vars(
            Segment(f"\n{self.heading}：" if not self.caution else f"\n{self.heading}（{self.caution}）：")
        )
        return [lead, *self.pieces]


# Reading


def read_comments(notebooks: Path, year: int) -> list[Comment]:
    """Read the comments of a year from all files beside the notebooks, in the order of the notebooks.

    Parameters
    ----------
    notebooks
        The folder with ``NN_topic.ipynb`` and ``NN_topic.comments.toml``.

    Raises
    ------
    ConfigError
        Not TOML, an unknown or missing key, a value of another kind; names file and line.
    WordingError
        A file beside no notebook.
    """
    files = sorted(notebooks.glob(f"*{SUFFIX}"))
    read = [comment for file in files for comment in _comments_of(file)]
    return [comment for comment in read if comment.year == year]


def _comments_of(file: Path) -> list[Comment]:
    stem, label = file.name.removesuffix(SUFFIX), f"{file.parent.name}/{file.name}"
    if not file.with_name(f"{stem}.ipynb").is_file():
        names = [path.stem for path in sorted(file.parent.glob("[0-9]*.ipynb"))]
        raise WordingError(
            f"{label} 旁边没有笔记本「{stem}.ipynb」；请改名为「笔记本的名字{SUFFIX}」，有的笔记本：{listed(names, most=40)}"
        )
    top = read_config(file, label=label)
    top.read({"comment": ("sections", ())})
    entries = top.entries("comment") if "comment" in top.content else []
    return [_comment(entry, stem=stem, count=i) for i, entry in enumerate(entries, start=1)]


def _comment(entry: Section, *, stem: str, count: int) -> Comment:
    given = entry.read(_KEYS)
    inner = entry.section("confirmed")
    confirmed = {key: inner.checked(key, kind="text") for key in inner.content}
    return Comment(
        notebook=stem,
        name=f"{stem.split('_')[0]}-{count}",
        place=f"{entry.label} 第 {count} 条评注",
        **{**given, "confirmed": confirmed},
    )


def ledger_for(
    dataset: Dataset, records: Iterable[Record | Mapping[str, object]], *, is_whole: bool = True
) -> Ledger:
    """Give the ledger in which comments are composed: this run's records, with the year's own thresholds.

    Parameters
    ----------
    records
        Those of the merged ledger, or the rows of ``metrics.json``.
    is_whole
        Whether every chapter is there; else a record that nobody made counts as absent.
    """
    ledger = Ledger(Year(dataset))
    for record in records:
        row = record.as_json() if isinstance(record, Record) else record
        ledger.merge([row], notebook=str(row["notebook"]))
    if not is_whole:
        ledger.adopt([])
    return ledger


# Judging


def judge(comments: Sequence[Comment], ledger: Ledger, *, allowed: Sequence[str] = ()) -> list[Remark]:
    """Hold comments against the records of this run.

    A comment is out of date when something in its braces prints otherwise than when it was confirmed: then
    its number moved beyond its rounding, and `Drift.reach` says whether beyond its interval too.

    Parameters
    ----------
    allowed
        Names that contain digits and may stand in text (P0, 7×24).

    Raises
    ------
    WordingError
        A comment that refers to no record and never did, or whose braces can't be read.
    """
    return [_judged(comment, ledger, allowed=allowed) for comment in comments]


def _judged(comment: Comment, ledger: Ledger, *, allowed: Sequence[str]) -> Remark:
    printed = {one: _printed(comment, one, ledger) for one in comment.expressions}
    text = comment.text
    for one, now in printed.items():
        text = text if now != GONE else re.sub(r"\{\s*" + re.escape(one) + r"\s*\}", GONE, text)
    sentence = _composed(comment, text, ledger, allowed=allowed)
    if printed.keys() - comment.confirmed.keys():
        return Remark(comment, sentence, UNCONFIRMED)
    drifts = tuple(
        Drift(one, comment.confirmed[one], now, _reach(one, comment.confirmed[one], ledger))
        for one, now in printed.items()
        if _loose(now) != _loose(comment.confirmed[one])
    )
    return Remark(comment, sentence, OUT_OF_DATE if drifts else CONFIRMED, drifts)


def _printed(comment: Comment, expression: str, ledger: Ledger) -> str:
    """What an expression prints now; a record that was confirmed once may be gone."""
    try:
        now = compose(f"{{{expression}}}", ledger).plain
    except WordingError:
        if expression not in comment.confirmed:
            _composed(comment, f"{{{expression}}}", ledger, allowed=())
        return GONE
    return GONE if now in ABSENT else now


def _composed(comment: Comment, text: str, ledger: Ledger, *, allowed: Sequence[str]) -> Sentence:
    try:
        return compose(text, ledger, allowed=allowed)
    except WordingError as error:
        raise WordingError(f"{comment.place}：{error}") from error


def _loose(text: str) -> str:
    """A printed text without its spaces, which editors change."""
    return re.sub(r"\s+", "", text)


def _reach(expression: str, old: str, ledger: Ledger) -> str:
    """Say whether a number left its interval: the confirmed value against the record's interval of now."""
    if not _RECORD.fullmatch(expression) or expression not in ledger:
        return "说法变了"
    record = ledger[expression]
    before = _read_back(old, record)
    if before is None:
        return "内容变了"
    if not record.has_interval:
        return "超出取整，没有区间"
    is_within = record.low <= before <= record.high
    return "超出取整，仍在区间之内" if is_within else "超出取整，也超出区间"


def _read_back(printed: str, record: Record) -> float | None:
    """Give the number of a printed value; none where it is a text or another unit."""
    suffix = _loose(record.show(0.0)).removeprefix(_loose(record.show(0.0, suffix=False)))
    bare = _loose(printed).removesuffix(suffix).replace(",", "").replace("−", "-")
    is_number = not isinstance(record.value, str) and re.fullmatch(r"-?\d+(?:\.\d+)?", bare)
    return float(bare) if is_number else None


def refuse_typed_comments(remarks: Iterable[Remark]) -> None:
    """Stop where a comment prints a number or an earned word that no record stands behind.

    Raises
    ------
    WordingError
        Names every comment with what was typed.
    """
    found = [f"{one.comment.place}：{typed}" for one in remarks for typed in one.sentence.typed]
    if found:
        raise WordingError(
            f"评注里有 {len(found)} 处手打的数字或判断词：{listed(found)}。"
            "请改用 {指标[层]}，或删去；起草时可加 --draft，先标出再改"
        )


# Confirming


def confirm(notebooks: Path, year: int, ledger: Ledger, *, only: Sequence[str] | None = None) -> list[Remark]:
    """Write what a year's comments print now into their files, keeping layout and the user's own remarks.

    Parameters
    ----------
    ledger
        As `ledger_for` gives it.
    only
        Names of comments (41-2); all of the year's where none is given.

    Returns
    -------
    list of Remark
        The comments that were confirmed, as they stand now.

    Raises
    ------
    UsageError
        A name that no comment of the year has.
    WordingError
        A comment that refers to no record: what is not there can't be confirmed. No file is written then.
    """
    comments = read_comments(notebooks, year)
    _refuse_unknown(only or (), comments)
    chosen = [one for one in comments if not only or one.name in only]
    printed = {one.name: _confirmable(one, ledger) for one in chosen}
    for stem in dict.fromkeys(one.notebook for one in chosen):
        _write(
            notebooks / f"{stem}{SUFFIX}",
            {one.name: printed[one.name] for one in chosen if one.notebook == stem},
        )
    again = read_comments(notebooks, year)
    return judge([one for one in again if one.name in printed], ledger)


def _refuse_unknown(names: Sequence[str], comments: Sequence[Comment]) -> None:
    known = [comment.name for comment in comments]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"没有编号为{listed(unknown)}的评注；这一年有：{listed(known, most=40) or '（没有）'}"
        )


def _confirmable(comment: Comment, ledger: Ledger) -> dict[str, str]:
    printed = {one: _printed(comment, one, ledger) for one in comment.expressions}
    if gone := [one for one, now in printed.items() if now == GONE]:
        raise WordingError(f"{comment.place}：{listed(gone)}在这次的账本里没有，不能确认；请改写这条评注")
    return {one: now.replace(THIN_SPACE, " ") for one, now in printed.items()}


def _write(file: Path, printed: Mapping[str, Mapping[str, str]]) -> None:
    text = file.read_bytes().decode("utf-8-sig")
    document = tomlkit.parse(text if text.endswith("\n") else text + "\n")
    entries = document["comment"]
    for name, now in printed.items():
        _fill(entries, int(name.split("-")[1]) - 1, now)
    write_whole(file, tomlkit.dumps(document))


def _fill(entries: AoT, place: int, now: Mapping[str, str]) -> None:
    """Make an entry's ``confirmed`` what it prints now; keys that stay keep their place and remarks."""
    entry = entries[place]
    behind = _take_off(entry.get("confirmed", entry))
    if "confirmed" not in entry:
        entry.add(tomlkit.nl())
        entry["confirmed"] = tomlkit.table()
    held: Table = entry["confirmed"]
    for key in [key for key in held if key not in now]:
        held.remove(key)
    for key, value in now.items():
        if held.get(key) != value:
            held[key] = value
    held.value.body.extend((None, item) for item in behind)


def _take_off(table: Table) -> list[Item]:
    """Take off what stands behind the first blank line at a table's end: it belongs to the next entry."""
    body, last = table.value.body, []
    while body and body[-1][0] is None:
        last.insert(0, body.pop()[1])
    blank = next((i for i, item in enumerate(last) if isinstance(item, Whitespace)), len(last))
    body.extend((None, item) for item in last[:blank])
    return last[blank:]
