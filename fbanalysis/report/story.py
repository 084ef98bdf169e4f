"""The report's story: executed notebooks as seven chapters, their sheets in order, their records in one ledger.

What comes out is data for every renderer: pages are numbered, references resolved, long tables spread over
several sheets, sizes chosen. Nothing is computed and nothing is drawn; a chapter that could not be made
leaves a visible gap.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fbanalysis.dataset import Dataset, Year
from fbanalysis.errors import DataError, LedgerError, WordingError, listed
from fbanalysis.report import comments, layout, resolving, slides, tracing
from fbanalysis.report import ledger as ledgers
from fbanalysis.report.comments import Remark
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import Slide, plain
from fbanalysis.report.wording import Segment, find_typed
from fbanalysis.report.words import find_words, numeral

#: The chapters of every report: the tens digit of a notebook's number says to which one it belongs.
PARTS = ("背景", "对象与来源", "内容总览", "数据分析", "问题剖析", "改进措施", "总结与展望")
APPENDIX = "附录"

#: The heading under which a notebook says what its numbers do not show.
LIMITS = "## 这些数字没有说明什么"

#: How many notebooks' limits one slide holds.
LIMITS_A_SHEET = 6

Sentence = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Chapter:
    """A notebook in the report, as the pipeline left it."""

    number: str
    name: str
    title: str
    executed: Path | None
    status: str
    reason: str = ""

    @property
    def is_done(self) -> bool:
        return self.status == "done"

    @property
    def part(self) -> int:
        """The place of its chapter among `PARTS`, from 1; 0 for the appendix."""
        tens = int(self.number) // 10
        return tens if 1 <= tens <= len(PARTS) and int(self.number) < 100 else 0

    @property
    def topic(self) -> str:
        """The heading before its colon: 样本与覆盖 of 样本与覆盖：谁给了反馈？"""
        return re.split("[：:]", self.title, maxsplit=1)[0].strip()

    @property
    def question(self) -> str:
        return self.title.removeprefix(self.topic).lstrip("：: ").strip()

    @property
    def anchor(self) -> str:
        return f"chapter-{self.number}"

    @property
    def opening(self) -> str:
        """The anchor of its first sheet in the deck."""
        places = [i for i, spec in enumerate(self.specs, start=1) if spec["place"] == "deck"]
        return f"{self.anchor}-{places[0]}" if self.is_done and places else self.anchor

    @property
    def gap(self) -> str:
        return "本章未能生成" if self.status == "failed" else "本章缺少数据，未编入"

    @property
    def error_link(self) -> str:
        """Where the long report shows the cell that failed; empty where none did."""
        cells = self.notebook.cells if self.status == "failed" and self.notebook is not None else []
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        has_error = any(output.output_type == "error" for output in outputs)
        return f"report.html#{self.anchor}-error" if has_error else ""

    @cached_property
    def notebook(self) -> NotebookNode | None:
        return None if self.executed is None else nbformat.read(self.executed, as_version=4)

    @cached_property
    def specs(self) -> list[Mapping[str, object]]:
        """The slides that the executed notebook carries, in order."""
        return [] if self.notebook is None else list(carried(self.notebook, slides.MIME))

    @cached_property
    def details(self) -> list[Mapping[str, object]]:
        """The long tables and lists of quotes that the executed notebook carries."""
        return [] if self.notebook is None else list(carried(self.notebook, slides.DETAIL_MIME))

    @property
    def answer(self) -> Sentence:
        """The answer to its question as a composed sentence: a slide's ``answer``, else the first title."""
        given = [spec["answer"] for spec in self.specs if spec["answer"]]
        return (given or [spec["title"] for spec in self.specs] or [[]])[0]

    @property
    def limits(self) -> list[str]:
        """The first paragraph or bullets under the heading on limits."""
        cells = self.notebook.cells if self.is_done and self.notebook is not None else []
        text = next((cell.source for cell in cells if cell.source.startswith(LIMITS)), "")
        lines = [line.lstrip("-* ").strip() for line in text.removeprefix(LIMITS).splitlines()]
        return [line for line in lines if line]


