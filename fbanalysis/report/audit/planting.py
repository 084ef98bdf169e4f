"""Plants known errors into copies of finished files, so that the audit can be asked which of them it finds.

The files are altered as they are stored, in their markup: what is read back afterwards was never in memory.
"""

import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from fbanalysis.errors import DataError
from fbanalysis.report.audit.ours.printed import Entry, squeezed
from fbanalysis.report.audit.units import Parts, Unit, open_parts, related, rows_of, slide_names, units_of
from fbanalysis.report.wording import label

#: The finished files that errors are planted into.
FILES = ("deck.html", "report.html", "report.pptx", "report.xlsx")
_NUMERALS = "一二三四五六七八九"
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_SUPERLATIVE = re.compile(r"(?:最高|最低|最多|最少|最大|最小)")


@dataclass(frozen=True)
class Planted:
    """An error that was planted.

    ``said`` are the texts, without blanks, of the passages that are wrong now; ``page`` is 0 where the file has no
    pages, ``sheet`` the name of a workbook's sheet.
    """

    kind: str
    file: str
    old: str
    new: str
    said: tuple[str, ...]
    page: int = 0
    sheet: str = ""


@dataclass(frozen=True)
class Edit:
    """A change in one part of a file: what stands between two places becomes something else."""

    part: str
    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Candidate:
    """An error that may be planted; ``area`` is the neighbourhood that it takes."""

    old: str
    new: str
    edits: tuple[Edit, ...]
    said: tuple[str, ...]
    area: str
    page: int = 0
    sheet: str = ""
    embedded: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Copy:
    """A copy of a finished file, with its passages, and the ledger of its folder."""

    parts: Parts
    units: Sequence[Unit]
    ledger: Mapping[str, Entry]


def open_copy(path: Path, ledger: Mapping[str, Entry]) -> Copy:
    """Read a copy that errors are planted into."""
    parts = open_parts(path)
    return Copy(parts, [] if path.suffix == ".xlsx" else units_of(parts), ledger)


# Numbers in running text


def _altered(
    copy: Copy, change: Callable[[str, Random], str], rng: Random, *, roles: Sequence[str]
) -> Iterator[Candidate]:
    """Offer every run of some roles that a change alters."""
    for unit in copy.units:
        if unit.role not in roles:
            continue
        for place, run in enumerate(unit.runs):
            new = change(run.text, rng)
            if new != run.text:
                yield _candidate(copy, unit, place, new)


def _candidate(copy: Copy, unit: Unit, place: int, new: str) -> Candidate:
    run = unit.runs[place]
    edit = Edit(unit.part, run.start, run.end, escape(new))
    return Candidate(run.text, new, (edit,), (unit.with_run(place, new),), unit.area, unit.page)


_PRINTED = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?(?=\s*(?:%|个百分点|分|家|条|小时|天|万元|件|个|项|$))")


def _value(text: str, rng: Random) -> str:
    """Another number of the same shape."""
    return _with_number(
        text, lambda number: _of_shape(_float(number) * rng.choice((0.6, 1.3, 1.7)) + 2, number)
    )


def _rounding(text: str, rng: Random) -> str:
    """The last digit off by one, or a decimal cut off."""

    def changed(number: str) -> str:
        decimals = len(number.partition(".")[2])
        if decimals and rng.random() < 0.5:
            return (
                _of_shape(_float(number), number[:-1].rstrip(".")) if decimals > 1 else number.split(".")[0]
            )
        return _of_shape(_float(number) + rng.choice((1, -1)) * 10**-decimals, number)

    return _with_number(text, changed)


def _unit(text: str, _: Random) -> str:
    """Another unit behind the same number."""
    for old, new in (
        ("分钟", "小时"),
        ("小时", "分钟"),
        ("分", "%"),
        ("家", "人"),
        ("天", "周"),
        ("万元", "元"),
        ("%", " 分"),
    ):
        found = re.search(rf"\d\s*{re.escape(old)}(?!点|钟|之)", text)
        if found:
            return text[: found.start()] + found[0].replace(old, new) + text[found.end() :]
    return text


