"""Files become tables without a row lost: what is accepted is right, what is refused says why."""

import json
import re
import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fbanalysis.dataset import Dataset, Source, load_dataset, open_year
from fbanalysis.errors import ConfigError, DataError
from fbanalysis.intake import FileCount, IntakeReport, _check_balance, take_in
from fbanalysis.intake.cleaning import clean, parse_times
from fbanalysis.intake.duplicates import first_of_repeats
from fbanalysis.intake.privacy import mask, mask_text
from fbanalysis.intake.reading import read_source
from fbanalysis.schema import TABLES

HEAD = """[report]
title = "年度反馈分析报告"
organisation = "某公司"
author = "客户体验部"
report_date = 2024-01-15
[period]
start = 2023-01-01
end = 2023-12-31
[scale]
minimum = 1
maximum = 5
"""
SURVEY = """
[[feedback]]
file = "问卷.csv"
channel = "在线问卷调查"
[feedback.columns]
feedback_id = "序号"
submitted_at = "时间"
stratum = "人群"
kind = "类型"
overall_score = "总体评分"
comment = "内容"
[feedback.constants]
side = "external"
[feedback.values.kind]
"投诉" = "问题反映"
"""
POPULATION = """
[tables.population]
file = "人群.csv"
columns = { side = "边", stratum = "层", population = "人数" }
"""
HEADER = "序号,时间,人群,类型,总体评分,内容"
NO_TIME = "读不出时间，应像 2023-05-18 14:03，或在 dataset.toml 的 formats 里写明"
STRATA = "边,层,人数\nexternal,核心客户,1200\nexternal,供应商,80\ninternal,一线员工,300\n"


def write_year(root: Path, config: str = SURVEY, **files: str | bytes) -> Dataset:
    """Write a year of files, text as UTF-8, and load it."""
    folder = root / "data" / "raw" / "2023"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        content = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(content)
    (folder / "dataset.toml").write_text(HEAD + config, encoding="utf-8")
    return load_dataset(root, 2023)


def item(
    number: object = 1,
    *,
    time: str = "2023-05-18 14:03",
    stratum: str = "核心客户",
    kind: str = "建议",
    score: str = "4",
    text: str = "好",
) -> str:
    """Write a line of the survey; the defaults are a good one."""
    return f"{number},{time},{stratum},{kind},{score},{text}"


GOOD = item()


def rows(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


def refused(dataset: Dataset) -> pd.DataFrame:
    path = dataset.processed / "quarantine.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def feedback(dataset: Dataset) -> pd.DataFrame:
    take_in(dataset)
    return open_year(2023, root=dataset.root).feedback


def write_workbook(root: Path, cells: list[list[object]], *, sheet: str = "明细", top: int = 1) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    page = book.create_sheet(sheet)
    for number, line in enumerate(cells, start=top):
        for column, cell in enumerate(line, start=1):
            page.cell(number, column, cell)
    folder = root / "data" / "raw" / "2023"
    folder.mkdir(parents=True, exist_ok=True)
    book.save(folder / "热线.xlsx")


WORKBOOK = SURVEY.replace("问卷.csv", "热线.xlsx").replace("在线问卷调查", "客户服务热线")
WORKBOOK = WORKBOOK.replace("channel =", 'sheet = "明细"\nchannel =')


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_usual_encodings_need_no_declaration(tmp_path, encoding):
    dataset = write_year(tmp_path, 问卷=rows(item(text="镕玥𠮷")).encode(encoding))
    assert feedback(dataset)["comment"].tolist() == ["镕玥𠮷"]


def test_a_declared_encoding_wins(tmp_path):
    config = SURVEY.replace("channel =", 'encoding = "big5"\nchannel =').replace('"投诉" =', '"投訴" =')
    traditional = str.maketrans("类时间号总评内", "類時間號總評內")
    config = config.translate(traditional)
    content = f"{HEADER.translate(traditional)}\n1,2023-05-18,核心客戶,投訴,4,慢\n".encode("big5")
    dataset = write_year(tmp_path, config, 问卷=content)
    assert feedback(dataset)[["stratum", "kind"]].values.tolist() == [["核心客戶", "问题反映"]]


@pytest.mark.parametrize("content", [b"\xff\xff\x80,\n\x80", rows(GOOD).encode("utf-16-le")])
def test_bytes_that_are_no_known_text_are_refused(tmp_path, content):
    dataset = write_year(tmp_path, 问卷=content)
    with pytest.raises(DataError, match=r"问卷\.csv 的文字按 utf-8、gb18030 都读不通：请另存为 UTF-8，或"):
        take_in(dataset)


def test_tabs_and_semicolons_separate_too(tmp_path):
    for mark in "\t;":
        assert len(feedback(write_year(tmp_path, 问卷=rows(GOOD).replace(",", mark)))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", r"问卷\.csv 是空的"),
        (",,\n , \n", r"没有表头"),
        (HEADER.replace("时间", "时点") + "\n", r"没有表头「时间」，是否想写「时点」？文件里的表头：序号、"),
        (HEADER.replace("类型,总体评分", "a,b"), r"没有表头「类型」「总体评分」；文件里的表头：序号、时间、"),
        (HEADER + ",时间\n", r" 的表头「时间」出现不止一次"),
        (rows(GOOD, GOOD + ",多,余"), r"问卷\.csv 第 3 行有 8 列，前面只有 6 列：文字里的逗号要放在双引号里"),
        (rows(GOOD, item(2, text='"没完')), r"问卷\.csv 第 3 行的双引号没有结束"),
        (b"PK\x03\x04 zip", r"问卷\.csv 的内容是 Excel 工作簿：请把扩展名改成 \.xlsx"),
    ],
)
def test_a_csv_that_cannot_be_read_says_what_is_wrong(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        take_in(write_year(tmp_path, 问卷=content))


def test_headers_match_whatever_their_width_and_spaces(tmp_path):
    config = SURVEY.replace('"总体评分"', '"总体评分(1-5)"')
    text = rows(GOOD).replace("总体评分", "总体评分（１－５） ").replace("时间", '" 时间\n"')
    assert feedback(write_year(tmp_path, config, 问卷=text))["overall_score"].tolist() == [4.0]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path):
    lines = [item(text='"两\n行"'), ",,,,,", "", item(2), item(3, time="")]
    dataset = write_year(tmp_path, 问卷=rows(*lines))
    table = feedback(dataset)
    assert table["source_row"].tolist() == [2, 5]
    assert table["comment"].tolist() == ["两\n行", "好"]
    assert refused(dataset)["row"].tolist() == ["6"]


