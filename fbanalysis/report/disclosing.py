"""The method chapter's answers: each item of a standard composed from declarations and records, and what is missing.

A final report waits until everything is said that only people can say; a draft prints it as 待补.
"""

from collections.abc import Sequence
from dataclasses import asdict, fields

import pandas as pd

from fbanalysis.analysis import standards
from fbanalysis.analysis.standards import BLANK, Item
from fbanalysis.dataset import CONFIG_NAME, INTAKE_REPORT, Dataset, Disclosure, Year
from fbanalysis.errors import ConfigError
from fbanalysis.report.comments import refuse_typed_comments
from fbanalysis.report.layout import cut_text
from fbanalysis.report.ledger import Ledger
from fbanalysis.report.story import Story
from fbanalysis.report.wording import ABSENT, compose
from fbanalysis.schema import TABLES

#: The metric under which declarations stand in the ledger; a report that has it prints them.
METRIC = "disclosure"

#: A slide has room for so many characters of an answer.
LONGEST_BRIEF = 42

#: Key of [disclosure] → what to write, as the message that asks for it says.
_EXAMPLES = {
    "sponsor": "谁主办",
    "conducted_by": "谁收集、谁分析",
    "population": "研究的总体是哪些人，不含哪些人",
    "sampling_frame": "名单从哪里来，漏掉谁；没有名单就写没有",
    "recruitment": "怎样邀请，是否自愿",
    "instruments": "问卷与提纲的原文在哪里",
    "languages": "中文",
    "incentives": "有没有酬谢",
    "purpose": "收集个人信息的目的",
    "consent": "怎样告知、怎样取得同意",
    "retention": "保存多久，怎样查阅与删除",
    "quality_procedures": "怎样核对与把关",
    "limitations": "设计与收集有哪些局限",
    "ai_use": "哪些判断由模型作出；没有就写没有",
    "contact": "找谁问",
    "next_review": "2025-06-30",
}


def declared(dataset: Dataset) -> pd.DataFrame:
    """List what [disclosure] declares: ``stratum`` (the key), ``value`` (its text, 待补 where it is missing).

    Optional keys without a text are left out.
    """
    said, missing = dataset.disclosure, dataset.disclosure.missing
    texts = {item.name: getattr(said, item.name) for item in fields(Disclosure)}
    texts = {key: BLANK if key in missing else text for key, text in texts.items()}
    return pd.DataFrame([row for row in texts.items() if row[1]], columns=["stratum", "value"])


def answers(items: Sequence[Item], ledger: Ledger) -> pd.DataFrame:
    """Compose the answer to each item from the records.

    Parameters
    ----------
    ledger
        With the declarations under `METRIC`, for a year; a clause about a record that is not there is left out.

    Returns
    -------
    DataFrame
        Those of `standards.stand_of` with ``answer`` (in full) and ``brief`` (for a slide).
    """
    table = standards.stand_of(items, missing=ledger.year.dataset.disclosure.missing)
    said = [[text for clause in one.clauses if (text := _said(clause, ledger))] for one in items]
    brief = [
        _said(one.brief, ledger) or (whole or [BLANK])[0] for one, whole in zip(items, said, strict=True)
    ]
    return table.assign(
        answer=["；".join(whole) or BLANK for whole in said],
        brief=[cut_text(text, LONGEST_BRIEF) for text in brief],
    )


def _said(clause: str, ledger: Ledger) -> str:
    """Compose a clause; empty where it speaks of a record that is not there."""
    sentence = compose(clause, ledger, allowed=ledger.year.dataset.allowed)
    is_absent = any(piece.text in ABSENT for piece in sentence.segments)
    return "" if is_absent else sentence.plain


def year_evidence(year: Year) -> dict[str, str]:
    """What a year's own files show of how it was run, beside `evidence.project_evidence`."""
    tables = sum(year.has(name) for name in TABLES)
    has_account = (year.dataset.processed / INTAKE_REPORT).is_file()
    return {
        "tidy": f"{tables} 张表按数据字典校验，一行一条" if tables else "",
        "logs": "读入时逐文件记下行数与指纹，隔离的行逐行记下原因" * has_account,
    }


def declared_checks(dataset: Dataset) -> dict[str, str]:
    """What the organisation declares of the checks that nobody can read off the folder."""
    said = asdict(dataset.disclosure)
    return {check: str(said[check]) for check in standards.DECLARED_CHECKS}


# Stopping the final build


def refuse_unfinished(story: Story) -> None:
    """Stop a final report where comments are typed by hand or the method chapter has gaps.

    A report without a chapter that prints declarations does not wait for them.

    Raises
    ------
    WordingError
        A comment with a number typed by hand.
    ConfigError
        Declarations are missing; names all of them, the file and what to write.
    """
    refuse_typed_comments(story.remarks)
    missing = story.dataset.disclosure.missing
    if missing and any(record.metric == METRIC for record in story.ledger):
        raise ConfigError(_request(story.dataset, missing))


def _request(dataset: Dataset, missing: Sequence[str]) -> str:
    file = f"data/raw/{dataset.year}/{CONFIG_NAME}"
    first = missing[0]
    value = _EXAMPLES[first] if first == "next_review" else f'"{_EXAMPLES[first]}"'
    asked = "，".join(f"{key}（{_EXAMPLES[key]}）" for key in missing)
    return (
        f"「方法与披露」一章缺少 {len(missing)} 项说明：{asked}。请在 {file} 的 [disclosure] 一节补上，"
        f"例如 {first} = {value}；没有这一节，就先在文件末尾加一行 [disclosure]。"
        "起草时可加 --draft，先标成「待补」"
    )
