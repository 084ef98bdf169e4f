"""What each slide of the PowerPoint file should say, its notes included, as the story and the folder's ledger have it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from fbanalysis.report import layout
from fbanalysis.report.audit.ours.expected import (
    CHART,
    COUNT,
    GAP,
    NAME,
    ORDINAL,
    PAGE,
    PERIOD,
    QUOTE,
    Line,
    Piece,
    Section,
    Spec,
    answered,
    figure_lines,
    line,
    table_lines,
)
from fbanalysis.report.audit.ours.printed import Entry, origin
from fbanalysis.report.layout import plain
from fbanalysis.report.pptx.charts import NATIVE, has_values
from fbanalysis.report.story import Sheet, Story

#: A slide's notes name at most so many records.
_MOST_RECORDS = 40


def pptx_sections(story: Story, ledger: Mapping[str, Entry]) -> list[Section]:
    """Give what each slide should say."""
    return [
        Section(
            sheet.anchor,
            sheet.page,
            (*_slide_lines(sheet, story), *_notes(sheet, story, ledger)),
            sheet.spec,
        )
        for sheet in story.sheets
    ]


def _slide_lines(sheet: Sheet, story: Story) -> Iterator[Line]:
    if sheet.spec is None:
        lines = _FRONTS[sheet.kind](sheet.content)
        if story.dataset.theme.template:  # the large year stands on our own cover only
            lines = (one for one in lines if one.text != str(story.dataset.year))
        yield from lines
        if sheet.kind != "cover":
            yield line("foot", story.foot, rule=PERIOD)
    else:
        yield line("text", sheet.spec["kicker"])
        yield line("title", sheet.spec["title"])
        yield from _content(sheet.spec)
        if sheet.spec["source"]:
            yield line("foot", "来源：", sheet.spec["source"])
    yield line("foot", str(sheet.page), rule=PAGE)


def _content(spec: Spec) -> Iterator[Line]:
    if spec["chart"]:
        yield from _chart(spec["chart"])
    elif spec["table"]:
        yield _table_alt(spec)
        yield from table_lines(spec["table"])
    elif spec["quotes"]:
        yield from _quotes(spec)
    elif layout.is_tiled(spec):
        yield from _tiles(spec)
    if not layout.is_tiled(spec):
        yield from figure_lines(spec)
    for paragraph in spec["reading"]:
        yield line("text", paragraph["text"])


def _table_alt(spec: Spec) -> Line:
    heads = "、".join(plain(head) for head in spec["table"]["columns"])
    count = Piece(f"{len(spec['table']['rows'])}", rule=COUNT)
    return line("alt", "表：", spec["title"], "；", count, f" 行，列为 {heads}。")


def _tiles(spec: Spec) -> Iterator[Line]:
    parts: list[object] = []
    for figure in spec["figures"]:
        parts += [*(["；"] if parts else []), figure["caption"], " ", figure["value"]]
    yield line("alt", *parts)
    for figure in spec["figures"]:
        yield line("cell", figure["value"], " ", figure["caption"])


def _quotes(spec: Spec) -> Iterator[Line]:
    groups = layout.quote_groups(spec)
    counted = [Piece(f"{len(quotes)} 条", rule=COUNT) for quotes in groups.values()]
    parts = [
        one for name, count in zip(groups, counted, strict=True) for one in ("；", Piece(f"{name} "), count)
    ]
    yield line("alt", "原话：", *parts[1:])
    across = min(len(groups), 3 if layout.content_width(spec) > 900 else 2)
    named = list(groups.items())
    for i in range(0, len(named), across):
        some = named[i : i + across]
        for name, _ in some:
            yield line("text", name, rule=NAME)
        for k in range(max(len(quotes) for _, quotes in some)):
            for _, quotes in some:
                if k < len(quotes):
                    yield line("quote", f"“{quotes[k]}”", rule=QUOTE)


def _chart(chart: Spec) -> Iterator[Line]:
    """Give a chart's description; its values are held against the plot one by one."""
    plot = chart["plot"]
    if plot is None or not has_values(plot):
        yield line("text", "没有数据")
        return
    yield line("alt", str(chart["alt"]), rule=CHART, chart=chart)
    if plot["kind"] == "heat":
        yield from _heat(plot, chart)


def has_plot(spec: Spec | None) -> bool:
    """Say whether a slide has a chart with any value."""
    plot = spec["chart"]["plot"] if spec and spec["chart"] else None
    return plot is not None and has_values(plot)


def is_native(spec: Spec | None) -> bool:
    """Say whether a slide's chart is one that PowerPoint draws."""
    return has_plot(spec) and spec["chart"]["plot"]["kind"] in NATIVE


def _heat(plot: Spec, chart: Spec) -> Iterator[Line]:
    yield line("cell", str(plot["label"]), rule=CHART, chart=chart)
    for series in plot["series"]:
        yield line("cell", str(series["name"]), rule=CHART, chart=chart)
    for i, name in enumerate(plot["categories"]):
        yield line("cell", str(name), rule=CHART, chart=chart)
        for series in plot["series"]:
            text = str(series["texts"][i] if series["texts"] else series["values"][i])
            yield line("cell", text, rule=CHART, chart=chart, row=str(name), column=str(series["name"]))


# Sheets that are no slides


def _cover(content: Spec) -> Iterator[Line]:
    yield line("title", str(content["title"]), rule=PERIOD)
    yield line("text", str(content["lead"]))
    yield line("text", str(content["year"]), rule=PERIOD)
    for name, text in content["meta"]:
        yield line("text", Piece(f"{name}　"), Piece(str(text), rule=PERIOD))