def test_a_workbook_gives_real_dates_whole_numbers_and_its_own_row_numbers(tmp_path):
    write_workbook(
        tmp_path,
        [
            HEADER.split(","),
            [1001, datetime(2023, 5, 18, 14, 3, 22), "核心客户", "建议", 4, "好"],
            [],
            ["1002", "2023/5/19 8:05", "核心客户", "投诉", 4.5, True],
            [1003, datetime(2022, 5, 18), "核心客户", "建议", 4, None],
        ],
        top=3,
    )
    dataset = write_year(tmp_path, WORKBOOK)
    table = feedback(dataset)
    expected = pd.DataFrame(
        {
            "feedback_id": ["热线-明细-1001", "热线-明细-1002"],
            "submitted_at": pd.array(["2023-05-18 14:03:22", "2023-05-19 08:05"], dtype="datetime64[us]"),
            "overall_score": [4.0, 4.5],
            "comment": ["好", "True"],
            "source_row": pd.array([4, 6], dtype="Int64"),
        }
    )
    pd.testing.assert_frame_equal(table[list(expected)], expected)
    assert refused(dataset)[["row", "value"]].values.tolist() == [["7", "2022-05-18T00:00:00"]]
    assert refused(dataset)["file"].tolist() == ["热线.xlsx（工作表「明细」）"]


def test_a_real_date_is_not_reread_in_the_declared_format(tmp_path):
    write_workbook(
        tmp_path,
        [
            HEADER.split(","),
            [1, datetime(2023, 5, 6), "核心客户", "建议", 4, "好"],
            [2, "07/06/2023", "核心客户", "建议", 4, "好"],
        ],
    )
    dataset = write_year(tmp_path, WORKBOOK + '[feedback.formats]\nsubmitted_at = "%d/%m/%Y"\n')
    assert feedback(dataset)["submitted_at"].dt.strftime("%m-%d").tolist() == ["05-06", "06-07"]


def test_a_sheet_that_is_not_there_lists_those_that_are(tmp_path):
    write_workbook(tmp_path, [HEADER.split(",")], sheet="明细表")
    with pytest.raises(DataError, match=r"没有工作表「明细」，是否想写「明细表」？文件里有：说明、明细表。"):
        take_in(write_year(tmp_path, WORKBOOK))


def test_the_first_sheet_is_read_when_none_is_named(tmp_path):
    write_workbook(tmp_path, [HEADER.split(",")])
    with pytest.raises(DataError, match=r"热线\.xlsx 是空的"):
        take_in(write_year(tmp_path, WORKBOOK.replace('sheet = "明细"\n', "")))


def test_a_broken_workbook_is_refused(tmp_path):
    write_workbook(tmp_path, [HEADER.split(",")])
    path = tmp_path / "data" / "raw" / "2023" / "热线.xlsx"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"热线\.xlsx 读不出来：不是完好的 \.xlsx 文件"):
        take_in(write_year(tmp_path, WORKBOOK))


def test_a_stray_cell_far_out_does_not_take_all_memory(tmp_path):
    stray = [[] for _ in range(5000)] + [[None] * 16_383 + ["x"]]
    write_workbook(tmp_path, [HEADER.split(","), *stray])
    with pytest.raises(DataError, match=r"在很远处有孤立的单元格，共 5,002 行 16,384 列"):
        take_in(write_year(tmp_path, WORKBOOK))


def test_a_file_that_cannot_be_opened_is_an_error_in_chinese(tmp_path, monkeypatch):
    dataset = write_year(tmp_path, 问卷=rows(GOOD))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    for read in (lambda: take_in(dataset), lambda: read_source(dataset.feedback[0])):
        with pytest.raises(DataError, match=r"问卷\.csv 打不开"):
            read()


# ------------------------------------------------------------------ cleaning


