"""Personal data: what is masked, what is left alone, and that none of the sample's reaches a table or a page."""

from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.dataset import open_year
from fbanalysis.intake.privacy import mask_text

ROOT = Path(__file__).parents[1]
KEY = pd.read_csv(Path(__file__).with_name("personal_data.csv"), dtype=str)
FREE_TEXT = {"feedback": ("comment",), "codings": ("comment",), "issues": ("description",)}
FREE_TEXT |= {"causes": ("statement", "evidence"), "incident_steps": ("note",)}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫王小明，在线等", "我叫〔姓名〕，在线等"),
        ("联系人：邹娜，请回电", "联系人：〔姓名〕，请回电"),
        ("户名上官景承，尽快退", "户名〔姓名〕，尽快退"),
        ("晏砚思来电。又掉线了", "〔姓名〕来电。又掉线了"),
        ("上次是楚溪书经理接待的", "上次是〔姓名〕经理接待的"),
        ("张经理和李工都来了", "〔姓名〕经理和〔姓名〕工都来了"),
        ("过了一周李经理才回访", "过了一周〔姓名〕经理才回访"),
        ("小陈半夜上线", "〔姓名〕半夜上线"),
        ("微信号：lina_2020x", "微信号：〔微信〕"),
        ("加QQ 90000-33243", "加QQ 〔QQ〕"),
        ("沪O·I0893停在门口", "〔车牌〕停在门口"),
        ("地址：梧溪市溪东区银帆大道156号3栋201室", "地址：〔地址〕"),
        ("一三零零零零零一二三四打这个", "〔电话〕打这个"),
        ("(021)0000 0260", "〔电话〕"),
    ],
)
def test_what_points_to_a_person_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "感谢老师，谢谢顾问",
        "高级工程师和产品经理都来了",
        "客户经理没人回，许多老师也说慢",
        "工单没有处理，王总部署过",
        "最小周期是一周，对于老师傅来说难",
        "新API2023接口，云A系统2023版",
        "中山路沿线网点，第3号工单",
        "联系人和分机写清楚，来电人反馈页面打不开",
        "不许老师们提问，打击老赖",
        "实施顾问画了一张图",
    ],
)
def test_what_points_to_nobody_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


def test_the_key_names_every_kind_of_both_years() -> None:
    counts = KEY.groupby(["year", "kind"]).size().unstack()
    assert set(counts.columns) == {"姓名", "电话", "身份证", "卡号", "邮箱", "地址", "车牌", "微信", "QQ"}
    assert counts.min().min() >= 6


@pytest.mark.parametrize("year", [2022, 2023])
def test_no_planted_piece_is_in_a_processed_table(sample_report: Path, year: int) -> None:
    data = open_year(year, root=ROOT)
    texts = [
        data.table(name)[column].dropna()
        for name, columns in FREE_TEXT.items()
        if data.has(name)
        for column in columns
    ]
    told = "\n".join(pd.concat(texts))
    left = [piece for piece in KEY.loc[KEY["year"] == str(year), "text"] if piece in told]
    assert left == []


def test_no_planted_piece_is_in_a_finished_file(sample_report: Path) -> None:
    files = [path for path in sample_report.rglob("*") if path.suffix in (".html", ".csv", ".json", ".ipynb")]
    assert len(files) >= 10
    files += [ROOT / "data" / "processed" / str(year) / "quarantine.csv" for year in (2022, 2023)]
    pieces = KEY["text"].unique()
    for path in files:
        text = path.read_text("utf-8")
        assert [piece for piece in pieces if piece in text] == [], path.name
