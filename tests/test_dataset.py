"""dataset.toml is read or refused with one sentence that names the line; years are opened or explained."""

import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.colours import contrast, distance
from fbanalysis.dataset import Theme, Thresholds, available_years, find_root, load_dataset, open_year
from fbanalysis.errors import ConfigError, DataError, MissingTableError
from fbanalysis.schema import TABLES, schema

CONFIG = """seed = 7

[report]
title = "年度反馈分析报告"
organisation = "某公司"
author = "客户体验部"
report_date = 2024-01-15
allowed = ["P0", "7×24"]

[period]
start = 2023-01-01
end = 2023-12-31
midyear_check = 2023-06-30

[scale]
minimum = 1
maximum = 5

[thresholds]
alpha = 0.01

[[feedback]]
file = "问卷.csv"
channel = "在线问卷调查"
owner = "市场部"
[feedback.columns]
feedback_id = "序号"
submitted_at = "时间"
stratum = "人群"
kind = "类型"
[feedback.constants]
side = "external"
[feedback.values.kind]
"投诉" = "问题反映"
[feedback.formats]
submitted_at = "%Y/%m/%d"

[[feedback]]
file = "热线.xlsx"
channel = "客户服务热线"
sheet = "明细"
columns = { feedback_id = "编号", submitted_at = "时间", stratum = "人群", kind = "类型", side = "内外" }
[feedback.constants]
region = "华东"

[tables.population]
file = "人群.csv"
columns = { side = "边", stratum = "层", population = "人数" }
"""


def write_year(root: Path, text: str = CONFIG, *, year: int = 2023) -> Path:
    folder = root / "data" / "raw" / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("问卷.csv", "热线.xlsx", "人群.csv", ".DS_Store", "~$热线.xlsx"):
        (folder / name).touch()
    (folder / "dataset.toml").write_text(text, encoding="utf-8")
    return root


def test_everything_in_the_file_arrives(tmp_path):
    dataset = load_dataset(write_year(tmp_path), 2023)
    first, second = dataset.feedback
    assert (dataset.seed, dataset.title, dataset.author) == (7, "年度反馈分析报告", "客户体验部")
    assert (dataset.period_start, dataset.period_end) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (dataset.midyear_check, dataset.report_date) == (date(2023, 6, 30), date(2024, 1, 15))
    assert (dataset.scale_minimum, dataset.scale_maximum) == (1.0, 5.0)
    assert dataset.allowed == ("P0", "7×24")
    assert dataset.thresholds == Thresholds(alpha=0.01)
    assert first.constants == {"channel": "在线问卷调查", "side": "external"}
    assert first.values == {"kind": {"投诉": "问题反映"}}
    assert first.formats == {"submitted_at": "%Y/%m/%d"}
    assert (first.owner, first.label, second.label) == ("市场部", "问卷", "热线-明细")
    assert list(dataset.tables) == ["population"]
    assert dataset.raw == tmp_path / "data" / "raw" / "2023"
    assert dataset.processed == tmp_path / "data" / "processed" / "2023"
    assert dataset.reports == tmp_path / "reports" / "2023"