def test_the_table_has_every_column_of_the_dictionary_typed(tmp_path):
    table = feedback(write_year(tmp_path, 问卷=rows(GOOD)))
    nothing = pd.Series([None], dtype="str")
    expected = pd.DataFrame(
        {
            "feedback_id": ["问卷-1"],
            "respondent_id": ["问卷-1"],
            "submitted_at": pd.to_datetime(["2023-05-18 14:03"]).astype("datetime64[us]"),
            "channel": ["在线问卷调查"],
            "side": ["external"],
            "stratum": ["核心客户"],
            **dict.fromkeys(("customer_id", "age_band", "department", "region", "platform"), nothing),
            "kind": ["建议"],
            **dict.fromkeys(("topic", "tags", "area"), nothing),
            "area_score": pd.Series([None], dtype="float64"),
            "overall_score": [4.0],
            "duration_seconds": pd.Series([None], dtype="float64"),
            "comment": ["好"],
            "source_file": ["问卷.csv"],
            "source_row": pd.array([2], dtype="Int64"),
        }
    )
    pd.testing.assert_frame_equal(table, expected)
    assert list(table) == list(TABLES["feedback"].columns)


@pytest.mark.parametrize(
    ("cell", "header", "reason"),
    [
        ({"score": "9"}, "总体评分", "= 9，应在 1 到 5 之间"),
        ({"score": "0.9"}, "总体评分", "= 0.9，应在 1 到 5 之间"),
        ({"score": "四"}, "总体评分", "= 四，应是数，不带单位、百分号或千分位"),
        ({"score": "inf"}, "总体评分", "= inf，应是数，不带单位、百分号或千分位"),
        ({"time": "2022-12-31 23:59"}, "时间", "= 2022-12-31 23:59，应在 2023-01-01 到 2023-12-31 之间"),
        ({"time": "2024-01-01"}, "时间", "= 2024-01-01，应在 2023-01-01 到 2023-12-31 之间"),
        ({"time": "05/06/2023"}, "时间", f"= 05/06/2023，{NO_TIME}"),
        ({"time": "2023-02-30"}, "时间", f"= 2023-02-30，{NO_TIME}"),
        ({"time": "today"}, "时间", f"= today，{NO_TIME}"),
        ({"time": ""}, "时间", "为空"),
        ({"number": " "}, "序号", "为空"),
        ({"kind": "抱怨"}, "类型", "= 抱怨，应为 投诉、建议、表扬 之一"),
        ({"stratum": "一线员工"}, "人群", "= 一线员工，population 表里 external 只有 核心客户、供应商"),
    ],
)
def test_a_refused_row_names_header_value_and_rule(tmp_path, cell, header, reason):
    text = rows(item(**cell), item(99, kind="投诉"))
    dataset = write_year(tmp_path, SURVEY + POPULATION, 问卷=text, 人群=STRATA)
    report = take_in(dataset)
    told = refused(dataset)
    assert (report.quarantined, report.tables["feedback"]) == (1, 1)
    assert told[["file", "row", "table", "column"]].values.tolist() == [["问卷.csv", "2", "feedback", header]]
    assert told["reason"].tolist() == [f"「{header}」{reason}"]


def test_a_row_is_refused_with_all_its_reasons(tmp_path):
    bad = item(time="2022-05-18", stratum="路人", kind="抱怨", score="0")
    dataset = write_year(tmp_path, SURVEY + POPULATION, 问卷=rows(bad, item(2)), 人群=STRATA)
    take_in(dataset)
    told = refused(dataset).iloc[0]
    assert told["column"] == "时间；人群；类型；总体评分"
    assert told["value"] == "2022-05-18；路人；抱怨；0"
    assert told["reason"].split("；") == [
        "「时间」= 2022-05-18，应在 2023-01-01 到 2023-12-31 之间",
        "「人群」= 路人，population 表里 external 只有 核心客户、供应商",
        "「类型」= 抱怨，应为 投诉、建议、表扬 之一",
        "「总体评分」= 0，应在 1 到 5 之间",
    ]


def test_the_last_minute_of_the_period_is_inside(tmp_path):
    dataset = write_year(tmp_path, 问卷=rows(item(time="2023-12-31 23:59:59"), item(2, time="2023-01-01")))
    assert take_in(dataset).quarantined == 0


def test_any_stratum_is_accepted_without_a_population_table(tmp_path):
    dataset = write_year(tmp_path, 问卷=rows(item(stratum="路人")))
    assert feedback(dataset)["stratum"].tolist() == ["路人"]


def test_full_width_characters_are_folded_in_numbers_times_and_ids_but_not_in_comments(tmp_path):
    line = item("Ａ０１", time="２０２３-０５-１８　１４：０３", score="４", text="评分４分（满意）")
    table = feedback(write_year(tmp_path, 问卷=rows(line)))
    assert table["feedback_id"].tolist() == ["问卷-A01"]
    assert table["submitted_at"].tolist() == [pd.Timestamp("2023-05-18 14:03")]
    assert table["overall_score"].tolist() == [4.0]
    assert table["comment"].tolist() == ["评分４分（满意）"]


def test_values_are_translated_before_anything_else(tmp_path):
    config = SURVEY + '[feedback.values.overall_score]\n"很满意" = 5\n"未答" = ""\n'
    text = rows(item(kind=" 投诉 ", score="很满意"), item(2, score="未答", text="NA"))
    table = feedback(write_year(tmp_path, config, 问卷=text))
    assert table["kind"].tolist() == ["问题反映", "建议"]
    assert table["overall_score"].fillna(-1).tolist() == [5.0, -1.0]
    assert table["comment"].tolist() == ["好", "NA"]


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-18 14:03",
        "2023-5-18 14:03:00",
        "2023/5/18 14:03",
        "2023/05/18 14:03:00",
        "2023年5月18日 14:03",
        "2023年05月18日14:03:00",
        "2023-05-18T14:03:00",
    ],
)
def test_times_that_can_be_read_in_one_way_are_read(text):
    assert parse_times(pd.Series([text], dtype="str")).tolist() == [pd.Timestamp("2023-05-18 14:03")]


