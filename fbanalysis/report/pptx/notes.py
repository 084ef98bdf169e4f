"""Speaker notes: what is said besides, how the slide is read, and where each of its numbers comes from."""

from collections.abc import Iterator, Mapping

from fbanalysis.report.layout import plain
from fbanalysis.report.ledger import Ledger, Record
from fbanalysis.report.story import Sheet, Story

_MOST_RECORDS = 40


def notes_of(sheet: Sheet, story: Story) -> list[str]:
    """Give the paragraphs of a sheet's notes; each sentence stands once."""
    spec = sheet.spec
    lines = []
    if spec is not None:
        lines += plain(spec["notes"]).strip("\n").split("\n")
        lines += [f"读法：{plain(one['text'])}" for one in spec["reading"]]
        lines += [f"来源：{plain(spec['source'])}"] if plain(spec["source"]) else []
    else:
        lines += [_about(sheet, story)]
    records = list(_records(spec or sheet.content, story.ledger))
    if records:
        lines += ["数字来历：", *[origin(record) for record in records[:_MOST_RECORDS]]]
    if len(records) > _MOST_RECORDS:
        lines.append(f"另有 {len(records) - _MOST_RECORDS} 个数字，见工作簿的账本。")
    return list(dict.fromkeys(filter(None, lines)))


def _about(sheet: Sheet, story: Story) -> str:
    about = {
        "cover": f"{story.foot}。",
        "summary": "各章对自己问题的回答，一页看完；页码可以点。",
        "agenda": "目录；页码可以点。",
        "part": f"本章：{sheet.label}。",
        "gap": f"「{sheet.label}」留空：{sheet.content.get('reason', '')}",
        "limits": "读数字之前先看它们没有说明什么。",
    }
    return about.get(sheet.kind, sheet.label)


def origin(record: Record) -> str:
    """Say where a number comes from: its name, printed value, base, interval and method."""
    parts = [f"{record.key} = {record.printed}"]
    if record.n is not None:
        parts.append(f"n = {record.n:,.0f}")
    if record.has_interval:
        level = f"{record.level * 100:g}%"
        parts.append(f"{level} 区间 {record.show(record.low, suffix=False)}–{record.show(record.high)}")
    return "；".join([*parts, *filter(None, [record.method])])


def _records(content: object, ledger: Ledger) -> Iterator[Record]:
    """Give the records of all numbers in nested data, each once, in order."""
    keys = dict.fromkeys(key for key in _keys(content) if key in ledger)
    return (ledger[key] for key in keys)


def _keys(content: object) -> Iterator[str]:
    if isinstance(content, Mapping):
        if content.get("key"):
            yield str(content["key"])
        for name, value in content.items():
            if name not in ("chart", "fit", "headline"):
                yield from _keys(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _keys(value)