def test_optional_keys_have_defaults(tmp_path):
    text = CONFIG.replace("seed = 7\n", "").replace("midyear_check = 2023-06-30\n", "")
    text = text.replace('allowed = ["P0", "7×24"]\n', "").replace("[thresholds]\nalpha = 0.01\n", "")
    dataset = load_dataset(write_year(tmp_path, text), 2023)
    assert (dataset.seed, dataset.midyear_check, dataset.allowed) == (20231231, None, ())
    assert dataset.thresholds == Thresholds()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'channel = "在线',
            'chanel = "在线',
            "第 24 行：不认识的键「chanel」，是否想写「channel」？这里可用：file、channel、",
        ),
        (
            "[scale]",
            "[scales]",
            "第 15 行：不认识的键「scales」，是否想写「scale」？这里可用：seed、report、",
        ),
        ("alpha", "alfa", "第 20 行：不认识的键「alfa」，是否想写「alpha」？这里可用：alpha、minimum_base、"),
        ("seed = 7", 'seed = "7"', '第 1 行：「seed」应为整数，写的是文字 "7"。'),
        ("seed = 7", "seed = true", "第 1 行：「seed」应为整数，写的是true。"),
        ('"某公司"', '" "', "第 5 行：「organisation」应为文字"),
        ("2024-01-15", '"2024-01-15"', "第 7 行：「report_date」应为日期（写成 2023-01-01，不加引号）"),
        ('["P0", "7×24"]', '"P0"', "第 8 行：「allowed」应为文字的列表"),
        ('author = "客户体验部"\n', "", "第 3 行：[report]缺少必需的「author」，应为文字"),
        ("[scale]\nminimum = 1\nmaximum = 5\n", "", "dataset.toml：文件开头缺少必需的[scale] 一节"),
        ("minimum = 1", "minimum = 5", "第 16 行：评分下限 5 应小于上限 5。"),
        ("alpha = 0.01", "alpha = 1.5", "第 20 行：「alpha」= 1.5，应在 0 与 1 之间。"),
        ("end = 2023-12-31", "end = 2022-12-31", "第 11 行：时期的开始 2023-01-01 晚于结束 2022-12-31。"),
        ("2023-06-30", "2024-06-30", "第 13 行：「midyear_check」= 2024-06-30，应在 2023-01-01 至"),
        (
            '"问卷.csv"',
            '"问券.csv"',
            "第 23 行：找不到文件「问券.csv」，是否想写「问卷.csv」？文件夹里有：人群.csv、热线.xlsx、",
        ),
        ('"问卷.csv"', '"../问卷.csv"', "第 23 行：文件「../问卷.csv」应放在 2023 文件夹里"),
        ('"问卷.csv"', '"问卷.xls"', "第 23 行：文件「问卷.xls」应是 .xlsx 或 .csv"),
        ('sheet = "明细"', 'encoding = "gbk"', "第 41 行：「encoding」只用于 .csv"),
        ('owner = "市场部"', 'sheet = "a"', "第 25 行：「sheet」只用于 .xlsx"),
        ('owner = "市场部"', 'encoding = "gb2"', "第 25 行：不认识的编码「gb2」；常用的有：utf-8、"),
        (
            'submitted_at = "时间"',
            'submited_at = "时间"',
            "第 28 行：不认识的键「submited_at」，是否想写「submitted_at」？",
        ),
        (
            'kind = "类型"\n[',
            "[",
            "第 32 行：「kind」没有写在 columns 里；columns 里有：feedback_id、submitted_at、stratum。",
        ),
        (
            'stratum = "人群"\n',
            "",
            "第 22 行：[[feedback]]没有给出必需的列「stratum」，请写进 columns 或 constants",
        ),
        (
            '"问题反映"',
            '"问题"',
            "第 34 行：「问题」不是 kind 的值，是否想写「问题反映」？可用：建议、表扬、问题反映。",
        ),
        ('"external"', '"outside"', "第 32 行：「outside」不是 side 的值；可用：internal、external。"),
        ('"%Y/%m/%d"', '"YYYY/MM/DD"', "第 36 行：「YYYY/MM/DD」不是时间格式"),
        ('side = "external"', 'channel = "x"', "第 24 行：「channel」既写成固定值，又写进了"),
        ('side = "external"', 'kind = "建议"', "「kind」既在 columns 又在 constants 或 melt 里"),
        (
            "[tables.population]",
            "[tables.popul]",
            "第 46 行：不认识的键「popul」，是否想写「population」？这里可用：population、margins、",
        ),
        ("[tables.population]", "[tables.comments]", "第 46 行：不认识的键「comments」"),
        ('"热线.xlsx"', '"问卷.csv"', "「sheet」只用于 .xlsx"),
        ('"某公司"', "某公司", "第 5 行：值写得不对：文字要放在双引号里"),
        (
            '"某公司"',
            "“某公司”",
            "第 5 行：值写得不对：文字要放在双引号里，日期写成 2023-01-01；这一行有全角符号 “ ”，请用半角",
        ),
        ('"某公司"', '"某公司', "第 5 行：文字没有在同一行用双引号结束"),
        ('"投诉" =', "投诉 =", "第 34 行：不是「键 = 值」的写法；中文的键要放在双引号里"),
        ("[period]", "[period", "第 10 行：方括号标题没有写完"),
        ("[scale]", "[period]", "第 15 行：同一个方括号标题写了两次"),
        ("maximum = 5", "minimum = 5", "第 17 行：同一个键写了两次"),
        ("end = 2023-12-31", "end = 2023-02-31", "第 12 行：没有这样的日期"),
        ('["P0", "7×24"]', '["P0", "7×24"', "第 10 行：它或它前面的列表没有用 ] 结束"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_line(tmp_path, old, new, said):
    assert old in CONFIG
    root = write_year(tmp_path, CONFIG.replace(old, new, 1))
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        load_dataset(root, 2023)
    message = str(caught.value)
    assert message.startswith("data/raw/2023/dataset.toml")
    assert "\n" not in message
    assert message.count("。") == 1


def test_last_years_period_copied_along_is_refused(tmp_path):
    root = write_year(tmp_path, year=2024)
    with pytest.raises(ConfigError, match="时期 2023-01-01 至 2023-12-31 不在 2024 年"):
        load_dataset(root, 2024)


# An organisation's look

THEME = """
[theme]
accent = "#1B5E20"
alarm = "#8A5A00"
logo = "标志.png"
font = "思源黑体"
font_file = "brand.ttf"
footer = "某公司 · 内部资料"
template = "母版.pptx"
"""


def write_theme(root: Path, theme: str = THEME) -> Path:
    folder = write_year(root, CONFIG + theme) / "data" / "raw" / "2023"
    (folder / "标志.png").write_bytes(b"\x89PNG\r\n\x1a\n...")
    (folder / "照片.png").write_bytes(b"\xff\xd8\xff\xe0...")
    (folder / "brand.ttf").write_bytes(b"\x00\x01\x00\x00...")
    for name, inside in (("母版.pptx", "ppt/presentation.xml"), ("表.pptx", "xl/workbook.xml")):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr(inside, "")
    return root


def test_a_theme_arrives_with_its_files(tmp_path):
    dataset = load_dataset(write_theme(tmp_path), 2023)
    assert dataset.theme == Theme(
        accent="#1B5E20",
        alarm="#8A5A00",
        logo=dataset.raw / "标志.png",
        font="思源黑体",
        font_file=dataset.raw / "brand.ttf",
        footer="某公司 · 内部资料",
        template=dataset.raw / "母版.pptx",
    )
    assert dataset.theme.office_font == "思源黑体"


def test_without_a_theme_all_is_our_own(tmp_path):
    dataset = load_dataset(write_year(tmp_path), 2023)
    assert dataset.theme == Theme()
    assert dataset.theme.office_font == "微软雅黑"


def test_a_jpeg_may_be_called_png(tmp_path):
    dataset = load_dataset(write_theme(tmp_path, THEME.replace("标志.png", "照片.png")), 2023)
    assert dataset.theme.logo == dataset.raw / "照片.png"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"#1B5E20"',
            '"深绿"',
            '第 51 行：「accent」= 「深绿」不是颜色，应写成 # 和六位十六进制数，如 "#0B6E99"。',
        ),
        ('"#8A5A00"', '"#F90"', "第 52 行：「alarm」= 「#F90」不是颜色"),
        ('"#8A5A00"', '"#FF9900"', "第 52 行：「alarm」= 「#FF9900」在白底上的对比度是 2.1，低于 4.5"),
        ('alarm = "#8A5A00"', 'alarm = "#1F6424"', "第 52 行：accent「#1B5E20」与 alarm「#1F6424」太接近"),
        ('"#1B5E20"\nalarm = "#8A5A00"', '"#C00000"', "第 51 行：accent「#C00000」与 alarm「#C35037」太接近"),
        ('"标志.png"', '"标识.png"', "第 53 行：找不到文件「标识.png」，是否想写「标志.png」？"),
        ('"标志.png"', '"/标志.png"', "第 53 行：文件「/标志.png」应放在 2023 文件夹里"),
        ('"标志.png"', '"问卷.csv"', "第 53 行：文件「问卷.csv」的内容不是PNG 或 JPEG 图片，请另存为"),
        ('"思源黑体"', "'思源\"黑体'", "第 54 行：「font」只写字体的名字"),
        ('"brand.ttf"', '"标志.png"', "第 55 行：文件「标志.png」的内容不是TTF 或 OTF 字体"),
        ('"某公司 · 内部资料"', f'"{"很长" * 31}"', "第 56 行：「footer」有 62 个字，最多 60 个"),
        ('"母版.pptx"', '"表.pptx"', "第 57 行：文件「表.pptx」的内容不是没有密码的 .pptx 演示文稿"),
        ('"母版.pptx"', '"标志.png"', "第 57 行：文件「标志.png」的内容不是没有密码的 .pptx"),
        ("accent", "acent", "第 51 行：不认识的键「acent」，是否想写「accent」？"),
    ],
)
def test_a_mistake_in_the_theme_names_line_and_remedy(tmp_path, old, new, said):
    assert old in THEME
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        load_dataset(write_theme(tmp_path, THEME.replace(old, new, 1)), 2023)
    assert str(caught.value).count("。") == 1