@pytest.mark.parametrize(
    "text", ["18/05/2023", "5/18/2023", "18.5.2023", "20230518", "now", "NaT", "二〇二三", "23-05-18"]
)
def test_times_are_never_guessed(text):
    assert parse_times(pd.Series([text], dtype="str")).isna().all()


def test_a_declared_format_is_the_only_one(tmp_path):
    config = SURVEY + '[feedback.formats]\nsubmitted_at = "%d/%m/%Y"\n'
    text = rows(item(time="06/05/2023"), item(2, time="2023-05-06"))
    dataset = write_year(tmp_path, config, 问卷=text)
    assert feedback(dataset)["submitted_at"].tolist() == [pd.Timestamp("2023-05-06")]
    said = "「时间」= 2023-05-06，读不出时间：formats 里写的是 %d/%m/%Y"
    assert refused(dataset)["reason"].tolist() == [said]


def test_bad_rows_of_other_tables_are_refused_too(tmp_path):
    strata = STRATA + "external,合作伙伴,1.5\noutside,路人,3\nexternal,核心客户,7\ninternal,新员工,-1\n"
    dataset = write_year(tmp_path, SURVEY + POPULATION, 问卷=rows(GOOD), 人群=strata)
    assert take_in(dataset).tables == {"feedback": 1, "population": 3, "resubmissions": 0}
    assert refused(dataset)["reason"].tolist() == [
        "「人数」= 1.5，应是整数，不带单位或千分位",
        "「边」= outside，应为 internal、external 之一",
        "「边」= external，与第 2 行 side、stratum 重复",
        "「人数」= -1，不应小于 0",
    ]
    table = open_year(2023, root=tmp_path).table("population")
    assert table.dtypes.astype(str).to_dict() == {
        "side": "str",
        "stratum": "str",
        "population": "Int64",
        "invited": "Int64",
        "started": "Int64",
    }


def test_a_mapped_respondent_is_kept_and_may_return(tmp_path):
    config = SURVEY.replace('comment = "内容"', 'respondent_id = "内容"')
    text = rows(item(text="甲"), item(2, text="甲"), item(3, text=""))
    dataset = write_year(tmp_path, config, 问卷=text)
    assert feedback(dataset)["respondent_id"].tolist() == ["甲", "甲"]
    assert refused(dataset)["reason"].tolist() == ["「内容」为空"]


# ------------------------------------------------------------------ shapes that tools export

RATINGS = """
[[tables.ratings]]
file = "问卷.csv"
columns = { respondent_id = "序号", answered_at = "时间" }
constants = { survey = "在线问卷", scale_maximum = 5 }
melt = { name = "item", value = "score", headers = { "稳定" = "11、系统稳定", "响应" = "12、响应及时" } }

[[tables.ratings]]
file = "专项.csv"
columns = { respondent_id = "编号", item = "题目", score = "分" }
constants = { survey = "专项", scale_maximum = 7 }
"""
SPECIAL = "编号,题目,分\n甲,质量,6\n甲,服务,七\n"


def wide(*lines: str) -> str:
    return "\n".join((f"{HEADER},11、系统稳定,12、响应及时", *lines)) + "\n"


def test_item_columns_become_rows_and_several_files_one_table(tmp_path):
    lines = (f"{GOOD},5,3", f"{item(2)},,2", f"{item(3)},不清楚,4")
    dataset = write_year(tmp_path, SURVEY + RATINGS, 问卷=wide(*lines), 专项=SPECIAL)
    take_in(dataset)
    ratings = open_year(2023, root=dataset.root).table("ratings")
    assert ratings[["survey", "respondent_id", "item", "score"]].values.tolist() == [
        ["在线问卷", "1", "稳定", 5.0],
        ["在线问卷", "1", "响应", 3.0],
        ["在线问卷", "2", "响应", 2.0],
        ["在线问卷", "3", "响应", 4.0],
        ["专项", "甲", "质量", 6.0],
    ]
    assert refused(dataset)[["file", "row", "table", "reason"]].values.tolist() == [
        ["问卷.csv", "4", "ratings", "「11、系统稳定」= 不清楚，应是数，不带单位、百分号或千分位"],
        ["专项.csv", "3", "ratings", "「分」= 七，应是数，不带单位、百分号或千分位"],
    ]


def test_a_key_that_another_file_has_is_refused_with_its_row(tmp_path):
    lines = wide(f"{GOOD},5,3")
    config = SURVEY + RATINGS.replace('survey = "专项"', 'survey = "在线问卷"')
    dataset = write_year(tmp_path, config, 问卷=lines, 专项="编号,题目,分\n1,稳定,4\n乙,稳定,4\n")
    take_in(dataset)
    assert open_year(2023, root=dataset.root).table("ratings")["score"].tolist() == [5.0, 3.0, 4.0]
    assert refused(dataset)[["file", "row", "reason"]].values.tolist() == [
        ["专项.csv", "2", "survey、respondent_id、item 与前面的行或另一个文件的行重复"]
    ]


