"""Strong words: typed ones are found, what only looks like one is not, and the table of rules is whole."""

import re

import pytest

from fbanalysis.report.words import EARNED, RULES, find_typed, find_words, ladder_of, rules


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("服务满意度遥遥领先，位列首位", ["领先", "首位"]),
        ("投诉率创历史新低", ["创历史新低"]),
        ("全年一直平稳，逐月上升", ["一直", "平稳", "逐月"]),
        ("成功率大幅度提升，时长骤降", ["大幅", "骤降"]),
        ("培训使得投诉减少，证明措施有效", ["使得", "证明", "有效"]),
        ("改进造成了变化，带来提升", ["造成", "带来"]),
        ("各部门中排名第一，最受好评", ["第一", "最"]),
        ("名列前茅，始终如此，不断进步", ["名列前茅", "始终", "不断"]),
    ],
)
def test_strong_words_are_found_with_their_kin(text: str, words: list[str]) -> None:
    assert find_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "最近一次、最后一项、最终、最新、最初与最早的记录",
        "最小样本量、最少人数、最小可检出差值、可查出的最小差",
        "打最高两档的比例，最小二乘，最大值",
        "系统稳定性问题；结果的显著性",
        "有效反馈、有效样本、有效问卷、有效率、有效 n",
        "第一季度、第一层、第一次、第一步",
        "持续时间与持续时长；不断开连接",
    ],
)
def test_terms_that_only_look_strong_may_be_typed(text: str) -> None:
    assert find_words(text) == []


def test_a_name_of_the_allow_list_may_hold_a_strong_word() -> None:
    assert find_words("持续改进奖励制度已生效", allowed=["持续改进奖励制度"]) == []
    assert [match.group() for match in find_typed("持续改进 3 项")] == ["持续", "3"]


def test_the_table_has_a_row_a_word_and_says_its_limits() -> None:
    table = rules(alpha=0.01, small_effect=0.3)
    assert table.columns.tolist() == ["stratum", "rule", "otherwise", "source"]
    assert table["stratum"].tolist() == [rule.word for rule in RULES]
    assert (table.map(len) > 0).all(axis=None)
    assert not table.map(lambda text: "{" in text).any(axis=None)
    rule = table.set_index("stratum").loc["显著", "rule"]
    assert rule.startswith("同族校正后的 p 低于 0.0001（0.01 分给全报告至多 100 族检验")
    assert "效应量（g、d 或 h）不小于 0.3；" in rule


def test_every_word_of_the_table_is_refused_when_typed_and_every_refused_word_is_in_it() -> None:
    assert [find_words(f"这一年{rule.word}。") for rule in RULES] == [[rule.word] for rule in RULES]
    assert [pattern for rule in RULES for pattern in rule.kin] == list(EARNED)
    assert all(re.compile(pattern) for pattern in EARNED)


@pytest.mark.parametrize(
    ("method", "limits"),
    [
        ("Welch 检验，效应量 Hedges g", (0.2, 0.5, 0.8)),
        ("两比例检验，Cohen h", (0.2, 0.5, 0.8)),
        ("卡方检验，效应量 Cramér V", (0.1, 0.3, 0.5)),
        ("卡方适合度检验，效应量 Cohen w", (0.1, 0.3, 0.5)),
        ("部门间方差占比 ω²", (0.01, 0.06, 0.14)),
    ],
)
def test_each_measure_of_effect_has_its_own_ladder(method: str, limits: tuple[float, ...]) -> None:
    ladder = ladder_of(method)
    assert (ladder.small, ladder.medium, ladder.large) == limits


def test_a_strict_organisation_moves_the_ladder_upwards_only() -> None:
    assert vars(ladder_of("Welch", small_effect=0.6)) == {"small": 0.6, "medium": 0.6, "large": 0.8}
