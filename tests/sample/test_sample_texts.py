"""The sample's comments: what they say, how they say it, how varied they are, and the key to the personal data."""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from fbanalysis.sample import customers
from fbanalysis.sample.comments import texts, voices
from fbanalysis.sample.comments.clauses import BRIEF, CLAUSES
from fbanalysis.sample.comments.contacts import KINDS, add_contacts
from fbanalysis.sample.comments.phrases import clauses, parse
from fbanalysis.sample.comments.proofreading import clashes, is_likely, is_timely, smoothed
from fbanalysis.sample.comments.spelling import TRADITIONAL, traditional
from fbanalysis.sample.comments.texts import Writer, variety, write_comments
from fbanalysis.sample.feedback.items import draw_items
from fbanalysis.sample.plans import PLANS

YEARS = (2022, 2023)
NOTES = ("面对面深度访谈", "焦点小组讨论", "客户服务热线")
STOCK = {text for answers in voices.STOCK.values() for text in answers}
SHORT_WISHES = {f"{slot}{place}" for slot in ("求", "愿", "短求", "短愿") for place in ("", "2", "3")}
#: Names of things, which come as often as the things are spoken of.
THINGS = [
    "技术支持",
    "智能问答",
    "权限中心",
    "新查询引擎",
    "数据同步",
    "云衡科技",
    "客户服务",
    "旧版客户端",
    "操作手册",
    "居家办公",
    "帮助中心",
    "客户经理",
]
TAGGED = re.compile(
    r"(正|中|负|求|叙|果|赞|讽|急|缺|否|题|事|报|短正|短中|短负|短求|短报)(内|外)?(22|23)?(:\d+)? \S.*"
)