def test_texts_that_masking_makes_equal_are_one_coding(tmp_path):
    config = (
        SURVEY
        + """
[tables.codings]
file = "标注.csv"
columns = { comment = "原文", coder = "人", sentiment = "情感" }
"""
    )
    coded = "原文,人,情感\n张经理很好,甲,正面\n李经理很好,甲,正面\n李经理很好,乙,正面\n"
    dataset = write_year(tmp_path, config, 问卷=rows(GOOD), 标注=coded)
    take_in(dataset)
    codings = open_year(2023, root=dataset.root).table("codings")
    assert codings[["comment", "coder"]].values.tolist() == [
        ["〔姓名〕经理很好", "甲"],
        ["〔姓名〕经理很好", "乙"],
    ]
    assert refused(dataset)[["row", "value"]].values.tolist() == [["3", "〔姓名〕经理很好"]]


def test_a_table_s_file_delivered_twice_is_refused(tmp_path):
    nps = """
[[tables.nps]]
file = "推荐.csv"
columns = { respondent_id = "人", asked_at = "时间", score = "分" }
"""
    config = SURVEY + nps + nps.replace("推荐.csv", "推荐2.csv")
    answers = "人,时间,分\n甲,2023-05-01,9\n"
    dataset = write_year(tmp_path, config, 问卷=rows(GOOD), 推荐=answers, 推荐2=answers)
    with pytest.raises(
        DataError, match=r"推荐\.csv 与 推荐2\.csv 内容相同：请从 dataset\.toml 删去其中一节 \[\[tables\.nps"
    ):
        take_in(dataset)


def test_a_missing_item_header_is_named(tmp_path):
    dataset = write_year(tmp_path, SURVEY + RATINGS, 问卷=rows(GOOD), 专项=SPECIAL)
    with pytest.raises(DataError, match=r"问卷\.csv 没有表头「11、系统稳定」「12、响应及时」"):
        take_in(dataset)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "item"', 'name = "题"', "「题」不是列名；可用：survey、"),
        ('value = "score", ', "", "缺少必需的「value」"),
        ('"稳定" = "11、系统稳定", "响应" = "12、响应及时"', "", "没有写出任何题项"),
        ('"响应" = "12、响应及时"', '"响应" = "11、系统稳定"', "表头「11、系统稳定」写给了不止一个题项"),
        ('respondent_id = "序号"', 'respondent_id = "序号", item = "类型"', "「item」既在 columns 又在"),
        (
            "columns = { respondent_id",
            "units = { score = 5 }\ncolumns = { respondent_id",
            "「score」应为文字",
        ),
        ("[[tables.ratings]]", "header_row = 0\n[[tables.ratings]]", "表头所在的行从 1 数起"),
    ],
)
def test_a_mistake_in_the_shape_is_named(tmp_path, old, new, said):
    config = SURVEY + RATINGS
    config = (
        config.replace('file = "专项.csv"', 'file = "专项.csv"\nheader_row = 0')
        if "header_row" in new
        else config.replace(old, new, 1)
    )
    with pytest.raises(ConfigError, match=re.escape(said)):
        write_year(tmp_path, config, 问卷=wide(GOOD + ",5,3"), 专项=SPECIAL)


def test_headers_below_a_title_are_found_where_they_are_declared(tmp_path):
    title = [["热线年度台账"], ["基本信息", None, None, "内容"]]
    write_workbook(tmp_path, [*title, HEADER.split(","), GOOD.split(",")], top=1)
    config = WORKBOOK.replace('sheet = "明细"', 'sheet = "明细"\nheader_row = 3')
    assert feedback(write_year(tmp_path, config))["source_row"].tolist() == [4]


def test_headers_below_a_title_of_a_csv_are_found_too(tmp_path):
    config = SURVEY.replace("channel =", "header_row = 2\nchannel =")
    dataset = write_year(tmp_path, config, 问卷=f"热线年度台账\n{rows(GOOD, item(2, score='9'))}")
    assert feedback(dataset)["source_row"].tolist() == [3]
    assert refused(dataset)["row"].tolist() == ["4"]


def test_a_header_row_without_content_is_named(tmp_path):
    config = SURVEY.replace("channel =", "header_row = 9\nchannel =")
    with pytest.raises(DataError, match=r"是空的|第 9 行没有内容"):
        take_in(write_year(tmp_path, config, 问卷=rows(GOOD)))
    write_workbook(tmp_path, [HEADER.split(","), GOOD.split(",")])
    config = WORKBOOK.replace('sheet = "明细"', 'sheet = "明细"\nheader_row = 9')
    with pytest.raises(
        DataError, match=r"第 9 行没有内容，不是表头：最后一行有内容的是第 2 行，请改 header_row"
    ):
        take_in(write_year(tmp_path, config))


def test_items_may_be_called_like_columns_and_their_words_translated(tmp_path):
    config = SURVEY + RATINGS.split("[[tables.ratings]]")[0]
    config += """
[tables.ratings]
file = "问卷.csv"
columns = { respondent_id = "序号" }
constants = { survey = "在线问卷", scale_maximum = 5 }
units = { score = "分" }
melt = { name = "item", value = "score", headers = { "source_row" = "11、系统稳定", "score" = "12、响应及时" } }
[tables.ratings.values.score]
"满意" = "4"
"""
    dataset = write_year(tmp_path, config, 问卷=wide(f"{GOOD},满意,3分"))
    take_in(dataset)
    ratings = open_year(2023, root=dataset.root).table("ratings")
    assert ratings[["item", "score"]].values.tolist() == [["source_row", 4.0], ["score", 3.0]]