def carried(notebook: NotebookNode, mime: str) -> Iterator[object]:
    """Give what an executed notebook carries under an output type, in order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield output.data[mime]


@dataclass(frozen=True)
class Part:
    """One of the report's chapters: what it is called, and the notebooks in it."""

    name: str
    ordinal: str
    anchor: str
    chapters: tuple[Chapter, ...]

    @property
    def is_done(self) -> bool:
        return any(chapter.is_done for chapter in self.chapters)

    @property
    def is_appendix(self) -> bool:
        return self.name == APPENDIX


@dataclass(frozen=True)
class Sheet:
    """One sheet of the deck: where it stands and what it holds.

    ``kind`` is cover, summary, agenda, part, slide, gap or limits. A slide has its ``spec``, with the sizes
    that `layout.fit` chose under ``fit``; the others have ``content``.
    """

    kind: str
    anchor: str
    label: str
    page: int = 0
    kicker: Sentence = ()
    title: Sentence = ()
    content: Mapping[str, object] = field(default_factory=dict)
    spec: Mapping[str, object] | None = None
    part: Part | None = None
    chapter: Chapter | None = None


@dataclass(frozen=True)
class Reference:
    """Where a slide is found: its anchor and page in the deck, its number in the long report."""

    anchor: str
    page: int
    figure: str


@dataclass(frozen=True)
class Story:
    """A year's report as data, ready to be rendered."""

    dataset: Dataset
    ledger: Ledger
    chapters: tuple[Chapter, ...]
    parts: tuple[Part, ...]
    sheets: tuple[Sheet, ...]
    references: Mapping[str, Reference]
    remarks: tuple[Remark, ...] = ()

    @property
    def foot(self) -> str:
        """What the foot of sheets without a source says."""
        return f"{self.dataset.organisation}　{self.dataset.period_start} 至 {self.dataset.period_end}"

    @property
    def details(self) -> list[tuple[Chapter, Mapping[str, object]]]:
        return [
            (chapter, detail) for chapter in self.chapters if chapter.is_done for detail in chapter.details
        ]

    def remarks_on(self, sheet: Sheet) -> list[Remark]:
        """Give the comments on a sheet of the deck."""
        anchor = sheet.anchor
        if sheet.kind == "summary" and sheet.spec is not None:
            places = [spec["place"] for spec in sheet.chapter.specs]
            anchor = f"{sheet.chapter.anchor}-{places.index('summary') + 1}"
        return [remark for remark in self.remarks if remark.anchor == anchor]

    def figure(self, anchor: str) -> str:
        """Give the number of a slide in the long report: 图 4-3."""
        return next(ref.figure for ref in self.references.values() if ref.anchor == anchor)

    def referred(self, spec: Mapping[str, object], *, pages: bool) -> Mapping[str, object]:
        """Resolve a spec's references: to pages of the deck, or to the numbers of the long report."""
        return _mapped(spec, lambda piece: self._resolved(piece, pages=pages))

    def _resolved(self, piece: Mapping[str, object], *, pages: bool) -> Mapping[str, object]:
        if not piece.get("see"):
            return piece
        found = self.references.get(str(piece["see"]))
        if found is None:
            return piece
        return {**piece, "text": f"第 {found.page} 页" if pages else found.figure, "href": found.anchor}


def tell(dataset: Dataset, chapters: Sequence[Chapter]) -> Story:
    """Make the story of a year.

    Parameters
    ----------
    chapters
        In the order of their numbers; those that failed or were left out become gaps.

    Raises
    ------
    WordingError
        A reference to a slide that is not there, also in a comment; a number whose record the ledger does not have.
    """
    admitted, ledger = admit(chapters)
    refuse_unrecorded(admitted, ledger)
    parts = _parts(admitted)
    plan = _numbered(_plan(dataset, parts))
    references = _references(parts, plan)
    remarks = _remarks(dataset, admitted, ledger)
    story = Story(dataset, ledger, tuple(admitted), parts, plan, references, remarks)
    _refuse_lost(admitted, references)
    return replace(story, sheets=tuple(_finished(sheet, story) for sheet in plan))