def _percent(text: str, _: Random) -> str:
    """Points as percent, or percent as points."""
    if "个百分点" in text:
        return re.sub(r"\s*个百分点", "%", text, count=1)
    return re.sub(r"(\d)%", r"\1 个百分点", text, count=1)


def _sign(text: str, _: Random) -> str:
    """The other sign."""
    if "−" in text:
        return text.replace("−", "", 1)
    return (
        _with_number(text, lambda number: f"−{number.lstrip('+')}")
        if re.search(r"\d (?:个百分点|分)|\+\d", text)
        else text
    )


def _year(text: str, _: Random) -> str:
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", text)
    return text[: found.start()] + str(int(found[0]) - 1) + text[found.end() :] if found else text


def _date(text: str, rng: Random) -> str:
    def moved(found: re.Match[str]) -> str:
        return f"{found[0][:5]}{rng.choice('0')}{rng.randint(2, 8)}-{rng.randint(11, 19)}"

    return _DAY.sub(moved, text, count=1)


def _numeral(text: str, _: Random) -> str:
    """Another Chinese numeral before a noun that is counted."""

    def other(found: re.Match[str]) -> str:
        if found[1] == "两":
            return f"四{found[2]}"
        return _NUMERALS[(_NUMERALS.index(found[1]) + 1) % 4] + found[2]

    return re.sub(r"([一二三四两])(季度|类|段|个|句|项|名|批|年)", other, text, count=1)


def _rank(text: str, _: Random) -> str:
    def other(found: re.Match[str]) -> str:
        return f"第{_NUMERALS[(_NUMERALS.index(found[1]) + 1) % 5]}{found[2]}"

    return re.sub(r"第([一二三四五])(章|层|位|名|种|步)", other, text, count=1)


def _with_number(text: str, change: Callable[[str], str]) -> str:
    is_figure = text.strip().startswith(("图 ", "明细 "))
    found = None if is_figure or _DAY.search(text) else _PRINTED.search(text)
    return text if found is None else text[: found.start()] + change(found[0]) + text[found.end() :]