def test_several_answers_in_one_cell_are_split_and_joined_anew(tmp_path):
    config = SURVEY.replace('comment = "内容"', 'tags = "内容"').replace(
        "channel =", 'list_separator = "┋"\nchannel ='
    )
    config += '[feedback.values.tags]\n"慢" = "响应时间过长"\n'
    dataset = write_year(tmp_path, config, 问卷=rows(item(text="慢┋ 文档 ┋┋慢"), item(2, text="")))
    tags = feedback(dataset)["tags"]
    assert tags[0] == "响应时间过长；文档"
    assert tags.isna().tolist() == [False, True]


def test_a_declared_unit_is_taken_off_numbers(tmp_path):
    config = SURVEY.replace('comment = "内容"', 'duration_seconds = "内容"')
    config += '[feedback.units]\nduration_seconds = "秒"\n'
    dataset = write_year(tmp_path, config, 问卷=rows(item(text="213秒"), item(2, text="3分")))
    assert feedback(dataset)["duration_seconds"].tolist() == [213.0]
    assert refused(dataset)["value"].tolist() == ["3分"]


# ------------------------------------------------------------------ the same matter sent again

AGAIN = SURVEY.replace('comment = "内容"', 'comment = "内容"\nrespondent_id = "人群"').replace(
    '"external"', '"external"\nregion = "华北"'
)
AGAIN = AGAIN.replace('stratum = "人群"\n', "").replace(
    "[feedback.constants]", '[feedback.constants]\nstratum = "核心客户"'
)


def sent(number: int, *, who: str, day: int, text: str, kind: str = "投诉") -> str:
    return item(number, stratum=who, time=f"2023-05-{day:02d} 10:00", text=text, kind=kind)


def test_a_matter_sent_again_counts_once_and_says_which_it_repeats(tmp_path):
    text = "报表导出一直失败，客服也没有回复"
    lines = [
        sent(1, who="甲", day=1, text=text),
        sent(2, who="乙", day=2, text=text),
        sent(3, who="甲", day=4, text=f"再次反映：{text}！！"),
        sent(4, who="甲", day=5, text="移动端登录总是失效，请尽快修复"),
        sent(5, who="甲", day=9, text=text, kind="建议"),
        sent(6, who="甲", day=30, text="报表导出一直失败，客服没有回复"),
    ]
    dataset = write_year(tmp_path, AGAIN, 问卷=rows(*(line.replace("，", "、") for line in lines)))
    assert feedback(dataset)["feedback_id"].tolist() == ["问卷-1", "问卷-2", "问卷-4", "问卷-5"]
    found = open_year(2023, root=dataset.root).table("resubmissions")
    assert found[["feedback_id", "first_id", "similarity"]].values.tolist() == [
        ["问卷-3", "问卷-1", 88.2],
        ["问卷-6", "问卷-1", 96.6],
    ]
    assert refused(dataset)["reason"].tolist() == [
        "同一人重复提交：与问卷.csv第 2 行为同一件事（相隔 3 天，原文相似度 88.2）",
        "同一人重复提交：与问卷.csv第 2 行为同一件事（相隔 29 天，原文相似度 96.6）",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("对这次处理结果非常满意的", "对这次处理结果非常不满意的"),
        ("第3批数据没有同步过来请处理", "第4批数据没有同步过来请处理"),
        ("没有意见", "没有意见"),
        ("报表导出一直失败请处理", "客服电话一直打不通怎么回事"),
    ],
)
def test_what_says_something_else_is_no_repetition(tmp_path, first, second):
    lines = rows(sent(1, who="甲", day=1, text=first), sent(2, who="甲", day=2, text=second))
    assert len(feedback(write_year(tmp_path, AGAIN, 问卷=lines))) == 2


def test_answers_of_one_sitting_and_of_shared_accounts_stay(tmp_path):
    text = "报表导出一直失败请尽快处理"
    once = [sent(number, who="甲", day=1, text=text) for number in (1, 2)]
    assert len(feedback(write_year(tmp_path, AGAIN, 问卷=rows(*once)))) == 2
    config = AGAIN.replace('respondent_id = "人群"', 'respondent_id = "总体评分"').replace(
        "[feedback.constants]", "[feedback.columns]", 0
    )
    config = config.replace('overall_score = "总体评分"\n', "").replace('\nstratum = "核心客户"', "")
    config = config.replace("[feedback.columns]\n", '[feedback.columns]\nstratum = "人群"\n')
    shared = [
        item(n, stratum=who, time=f"2023-05-0{n} 10:00", text=text) for n, who in ((1, "甲"), (2, "乙"))
    ]
    assert len(feedback(write_year(tmp_path, config, 问卷=rows(*shared)))) == 2


def test_a_short_text_within_a_longer_one_is_another_matter(tmp_path):
    long = "对这次处理的结果满意之外还想请你们把移动端的离线填报尽快做出来并且通知到我们各个门店"
    lines = rows(sent(1, who="甲", day=1, text="对这次处理的结果满意"), sent(2, who="甲", day=2, text=long))
    assert len(feedback(write_year(tmp_path, AGAIN, 问卷=lines))) == 2


def test_no_days_look_for_no_repetition(tmp_path):
    text = "报表导出一直失败请尽快处理"
    lines = rows(*(sent(number, who="甲", day=number, text=text) for number in (1, 2)))
    config = AGAIN + "[thresholds]\nresubmission_days = 0\n"
    assert len(feedback(write_year(tmp_path, config, 问卷=lines))) == 2