@pytest.mark.parametrize("accent", ["#FF9900", "#FFFF00", "#C00000", "#7A4B20", "#C24A30", "#8A5A00"])
def test_the_colour_that_a_complaint_proposes_is_taken(tmp_path, accent):
    theme = f'\n[theme]\naccent = "{accent}"\n'
    for _ in range(2):
        try:
            found = load_dataset(write_theme(tmp_path, theme), 2023).theme
            break
        except ConfigError as error:
            proposed = re.findall(r'"(#[0-9A-F]{6})"', str(error))[-1]
            key, old = ("alarm", "") if "太接近" in str(error) else ("accent", accent)
            theme = theme.replace(old, proposed) if old else f'{theme}{key} = "{proposed}"\n'
    else:
        found = load_dataset(write_theme(tmp_path, theme), 2023).theme
    assert contrast(found.accent, "#FFFFFF") >= 4.5
    assert distance(found.accent, found.alarm or "#C35037") >= 35


def test_two_sources_of_one_name_are_refused(tmp_path):
    text = CONFIG.replace('"热线.xlsx"', '"问卷.csv"').replace('sheet = "明细"\n', "")
    with pytest.raises(ConfigError, match="第 39 行：有两个来源都叫「问卷」"):
        load_dataset(write_year(tmp_path, text), 2023)