class Noting(Writer):
    """A writer that notes which slots it filled, and whether it opened or closed the comment."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.slots: list[str] = []
        self.tags: list[str] = []

    def _start(self) -> None:
        super()._start()
        self.slots, self.tags, self.is_opened, self.is_closed = [], [], False, False

    def _clause(self, tag: str, issue: str) -> str:
        clause = super()._clause(tag, issue)
        self.tags.append(tag)
        return clause

    def _slot(self, match: re.Match) -> str:
        self.slots.append(match[1])
        return super()._slot(match)

    def _opened(self, text: str) -> str:
        opened = super()._opened(text)
        self.is_opened = opened != text
        return opened

    def _closed(self, text: str) -> str:
        closed = super()._closed(text)
        self.is_closed = closed.rstrip("。！～…") != text.rstrip("。！～…")
        return closed


@pytest.fixture(scope="module")
def items() -> dict[int, pd.DataFrame]:
    drawn = {}
    for year in YEARS:
        known = customers.customers(year, rng=np.random.default_rng([1, year]), scale=1.0)
        drawn[year] = draw_items(PLANS[year], customers=known)
    return drawn


@pytest.fixture(scope="module")
def told(items) -> dict[int, pd.DataFrame]:
    """Give the items with their comments and what the writer noted; silent items are left out."""
    frames = {}
    for year, frame in items.items():
        writer = Noting(int(np.random.default_rng(year).integers(2**62)))
        rows = []
        for fact in texts._facts(frame):
            writer.slots, writer.tags, writer.is_opened, writer.is_closed = [], [], False, False
            comment = writer.write(fact)
            missing = (
                [] if comment in STOCK else [issue for issue in writer.issues if issue not in writer.spoken]
            )
            noted = (list(writer.slots), list(writer.tags), writer.is_opened, writer.is_closed)
            rows.append((comment, *noted, list(writer.issues), missing))
        columns = ["comment", "slots", "clauses", "is_opened", "is_closed", "issues", "missing"]
        noted = pd.DataFrame(rows, columns=columns)
        joined = pd.concat([frame.reset_index(drop=True), noted], axis=1)
        frames[year] = joined[~joined["is_silent"].to_numpy()]
    return frames


def has(frame: pd.DataFrame, *slots: str) -> pd.Series:
    return frame["slots"].map(lambda noted: not set(slots).isdisjoint(noted))


# ---- the clauses ----


def test_every_line_of_the_clauses_is_marked_and_balanced():
    known = {*texts._MAKERS, *texts._CLAUSE_SLOTS}
    for issue, block in [*CLAUSES.items(), *BRIEF.items()]:
        for line in block.strip().splitlines():
            assert TAGGED.fullmatch(line), (issue, line)
            assert line.count("[") == line.count("]"), (issue, line)
            assert not re.search(r"\[[^\]]*\[", line), (issue, line)
            assert set(re.findall(r"\{(.+?)\}", line)) <= known, (issue, line)


def test_every_shape_names_known_slots_only():
    known = {*texts._MAKERS, *texts._CLAUSE_SLOTS}
    for shapes in (texts._SHAPES, texts._PAIRS, texts._TERSE, *texts._STORIES.values()):
        for forms in shapes.values():
            assert set(re.findall(r"\{(.+?)\}", str(forms))) <= known


@pytest.mark.parametrize("side", ["internal", "external"])
def test_every_issue_has_something_to_say_all_year(items, side):
    for year, frame in items.items():
        for issue in frame.loc[frame["side"] == side, "issue"].unique():
            for tag in ("正", "中", "负", "求", "短正", "短中", "短负", "短求", "题", "事"):
                assert clauses(issue, tag, side, year, 1), (issue, tag, side, year)


def test_text_is_parsed_into_fixed_pieces_and_alternatives():
    assert parse("[又|]崩了，[真烦|烦死了]") == (("又", ""), "崩了，", ("真烦", "烦死了"))


# ---- how varied they are ----


@pytest.mark.parametrize("year", YEARS)
def test_comments_differ(told, year):
    comments = told[year]["comment"]
    stock = comments.isin(STOCK)
    assert stock.mean() == pytest.approx(0.01, abs=0.006)
    assert comments.nunique() / len(comments) > 0.97
    assert comments[~stock].nunique() / (~stock).sum() > 0.99


@pytest.mark.parametrize("year", YEARS)
def test_lengths_are_those_of_real_comments(told, year):
    lengths = told[year]["comment"].str.len()
    assert 23 <= lengths.median() <= 27
    assert 0.04 <= (lengths > 120).mean() <= 0.06
    assert (lengths < 10).mean() == pytest.approx(0.12, abs=0.025)
    assert lengths.max() <= 280
    long = told[year][lengths.gt(120)]
    assert long["channel"].isin(NOTES).mean() > 0.65


@pytest.mark.parametrize("year", YEARS)
def test_no_phrase_is_a_stamp(told, year):
    counts: Counter[str] = Counter()
    for comment in told[year]["comment"]:
        pieces = [piece for piece in re.split(r"[^\u4e00-\u9fff]+", comment) if len(piece) > 3]
        counts.update(
            {
                piece[place : place + size]
                for piece in pieces
                for size in range(4, 9)
                for place in range(len(piece) - size + 1)
            }
        )
    stamps = {
        phrase: count
        for phrase, count in counts.items()
        if count > 0.015 * len(told[year]) and not any(phrase in thing for thing in THINGS)
    }
    assert not stamps


@pytest.mark.parametrize("year", YEARS)
def test_openings_and_endings_are_sparse(told, year):
    frame = told[year]
    framed = has(frame, "谁", "组员", "一员", "来电")
    assert (frame["is_opened"] | framed).mean() < 0.3
    assert frame["is_closed"].mean() < 0.25


def test_same_seed_gives_the_same_comments(items):
    few = items[2023].head(400)
    first, again, other = (write_comments(few, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert np.mean([one == two for one, two in zip(first, other, strict=True)]) < 0.05


def test_noting_writer_writes_what_the_writer_writes(items, told):
    written = pd.Series(write_comments(items[2023], rng=np.random.default_rng(2023)))
    kept = written[~items[2023]["is_silent"].to_numpy()]
    assert kept.tolist() == told[2023]["comment"].tolist()


def test_columns_that_are_missing_count_as_empty(items):
    bare = items[2022].head(50).drop(columns=["issue2", "tags", "is_incident", "region"])
    assert all(write_comments(bare, rng=np.random.default_rng(1)))


# ---- whole sentences ----


@pytest.mark.parametrize("year", YEARS)
def test_comments_are_whole(told, year):
    comments = told[year]["comment"]
    assert comments.str.strip().ne("").all()
    assert not comments.str.contains(r"[{}|]|\[(?!赞|鼓掌|怒|流泪)", regex=True).any()
    assert not comments.str.contains(
        r"，，|。。|，。|。，|；，|，；|：，|^[，。；]|[？！]。|”。”", regex=True
    ).any()
    assert not comments.str.contains("能能|希望希望|建议建议|可以可以|但但").any()


@pytest.mark.parametrize("year", YEARS)
def test_notes_speak_of_their_speaker_in_the_third_person(told, year):
    frame = told[year]
    notes = frame[has(frame, "谁", "组员", "一员", "来电") & frame["channel"].isin(NOTES)]
    outside = notes["comment"].str.replace("“[^”]*”", "", regex=True)
    assert len(notes) > 300
    assert not outside.str.contains("(?<![自追])我|咱").any()


# ---- what they say ----


@pytest.mark.parametrize("year", YEARS)
def test_every_issue_is_spoken_of(told, year):
    assert told[year]["missing"].map(len).sum() == 0


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("tag", "issue"), texts.TAG_ISSUES.items())
def test_tags_are_borne_out(told, year, tag, issue):
    frame = told[year][told[year]["tags"].str.contains(tag)]
    assert len(frame) > 90
    assert frame["issues"].map(lambda issues: issue in issues).all()
    assert not frame["comment"].isin(STOCK).any()


@pytest.mark.parametrize("year", YEARS)
def test_quick_help_in_an_emergency_is_told(told, year):
    frame = told[year]
    urgent = frame["tags"].str.contains(texts.EMERGENCY_TAG)
    assert frame.loc[urgent, "clauses"].map(lambda tags: tags.count("急") == 1).all()
    assert not frame.loc[~urgent, "clauses"].map(lambda tags: "急" in tags).any()


@pytest.mark.parametrize("year", YEARS)
def test_suggestions_ask_for_something(told, year):
    suggestions = told[year][told[year]["kind"] == "建议"]
    assert has(suggestions, *SHORT_WISHES).groupby(suggestions["feeling"]).mean().min() > 0.75


@pytest.mark.parametrize("year", YEARS)
def test_neutral_comments_neither_praise_nor_blame(told, year):
    frame = told[year]
    neutral = frame[(frame["feeling"] == "中性") & ~has(frame, "小正", "小负", "急")]["comment"]
    strong = "满意(?!度)|点赞|太慢|失望|很好|太差|崩溃|离谱|佩服|好评|无语|坑人|👍|😡|😊"
    assert neutral[neutral.str.contains(strong)].tolist() == []


@pytest.mark.parametrize("year", YEARS)
def test_shares_of_the_harder_ways_of_speaking(told, year):
    frame = told[year]
    negative, positive = frame["feeling"] == "负面", frame["feeling"] == "正面"
    irony = has(frame, "讽")
    assert irony[negative].mean() == pytest.approx(0.02, abs=0.013)
    assert not irony[~negative].any()
    assert irony[negative & (frame["channel"] == "社交媒体监测")].mean() > irony[negative].mean()
    assert has(frame, "缺")[negative].mean() == pytest.approx(0.07, abs=0.025)
    assert has(frame, "否")[positive].mean() == pytest.approx(0.075, abs=0.025)
    assert has(frame, "小正", "小负").mean() == pytest.approx(0.08, abs=0.015)


@pytest.mark.parametrize("year", YEARS)
def test_complaint_comes_after_the_small_praise(told, year):
    """In a mixed comment the last clause tells the feeling."""
    frame = told[year]
    mixed = frame[(frame["feeling"] == "负面") & has(frame, "小正")]
    blames = {"负", "负2", "负3", "短负", "缺"}
    assert len(mixed) > 20
    for slots in mixed["slots"]:
        assert not blames.isdisjoint(slots[slots.index("小正") :]), slots


def _simple(comment: str) -> str:
    """Take back traditional characters, so that words can be looked for."""
    forms = {traditional(sign): sign for sign in "回时慢单天人处理队远程稳统宕崩断线报错说图视频讲邮"}
    return "".join(forms.get(sign, sign) for sign in comment)


def test_incident_is_spoken_of_by_those_it_touched_and_nobody_before(told):
    frame = told[2023]
    words = "同步|数据|订单|单子|库存|账|补偿|道歉|升级|恢复|流水|受影响|赔|对账"
    assert frame.loc[frame["is_incident"], "comment"].map(_simple).str.contains(words).mean() > 0.95
    early = frame[frame["submitted_at"] < "2023-05-15"]["comment"]
    assert not early.str.contains("同步错误|同步出错|五月").any()
    assert not told[2022]["comment"].str.contains("同步错误|同步事故").any()


def test_years_have_their_own_words(told):
    assert not told[2022]["comment"].str.contains("智能问答|权限中心|查询引擎|协作指南").any()
    now = told[2023][~told[2023]["comment"].str.contains("去年|前年|那年")]["comment"]
    assert not now.str.contains("疫情|封控|居家办公|旧版客户端").any()
    assert told[2022]["comment"].str.contains("疫情|封控|居家|旧版客户端|VPN").mean() > 0.01
    assert told[2023]["comment"].str.contains("智能问答|权限中心|查询引擎|协作指南").mean() > 0.02
    first = told[2023][told[2023]["comment"].str.contains("智能问答")]["submitted_at"].min()
    assert first >= pd.Timestamp("2023-07-01")


@pytest.mark.parametrize(
    ("text", "year", "month", "is_said"),
    [
        ("国庆值班没人接电话", 2023, 6, False),
        ("去年国庆值班没人接电话", 2023, 6, True),
        ("六月以后稳多了", 2023, 6, False),
        ("六月以后稳多了", 2023, 7, True),
        ("十二月停用旧版", 2023, 12, True),
        ("智能问答答非所问", 2022, 12, False),
        ("去年说好的智能问答", 2022, 12, False),
        ("疫情期间靠VPN", 2023, 3, False),
    ],
)
def test_clauses_fit_their_month(text, year, month, is_said):
    assert is_timely(text, year=year, month=month) == is_said


@pytest.mark.parametrize(
    ("text", "stratum", "is_said"),
    [
        ("合同写着四小时响应", "潜在客户", False),
        ("合同写着四小时响应", "普通客户", True),
        ("我们这样的集团", "普通客户", False),
        ("货款到期就付", "供应商", True),
        ("货款到期就付", "核心客户", False),
    ],
)
def test_clauses_fit_their_stratum(text, stratum, is_said):
    assert is_likely(text, stratum=stratum, has_job=False) == is_said


def test_opening_of_a_span_does_not_go_before_a_date():
    assert clashes("最近", "五月那次升级以后一直不稳")
    assert not clashes("最近", "一个月断了好几回")


def test_context_that_is_no_sentence_ends_with_a_comma():
    assert smoothed("架构调整之后。目标清楚了") == "架构调整之后，目标清楚了"


def test_neutral_reports_of_common_issues_report_a_fault():
    for issue in (*texts.TAG_ISSUES.values(), "速度", "报表", "导出", "移动端", "数据准确"):
        for tag in ("报", "短报"):
            assert len(clauses(issue, tag, "internal", 2022, 1)) >= 4, (issue, tag)


# ---- how channels say it ----


@pytest.mark.parametrize("year", YEARS)
def test_channels_have_manners(told, year):
    by_channel = {channel: part["comment"] for channel, part in told[year].groupby("channel")}
    emoji = texts._TRAITS["带表情"]
    social, online = by_channel["社交媒体监测"], by_channel["在线问卷调查"]
    assert 0.22 < social.str.contains(emoji).mean() < 0.5
    assert online.str.contains(emoji).mean() < 0.03
    assert social.str.contains("[@#]").mean() > 0.05
    assert 0.015 < online.str.contains(r"^(?:1[.、]|（1）|①|一、)").mean() < 0.05
    assert by_channel["客户服务热线"].str.contains("来电|客户|用户|对方|回访|致电|投诉").mean() > 0.4
    assert by_channel["面对面深度访谈"].str.contains("受访|该|对方|谈到|这位|说").mean() > 0.4
    assert by_channel["焦点小组讨论"].str.contains("组员|讨论|有人|大家|一位|同事").mean() > 0.4
    assert by_channel["面对面深度访谈"].str.len().median() > 1.5 * online.str.len().median()


@pytest.mark.parametrize("year", YEARS)
def test_some_type_traditional_characters_or_half_width_or_no_signs(told, year):
    frame = told[year][~told[year]["comment"].isin(STOCK)]
    changed = frame["comment"].str.count(f"[{TRADITIONAL}]") >= 2
    social = frame["channel"] == "社交媒体监测"
    assert not changed[~social].any()
    assert 0.01 < changed[social].mean() < 0.12
    typed = frame[~frame["channel"].isin(NOTES[:2])]["comment"]
    half = typed.str.contains(r"[\u4e00-\u9fff][,.;] ?[\u4e00-\u9fff]") | typed.str.contains(
        "[\u4e00-\u9fff] [\u4e00-\u9fff]"
    )
    assert 0.015 < half.mean() < 0.08


# ---- the report on variety ----


def test_variety_measures_by_hand():
    report = variety(["又崩了", "又崩了", "", "导出太慢，等了一上午😡"]).set_index("指标")["值"]
    assert report["非空评论"] == 3
    assert report["互不相同的评论占比（%）"] == pytest.approx(66.67)
    assert report["长度 50% 分位（字）"] == 3
    assert report["不足 10 字的占比（%）"] == pytest.approx(66.67)
    assert report["带表情的占比（%）"] == pytest.approx(33.33)
    assert report["超过 120 字的占比（%）"] == 0


def test_variety_of_a_year(told):
    report = variety(told[2023]["comment"].tolist()).set_index("指标")["值"]
    assert report["前一千条中不同的词"] > 3000
    opening = next(name for name in report.index if "开头" in name)
    assert report[opening] < 1.5


# ---- personal data ----


@pytest.fixture(scope="module")
def keyed(told) -> dict[int, tuple[pd.Series, pd.DataFrame]]:
    return {
        year: add_contacts(frame, frame["comment"], count=48, rng=np.random.default_rng(year))
        for year, frame in told.items()
    }


@pytest.mark.parametrize("year", YEARS)
def test_key_pieces_stand_in_their_comments(told, keyed, year):
    comments, key = keyed[year]
    assert key.columns.tolist() == ["row", "kind", "text"]
    assert all(text in comments.iloc[row] for row, text in zip(key["row"], key["text"], strict=True))
    assert key["row"].nunique() == 48
    assert key["kind"].value_counts().reindex(KINDS).min() >= 6
    untouched = np.setdiff1d(np.arange(len(comments)), key["row"])
    assert comments.iloc[untouched].tolist() == told[year]["comment"].iloc[untouched].tolist()
    assert comments.index.equals(told[year].index)


@pytest.mark.parametrize("year", YEARS)
def test_names_stand_nowhere_else(keyed, year):
    comments, key = keyed[year]
    names = key.loc[key["kind"] == "姓名", "text"]
    assert names.is_unique
    assert all(comments.str.contains(name, regex=False).sum() == 1 for name in names)


@pytest.mark.parametrize("year", YEARS)
def test_nobody_has_these_data(keyed, year):
    _, key = keyed[year]
    plain = key["text"].str.normalize("NFKC")
    digits = plain.str.translate(str.maketrans("零一二三四五六七八九", "0123456789")).str.replace(
        r"\D", "", regex=True
    )
    pattern = {
        "电话": r"(86)?1300000\d{4}|0(10|21)0000\d{4}",
        "身份证": r"99\d{4}(19|20)\d{9}\d?",
        "卡号": r"900000000000\d{4}",
    }
    for kind, form in (pattern | {"QQ": r"90000\d{5}"}).items():
        assert digits[key["kind"] == kind].str.fullmatch(form).all(), kind
    assert (
        plain[key["kind"] == "邮箱"].str.lower().str.contains(r"@(?:mail\.)?example\.(?:com|org|net)$").all()
    )
    assert plain[key["kind"] == "车牌"].str.contains("[OI]").all()
    assert (key.loc[key["kind"] == "微信", "text"].str.len() > 20).all()


def test_data_is_spelled_in_several_ways(keyed):
    for _, key in keyed.values():
        phones = key.loc[key["kind"] == "电话", "text"]
        assert phones.str.contains("[一二三四五六七八九零]{5}").sum() == 1
        assert phones.str.contains("[０-９]").any()
        assert phones.str.contains("-").any()
        assert phones.str.contains(" ").any()


def test_personal_data_is_the_same_at_every_run(told):
    frame = told[2022].head(600)
    first, again = (
        add_contacts(frame, frame["comment"], count=20, rng=np.random.default_rng(3)) for _ in range(2)
    )
    pd.testing.assert_series_equal(first[0], again[0])
    pd.testing.assert_frame_equal(first[1], again[1])