def test_a_later_matter_is_a_new_one(tmp_path):
    text = "报表导出一直失败请尽快处理"
    lines = rows(
        sent(1, who="甲", day=1, text=text), item(2, stratum="甲", time="2023-07-01", text=text, kind="投诉")
    )
    assert len(feedback(write_year(tmp_path, AGAIN, 问卷=lines))) == 2
    config = AGAIN + "[thresholds]\nresubmission_days = 90\n"
    assert len(feedback(write_year(tmp_path, config, 问卷=lines))) == 1


# ------------------------------------------------------------------ duplicates


def test_a_repeated_id_names_the_first_row_that_stayed(tmp_path):
    lines = [item(score="9"), GOOD, item(2), GOOD, item(score="8")]
    dataset = write_year(tmp_path, 问卷=rows(*lines))
    assert feedback(dataset)["source_row"].tolist() == [3, 4]
    assert refused(dataset)["reason"].tolist() == [
        "「总体评分」= 9，应在 1 到 5 之间",
        "「序号」= 1，与第 3 行重复",
        "「序号」= 1，与第 3 行重复；「总体评分」= 8，应在 1 到 5 之间",
    ]


def test_equal_ids_of_different_systems_do_not_collide(tmp_path):
    config = SURVEY + SURVEY.replace("问卷.csv", "热线.csv")
    dataset = write_year(tmp_path, config, 问卷=rows(GOOD), 热线=rows(item(text="慢")))
    assert feedback(dataset)["feedback_id"].tolist() == ["问卷-1", "热线-1"]


def test_the_same_file_under_two_names_is_refused(tmp_path):
    config = SURVEY + SURVEY.replace("问卷.csv", "问卷副本.csv")
    dataset = write_year(tmp_path, config, 问卷=rows(GOOD), 问卷副本=rows(GOOD))
    with pytest.raises(DataError, match=r"问卷\.csv 与 问卷副本\.csv 内容相同"):
        take_in(dataset)


def test_rows_without_a_complete_key_repeat_nothing():
    frame = pd.DataFrame({"a": ["x", None, None, "x"], "b": [1, 1, 1, 1]})
    is_bad = pd.Series(False, index=frame.index)
    assert first_of_repeats(frame, key=["a", "b"], is_bad=is_bad).to_dict() == {3: 0}
    assert first_of_repeats(frame[:0], key=["a"], is_bad=is_bad[:0]).empty


# ------------------------------------------------------------------ privacy


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请回电13800138000谢谢", "请回电〔电话〕谢谢"),
        ("手机：138-0013-8000，或+86 138 0013 8000。", "手机：〔电话〕，或〔电话〕。"),
        ("微信１３８００１３８０００同号", "微信〔电话〕同号"),
        ("打138\u200b0013\u200b8000", "打〔电话〕"),
        ("座机010-62345678转8", "座机〔电话〕转8"),
        ("（0571）87654321打不通", "〔电话〕打不通"),
        ("13800138000和13900139000", "〔电话〕和〔电话〕"),
        ("身份证11010119900307851X号", "身份证〔身份证〕号"),
        ("卡6222021234567890123尾号", "卡〔卡号〕尾号"),
        ("卡6222 0212 3456 7890", "卡〔卡号〕"),
        ("邮件wang.li+a@example.com.cn收", "邮件〔邮箱〕收"),
        ("邮箱ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "邮箱〔邮箱〕"),
        ("①②订单号20230518140322001，共12345件", "①②订单号20230518140322001，共12345件"),
        ("2023-05-18 14:03:22 来电，等了3-5分钟", "2023-05-18 14:03:22 来电，等了3-5分钟"),
        ("热线7×24，@客服 不回", "热线7×24，@客服 不回"),
        ("㎏级１２３４５６７８号", "㎏级１２３４５６７８号"),
    ],
)
def test_personal_data_is_masked_and_nothing_else_is_touched(text, masked):
    assert mask_text(text) == masked


def test_masked_pieces_are_counted_in_the_report_and_hidden_in_quarantine(tmp_path):
    comments = [item(text="电13800138000邮a@b.com"), item(2, text="13900139000")]
    dataset = write_year(tmp_path, 问卷=rows(*comments, item(3, kind="抱怨13500135000")))
    report = take_in(dataset)
    assert report.masked == {"电话": 2, "邮箱": 1}
    assert open_year(2023, root=tmp_path).feedback["comment"].tolist() == ["电〔电话〕邮〔邮箱〕", "〔电话〕"]
    assert "13500135000" not in refused(dataset).to_csv()
    assert refused(dataset)["value"].tolist() == ["抱怨〔电话〕"]


@given(st.text(alphabet="1 3８a@.京\u200b-８0（", max_size=30))
def test_masking_keeps_every_other_character(text):
    assert Counter(re.sub("〔..〕", "", mask_text(text))) <= Counter(text)


def test_masking_leaves_the_given_texts_alone():
    texts = pd.Series(["13800138000", None], dtype="str")
    masked, found = mask(texts)
    assert texts[0] == "13800138000"
    assert (masked[0], found) == ("〔电话〕", {"电话": 1})
    assert masked.isna().tolist() == [False, True]
    assert mask(texts[:0])[1] == {}


# ------------------------------------------------------------------ the whole


