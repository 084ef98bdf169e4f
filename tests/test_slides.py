"""A slide is data over the ledger; it escapes what users wrote and names what is wrong."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from fbanalysis.dataset import Theme, Thresholds
from fbanalysis.errors import WordingError
from fbanalysis.report import charts
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.slides import MIME, LedgerTable, Slide, make_slide, render, sentences, slides_for

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def ledger() -> Ledger:
    dataset = SimpleNamespace(allowed=("P0",), thresholds=Thresholds(), theme=Theme())
    ledger = Ledger(SimpleNamespace(year=2023, read={}, dataset=dataset))
    ledger.note("n", "all", 3528, unit="count", method="计数")
    ledger.note("mean", "服务", 4.4995, unit="score", method="均值", n=1103, low=4.47, high=4.53)
    return ledger


def test_a_slide_carries_its_content_as_plain_data(ledger: Ledger) -> None:
    slide = slides_for(ledger)(
        "{n[all]} 条反馈",
        topic="样本",
        figures=[("{mean[服务]}", "服务")],
        reading=[("look", "均值 {mean[服务]}")],
        source="共 {n[all]} 条",
        notes="口头补充 {n[all]}",
    )
    spec = json.loads(json.dumps(slide._repr_mimebundle_()[MIME]))
    assert [piece["key"] for piece in spec["title"]] == ["n[all]", ""]
    assert spec["figures"][0]["value"][0]["text"] == "4.5\u202f分"
    assert spec["reading"][0]["tone"] == "look"
    assert len(sentences(spec)) == 8


def test_every_number_stands_in_a_data_element(ledger: Ledger) -> None:
    html = render(make_slide("{n[all]} 条反馈", topic="样本", ledger=ledger).spec)
    assert '<data value="n[all]">3,528</data>' in html


def test_what_users_wrote_is_escaped_everywhere(ledger: Ledger) -> None:
    ledger.note("share", HOSTILE, 12.0, unit="percent", method=HOSTILE, verdict=HOSTILE)
    frame = pd.DataFrame({"stratum": [HOSTILE], "percent": [12.0]})
    table = LedgerTable(rows=[HOSTILE], columns={HOSTILE: "share", "结论": "share:verdict"}, header=HOSTILE)
    parts = {
        "chart": charts.bars(frame, by="stratum", value="percent", unit="percent"),
        "table": table,
        "quotes": pd.DataFrame({"stratum": [HOSTILE], "comment": [HOSTILE]}),
    }
    for name, part in parts.items():
        slide = make_slide(
            "{which(share, " + HOSTILE.replace(",", "") + ")}", topic="x", ledger=ledger, **{name: part}
        )
        for html in (render(slide.spec), slide._repr_mimebundle_()["text/html"]):
            assert "<script>" not in html
            assert "<img" not in html


def test_a_table_prints_records_and_a_dash_where_there_is_none(ledger: Ledger) -> None:
    table = LedgerTable(
        rows=["服务", "产品"], columns={"均值": "mean", "区间": "mean:interval", "p": "mean:p"}
    )
    slide = make_slide("x", topic="x", ledger=ledger, table=table)
    rows = [
        ["".join(piece["text"] for piece in cell) for cell in row["cells"]]
        for row in slide.spec["table"]["rows"]
    ]
    assert [[text.replace("\u202f", " ") for text in row] for row in rows] == [
        ["4.5 分", "4.47–4.53 分", "–"],
        ["–"] * 3,
    ]


def test_a_table_prints_strata_with_brackets_and_a_typed_header_is_caught(ledger: Ledger) -> None:
    ledger.note("mean", "A[1]，乙", 3.2, unit="score", method="均值")
    table = LedgerTable(rows=["A[1]，乙"], columns={"2022 年": "mean"})
    slide = make_slide("x", topic="x", ledger=ledger, table=table)
    assert slide.spec["table"]["rows"][0]["cells"][0][0]["text"] == "3.2 分"
    assert [typed for _, typed in slide.typed] == ["2022"]


def test_typed_numbers_are_marked_and_listed(ledger: Ledger) -> None:
    slide = make_slide("{n[all]} 条，提升 12%", topic="P0", ledger=ledger)
    assert slide.typed == [("3,528\u202f条，提升\u202f12%", "12%")]
    assert '<mark class="fb-typed"' in render(slide.spec)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (
            {"title": "x", "table": LedgerTable(["服务"], {"均": "meen"})},
            "表里的「meen」：账本里没有指标「meen」",
        ),
        (
            {"title": "x", "table": LedgerTable(["服务"], {"均": "mean:interval2"})},
            "没有短语「interval2」；可用",
        ),
        ({"title": "{n[al]}"}, "幻灯片「{n.al.}」.*没有记录「n.al.」"),
        ({"title": "x", "reading": [("bad", "y")]}, "语气「bad」不认识；可用：good、look、context"),
        ({"title": "x", "source": "{m[a]}"}, "幻灯片「x」：句子「{m.a.}」"),
        ({"title": "x", "table": LedgerTable([], {}), "quotes": pd.DataFrame()}, "只能选一种"),
    ],
)
def test_faults_name_slide_and_sentence(arguments: dict, match: str, ledger: Ledger) -> None:
    with pytest.raises(WordingError, match=match):
        make_slide(topic="x", ledger=ledger, **arguments)


def test_a_slide_read_back_is_the_same_slide(ledger: Ledger) -> None:
    spec = make_slide("{n[all]} 条", topic="x", ledger=ledger).spec
    assert render(json.loads(json.dumps(spec))) == render(spec)
    assert Slide(json.loads(json.dumps(spec))).typed == []