def test_a_config_that_is_not_utf8_is_refused(tmp_path):
    root = write_year(tmp_path)
    path = root / "data" / "raw" / "2023" / "dataset.toml"
    path.write_bytes(CONFIG.encode("gb18030"))
    with pytest.raises(ConfigError, match=r"dataset\.toml 第 4 行：不是 UTF-8"):
        load_dataset(root, 2023)


def test_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    root = write_year(tmp_path)
    path = root / "data" / "raw" / "2023" / "dataset.toml"
    path.write_bytes(CONFIG.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_dataset(root, 2023).seed == 7
    path.write_bytes(CONFIG.replace("alpha", "alfa").replace("\n", "\r\n").encode("utf-8-sig"))
    with pytest.raises(ConfigError, match="第 20 行"):
        load_dataset(root, 2023)


def test_a_year_that_is_not_there_lists_those_that_are(tmp_path):
    write_year(tmp_path, year=2022)
    write_year(tmp_path)
    (tmp_path / "data" / "raw" / "2021").mkdir()
    assert available_years(tmp_path) == (2022, 2023)
    with pytest.raises(ConfigError, match=r"没有 data/raw/2025/dataset\.toml；.*：2022、2023。"):
        load_dataset(tmp_path, 2025)


def test_the_root_is_found_from_below_or_by_variable(tmp_path, monkeypatch):
    monkeypatch.delenv("FBANALYSIS_ROOT", raising=False)
    write_year(tmp_path / "project")
    notebooks = tmp_path / "project" / "notebooks"
    notebooks.mkdir()
    monkeypatch.chdir(notebooks)
    assert find_root() == tmp_path / "project"
    with pytest.raises(ConfigError, match="向上找不到 data/raw"):
        find_root(tmp_path)
    monkeypatch.setenv("FBANALYSIS_ROOT", str(tmp_path / "project"))
    assert find_root(tmp_path) == tmp_path / "project"
    monkeypatch.setenv("FBANALYSIS_ROOT", str(tmp_path))
    with pytest.raises(ConfigError, match="FBANALYSIS_ROOT 指向"):
        find_root()


@pytest.fixture
def taken_in(tmp_path):
    """A year whose feedback was taken in, and whose population was registered later."""
    processed = write_year(tmp_path) / "data" / "processed" / "2023"
    processed.mkdir(parents=True)
    pd.DataFrame({"feedback_id": ["a"]}).to_parquet(processed / "feedback.parquet", index=False)
    (processed / "intake.json").write_text("{}")
    return tmp_path


def test_a_year_not_taken_in_says_how(tmp_path):
    with pytest.raises(DataError, match=r"先运行 python run_all\.py --year 2023 --only intake。"):
        open_year(2023, root=write_year(tmp_path))


def test_a_table_is_a_fresh_copy(taken_in):
    year = open_year(2023, root=taken_in)
    feedback = year.feedback
    feedback["feedback_id"] = "changed"
    assert year.year == 2023
    assert year.feedback["feedback_id"].tolist() == ["a"]


def test_hashes_name_the_content(taken_in):
    year = open_year(2023, root=taken_in)
    before = year.hashes(["feedback"])["feedback"]
    pd.DataFrame({"feedback_id": ["b"]}).to_parquet(year.dataset.processed / "feedback.parquet", index=False)
    after = year.hashes(["feedback"])["feedback"]
    assert re.fullmatch("[0-9a-f]{12}", before)
    assert before != after


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("population", r"虽然已在 dataset\.toml 登记：先运行 python run_all\.py --year 2023 --only intake。"),
        ("kpis", r"加一节 \[tables\.kpis\]，写明 file 和 columns（kpi、department、period、"),
        ("prior_year", r"或放入 data/raw/2022。"),
        ("comments", r"先运行 python run_all\.py --year 2023。"),
    ],
)
def test_a_missing_table_says_what_brings_it_back(taken_in, table, said):
    with pytest.raises(MissingTableError, match=said):
        open_year(2023, needs=["feedback", table], root=taken_in)
    year = open_year(2023, root=taken_in)
    assert not year.has(table)
    with pytest.raises(MissingTableError, match=said):
        year.table(table)
    with pytest.raises(MissingTableError, match=said):
        year.hashes([table])


def test_a_table_nobody_knows_lists_those_known(taken_in):
    with pytest.raises(DataError, match="没有叫「populations」的表，是否想写「population」？可用"):
        open_year(2023, needs=["populations"], root=taken_in)


def test_reading_the_settings_imports_no_data_library():
    heavy = "{'pandas', 'numpy', 'pyarrow', 'pandera'}"
    code = f"import sys, fbanalysis.dataset; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_table_has_a_schema_with_all_its_columns():
    for name, table in TABLES.items():
        built = schema(name)
        assert list(built.columns) == list(table.columns)
        assert set(table.key) <= set(table.columns)