def test_cells_that_a_spreadsheet_would_compute_are_disarmed(tmp_path):
    lines = [item(n, kind=kind) for n, kind in enumerate(["=1+1", "+1", "-1", "@x", "＝1", "a=1"])]
    dataset = write_year(tmp_path, 问卷=rows(*lines, item(7)))
    take_in(dataset)
    assert refused(dataset)["value"].tolist() == ["'=1+1", "'+1", "'-1", "'@x", "'＝1", "a=1"]


def test_the_same_files_give_the_same_bytes(tmp_path):
    dataset = write_year(tmp_path, SURVEY + POPULATION, 问卷=rows(GOOD, "2,,,,,"), 人群=STRATA)
    written = []
    for _ in range(2):
        take_in(dataset)
        written.append({path.name: path.read_bytes() for path in dataset.processed.iterdir()})
    assert written[0] == written[1]
    names = ("feedback", "population", "resubmissions")
    assert set(written[0]) == {*(f"{name}.parquet" for name in names), "intake.json", "quarantine.csv"}


def test_a_table_no_longer_delivered_disappears_and_a_derived_one_stays(tmp_path):
    take_in(write_year(tmp_path, SURVEY + POPULATION, 问卷=rows(GOOD), 人群=STRATA))
    dataset = write_year(tmp_path, 问卷=rows(GOOD))
    for name in ("comments", "prior_year"):
        (dataset.processed / f"{name}.parquet").touch()
    take_in(dataset)
    left = sorted(path.stem for path in dataset.processed.glob("*.parquet"))
    assert left == ["comments", "feedback", "prior_year", "resubmissions"]


def test_the_account_counts_every_file(tmp_path):
    dataset = write_year(tmp_path, SURVEY + POPULATION, 问卷=rows(GOOD, "2,,,,,"), 人群=STRATA)
    report = take_in(dataset)
    account = json.loads((dataset.processed / "intake.json").read_text(encoding="utf-8"))
    assert [(c.file, c.rows_in, c.accepted, c.quarantined) for c in report.files] == [
        ("问卷.csv", 2, 1, 1),
        ("人群.csv", 3, 3, 0),
    ]
    assert account["files"][0] | {"sha256": ""} == {
        "file": "问卷.csv",
        "sheet": None,
        "table": "feedback",
        "rows_in": 2,
        "accepted": 1,
        "quarantined": 1,
        "sha256": "",
    }
    assert (account["rows_in"], account["accepted"], account["quarantined"]) == (5, 4, 1)
    assert report.summary().splitlines() == [
        "反馈：读入 2 行 = 接受 1 + 隔离 1",
        "  问卷.csv：读入 2 行 = 接受 1 + 隔离 1",
        "population（人群.csv）：读入 3 行 = 接受 3 + 隔离 0",
        "隔离的行与原因见 data/processed/2023/quarantine.csv",
    ]


def test_no_usable_feedback_stops_and_leaves_the_reasons(tmp_path):
    dataset = write_year(tmp_path, 问卷=rows(item(kind="抱怨")))
    with pytest.raises(DataError, match=r"没有一条反馈可用：.* data/processed/2023/quarantine\.csv。"):
        take_in(dataset)
    assert len(refused(dataset)) == 1
    assert not (dataset.processed / "intake.json").exists()


def test_a_lost_row_stops_everything():
    count = FileCount("a.csv", None, "feedback", rows_in=3, accepted=1, quarantined=1, sha256="")
    with pytest.raises(DataError, match=r"a\.csv 的行数对不上：读入 3 行 = 接受 1 \+ 隔离 1"):
        _check_balance(IntakeReport(2023, (count,), {}, {}))


def test_a_missing_file_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match=r"找不到文件「问卷\.csv」；文件夹里有：（没有文件）。"):
        write_year(tmp_path)


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "1",
            "２",
            "3",
            "6",
            "-1",
            "核心客户",
            "供应商",
            "建议",
            "投诉",
            "表扬",
            "2023-05-18",
            "2023/5/18 8:00",
            "2022-01-01",
            "99/99/99",
            " ",
            "\u200b",
            "=1",
            "13800138000",
            "1e400",
            "NaN",
        ]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=6).filter(
        lambda text: unicodedata.normalize("NFKC", text) == text
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.tuples(*[CELLS] * 6), max_size=8))
@example(lines=[("1", "2023-05-18", "核心客户", "建议", "4", "")] * 2)
@example(lines=[("a", "b", "c", "d", "e", "f")])
@example(lines=[])
def test_rows_in_are_accepted_or_refused_and_none_is_lost(tmp_path, lines):
    dataset = write_year(tmp_path, 问卷=rows(GOOD))
    source: Source = dataset.feedback[0]
    frame = pd.DataFrame([HEADER.split(","), *lines])
    frame.to_csv(source.file, index=False, header=False, encoding="utf-8")
    raw = read_source(source)
    cleaned = clean(raw, source=source, dataset=dataset)
    delivered = [number for number, line in enumerate(lines, start=2) if any(line)]
    kept, told = cleaned.accepted["source_row"].tolist(), cleaned.quarantined["row"].tolist()
    assert raw["source_row"].tolist() == delivered
    assert sorted(kept + told) == delivered
    assert cleaned.accepted["feedback_id"].is_unique
    assert (cleaned.quarantined["reason"] != "").all()
    assert cleaned.accepted[["submitted_at", "stratum", "kind"]].notna().all(axis=None)