def _float(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-").lstrip("+"))


def _of_shape(value: float, number: str) -> str:
    """Write a value with the decimals that a number has."""
    return f"{value:,.{len(number.partition('.')[2])}f}".replace("-", "−")


# Names, sentences, records


def _superlative(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """The name before a superlative is another's."""
    yield from _renamed(copy, rng, is_superlative=True)


def _named(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A name in a sentence is another's."""
    yield from _renamed(copy, rng, is_superlative=False)


def _renamed(copy: Copy, rng: Random, *, is_superlative: bool) -> Iterator[Candidate]:
    groups = _name_groups(copy.ledger)
    pattern = re.compile("|".join(map(re.escape, groups)) or "(?!)")
    for unit in copy.units:
        if unit.role not in ("text", "title") or not re.search(r"\d", unit.text):
            continue
        for place, run in enumerate(unit.runs):
            for found in pattern.finditer(run.text):
                behind = squeezed(
                    run.text[found.end() :] + "".join(one.text for one in unit.runs[place + 1 :])
                )
                if bool(_SUPERLATIVE.match(behind)) == is_superlative:
                    new = run.text[: found.start()] + rng.choice(groups[found[0]]) + run.text[found.end() :]
                    yield _candidate(copy, unit, place, new)
                    break


def _name_groups(ledger: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Give each stratum's name with the names of its metric's other strata, the longest first."""
    metrics: dict[str, list[str]] = {}
    for entry in ledger.values():
        name = label(entry.stratum)
        if len(name) >= 3 and not re.search(r"[\d…/]", name):
            metrics.setdefault(entry.metric, []).append(name)
    groups: dict[str, list[str]] = {}
    for names in metrics.values():
        for name in names:
            others = [one for one in names if one not in name and name not in one]
            if others:
                groups.setdefault(name, others)
    return dict(sorted(groups.items(), key=lambda item: -len(item[0])))


def _stale(copy: Copy, _: Random) -> Iterator[Candidate]:
    """A value is last year's."""
    prior = {
        key.replace("_prior_year[", "["): entry for key, entry in copy.ledger.items() if "_prior_year[" in key
    }
    prior |= {
        entry.key: copy.ledger[key]
        for entry in copy.ledger.values()
        if (key := re.sub(r"\[(20\d\d)", lambda year: f"[{int(year[1]) - 1}", entry.key)) != entry.key
        and key in copy.ledger
    }
    pairs = {
        squeezed(copy.ledger[key].printed): entry.printed
        for key, entry in prior.items()
        if key in copy.ledger
    }
    for unit in copy.units:
        if unit.role in ("text", "title", "cell"):
            for place, run in enumerate(unit.runs):
                old = (
                    prior.get(run.key).printed
                    if run.key in prior
                    else ""
                    if run.key
                    else pairs.get(squeezed(run.text), "")
                )
                if old and squeezed(old) != squeezed(run.text):
                    yield _candidate(copy, unit, place, old)


def _base(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """The base in a source line is left out, or another number."""
    for unit in copy.units:
        if unit.role != "source":
            continue
        for place, run in enumerate(unit.runs):
            found = re.search(r"\d[\d,]*(?=\s*(?:条|个|人|家|张|项|件|次|$))", run.text)
            if found and not _DAY.search(run.text):
                new = "" if rng.random() < 0.5 else _of_shape(_float(found[0]) + 7, found[0])
                yield _candidate(copy, unit, place, run.text[: found.start()] + new + run.text[found.end() :])


def _duplicate(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A sentence stands twice, the second time with another value."""
    for unit in copy.units:
        if unit.role != "text" or len(unit.text) < 18 or unit.text.startswith(("图 ", "明细 ")):
            continue
        for place, run in enumerate(unit.runs):
            new = _value(run.text, rng)
            if new != run.text:
                start, end = unit.whole
                text = copy.parts.texts[unit.part][start:end]
                other = text[: run.start - start] + escape(new) + text[run.end - start :]
                edit = Edit(unit.part, end, end, other)
                yield Candidate(
                    unit.text,
                    unit.with_run(place, new),
                    (edit,),
                    (unit.with_run(place, new),),
                    unit.area,
                    unit.page,
                )
                break


def _record_key(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A number opens another record."""
    keys = list(copy.ledger)
    for unit in copy.units:
        for run in unit.runs:
            tag = f'<data value="{escape(run.key, {chr(34): "&#34;"})}">'
            if run.key and copy.parts.texts[""][run.start - len(tag) : run.start] == tag:
                other = rng.choice(keys)
                if other != run.key:
                    edit = Edit(
                        "",
                        run.start - len(tag),
                        run.start,
                        f'<data value="{escape(other, {chr(34): "&#34;"})}">',
                    )
                    yield Candidate(run.key, other, (edit,), (squeezed(unit.text),), unit.area, unit.page)


# Tables


def _swapped_names(copy: Copy, _: Random) -> Iterator[Candidate]:
    """Two rows of a table have each other's names."""
    rows = [
        row for row in rows_of(copy.parts, copy.units) if len(row) > 1 and not re.search(r"\d", row[0].text)
    ]
    for one, other in itertools.pairwise(rows):
        a, b = one[0], other[0]
        is_near = a.area == b.area and len(a.runs) == len(b.runs) == 1 and len(one) == len(other)
        if is_near and a.text != b.text and any(re.search(r"\d", cell.text) for cell in one[1:]):
            yield _swap(copy, a, b)


def _swapped_cells(copy: Copy, _: Random) -> Iterator[Candidate]:
    """Two cells of a column have each other's numbers."""
    rows = [row for row in rows_of(copy.parts, copy.units) if len(row) > 1]
    for one, other in itertools.pairwise(rows):
        for a, b in zip(one[1:], other[1:], strict=False):
            are_numbers = all(len(x.runs) == 1 and re.search(r"\d", x.text) for x in (a, b))
            if a.area == b.area and are_numbers and squeezed(a.text) != squeezed(b.text):
                yield _swap(copy, a, b)
                break


def _swap(copy: Copy, a: Unit, b: Unit) -> Candidate:
    edits = tuple(
        Edit(unit.part, unit.runs[0].start, unit.runs[0].end, escape(text))
        for unit, text in ((a, b.text), (b, a.text))
    )
    said = (squeezed(b.text), squeezed(a.text))
    return Candidate(f"{a.text} / {b.text}", f"{b.text} / {a.text}", edits, said, a.area, a.page)


# Pictures


def _alt(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A number in a picture's description is another."""
    is_office = copy.parts.path.suffix == ".pptx"
    pattern = r'descr="([^"]+)"' if is_office else r'<svg\b[^>]*\baria-label="([^"]+)"'
    for part, text in copy.parts.texts.items():
        if is_office and not re.fullmatch(r"ppt/slides/slide\d+\.xml", part):
            continue
        for found in re.finditer(pattern, text):
            new = re.sub(
                r"(数值从 )([−\d.,]+)", lambda one: one[1] + _of_shape(_float(one[2]) + 3, one[2]), found[1]
            )
            if new != found[1]:
                yield _alt_candidate(copy, part, found, new)


def _alt_candidate(copy: Copy, part: str, found: re.Match[str], new: str) -> Candidate:
    page = int(re.findall(r"\d+", part)[-1]) if part else 0
    near = [unit for unit in copy.units if unit.part == part and unit.whole[0] >= found.start()]
    area = str(page) if page else near[0].area
    edit = Edit(part, *found.span(1), new)
    return Candidate(found[1], new, (edit,), (squeezed(new),), area, page or near[0].page)


def _series(copy: Copy) -> Iterator[tuple[int, str, re.Match[str], str]]:
    """Give the series of native charts that hold numbers of the report: page, part, first value, its cell."""
    for name in slide_names(copy.parts):
        page = int(re.findall(r"\d+", name)[-1])
        for chart in related(copy.parts, name, "charts"):
            text = copy.parts.texts[chart]
            for series in re.finditer(r"(?s)<c:ser>.*?</c:ser>", text):
                if re.search(r"<c:strCache>.*?<c:v>(?:（|事件|开始)|<c:tx><c:v>", series[0]):
                    continue
                block = re.search(r"(?s)<c:xVal>.*?</c:xVal>", series[0]) or re.search(
                    r"(?s)<c:val>.*?</c:val>", series[0]
                )
                if block is None:
                    continue
                start = series.start() + block.start()
                point = _FIRST_VALUE.search(text, start, start + len(block[0]))
                cell = re.search(r"<c:f>[^<]*\$([A-Z]+)\$2:", block[0])
                if point and cell:
                    yield page, chart, point, f"{cell[1]}2"


_FIRST_VALUE = re.compile(r'<c:pt idx="0"><c:v>([-\d.eE]+)</c:v>')


def _chart_cell(copy: Copy, _: Random) -> Iterator[Candidate]:
    """A number that a native chart keeps for itself is another than in its workbook."""
    for page, chart, point, _cell in _series(copy):
        new = f"{float(point[1]) * 1.25 + 1:.6f}"
        yield Candidate(point[1], new, (Edit(chart, *point.span(1), new),), (new,), str(page), page)


def _chart_book(copy: Copy, _: Random) -> Iterator[Candidate]:
    """A number in the workbook inside a chart is another than the chart shows."""
    for page, chart, point, cell in _series(copy):
        folder, file = chart.rsplit("/", 1)
        [book] = re.findall(r'embeddings/([^"]+)"', copy.parts.texts[f"{folder}/_rels/{file}.rels"])
        part = f"ppt/embeddings/{book}"
        new = f"{float(point[1]) * 1.25 + 1:.6f}"
        content = _with_cell(copy.parts.others[part], cell, new)
        if content is not None:
            yield Candidate(point[1], new, (), (new,), str(page), page, embedded={part: content})


def _with_cell(book: bytes, cell: str, value: str) -> bytes | None:
    """Change one number in the only sheet of an embedded workbook."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    [sheet] = [name for name in contents if name.startswith("xl/worksheets/sheet")]
    text = contents[sheet].decode("utf-8")
    found = re.search(rf'<c r="{cell}"(?![^>]*t="s")[^>]*><v>([^<]+)</v>', text)
    if found is None:
        return None
    contents[sheet] = (text[: found.start(1)] + value + text[found.end(1) :]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# The workbook

_CELL = re.compile(r'<c r="(?P<at>[A-Z]+\d+)"(?P<look>[^>]*)><v>(?P<value>[^<]*)</v></c>')


def _sheets(copy: Copy) -> list[tuple[str, str]]:
    """Give the workbook's sheets: (name, part)."""
    names = re.findall(r'<sheet name="([^"]+)"', copy.parts.texts["xl/workbook.xml"])
    return [(_unescaped(name), f"xl/worksheets/sheet{i}.xml") for i, name in enumerate(names, start=1)]


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def _number_cells(copy: Copy, part: str) -> list[re.Match[str]]:
    """Find the cells of a table that store numbers: below its head."""
    found = [one for one in _CELL.finditer(copy.parts.texts[part]) if 't="s"' not in one["look"]]
    return [one for one in found if int(re.findall(r"\d+", one["at"])[0]) > 6]


def _sheet_cell(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A number of a chart's or a table's sheet is another."""
    for name, part in _sheets(copy)[1:-2]:
        cells = _number_cells(copy, part)
        if cells:
            yield _other_cell(part, name, rng.choice(cells), area=name)


def _ledger_row(copy: Copy, rng: Random) -> Iterator[Candidate]:
    """A number of the ledger's sheet is another."""
    for name, part in _sheets(copy):
        cells = _number_cells(copy, part) if name == "账本" else []
        values = [cell for cell in cells if re.match("[CEF]", cell["at"])]
        for cell in rng.sample(values, min(len(values), 20)):
            yield _other_cell(part, name, cell, area=f"{name}!{cell['at']}")


def _other_cell(part: str, sheet: str, cell: re.Match[str], *, area: str) -> Candidate:
    new = f"{float(cell['value']) * 1.1 + 1:.10g}"
    edit = Edit(part, *cell.span("value"), new)
    return Candidate(cell["value"], new, (edit,), (cell["at"],), area, 0, sheet)


def _sheet_names(copy: Copy, _: Random) -> Iterator[Candidate]:
    """Two rows of a sheet have each other's names."""
    yield from _sheet_swap(copy, r'<c r="A(\d+)"[^>]*t="s"[^>]*><v>(\d+)</v></c>')


def _sheet_numbers(copy: Copy, _: Random) -> Iterator[Candidate]:
    """Two cells of a sheet have each other's numbers."""
    yield from _sheet_swap(copy, r'<c r="B(\d+)"(?![^>]*t="s")[^>]*><v>([^<]+)</v></c>')


def _sheet_swap(copy: Copy, pattern: str) -> Iterator[Candidate]:
    for name, part in _sheets(copy)[1:-2]:
        found = [one for one in re.finditer(pattern, copy.parts.texts[part]) if int(one[1]) > 6]
        pairs = [(a, b) for a, b in itertools.pairwise(found) if a[2] != b[2] and int(b[1]) == int(a[1]) + 1]
        if pairs:
            a, b = pairs[0]
            edits = (Edit(part, *a.span(2), b[2]), Edit(part, *b.span(2), a[2]))
            column = re.search(r'r="([A-Z]+)', a[0])[1]
            yield Candidate(a[2], b[2], edits, (f"{column}{a[1]}", f"{column}{b[1]}"), name, 0, name)


# Planting

_TEXTS = ("text", "title", "cell", "source")
_Offer = Callable[[Copy, Random], Iterator[Candidate]]


def _texts(change: Callable[[str, Random], str], *roles: str) -> _Offer:
    return lambda copy, rng: _altered(copy, change, rng, roles=roles or _TEXTS)


#: Kind of error → how to offer it, and the files that it can stand in.
KINDS: Mapping[str, tuple[_Offer, tuple[str, ...]]] = {
    "数值": (_texts(_value, "text", "title", "cell"), FILES[:3]),
    "取整": (_texts(_rounding, "text", "title", "cell"), FILES[:3]),
    "单位": (_texts(_unit, "text", "title", "cell"), FILES[:3]),
    "百分点": (_texts(_percent, "text", "title", "cell"), FILES[:3]),
    "正负号": (_texts(_sign, "text", "title", "cell"), FILES[:3]),
    "年份": (_texts(_year), FILES[:3]),
    "旧数": (_stale, FILES[:3]),
    "日期": (_texts(_date), FILES[:3]),
    "中文数词": (_texts(_numeral, "text", "title", "note"), FILES[:3]),
    "名次": (_texts(_rank, "text", "title", "name", "cell", "note"), FILES[:3]),
    "最高级": (_superlative, FILES[:3]),
    "层名": (_named, FILES[:3]),
    "行名对调": (_swapped_names, FILES[:3]),
    "单元格对调": (_swapped_cells, FILES[:3]),
    "口径": (_base, FILES[:3]),
    "重复句": (_duplicate, FILES[:3]),
    "备注": (_texts(_value, "note"), ("deck.html", "report.pptx")),
    "图中标签": (_texts(_value, "label"), FILES[:2]),
    "图的描述": (_alt, FILES[:3]),
    "页码": (
        _texts(lambda text, _: str(int(text) + 1) if text.strip().isdigit() else text, "page"),
        FILES[:1],
    ),
    "来历": (_record_key, FILES[:2]),
    "图表缓存": (_chart_cell, ("report.pptx",)),
    "嵌入工作簿": (_chart_book, ("report.pptx",)),
    "工作表单元格": (_sheet_cell, ("report.xlsx",)),
    "工作表行名": (_sheet_names, ("report.xlsx",)),
    "工作表对调": (_sheet_numbers, ("report.xlsx",)),
    "账本行": (_ledger_row, ("report.xlsx",)),
}


def plant(kind: str, folder: Path, rng: Random, *, ledger: Mapping[str, Entry]) -> Planted:
    """Plant one error of a kind into a copy of a report's folder.

    Raises
    ------
    DataError
        No such kind, or nothing in the files that could be altered so.
    """
    files = [name for name in kinds_of(kind)[1] if (folder / name).is_file()]
    for name in rng.sample(files, len(files)):
        copy = open_copy(folder / name, ledger)
        offered = list(kinds_of(kind)[0](copy, rng))
        if offered:
            return apply(copy, [(kind, rng.choice(offered))])[0]
    raise DataError(f"{folder} 里没有可以种下「{kind}」的地方；需要的文件：{'、'.join(kinds_of(kind)[1])}")


def kinds_of(kind: str) -> tuple[_Offer, tuple[str, ...]]:
    """Give how a kind of error is offered, and in which files."""
    if kind not in KINDS:
        raise DataError(f"没有「{kind}」这种错误；可种：{'、'.join(KINDS)}")
    return KINDS[kind]


def apply(copy: Copy, chosen: Sequence[tuple[str, Candidate]]) -> list[Planted]:
    """Write chosen errors into a file, the last first so that places stay true."""
    edits = [edit for _, one in chosen for edit in one.edits]
    for edit in sorted(edits, key=lambda one: (one.part, one.start, one.end), reverse=True):
        text = copy.parts.texts[edit.part]
        copy.parts.texts[edit.part] = text[: edit.start] + edit.new + text[edit.end :]
    for _, one in chosen:
        copy.parts.others.update(one.embedded)
    copy.parts.save()
    return [
        Planted(kind, copy.parts.name, one.old, one.new, one.said, one.page, one.sheet)
        for kind, one in chosen
    ]