def _finished(sheet: Sheet, story: Story) -> Sheet:
    """Fill in what only the whole report knows: pages, references, sizes."""
    if sheet.spec is not None:
        said = sheet.spec["notes"] + [piece for one in story.remarks_on(sheet) for piece in one.as_note]
        spec = layout.cut(story.referred({**sheet.spec, "notes": said}, pages=True))
        return replace(sheet, spec={**spec, "fit": layout.fit(spec).as_json()}, title=spec["title"])
    pages = {one.anchor: one.page for one in story.sheets}
    content = _mapped(sheet.content, lambda piece: story._resolved(piece, pages=True))
    return replace(sheet, content=_paginated(content, pages))


def _mapped(value: object, change: Callable[[Mapping[str, object]], Mapping[str, object]]) -> object:
    """Change every piece of every sentence in nested data."""
    if isinstance(value, Mapping):
        is_piece = "text" in value and "is_typed" in value
        return change(value) if is_piece else {key: _mapped(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(one, change) for one in value]
    return value


def _paginated(value: object, pages: Mapping[str, int]) -> object:
    """Write pages to whatever names an anchor."""
    if isinstance(value, Mapping):
        found = {"page": pages[value["anchor"]]} if value.get("anchor") in pages else {}
        return {key: _paginated(one, pages) for key, one in value.items()} | found
    return [_paginated(one, pages) for one in value] if isinstance(value, list | tuple) else value


def admit(chapters: Sequence[Chapter]) -> tuple[list[Chapter], Ledger]:
    """Merge the records of all finished chapters; one whose records can't be taken becomes a gap.

    Returns
    -------
    chapters
        Those without a ledger, or with a record that an earlier chapter has with another value, as failed.
    ledger
        The records of the others.
    """
    merged, admitted = Ledger(), []
    for chapter in chapters:
        try:
            if chapter.is_done:
                merged.merge(_records_of(chapter), notebook=chapter.name)
        except (DataError, LedgerError) as error:
            chapter = replace(chapter, status="failed", reason=str(error))
        admitted.append(chapter)
    return admitted, merged


def _records_of(chapter: Chapter) -> list[Mapping[str, object]]:
    handed = list(carried(chapter.notebook, ledgers.MIME))
    if not handed:
        raise DataError(f"笔记本「{chapter.name}」没有交出账本；请让最后一个单元格显示 ledger")
    return handed[-1]


def earlier_records(year: Year) -> list[Mapping[str, object]]:
    """Read the records of all chapters that do not read records themselves, from their last run.

    A notebook that calls it runs after the others; a chapter that was left out or failed has no records here.
    """
    found: dict[str, Mapping[str, object]] = {}
    for path in sorted((year.dataset.reports / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if any(earlier_records.__name__ in cell.source for cell in notebook.cells):
            continue
        handed = [*carried(notebook, ledgers.MIME), []][0]
        found |= {
            str(row["key"]): {**row, "notebook": path.stem} for row in handed if row["key"] not in found
        }
    return list(found.values())


def refuse_unrecorded(chapters: Sequence[Chapter], ledger: Ledger) -> None:
    """Stop where a slide or detail prints a number that the merged ledger has not, or has in another form.

    Raises
    ------
    WordingError
        Names the slide, the sentence and the record of every such number.
    """
    found = [
        f"{chapter.name} 的「{place}」的「{sentence}」：{reason}"
        for chapter in chapters
        if chapter.is_done
        for place, sentence, reason in resolving.unrecorded(chapter.specs, chapter.details, ledger)
    ]
    if found:
        raise WordingError(
            f"{len(found)} 处数字与账本对不上：{listed(found)}。请重跑这一章，让最后一个单元格显示 ledger"
        )


def refuse_typed(chapters: Sequence[Chapter], *, allowed: Sequence[str]) -> None:
    """Stop where a slide, its chart, a detail or a notebook's prose prints what no record stands behind."""
    done = [chapter for chapter in chapters if chapter.is_done]
    found = [
        f"{chapter.name} {typed}"
        for find in (_typed_slides, _typed_prose, _typed_details, _typed_charts)
        for chapter in done
        for typed in find(chapter, allowed=allowed)
    ]
    if found:
        raise WordingError(
            f"{len(found)} 处数字或判断词是手打的，没有账本记录：{listed(found)}。"
            "请改用 {指标[层]}，判断词改用 {change(…)} 这类短语；起草时可加 --draft，先标出再改"
        )


def _typed_slides(chapter: Chapter, *, allowed: Sequence[str]) -> Iterator[str]:
    """Sentences marked what was typed in them when they were composed, names of ``allowed`` already left out."""
    for spec in chapter.specs:
        for sentence, typed in Slide(spec).typed:
            yield f"幻灯片「{plain(spec['title'])}」的句子「{sentence}」：{typed}"


def _typed_prose(chapter: Chapter, *, allowed: Sequence[str]) -> Iterator[str]:
    for cell in chapter.notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for line in re.sub(r"`[^`]*`", "", cell.source).splitlines():
            text = re.sub(r"^\s*\d+[.)] |\]\([^)]*\)", "", line)
            for typed in find_typed(text, allowed=allowed):
                yield f"的说明文字「{line[:40]}」：{typed.group()}"


def _typed_details(chapter: Chapter, *, allowed: Sequence[str]) -> Iterator[str]:
    for detail in chapter.details:
        place = f"的「{detail['name']}」"
        for piece in detail["note"]:
            if piece["is_typed"]:
                yield f"{place}的说明「{plain(detail['note'])}」：{piece['text']}"
        for head in (detail["name"], *(column["name"] for column in detail["columns"])):
            for word in find_words(head, allowed=allowed):
                yield f"{place}的标题或列名「{head}」：{word}"


def _typed_charts(chapter: Chapter, *, allowed: Sequence[str]) -> Iterator[str]:
    """What a chart draws without a record, and strong words in its labels; names in the data are nobody's words."""
    texts = (row[part] for row in _records_of(chapter) for part in ("stratum", "value"))
    known = [*allowed, *{text for text in texts if isinstance(text, str) and text}]
    for spec in chapter.specs:
        plot, place = (spec["chart"] or {}).get("plot") or {}, f"幻灯片「{plain(spec['title'])}」的图"
        for one in tracing.untraced(plot or None):
            yield f"{place}：{one}（请先用 ledger.record(表, …) 记账，再画图）"
        for label in filter(None, map(plot.get, ("label", "x_label", "target_label"))):
            for word in find_words(label, allowed=known):
                yield f"{place}的标签「{label}」：{word}"


# The sheets


def _parts(chapters: Sequence[Chapter]) -> tuple[Part, ...]:
    """Sort notebooks into the report's chapters; those that nobody wrote for are left out."""
    names = [*enumerate(PARTS, start=1), (0, APPENDIX)]
    made = [
        Part(name, numeral(i) if i else "附", f"part-{i}", tuple(one for one in chapters if one.part == i))
        for i, name in names
    ]
    return tuple(part for part in made if part.chapters or part.name == APPENDIX)


def _plan(dataset: Dataset, parts: Sequence[Part]) -> list[Sheet]:
    *chapters, appendix = parts
    last = [*_placed(appendix, appendix.chapters, "deck"), *_placed(appendix, appendix.chapters, "appendix")]
    last += [sheet for part in chapters for sheet in _placed(appendix, part.chapters, "appendix")]
    last += _limits(parts)
    shown = [*chapters, *([appendix] if last else [])]
    return [
        Sheet("cover", "cover", dataset.title, content=_cover(dataset)),
        _summary(parts),
        Sheet("agenda", "agenda", "目录", content={"parts": [_agenda_row(part) for part in shown]}),
        *[sheet for part in chapters for sheet in _part_sheets(part, _placed(part, part.chapters, "deck"))],
        *(_part_sheets(appendix, last) if last else []),
    ]


def _placed(part: Part, chapters: Sequence[Chapter], place: str) -> list[Sheet]:
    return [sheet for chapter in chapters for sheet in _slides(part, chapter, place=place)]


def _part_sheets(part: Part, content: Sequence[Sheet]) -> list[Sheet]:
    entries = [
        {"anchor": sheet.anchor, "title": sheet.title or [vars(Segment(sheet.label))]}
        for sheet in content
        if not sheet.anchor.endswith("-more")
    ]
    divider = {
        "ordinal": part.ordinal,
        "name": part.name,
        "answers": [] if part.is_appendix else [_said(chapter) for chapter in part.chapters],
        "contents": list({plain(entry["title"]): entry for entry in reversed(entries)}.values())[::-1],
    }
    return [Sheet("part", part.anchor, part.name, content=divider, part=part), *content]


def _said(chapter: Chapter) -> dict[str, object]:
    return {
        "topic": chapter.topic,
        "question": chapter.question,
        "answer": chapter.answer,
        "anchor": chapter.opening,
        "is_done": chapter.is_done,
        "gap": chapter.gap,
        "reason": chapter.reason,
    }


def _slides(part: Part, chapter: Chapter, *, place: str) -> list[Sheet]:
    """The slides of a notebook for a place of the deck, or its gap."""
    if not chapter.is_done:
        gap = {
            "name": chapter.topic,
            "gap": chapter.gap,
            "reason": chapter.reason,
            "error_link": chapter.error_link,
        }
        return [Sheet("gap", chapter.anchor, chapter.topic, content=gap, part=part, chapter=chapter)] * (
            place == "deck"
        )
    return [
        sheet
        for i, spec in enumerate(chapter.specs, start=1)
        if spec["place"] == place
        for sheet in _slide(spec, part, chapter, anchor=f"{chapter.anchor}-{i}")
    ]


def _slide(spec: Mapping[str, object], part: Part, chapter: Chapter, *, anchor: str) -> Iterator[Sheet]:
    """A slide, and its continuations where its table is long."""
    head = part.name if part.is_appendix else f"{part.ordinal}　{part.name}"
    lead = f"{head} · {chapter.topic} · ".replace(f"{part.name} · {part.name}", part.name)
    kicker = [vars(Segment(lead)), *spec["kicker"]]
    for i, page in enumerate(layout.paged(spec)):
        more = [vars(Segment("（续）"))] if i else []
        whole = {**page, "kicker": kicker, "title": [*page["title"], *more]}
        name = anchor + "-more" * i
        yield Sheet(
            "slide",
            name,
            plain(whole["title"]),
            kicker=kicker,
            title=whole["title"],
            spec=whole,
            part=part,
            chapter=chapter,
        )


def _summary(parts: Sequence[Part]) -> Sheet:
    """The executive summary: the slide that a notebook made for it, else the answers of all chapters."""
    for chapter in (chapter for part in parts for chapter in part.chapters if chapter.is_done):
        for spec in chapter.specs:
            if spec["place"] == "summary":
                whole = {**spec, "kicker": [vars(Segment("摘要"))]}
                return Sheet("summary", "summary", "摘要", title=spec["title"], spec=whole, chapter=chapter)
    answers = [
        {**_said(chapter), "name": chapter.topic}
        for part in parts
        for chapter in part.chapters
        if not part.is_appendix
    ]
    return Sheet("summary", "summary", "摘要", content={"answers": answers})


def _agenda_row(part: Part) -> dict[str, object]:
    topics = [chapter.topic for chapter in part.chapters if chapter.topic != part.name]
    questions = [chapter.question for chapter in part.chapters if chapter.question]
    about = questions[0] if len(part.chapters) == 1 and questions else "、".join(topics)
    return {
        "ordinal": part.ordinal,
        "name": part.name,
        "about": "检验、方法、数据质量、局限与来历" if part.is_appendix else about,
        "anchor": part.anchor,
        "is_done": part.is_done or part.is_appendix,
        "gap": part.chapters[0].gap if part.chapters and not part.is_done else "",
    }


def _limits(parts: Sequence[Part]) -> list[Sheet]:
    groups = [
        {"name": chapter.topic, "limits": chapter.limits}
        for part in parts
        for chapter in part.chapters
        if chapter.limits
    ]
    count = math.ceil(len(groups) / LIMITS_A_SHEET)
    # as many on each sheet, one more or less, so that none is nearly empty
    ends = [i * len(groups) // max(count, 1) for i in range(count + 1)]
    sheets = [groups[first:last] for first, last in itertools.pairwise(ends)]
    return [
        Sheet("limits", f"limits-{i}", "这些数字没有说明什么", content={"groups": some}, part=parts[-1])
        for i, some in enumerate(sheets, start=1)
    ]


def _cover(dataset: Dataset) -> dict[str, object]:
    return {
        "title": dataset.title,
        "organisation": dataset.organisation,
        "year": dataset.year,
        "lead": "从原始反馈到结论：每个数字都可以查到来历",
        "meta": [
            ("机构", dataset.organisation),
            ("报告期", f"{dataset.period_start} 至 {dataset.period_end}"),
            ("编制", dataset.author),
            ("报告日期", str(dataset.report_date)),
        ],
    }


def _numbered(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    return tuple(replace(sheet, page=i) for i, sheet in enumerate(sheets, start=1))


# Comments of analysts


def _remarks(dataset: Dataset, chapters: Sequence[Chapter], ledger: Ledger) -> tuple[Remark, ...]:
    """The year's comments on chapters that are there, each with the slide on which it stands."""
    done = {chapter.name: chapter for chapter in chapters if chapter.is_done}
    read = comments.read_comments(dataset.root / "notebooks", dataset.year)
    kept = [comment for comment in read if comment.notebook in done]
    if not kept:
        return ()
    whole = comments.ledger_for(dataset, ledger, is_whole=len(done) == len(chapters))
    judged = comments.judge(kept, whole, allowed=dataset.allowed)
    return tuple(replace(one, anchor=_standing(one, done[one.comment.notebook])) for one in judged)


def _standing(remark: Remark, chapter: Chapter) -> str:
    """Find the slide of a comment: the one that it names, else the first that prints a record which it cites."""
    anchors = [f"{chapter.anchor}-{i}" for i, _ in enumerate(chapter.specs, start=1)]
    topics = dict(zip((plain(spec["kicker"]) for spec in chapter.specs), anchors, strict=True))
    topic = remark.comment.slide
    if topic and topic not in topics and not _may_return(topic, [chapter]):
        raise WordingError(
            f"{remark.comment.place}：没有叫「{topic}」的幻灯片；{chapter.name} 有：{listed(topics, most=40)}"
        )
    if topic:
        return topics.get(topic, "")
    cited = (
        anchor for anchor, spec in zip(anchors, chapter.specs, strict=True) if _prints(spec, remark.keys)
    )
    return next(cited, "")


def _prints(spec: Mapping[str, object], keys: Sequence[str]) -> bool:
    return any(piece["key"] in keys for sentence in slides.sentences(spec) for piece in sentence)


# References between slides


def _references(parts: Sequence[Part], sheets: Sequence[Sheet]) -> dict[str, Reference]:
    """Find every slide by its topic, by ``number/topic``, and by its anchor."""
    pages = {sheet.anchor: sheet.page for sheet in sheets}
    found: dict[str, Reference] = {}
    for part in parts:
        count = 0
        for chapter in (chapter for chapter in part.chapters if chapter.is_done):
            for i, spec in enumerate(chapter.specs, start=1):
                count += 1
                anchor, topic = f"{chapter.anchor}-{i}", plain(spec["kicker"])
                page = pages.get(anchor, pages.get(chapter.anchor, pages.get(part.anchor, 0)))
                number = part.anchor.removeprefix("part-").replace("0", "附")
                reference = Reference(anchor, page, f"图 {number}-{count}")
                found |= {anchor: reference, f"{chapter.number}/{topic}": reference}
                found.setdefault(topic, reference)
    return found


def _may_return(topic: str, chapters: Sequence[Chapter]) -> bool:
    """Say whether a slide is only missing this time: its chapter is, or its data are; then its name is printed."""
    if not all(chapter.is_done for chapter in chapters):
        return True
    named = f'topic="{topic.split("/")[-1]}"'
    return any(named in cell.source for chapter in chapters for cell in chapter.notebook.cells)


def _refuse_lost(chapters: Sequence[Chapter], references: Mapping[str, Reference]) -> None:
    said = [
        (f"{chapter.name} 幻灯片「{plain(spec['title'])}」", sentence)
        for chapter in chapters
        if chapter.is_done
        for spec in chapter.specs
        for sentence in slides.sentences(spec)
    ]
    said += [
        (f"{chapter.name} 的「{detail['name']}」", detail["note"])
        for chapter in chapters
        if chapter.is_done
        for detail in chapter.details
    ]
    lost = [
        f"{place}：{piece['see']}"
        for place, sentence in said
        for piece in sentence
        if piece.get("see") and piece["see"] not in references and not _may_return(piece["see"], chapters)
    ]
    if lost:
        raise WordingError(
            f"{{see(…)}} 指向没有的幻灯片：{listed(lost)}；请写另一张幻灯片的 topic，或 编号/topic"
        )
