"""Personal data: what is masked, what is left alone, and that none of the sample's reaches a table or a page."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from texts import text_of

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
        ("请何先生回电，和程女士沟通", "请〔姓名〕先生回电，和〔姓名〕女士沟通"),
        ("任主任、方老师、欧阳经理都在", "〔姓名〕主任、〔姓名〕老师、〔姓名〕经理都在"),
        ("于姐和小马来了", "〔姓名〕姐和〔姓名〕来了"),
        ("请把设备送到中山路12号", "请把设备送到〔地址〕"),
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
        "我在系统里12号提交的申请，这里5号",
        "上个月里15号扣费，线路3号故障，高速公路3号出口",
        "比以前小许多，小程序和小熊猫",
        "姓名：必填，联系人 电话，户名：不符",
        "退到余额的卡，微信 payment，微信account授权",
        "对方经理没回，担任主任，由于老师忙，课程老师",
    ],
)
def test_what_points_to_nobody_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "北京市天津市上海市重庆市广州市" * 400 + "，1号",
        "a" * 50000,
        "a." * 25000,
        "市" * 5000,
        "王" * 50000,
        "路" * 50000,
        "1 2" * 20000,
        "中山" * 20000 + "路1号",
        "我是" * 20000,
    ],
    ids=lambda text: text[:6],
)
def test_no_text_keeps_the_masks_busy(text: str) -> None:
    """Each took minutes, or forever, with patterns that try one place in several ways."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from fbanalysis.intake.privacy import mask_text; mask_text(sys.stdin.read())",
        ],
        input=text,
        text=True,
        encoding="utf-8",
        timeout=30,
        cwd=ROOT,
    )
    assert done.returncode == 0


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
    files = [
        path
        for path in sample_report.rglob("*")
        if path.suffix in (".html", ".csv", ".json", ".ipynb", ".pptx", ".xlsx", ".pdf")
    ]
    assert {path.suffix for path in files} >= {".html", ".csv", ".json", ".ipynb", ".pptx", ".xlsx"}
    files += [ROOT / "data" / "processed" / str(year) / "quarantine.csv" for year in (2022, 2023)]
    pieces = KEY["text"].unique()
    for path in files:
        text = text_of(path)
        assert text.strip()
        assert [piece for piece in pieces if piece in text] == [], path.name