def _agenda(content: Spec) -> Iterator[Line]:
    parts = content["parts"]
    yield line("text", "目录")
    yield line("title", "本报告回答的问题")
    yield line("alt", f"目录：{'、'.join(str(part['name']) for part in parts)}")
    for part in parts:
        yield line("cell", str(part["ordinal"]), rule=ORDINAL)
        yield line("cell", str(part["name"]))
        yield line("cell", str(part["about"] if part["is_done"] else part["gap"]))
        yield line("cell", str(part.get("page") or ""), rule=PAGE)


def _summary(content: Spec) -> Iterator[Line]:
    yield line("text", "摘要")
    yield line("title", "一页看完：每章的回答")
    yield from _answers(content["answers"], name="name")


def _answers(answers: Sequence[Spec], *, name: str) -> Iterator[Line]:
    if answers:
        yield line("alt", "各章的回答：" + "；".join(str(one[name]) for one in answers))
    for answer in answers:
        yield line("cell", str(answer[name]))
        yield answered(answer)
        yield line("cell", str(answer.get("page") or ""), rule=PAGE)


def _part(content: Spec) -> Iterator[Line]:
    answers, contents = content["answers"], content["contents"]
    if content["ordinal"] != "附":
        yield line("text", f"第{content['ordinal']}章", rule=ORDINAL)
    yield line("title", str(content["name"]))
    if len(answers) == 1:
        [answer] = answers
        said = answer["answer"] if answer["is_done"] else str(answer["gap"])
        yield line("alt", str(answer["question"]), said)
        yield line("text", str(answer["question"]))
        yield answered(answer)
    elif answers:
        yield from _answers(answers, name="topic")
    if len(answers) < 2 and contents:
        yield _contents_alt(contents)
        for entry in contents:
            yield line("cell", str(entry.get("page") or ""), rule=PAGE)
            yield line("text", entry["title"])


def _contents_alt(contents: Sequence[Spec]) -> Line:
    parts = [one for entry in contents for one in ("；", entry["title"])]
    return line("alt", "本章内容：", *parts[1:])


def _gap(content: Spec) -> Iterator[Line]:
    yield line("text", str(content["name"]))
    yield line("title", str(content["gap"]))
    yield line("text", "此处留空，不以旧数代替")
    yield line("text", str(content["reason"]), rule=GAP)
    if content.get("error_link"):
        yield line("text", f"出错的单元格见 {content['error_link']}")


def _limits(content: Spec) -> Iterator[Line]:
    groups = content["groups"]
    yield line("text", "附录 · 局限")
    yield line("title", "这些数字没有说明什么")
    yield line("alt", "各章的局限：" + "、".join(str(group["name"]) for group in groups))
    for group in groups:
        yield line("cell", str(group["name"]), *(f" {limit}" for limit in group["limits"]))


_FRONTS: Mapping[str, Callable[[Spec], Iterator[Line]]] = {
    "cover": _cover,
    "agenda": _agenda,
    "summary": _summary,
    "part": _part,
    "gap": _gap,
    "limits": _limits,
}


# The notes


def _notes(sheet: Sheet, story: Story, ledger: Mapping[str, Entry]) -> Iterator[Line]:
    """Give the notes: what the speaker says, the reading, the source, and where each number comes from."""
    lines = _spoken(sheet.spec) if sheet.spec is not None else [_about(sheet, story)]
    entries = [ledger[key] for key in dict.fromkeys(_keys(sheet.spec or sheet.content)) if key in ledger]
    if entries:
        lines.append(line("note", "数字来历："))
    lines += [
        Line("note", (Piece(origin(one), key=one.key, rule="来历"),)) for one in entries[:_MOST_RECORDS]
    ]
    if len(entries) > _MOST_RECORDS:
        more = Piece(str(len(entries) - _MOST_RECORDS), rule=COUNT)
        lines.append(line("note", "另有 ", more, " 个数字，见工作簿的账本。"))
    seen = {one.text: one for one in reversed(lines) if one.text}
    yield from reversed(seen.values())


def _spoken(spec: Spec) -> list[Line]:
    lines = [Line("note", pieces) for pieces in _paragraphs(line("note", spec["notes"]).pieces)]
    lines += [line("note", "读法：", one["text"]) for one in spec["reading"]]
    return lines + ([line("note", "来源：", spec["source"])] if plain(spec["source"]) else [])


def _paragraphs(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Divide a text at its line breaks."""
    kept: list[Piece] = []
    for piece in pieces:
        first, *others = piece.text.split("\n")
        kept.append(replace(piece, text=first))
        for other in others:
            yield tuple(kept)
            kept = [replace(piece, text=other)]
    yield tuple(kept)


def _about(sheet: Sheet, story: Story) -> Line:
    about = {
        "cover": f"{story.foot}。",
        "summary": "各章对自己问题的回答，一页看完；页码可以点。",
        "agenda": "目录；页码可以点。",
        "part": f"本章：{sheet.label}。",
        "gap": f"「{sheet.label}」留空：{sheet.content.get('reason', '')}",
        "limits": "读数字之前先看它们没有说明什么。",
    }
    return line("note", about[sheet.kind], rule=GAP if sheet.kind == "gap" else PERIOD)


def _keys(content: object) -> Iterator[str]:
    """Name the records of all numbers on a sheet, in order; those of a drawing are in its chart."""
    if isinstance(content, Mapping):
        if content.get("key"):
            yield str(content["key"])
        for name, value in content.items():
            if name not in ("chart", "fit", "headline"):
                yield from _keys(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _keys(value)
