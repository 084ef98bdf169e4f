"""Holds what a file of ours carries beside its text: the records that a click opens, and what hides or recomputes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fbanalysis.report.audit.findings import Finding
from fbanalysis.report.audit.ours.printed import Entry, rounded, squeezed
from fbanalysis.report.audit.passages import Document

#: Marks that turn the direction in which text is read: no text of ours has any.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: Id of the element with the records that numbers open.
RECORDS = "fb-records"

_PLACE = "点开数字看到的账本"


def carried(document: Document, ledger: Mapping[str, Entry]) -> Iterator[Finding]:
    """Give what is wrong beside the text of a file of ours."""
    for place, what in document.oddities:
        said = f"{place}有{what}：我们的文件里没有，是后来加上的。"
        yield Finding(place, what, "多出的文字", what, "（没有）", "矛盾", said)
    for place in dict.fromkeys(one.place for one in document.passages if document.kind == "pptx"):
        if place.endswith("（隐藏）"):
            said = f"{place}：我们的幻灯片没有隐藏的，放映时少了这一张。"
            yield Finding(place, place, "缺少整页", "隐藏", "（没有隐藏的）", "矛盾", said)
    for passage in document.passages:
        if BIDI.search(passage.text):
            said = "这里有改变文字方向的控制字符：读到的顺序与存下的不同。"
            bare = BIDI.sub("", passage.text)
            yield Finding(passage.place, bare, "多出的文字", bare, "（没有控制字符）", "矛盾", said)
    if document.kind == "html" and document.path.stem != "index":
        yield from _records(document.attached.get(RECORDS), ledger)


def _records(text: str | None, ledger: Mapping[str, Entry]) -> Iterator[Finding]:
    """Compare the records that a page carries with the ledger's."""
    try:
        rows = json.loads(text or "")
        told = {str(key): {**row} for key, row in rows.items()}
    except (ValueError, AttributeError, TypeError):
        said = "页面里点开数字要看的账本没有了，或不再是账本。"
        yield Finding(_PLACE, "", "来历", "（没有）", RECORDS, "矛盾", said)
        return
    for key in sorted(told.keys() | ledger.keys()):
        if key not in told or key not in ledger:
            printed, wanted = ("（没有）", key) if key in ledger else (key, "（没有）")
            yield _differing(key, "记录", printed, wanted)
        else:
            yield from _fields(told[key], ledger[key])


def _fields(row: Mapping[str, Any], entry: Entry) -> Iterator[Finding]:
    wanted = {
        "printed": entry.printed,
        "value": entry.value if entry.is_text else f"{entry.value:.6g}",
        "n": "" if entry.n is None else rounded(entry.n, 0),
        "method": entry.method,
        "filter": entry.filter,
        "weight": entry.weight,
    }
    for name, text in wanted.items():
        if str(row.get(name, "")) != text:
            yield _differing(entry.key, name, str(row.get(name, "")), text)
    said = squeezed(str(row.get("interval", "")))
    forms = [form for form, what in entry.forms.items() if what == "interval"]
    if said not in (forms or [""]):
        yield _differing(entry.key, "interval", said, forms[0] if forms else "")


_FIELDS = {
    "printed": "印作", "value": "数值", "n": "样本量", "method": "方法", "filter": "范围", "weight": "加权", "interval": "区间",
}  # fmt: skip


def _differing(key: str, name: str, printed: str, wanted: str) -> Finding:
    what = _FIELDS.get(name, name)
    said = f"点开 {key} 看到的{what}是「{printed}」，账本里是「{wanted}」。"
    return Finding(_PLACE, f"{key} {printed}", "来历", printed, wanted, "矛盾", said, key)
